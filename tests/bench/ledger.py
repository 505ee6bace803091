"""``python -m tests.bench.ledger``: the ledger at a million addresses: a transition, the start, the file.

Each article goes the whole way, as in a crawl: listed, taken, captured, written, each step by the code that a
crawl calls and committed where it commits. Addresses are as long as the site's.
"""

from __future__ import annotations

import argparse
import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from statistics import quantiles

from crawler.collection import Collection
from crawler.ledger.captures import note_capture
from crawler.ledger.endings import Endings, Written
from crawler.ledger.found import Found, Wanted
from crawler.ledger.frontier import Frontier
from crawler.ledger.recover import recover
from crawler.ledger.runs import begin_run, give_up_run
from crawler.ledger.schema import connect
from crawler.provinces import PROVINCES
from crawler.warc.exchange import Capture
from crawler.warc.pointer import WarcPointer

SLUG = "%D8%A7%D8%B3%D8%AA%D8%A7%D9%86%D8%AF%D8%A7%D8%B1-" * 3 + "%D9%82%D9%85"  # some words of Persian
AT = datetime(2026, 11, 25, tzinfo=UTC)
DIGEST = "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"
BATCH = 20  # articles that a list names


class Times:
    """How long each call of a kind took."""

    def __init__(self) -> None:
        self.of: dict[str, list[float]] = {}

    def __call__(self, name: str, step: Callable[[], object]) -> None:
        start = time.perf_counter()
        step()
        self.of.setdefault(name, []).append(time.perf_counter() - start)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.ledger", description=__doc__)
    parser.add_argument("--urls", type=int, default=1_000_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ostan-bench-") as folder:
        collection = Collection(folder, "bench")
        times = Times()
        fill(collection, options.urls, times)
        for name, taken in times.of.items():
            tail = quantiles(taken, n=1000)[-1]
            mean = sum(taken) / len(taken)
            worst = f"1 in 1,000 above {tail * 1e6:,.0f}, most {max(taken) * 1e6:,.0f}"
            print(f"{name:<10} {mean * 1e6:>7.0f} µs  ({worst})")
        size = collection.ledger.stat().st_size
        print(f"file       {size / options.urls:>7.0f} bytes a URL, {size:,} in all")
        start(collection)
        print(f"memory     {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>7.0f} MB at the peak")


def fill(collection: Collection, urls: int, times: Times) -> None:
    """Nine in ten are archived; the last tenth is left waiting."""
    ledger = connect(collection.ledger)
    run = begin_run(ledger, "bench", "provinces", AT.isoformat(), {}, {}, "")
    frontier = Frontier(ledger, run, Wanted(provinces=PROVINCES))
    endings = Endings(ledger, run)
    for first in range(0, urls, BATCH):
        province = PROVINCES[first // BATCH % len(PROVINCES)]
        for news_id in range(first + 1, first + BATCH + 1):
            path = f"/fa/news/{8_000_000 + news_id}/{SLUG}"
            times("listed", partial(frontier.add, 8_000_000 + news_id, path, "feed", province, province))
        ledger.commit()
        if first < urls * 0.9:
            for found in take(frontier, times):
                times("written", partial(write, ledger, run, endings, found))
    give_up_run(ledger, run, AT.isoformat())
    ledger.commit()
    ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    ledger.close()


def take(frontier: Frontier, times: Times) -> list[Found]:
    found: list[Found] = []
    for _ in range(BATCH):
        times("taken", lambda: found.extend(frontier.take(1)))
    return found


def write(ledger: sqlite3.Connection, run: int, endings: Endings, found: Found) -> None:
    """A capture and the row that was read from it."""
    news_id, path, slug = found.news_id, found.path, found.queue
    pointer = WarcPointer(
        file="yjc-20261125060000000-00000-archive.warc.gz",
        offset=news_id,
        length=9000,
        record_id="<urn:uuid:00000000-0000-0000-0000-000000000000>",
        payload_digest=DIGEST,
        date=AT.isoformat(),
    )
    capture = Capture(pointer.record_id, pointer.date, pointer)
    note_capture(ledger, run, path, news_id, 200, capture)
    endings.written(
        Written(news_id, 1, "new", news_id, AT, path, "0" * 64, "2026-11-25", (slug,), AT, 'W/"1-2"')
    )


def start(collection: Collection) -> None:
    """All that a crawl does with the ledger before its first request."""
    begun = time.perf_counter()
    ledger = connect(collection.ledger)
    recover(ledger, collection, AT)
    run = begin_run(ledger, "next", "provinces", AT.isoformat(), {}, {}, "")
    Frontier(ledger, run, Wanted(provinces=PROVINCES))
    print(f"start      {time.perf_counter() - begun:>7.2f} s")
    ledger.close()


if __name__ == "__main__":
    main()
