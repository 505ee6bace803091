"""``python -m tests.bench.search [--articles N]``: the search index, made of so many made-up articles
(100,000); then 200 questions of it, the heat map, and the explorer's own process.

Goals: 1,000 rows a second; 19 questions of 20 within 50 ms; the heat map within 200 ms; the explorer within
200 MB, and answering 2 s after it was begun.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

from starlette.types import ASGIApp, Message

from crawler.collection import Collection
from crawler.explorer.app import explorer_app
from crawler.explorer.coverage import picture
from crawler.explorer.shelf import Shelf, index_of, ledger_of
from crawler.report.units import size
from crawler.search.asked import read_asked
from crawler.search.find import MOST_COUNTED, find
from crawler.search.schema import connect_to_read
from crawler.search.update import update
from tests.bench.ledger import Times, fill
from tests.bench.measure import ROOT, timed
from tests.bench.paper import printed, questions

ASKED = 200


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.search", description=__doc__)
    parser.add_argument("--articles", type=int, default=100_000)
    parser.add_argument("--keep", type=Path, help="a folder for the articles, to be used again")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ostan-bench-") as folder:
        archives = options.keep or Path(folder)
        collection = Collection(archives, "yjc")
        if not collection.ledger.exists():
            collection = printed(archives, options.articles)
            fill(collection, options.articles, Times())
        given = sum(path.stat().st_size for path in collection.row_files())
        print(f"{options.articles:,} articles, {size(given)} of rows")
        built(collection)
        asked(collection)
        heat_map(collection)
        explorer(archives, collection)


def row(what: str, figures: str, goal: str = "") -> None:
    print(f"{what:<34}{figures:<58}{goal and f'goal {goal}'}".rstrip(), flush=True)


def built(collection: Collection) -> None:
    """As ``scrapy index --rebuild`` makes it; in a process of its own, for its memory."""
    code = "import sys; from crawler.collection import Collection; from crawler.search.update import update\n"
    code += "update(Collection(sys.argv[1], 'yjc'), rebuild=True)"
    usage = timed([sys.executable, "-c", code, str(collection.folder.parent)])
    count = sum(path.read_bytes().count(b"\n") for path in collection.row_files())
    row("index of all rows", f"{count / usage.wall:,.0f} rows/s, {size(usage.memory)} at the peak", "1,000")
    on_disk = size(collection.search.stat().st_size)
    row("", f"{count / usage.cpu:,.0f} rows a second of processor, {on_disk} on disk")
    began = time.perf_counter()
    update(collection)
    row("brought up to date, nothing new", f"{time.perf_counter() - began:.2f} s")


def milliseconds(steps: list[Callable[[], object]]) -> list[float]:
    taken = []
    for step in steps:
        began = time.perf_counter()
        step()
        taken.append(1000 * (time.perf_counter() - began))
    return taken


def spread(taken: list[float]) -> str:
    within = quantiles(taken, n=20)[-1]
    return f"median {median(taken):.1f} ms, 19 of 20 in {within:.1f} ms, most {max(taken):.1f} ms"


def asked(collection: Collection) -> None:
    """As the explorer does it: the index is opened for each question."""
    found = []

    def ask(words: dict[str, str]) -> None:
        with closing(connect_to_read(collection.search)) as index:
            found.append(find(index, collection, read_asked(words)).total)

    every = questions(collection, ASKED)
    first = milliseconds([lambda words=words: ask(words) for words in every])  # type: ignore[misc]
    again = milliseconds([lambda words=words: ask(words) for words in every])  # type: ignore[misc]
    row(f"{ASKED} questions", spread(first), "50 ms")
    row("the same again", spread(again))
    none = sum(total == 0 for total in found[:ASKED])
    many = sum(total > MOST_COUNTED for total in found[:ASKED])
    row("", f"{none} found nothing, {many} more than {MOST_COUNTED:,} articles")
    for taken, words in sorted(zip(again, every, strict=True), key=lambda pair: -pair[0])[:3]:
        row("  the slowest", f"{taken:.0f} ms {words}")


def heat_map(collection: Collection) -> None:
    app = explorer_app(Shelf(collection.folder.parent), 1)

    def drawn() -> None:
        with index_of(collection) as index, ledger_of(collection) as ledger:
            picture(index, ledger, "day", 60, None)

    def months() -> None:
        with index_of(collection) as index, ledger_of(collection) as ledger:
            picture(index, ledger, "month", 60, None)

    def page() -> None:
        assert asyncio.run(status_of(app, "/yjc/")) == 200

    page()
    row("heat map, 60 days", spread(milliseconds([drawn] * 20)), "200 ms")
    row("heat map, 60 months", spread(milliseconds([months] * 20)))
    row("its page", spread(milliseconds([page] * 20)), "200 ms")


async def status_of(app: ASGIApp, path: str) -> int:
    """Of the whole answer."""
    told: list[Message] = []
    headers = [(b"host", b"127.0.0.1")]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": b"", "headers": headers}

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        told.append(message)

    await app(scope, receive, send)
    return int(told[0]["status"])


def explorer(archives: Path, collection: Collection) -> None:
    """A process of its own, asked over HTTP."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "scrapy", "explore", "--port", "0", "--replay-port", "0"]
    process = subprocess.Popen(
        [*command, "-s", f"ARCHIVES={archives}"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        address = process.stdout.readline().split()[0]
        get = build_opener(ProxyHandler({})).open
        get(address).read()
        row("explorer: begun to first answer", f"{time.perf_counter() - began:.2f} s", "2 s")

        def ask(words: dict[str, str]) -> None:
            get(f"{address}yjc/search?{urlencode(words)}").read()

        taken = milliseconds([lambda words=words: ask(words) for words in questions(collection, ASKED)])  # type: ignore[misc]
        row("the questions over HTTP", spread(taken))
        for _ in range(3):
            get(f"{address}yjc/").read()
        status = Path("/proc", str(process.pid), "status").read_text(encoding="ascii")
        peak = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert peak
        row("its memory at the peak", size(int(peak[1]) * 1024), "200 MB")
    finally:
        os.kill(process.pid, signal.SIGINT)
        process.wait()


if __name__ == "__main__":
    main()
