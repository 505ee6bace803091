"""A real crawl of a hostile origin: the archive holds what crossed the socket, under the right address."""

from __future__ import annotations

import gzip
import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from .behaviours import TABLE
from .crawl import POSTED, Crawl, crawl
from .origin import Origin, running
from .verdict import Verdict, path_of
from .warc_bytes import entity
from .writing import others_agree

FAILED, LOST, TIME, TOO_BIG = (
    "DownloadFailedError",
    "ResponseDataLossError",
    "DownloadTimeoutError",
    "DownloadCancelledError",
)
NO_RECORD = "no record"
# What the spider sees, and WARC-Truncated. What is not named here is a whole 200.
ENDS: dict[str, tuple[int | str, str | None]] = {
    "not-modified": (304, None),
    "no-content": (204, None),
    "unavailable": (503, None),
    "gone": (410, None),
    "bad-request": (400, None),
    "request-timeout": (408, None),
    "bad-gzip": ("BadGzipFile", None),
    "bomb": ("IgnoreRequest", None),
    # Twisted's parser gives these up, in the head or in the body; what came by then is kept.
    "long-header": (FAILED, "disconnect"),
    "lengths-differ": (FAILED, "disconnect"),
    "unknown-coding": (FAILED, "disconnect"),
    "blank-in-chunk-size": (LOST, "disconnect"),
    "junk": (FAILED, "disconnect"),
    "junk-one-line": (FAILED, "disconnect"),
    "fin-before-head": (FAILED, NO_RECORD),
    "fin-in-head": (FAILED, "disconnect"),
    "fin-in-body": (LOST, "disconnect"),
    "fin-in-chunk": (LOST, "disconnect"),
    "rst-before-head": (FAILED, NO_RECORD),
    "rst-in-head": (FAILED, "disconnect"),
    "rst-in-body": (LOST, "disconnect"),
    "rst-in-chunk": (LOST, "disconnect"),
    "rst-in-endless": (200, "disconnect"),
    "hang-before-head": (TIME, NO_RECORD),
    "hang-in-head": (TIME, "time"),
    "hang-in-body": (TIME, "time"),
    "hang-in-chunk": (TIME, "time"),
    "hang-after-hint": (TIME, NO_RECORD),
    "too-big-declared": (TOO_BIG, "length"),
    "too-big": (TOO_BIG, "length"),
}
# RFC 9112, 9.8: a body that ends with the connection is whole only if TLS said goodbye.
ENDS_OVER_TLS = {"cut-in-endless": (200, "disconnect")}
STRAYS = [
    "late-408",
    "late-page",
    "garbage-later",
    "garbage-glued",
    "page-glued",
    "more-than-declared",
    "silent-close",
    "refuses-a-second",
]
IN_PASSING = [name for name in TABLE if name not in ("late-page", "garbage-later", "post", "late-408-blind")]


@dataclass(frozen=True)
class Wire:
    """A crawl that is over, and its judge."""

    scheme: str
    crawl: Crawl
    origin: Origin
    verdict: Verdict


def run(scheme: str, concurrency: int, paths: list[str], folder: Path, **options: Any) -> Wire:
    with running(scheme, folder) as origin:
        done = crawl([origin.url(path) for path in paths], folder, concurrency, **options)
    assert len(done.seen) == len(paths)
    return Wire(scheme, done, origin, Verdict(done, origin))


