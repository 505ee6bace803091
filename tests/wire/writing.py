"""A writer with a clock and ids of the tests, pages to write, and readers that are not ours."""

from __future__ import annotations

import json
import random
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from crawler.warc.exchange import Attempt, Exchange
from crawler.warc.originals import Originals
from crawler.warc.pointer import WarcPointer
from crawler.warc.verify import verify_file
from crawler.warc.writer import Rotation, WarcWriter

from .warc_bytes import Record, records

ROOT = Path(__file__).parents[2]
NOW = datetime(2026, 11, 23, 3, 30, 1, 250_000, tzinfo=UTC)
NAME = "yjc-20261123033001250-{:05}-here.warc.gz"
URL = "http://127.0.0.1:8765/fa/news/1"
REQUEST = b"GET /fa/news/1 HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n"
# A folded line, no blank behind a colon, Latin-1, chunks with an extension and a trailer.
RESPONSE = (
    b"HTTP/1.1 200 OK\r\nX-Fold: a\r\n b\r\nSet-Cookie:1\r\nset-cookie: 2\r\nX-Name: caf\xe9\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
)


def attempt(response: bytes = RESPONSE, request: bytes = REQUEST) -> Attempt:
    return Attempt(NOW, request=request, response=response, peer="127.0.0.1", complete=True)


def page(number: int) -> Exchange:
    """An answer that does not compress: 20 kB on disk."""
    body = random.Random(number).randbytes(20_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body)
    return Exchange(f"http://127.0.0.1:8765/{number}", [attempt(head + body)])


def writer(
    folder: Path,
    max_bytes: int = 10**9,
    originals: Originals | None = None,
    clock: Callable[[], datetime] = lambda: NOW,
    first_id: int = 1,
) -> WarcWriter:
    ids = count(first_id)
    info = {"software": "ostan", "format": "WARC File Format 1.1"}
    rotation = Rotation(max_bytes, timedelta(hours=1))
    return WarcWriter(
        folder, "yjc", info, rotation, originals, clock, lambda: f"<urn:uuid:{next(ids)}>", "here"
    )


def is_whole(path: Path) -> list[Record]:
    """The records of a file that begins with its warcinfo and holds nothing torn."""
    found = records(path)
    assert found[0]["WARC-Type"] == "warcinfo"
    assert found[0]["WARC-Filename"] == path.name
    return found


def points_at(record: Record, pointer: WarcPointer) -> bool:
    said = pointer.file, pointer.offset, pointer.length, pointer.record_id
    return said == (record.file, record.offset, record.length, record["WARC-Record-ID"])


def others_agree(path: Path) -> None:
    """Two readers that are not ours: one walks the records, the other works out the digest of every block.
    And our own judge, which shares nothing with the writer.

    (Not of payloads: it takes them over the chunk framing, which the standard's erratum calls wrong, and its
    decoder knows neither chunk extensions nor trailers.)
    """
    indexed = run("warcio.cli", "index", path)
    offsets = [json.loads(line)["offset"] for line in indexed.splitlines()]
    assert offsets == [str(record.offset) for record in records(path)]
    run("fastwarc.cli", "check", "--quiet", path)
    assert [str(fault) for fault in verify_file(path).faults] == []


def run(module: str, *arguments: str | Path) -> str:
    code = "import sys; from importlib import import_module as i; sys.exit(i(sys.argv.pop(1)).main())"
    done = subprocess.run(
        [sys.executable, "-c", code, module, *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def fill(folder: str, limit: str) -> None:
    """(A process of its own.) Write while there is room; then there is room again."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), resource.RLIM_INFINITY))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    target, failures = writer(Path(folder)), 0
    for number in range(9):
        try:
            capture = target.write(page(number))
        except OSError:
            failures += 1
            if failures == 2:
                resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        else:
            assert capture
            print(number, capture.pointer.model_dump_json())
    target.close()


def write_on(folder: str) -> None:
    """(A process of its own.) Write until the end comes."""
    target = writer(Path(folder))
    for number in count():
        capture = target.write(page(number))
        assert capture
        print(number, capture.pointer.model_dump_json(), flush=True)
