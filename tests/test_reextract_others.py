"""WARC files that other programs wrote, and odd bodies in them."""

from __future__ import annotations

import gzip
import hashlib
from base64 import b32encode
from pathlib import Path
from uuid import uuid4

import pytest

from crawler.reextract.run import reextract
from crawler.sites import load
from crawler.warc.members import members
from tests.test_reextract import Here, rows_of

Pages = list[tuple[str, str, list[tuple[str, str]], bytes]]


def write_other(path: Path, pages: Pages, *, packed: bool = True) -> None:
    """A WARC/1.0 file with the least that a record must have: (address, status, headers, body) each."""
    records = [record("warcinfo", "", b"software: another\r\n")]
    for url, status, headers, body in pages:
        head = "".join(f"{name}: {value}\r\n" for name, value in [("Content-Type", "text/html"), *headers])
        records.append(record("response", url, f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body))
    path.write_bytes(b"".join(gzip.compress(one) if packed else one for one in records))


def record(kind: str, url: str, block: bytes) -> bytes:
    head = f"WARC/1.0\r\nWARC-Type: {kind}\r\nWARC-Record-ID: <urn:uuid:{uuid4()}>\r\n"
    head += (
        f"WARC-Date: 2025-09-25T00:00:00Z\r\n{f'WARC-Target-URI: {url}' + chr(13) + chr(10) if url else ''}"
    )
    return f"{head}Content-Length: {len(block)}\r\n\r\n".encode() + block + b"\r\n\r\n"


PAGE = (
    '<html><body><h1 class="Htags"><span class="title-news">عنوان {n}</span></h1>'
    '<span class="photo-newspage-date">۱۲:۳۰ - ۰۲ مهر ۱۴۰۴</span><div class="row baznashr-body">'
    '<p>متن {n}</p><div class="path_bottom_body"><a href="/">سایت</a><a href="/fa/states/35">قم</a></div>'
    "</div></body></html>"
)


def of(n: int) -> bytes:
    return PAGE.replace("{n}", str(n)).encode()


