"""The writer: every byte of a small file, one file after the other, nothing overwritten."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.warc.exchange import Exchange
from crawler.warc.pointer import WarcPointer
from crawler.warc.reader import read_at

from .warc_bytes import entity, members, sha1
from .writing import (
    NAME,
    NOW,
    REQUEST,
    RESPONSE,
    URL,
    attempt,
    is_whole,
    others_agree,
    page,
    points_at,
    writer,
)

SMALL_FILE = (
    "WARC/1.1\r\n"
    "WARC-Type: warcinfo\r\n"
    "WARC-Record-ID: <urn:uuid:1>\r\n"
    "WARC-Filename: yjc-20261123033001250-00000-here.warc.gz\r\n"
    "WARC-Date: 2026-11-23T03:30:01.250000Z\r\n"
    "WARC-Block-Digest: sha1:4O3SIHGKZUYUZF6DQ42DQ2NOA4X7ZWJD\r\n"
    "Content-Type: application/warc-fields\r\n"
    "Content-Length: 47\r\n"
    "\r\n"
    "software: ostan\r\nformat: WARC File Format 1.1\r\n"
    "\r\n\r\n",
    "WARC/1.1\r\n"
    "WARC-Record-ID: <urn:uuid:2>\r\n"
    "WARC-Date: 2026-11-23T03:30:01.250000Z\r\n"
    "WARC-IP-Address: 127.0.0.1\r\n"
    "WARC-Block-Digest: sha1:K7GRL6MD47NTCRM3V53R26KHHZX6WCL7\r\n"
    "WARC-Payload-Digest: sha1:VGMT4NSHA2AWVOR6EVYXQUGCNSONBWE5\r\n"  # of "abc"
    "WARC-Type: response\r\n"
    "WARC-Target-URI: http://127.0.0.1:8765/fa/news/1\r\n"
    "WARC-Protocol: http/1.1\r\n"
    "Content-Type: application/http; msgtype=response\r\n"
    "Content-Length: 132\r\n"
    "\r\n"
    "HTTP/1.1 200 OK\r\nX-Fold: a\r\n b\r\nSet-Cookie:1\r\nset-cookie: 2\r\nX-Name: caf\xe9\r\n"
    "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nX-Sum: 1\r\n\r\n"
    "\r\n\r\n",
    "WARC/1.1\r\n"
    "WARC-Record-ID: <urn:uuid:3>\r\n"
    "WARC-Date: 2026-11-23T03:30:01.250000Z\r\n"
    "WARC-IP-Address: 127.0.0.1\r\n"
    "WARC-Concurrent-To: <urn:uuid:2>\r\n"
    "WARC-Block-Digest: sha1:G5LFBHLO6GODC3OB7T2LNOGJSCQXMH2Q\r\n"
    "WARC-Payload-Digest: sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ\r\n"  # of nothing
    "WARC-Type: request\r\n"
    "WARC-Target-URI: http://127.0.0.1:8765/fa/news/1\r\n"
    "Content-Type: application/http; msgtype=request\r\n"
    "Content-Length: 49\r\n"
    "\r\n"
    "GET /fa/news/1 HTTP/1.1\r\nHost: 127.0.0.1:8765\r\n\r\n"
    "\r\n\r\n",
)


def test_every_byte_of_a_small_file(tmp_path: Path) -> None:
    target = writer(tmp_path)
    capture = target.write(Exchange(URL, [attempt()]))
    assert [path.name for path in tmp_path.iterdir()] == [NAME.format(0) + ".open"]
    target.close()
    assert [path.name for path in tmp_path.iterdir()] == target.files == [NAME.format(0)]

    data = (tmp_path / NAME.format(0)).read_bytes()
    found, end = members(data)
    assert end == len(data)
    assert [content for _, content in found] == [part.encode("latin-1") for part in SMALL_FILE]
    assert capture
    assert (capture.record_id, capture.date) == ("<urn:uuid:2>", "2026-11-23T03:30:01.250000Z")
    assert capture.pointer == WarcPointer(
        file=NAME.format(0),
        offset=found[1][0],
        length=found[2][0] - found[1][0],
        record_id="<urn:uuid:2>",
        payload_digest=sha1(b"abc"),
        date="2026-11-23T03:30:01.250000Z",
    )
    assert (target.records, target.bytes) == (3, len(data))
    others_agree(tmp_path / NAME.format(0))


def test_no_answer_no_record_no_file(tmp_path: Path) -> None:
    target = writer(tmp_path)
    assert target.write(Exchange(URL, [])) is None
    assert target.write(Exchange(URL, [attempt(response=b"", request=b"")])) is None
    target.close()
    assert list(tmp_path.iterdir()) == []


def test_every_attempt_is_kept_and_the_last_one_is_pointed_at(tmp_path: Path) -> None:
    late = attempt(b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n")
    torn = attempt(RESPONSE[:-9])
    torn.complete, torn.truncated = False, "time"
    target = writer(tmp_path)
    capture = target.write(Exchange(URL, [late, attempt(b""), torn]))
    target.close()
    path = tmp_path / NAME.format(0)
    _, first, _, silent, unanswered, second, request = is_whole(path)
    assert silent.block == b"fetch-error: connection lost before any answer\r\n"
    assert (unanswered["WARC-Concurrent-To"], unanswered.block) == (silent["WARC-Record-ID"], REQUEST)
    assert (first.block, first.get("WARC-Truncated")) == (late.response, None)
    assert (second.block, second.get("WARC-Truncated")) == (torn.response, "time")
    assert request["WARC-Concurrent-To"] == second["WARC-Record-ID"]
    assert capture
    assert points_at(second, capture.pointer)
    others_agree(path)


def test_a_file_that_is_full_is_followed_by_the_next(tmp_path: Path) -> None:
    target = writer(tmp_path, max_bytes=50_000)
    captures = [target.write(page(number)) for number in range(8)]
    target.close()
    paths = sorted(tmp_path.iterdir())
    assert [path.name for path in paths] == target.files == [NAME.format(serial) for serial in range(3)]
    found = [record for path in paths for record in is_whole(path)]
    responses = [record for record in found if record["WARC-Type"] == "response"]
    for number, (record, capture) in enumerate(zip(responses, captures, strict=True)):
        assert record.block == page(number).attempts[0].response
        assert capture
        assert points_at(record, capture.pointer)
        assert read_at(tmp_path, capture.pointer).payload == entity(record.block)
    for one, two in pairwise(found):
        if two["WARC-Type"] == "request":
            assert (two.file, two["WARC-Concurrent-To"]) == (one.file, one["WARC-Record-ID"])
    for path in paths:
        others_agree(path)
    assert all(50_000 <= path.stat().st_size < 75_000 for path in paths[:-1])


def test_a_file_that_is_old_is_followed_by_the_next(tmp_path: Path) -> None:
    """After an hour, as the test's writer has it; but not in the middle of an exchange."""
    times = iter([NOW + timedelta(minutes=minute) for minute in range(0, 500, 7)])
    target = writer(tmp_path, clock=lambda: next(times))
    for number in range(8):
        target.write(page(number))
    target.close()
    assert len(target.files) > 1
    for path in tmp_path.iterdir():
        _, *others = is_whole(path)
        assert [r["WARC-Type"] for r in others] == ["response", "request"] * (len(others) // 2)


@pytest.mark.parametrize("ending", ["", ".open"])
def test_an_existing_file_is_never_touched(tmp_path: Path, ending: str) -> None:
    """Two crawls in one millisecond, or a clock that was set back."""
    existing = tmp_path / (NAME.format(0) + ending)
    existing.write_bytes(b"earlier")
    target = writer(tmp_path)
    with suppress(FileExistsError):
        target.write(page(0))
        target.close()
    assert existing.read_bytes() == b"earlier"