@pytest.fixture(
    scope="module",
    params=[(s, n) for s in ("http", "https") for n in (1, 4, 16)],
    ids=lambda p: f"{p[0]}-{p[1]}",
)
def wire(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Wire:
    """Each behaviour once, a plain page before it on what may be the same connection."""
    scheme, concurrency = request.param
    names = [name for name in TABLE if name != "post"]  # not asked again where a connection has died
    paths = [path for name in names for path in (f"/plain/before-{name}", f"/{name}/0")]
    return run(scheme, concurrency, paths, tmp_path_factory.mktemp("wire"))


def test_the_origin_is_hostile_enough() -> None:
    assert len(TABLE) >= 60
    assert ENDS.keys() <= TABLE.keys()


def test_nothing_is_altered(wire: Wire) -> None:
    """Whole messages byte for byte, torn ones as far as they came and marked; requests as they arrived."""
    assert wire.verdict.altered() == []


def test_nothing_stands_under_a_wrong_address(wire: Wire) -> None:
    assert wire.verdict.wrong_addresses() == []


def test_nothing_is_lost(wire: Wire) -> None:
    assert wire.verdict.lost() == []


def test_requests_and_responses_go_in_pairs(wire: Wire) -> None:
    assert wire.verdict.unpaired() == []


def test_digests_addresses_and_types(wire: Wire) -> None:
    assert list(wire.verdict.wrong_headers()) == []


def test_the_spider_knows_where_each_answer_lies(wire: Wire) -> None:
    assert list(wire.verdict.wrong_pointers()) == []


def test_each_behaviour_ends_as_it_should(wire: Wire) -> None:
    ends = ENDS | (ENDS_OVER_TLS if wire.scheme == "https" else {})
    found, expected = {}, {}
    for seen in wire.crawl.seen:
        name = seen.asked.split("/")[3]
        if name in IN_PASSING:
            record = wire.verdict.record_of(seen.asked)
            found[name] = seen.status or seen.error, record.get("WARC-Truncated") if record else NO_RECORD
            expected[name] = ends.get(name, (200, None))
    assert found == expected


def test_the_spider_sees_the_body_that_is_kept(wire: Wire) -> None:
    wrong = []
    for seen in wire.crawl.seen:
        record = wire.verdict.record_of(seen.asked)
        if seen.status is None or record is None:
            continue  # test_the_spider_knows_where_each_answer_lies
        body = entity(record.block)
        if re.search(rb"\nContent-Encoding: gzip\r", record.block):
            body = gzip.decompress(body)
        if sha256(body).hexdigest() != seen.body:
            wrong.append(seen.url)
    assert wrong == []


def test_interim_answers_were_sent_and_are_cut_off(wire: Wire) -> None:
    early = [entry for entry in wire.origin.logged if entry.interim]
    assert len(early) >= 7
    for record in wire.verdict.responses:
        assert not re.match(rb"HTTP/1.1 1\d\d", record.block)


def test_each_file_begins_with_its_warcinfo(wire: Wire) -> None:
    info, *others = wire.verdict.records
    assert info["WARC-Type"] == "warcinfo"
    assert info["WARC-Filename"] == info.file == wire.crawl.files[0].name
    assert b"run run-1 of spider wire" in info.block
    assert {record["WARC-Type"] for record in others} == {"request", "response", "metadata"}


def test_a_request_without_any_answer_is_kept_with_what_ended_it(wire: Wire) -> None:
    said = {path_of(record): record.block.decode() for record in wire.verdict.unanswered}
    asked = {path_of(record): record.block for record in wire.verdict.requests}
    sent = {entry.path: entry.request for entry in wire.origin.logged}
    for name, why in {
        "fin-before-head": "connection lost before any answer",
        "rst-before-head": "connection lost before any answer",
        "hang-before-head": "no answer in time",
    }.items():
        path = f"/{name}/0"
        assert said[path] == f"fetch-error: {why}\r\n"
        assert asked[path] == sent[path]


def test_other_readers_agree(wire: Wire) -> None:
    for path in wire.crawl.files:
        others_agree(path)


def test_the_log_tells_of_no_surprise(wire: Wire) -> None:
    assert not re.search(r"Traceback|Unhandled|CRITICAL", wire.crawl.log)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_posted_body_is_in_its_request(scheme: str, tmp_path: Path) -> None:
    wire = run(scheme, 1, ["/post/0", "/plain/0", "/post/1"], tmp_path)
    assert wire.verdict.altered() + list(wire.verdict.wrong_headers()) == []
    posted = [record for record in wire.verdict.requests if record.block.startswith(b"POST ")]
    assert [record.block.partition(b"\r\n\r\n")[2] for record in posted] == [POSTED, POSTED]


# -- Answers to nobody -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("concurrency", "pause", "busy"),
    [(1, 0, 0), (4, 0, 0), (4, 0, 0.004), (1, 0.012, 0)],
    ids=["1-at-once", "4-at-once", "4-busy", "1-with-pauses"],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_late_bytes_become_nobodys_answer(
    scheme: str, concurrency: int, pause: float, busy: float, tmp_path: Path
) -> None:
    """What comes on an idle connection is never the answer to the next question, and costs no page."""
    paths = [f"/{name}/{n}" for n in range(10 if pause else 22) for name in (*STRAYS, "plain")]
    wire = run(scheme, concurrency, paths, tmp_path, busy=busy, DOWNLOAD_DELAY=pause)
    assert sum(bool(entry.stray) for entry in wire.origin.logged) >= len(paths) / 4
    assert wire.verdict.wrong_addresses() == []
    assert wire.verdict.altered() == []
    assert list(wire.verdict.wrong_pointers()) == []
    crossed = sum(entry.crossed for entry in wire.origin.logged)  # each may have spoiled the next
    assert len([seen for seen in wire.crawl.seen if seen.error]) <= crossed


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_late_408_that_meets_the_next_request(scheme: str, tmp_path: Path) -> None:
    """It is kept as an attempt; the request is decided on a fresh connection."""
    paths = [f"/{name}/{n}" for n in range(60) for name in ("late-408-blind", "plain")]
    wire = run(scheme, 1, paths, tmp_path)
    assert [seen for seen in wire.crawl.seen if seen.status != 200] == []
    assert wire.verdict.wrong_addresses() == []
    assert wire.verdict.altered() == []
    assert list(wire.verdict.wrong_pointers()) == []


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_many_small_pages_at_once(scheme: str, tmp_path: Path) -> None:
    """Connections change hands quickly: what one exchange still does must not touch the next."""
    wire = run(scheme, 16, [f"/plain/{n}" for n in range(300)], tmp_path)
    assert list(wire.verdict.wrong_pointers()) == []
    assert wire.verdict.altered() == []
    assert len(wire.verdict.responses) == 300


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_strict_mode_uses_no_connection_twice(scheme: str, tmp_path: Path) -> None:
    paths = [f"/{name}/{n}" for n in range(6) for name in (*STRAYS, "plain")]
    wire = run(scheme, 4, paths, tmp_path, KEEP_ALIVE=False)
    assert {entry.turn for entry in wire.origin.logged} == {0}
    assert [seen for seen in wire.crawl.seen if seen.status != 200] == []
    assert wire.verdict.wrong_addresses() == []
    assert wire.verdict.altered() == []