@pytest.mark.parametrize(("packed", "name"), [(True, "other.warc.gz"), (False, "other.warc")])
def test_other_programs_files_are_read_as_they_are(packed: bool, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    chunked, zipped = ("Transfer-Encoding", "chunked"), ("Content-Encoding", "gzip")
    pages: Pages = [
        ("http://www.yjc.ir/", "200 OK", [], b"<html>home</html>"),
        ("http://yjc.ir/fa/news/1/%D8%A7", "200 OK", [], of(1)),
        ("https://www.yjc.ir/fa/news/2", "200 OK", [chunked], of(2)),  # taken apart already
        ("https://www.yjc.ir/fa/news/3", "200 OK", [zipped], gzip.compress(of(3))),
        ("https://www.yjc.ir/fa/news/4", "200 OK", [zipped], of(4)),  # decoded already
        ("https://www.yjc.ir/fa/news/5", "200 OK", [chunked], b"5\r\nabc"),
        ("https://www.yjc.ir/fa/amp/news/6", "200 OK", [], of(6)),  # another document
        ("https://www.example.org/fa/news/7", "200 OK", [], of(7)),
        ("https://www.yjc.ir/fa/news/8", "404 Not Found", [], of(8)),
        ("https://www.yjc.ir/fa/news/1", "200 OK", [], of(1)),  # the same again
        ("https://www.yjc.ir/fa/news/1", "200 OK", [], of(11)),  # an edit
    ]
    write_other(path, pages, packed=packed)
    done = reextract([path], tmp_path / "rows", load(), Here())
    assert done.faults == []
    rows = [(row["id"], row["version"], row["status"], row["title"]) for row in rows_of(done.shards)]
    assert sorted(rows) == [
        ("yjc:1", 1, "new", "عنوان 1"),
        ("yjc:1", 2, "edited", "عنوان 11"),
        ("yjc:2", 1, "new", "عنوان 2"),
        ("yjc:3", 1, "new", "عنوان 3"),
        ("yjc:4", 1, "new", "عنوان 4"),
    ]
    for row in rows_of(done.shards):
        assert row["province"]["slug"] == "qom"
        assert row["run_id"] == "other"
        assert row["warc"]["payload_digest"].startswith("sha1:")


def test_bombs_and_unknown_codings_are_faults_of_their_record(tmp_path: Path) -> None:
    path = tmp_path / "other.warc.gz"
    zipped = ("Content-Encoding", "gzip")
    pages: Pages = [
        ("https://www.yjc.ir/fa/news/1", "200 OK", [zipped], gzip.compress(bytes(40_000_000))),
        ("https://www.yjc.ir/fa/news/2", "200 OK", [("Content-Encoding", "br")], b"\x01\x02"),
        ("https://www.yjc.ir/fa/news/3", "200 OK", [zipped], b"\x1f\x8bnothing"),
        ("https://www.yjc.ir/fa/news/4", "200 OK", [], of(4)),
    ]
    write_other(path, pages)
    done = reextract([path], tmp_path / "rows", load(), Here())
    assert [fault.what.split(":")[0] for fault in done.faults] == [
        "more than 33554432 bytes once decoded",
        "content-encoding br is not read",
        "damaged gzip data",
    ]
    assert done.rows == 1


def test_odd_heads_are_faults_of_their_record_and_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "other.warc.gz"
    write_other(path, [(f"https://www.yjc.ir/fa/news/{n}", "200 OK", [], of(n)) for n in range(1, 6)])
    whole = [member.record for member in members(path)]
    dates = [
        b"",
        b"WARC-Date: yesterday\r\n",
        b"WARC-Date: 2026-11\r\n",
        b"WARC-Date: 2025-09-25T00:00:00\r\n",
    ]
    good = b"WARC-Date: 2025-09-25T00:00:00Z\r\n"
    odd = [one.replace(good, date) for one, date in zip(whole[1:], dates, strict=False)]
    lost = b"HTTP/1.1 302 Found\r\nLocation: http://[bad/\r\n\r\n"
    odd.append(record("response", "https://www.yjc.ir/fa/news/9", lost))
    path.write_bytes(b"".join(map(gzip.compress, [whole[0], *odd, whole[-1]])))
    done = reextract([path], tmp_path / "rows", load(), Here())
    assert [fault.what for fault in done.faults] == [
        "WARC-Date 'missing' is no moment",
        "WARC-Date 'yesterday' is no moment",
        "WARC-Date '2026-11' is no moment",
    ]
    assert sorted(row["id"] for row in rows_of(done.shards)) == ["yjc:4", "yjc:5"]  # without a zone: UTC


def test_a_revisit_finds_its_payload_by_digest_and_in_plain_files(tmp_path: Path) -> None:
    first = record("response", "https://www.yjc.ir/fa/news/1", b"HTTP/1.1 200 OK\r\n\r\n" + of(1))
    edit = record("response", "https://www.yjc.ir/fa/news/1", b"HTTP/1.1 200 OK\r\n\r\n" + of(2))
    digest = "sha1:" + b32encode(hashlib.sha1(of(1)).digest()).decode()
    back = record("revisit", "https://www.yjc.ir/fa/news/1", b"HTTP/1.1 200 OK\r\n\r\n")
    back = back.replace(b"Content-Length:", f"WARC-Payload-Digest: {digest}\r\nContent-Length:".encode(), 1)
    (tmp_path / "a.warc").write_bytes(record("warcinfo", "", b"software: x\r\n") + first + edit + back)
    done = reextract([tmp_path / "a.warc"], tmp_path / "rows", load(), Here())
    assert done.faults == []
    assert [(row["version"], row["title"]) for row in rows_of(done.shards)] == [
        (1, "عنوان 1"),
        (2, "عنوان 2"),
        (3, "عنوان 1"),
    ]


def test_files_that_would_share_their_rows_are_refused_and_none_is_none(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"one name before \.warc"):
        reextract([tmp_path / "a.warc", tmp_path / "a.warc.gz"], tmp_path, load(), Here())
    assert reextract([], tmp_path, load(), Here()).shards == []


@pytest.mark.parametrize("kind", ["TEXT/HTML; charset=UTF-8", "text/plain", "application/octet-stream", ""])
def test_a_page_is_a_page_whatever_it_is_called(kind: str, tmp_path: Path) -> None:
    headers = f"Content-Type: {kind}\r\n" if kind else ""
    block = f"HTTP/1.1 200 OK\r\n{headers}\r\n".encode() + of(1)
    (tmp_path / "a.warc").write_bytes(record("response", "https://www.yjc.ir/fa/news/1", block))
    assert reextract([tmp_path / "a.warc"], tmp_path / "rows", load(), Here()).rows == 1
