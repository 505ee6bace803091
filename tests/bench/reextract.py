"""Prints what reading an archive again costs, beside the least that it can cost and a reader of any page.

One processor, the sample site's pages; every figure a median of three.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from time import process_time

import lxml.html
from fastwarc.warc import ArchiveIterator, WarcRecordType

from crawler.reextract.candidates import Job, read_file
from crawler.sites import load
from crawler.warc.http1 import payload_of
from tests.bench.measure import crawl, timed
from tests.site import running

PEER = Path(".peers", "trafilatura", "bin", "python")


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--articles", type=int, default=65, help="a province (31 × 65 = 2,015)")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ostan-bench-") as folder, running(options.articles) as site:
        crawl(site.url, Path(folder))
        (path,) = Path(folder).rglob("*.warc.gz")
        # First of all: a process that is forked from a large one is called large itself.
        worker = timed([sys.executable, "-c", WORKER, str(path), site.url, folder])
        megabytes = path.stat().st_size / 1e6
        print(f"peak memory of a worker: {worker.memory / 1e6:.0f} MB, file of {megabytes:.0f} MB")
        pages = bodies(path)
        count, size = len(pages), sum(map(len, pages)) / len(pages)
        print(f"{count:,} pages of {size / 1000:.0f} kB on average")
        floor = median(lambda: [lxml.html.fromstring(page) for page in bodies(path)])
        print(f"FastWARC and lxml's parse, no more   {1000 * floor / count:.2f} ms a page")
        job = Job(path, (), Path(folder, "candidates.jsonl"), load().at(site.url))
        ours = median(lambda: read_file(job))
        print(
            f"reextract                            {1000 * ours / count:.2f} ms a page,"
            f" {count / ours:,.0f} pages/s a processor, {ours / floor:.1f} × the least"
        )
        peer(pages[:300])


def bodies(path: Path) -> list[bytes]:
    """The decoded pages of articles, read as fast as is known."""
    found = []
    with path.open("rb") as stream:
        for record in ArchiveIterator(stream, record_types=WarcRecordType.response, parse_http=True):
            http = record.http_headers
            if "/fa/news/" not in record.headers["WARC-Target-URI"] or http.status_code != 200:
                continue
            head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {http.get('Transfer-Encoding', '')}\r\n\r\n"
            body = payload_of(head.encode(), record.reader.read())
            found.append(zlib.decompress(body, 47) if http.get("Content-Encoding") == "gzip" else body)
    return found


def median(work: Callable[[], object]) -> float:
    """Seconds of processor; the first time is not counted."""
    work()
    times = []
    for _ in range(3):
        began = process_time()
        work()
        times.append(process_time() - began)
    return statistics.median(times)


WORKER = """
import sys
from pathlib import Path
from crawler.reextract.candidates import Job, read_file
from crawler.sites import load
path, url, folder = sys.argv[1:]
read_file(Job(Path(path), (), Path(folder, "candidates.jsonl"), load().at(url)))
"""
PEER_CODE = """
import json, sys, time, trafilatura
pages = json.load(sys.stdin)
trafilatura.bare_extraction(pages[0])
began = time.process_time()
found = [trafilatura.bare_extraction(page) for page in pages]
print((time.process_time() - began) / len(pages))
"""


def peer(pages: list[bytes]) -> None:
    """The same pages through trafilatura, in its own environment: text and little else."""
    if not PEER.exists():
        print("(trafilatura does not install here)")
        return
    asked = json.dumps([page.decode("utf-8", "replace") for page in pages])
    done = subprocess.run([PEER, "-c", PEER_CODE], input=asked, capture_output=True, text=True)
    if done.returncode:
        print(f"(trafilatura fails here: {done.stderr.strip().splitlines()[-1]})", file=sys.stderr)
        return
    print(f"trafilatura                          {1000 * float(done.stdout):.2f} ms a page")


if __name__ == "__main__":
    main()
