"""Bodies with their coding taken off, and pages as a browser can show them."""

from __future__ import annotations

import gzip
import time
import zlib
from datetime import datetime
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.replay.archive import Answer, Archive, decoded
from crawler.replay.moment import read_stamp
from crawler.replay.placed import charset_of, needs_of, placed, type_of
from crawler.warc.reader import MOST_BYTES
from tests.replay.written import SITE, Said, http, kept

PAGE = f"{SITE}/page"
FIRST = "20250101120000"
TEXT = b"<p>" + "سلام".encode() * 50
PREFIX = "http://127.0.0.1:1/demo"


def at(stamp: str) -> datetime:
    return read_stamp(stamp)


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


def answer_of(folder: Path, response: bytes, url: str = PAGE) -> Answer:
    collection = Collection(folder, "demo")
    kept(collection, Said(url, FIRST, response))
    archive = Archive(collection)
    return archive.opened(archive.as_of(url, at(FIRST)))


CODED = {
    "none": ([], TEXT, ""),
    "identity": (["identity"], TEXT, ""),
    "gzip": (["gzip"], gzip.compress(TEXT), ""),
    "GZip": (["GZip"], gzip.compress(TEXT), ""),
    "x-gzip": (["x-gzip"], gzip.compress(TEXT), ""),
    "gzip in members": (["gzip"], gzip.compress(TEXT[:40]) + gzip.compress(TEXT[40:]), ""),
    "gzip and junk": (["gzip"], gzip.compress(TEXT) + b"\x00\x00junk", ""),
    "deflate": (["deflate"], zlib.compress(TEXT), ""),
    "bare deflate": (["deflate"], raw_deflate(TEXT), ""),
    "twice": (["gzip, gzip"], gzip.compress(gzip.compress(TEXT)), ""),
    "twice, two lines": (["deflate", "gzip"], gzip.compress(zlib.compress(TEXT)), ""),
    "br": (["br"], b"\x1b\x00\x00", "br"),
    "br in gzip": (["br, gzip"], gzip.compress(b"\x1b"), "br, gzip"),
    "a lie": (["gzip"], TEXT, "gzip"),
    "unknown": (["zstd"], b"x", "zstd"),
}


@pytest.mark.parametrize(("codings", "body", "left"), CODED.values(), ids=CODED)
def test_codings(tmp_path: Path, codings: list[str], body: bytes, left: str) -> None:
    answer = answer_of(tmp_path, http(body, *(f"Content-Encoding: {coding}" for coding in codings)))
    assert answer.coding == left
    assert answer.body == (body if left else TEXT)
    assert answer.original.payload == body


def test_a_coded_body_cut_short_gives_what_came(tmp_path: Path) -> None:
    whole = gzip.compress(bytes(range(256)) * 9, mtime=0)
    answer = answer_of(tmp_path, http(whole[:200], "Content-Encoding: gzip"))
    assert (bytes(range(256)) * 9).startswith(answer.body)
    assert len(answer.body) > 50


@pytest.mark.parametrize("layers", [1, 2])
def test_a_bomb_is_bounded(tmp_path: Path, layers: int) -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1_000_000)) for _ in range(MOST_BYTES // 1_000_000 + 10))
    bomb += packer.flush()
    for _ in range(layers - 1):
        bomb = gzip.compress(bomb)
    answer = answer_of(tmp_path, http(bomb, f"Content-Encoding: {', '.join(['gzip'] * layers)}"))
    assert len(answer.body) == MOST_BYTES


def test_a_million_members_take_no_longer(tmp_path: Path) -> None:
    many = gzip.compress(b"") * 100_000
    answer = answer_of(tmp_path, http(many + gzip.compress(TEXT), "Content-Encoding: gzip"))
    begun = time.process_time()
    assert decoded(answer.original) == (TEXT, "")
    assert time.process_time() - begun < 1.5


def test_chunks_are_taken_off(tmp_path: Path) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"
    answer = answer_of(tmp_path, head + b"3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nX: y\r\n\r\n")
    assert answer.body == answer.original.payload == b"abcde"


CHARSETS = [
    ("text/html; charset=windows-1256", b"<p>", "cp1256"),
    ('text/html; charset="utf-8"', b"<p>", "utf-8"),
    ("text/html", b"<meta charset=windows-1256>", "cp1256"),
    ("text/html", b"<p>", "utf-8"),
    ("text/html; charset=windows-1256", b"\xef\xbb\xbf<p>", "utf-8"),
    ("text/html; charset=no-such", b"<p>", "utf-8"),
    ("text/html; charset=rot13", b"<p>", "utf-8"),
    ("text/html; charset=hex", b"<p>", "utf-8"),
    ("text/html; charset=idna", b"<p>", "utf-8"),
    ("text/html; charset=punycode", b"<p>", "utf-8"),
    ("text/html; charset=undefined", b"<p>", "utf-8"),
    ("text/html; charset=unicode_escape", b"<p>", "utf-8"),
    ("text/html; charset=" + "x" * 9_000, b"<p>", "utf-8"),
    ("", b"<!DOCTYPE html><p>", "utf-8"),
]


@pytest.mark.parametrize(("kind", "body", "charset"), CHARSETS)
def test_charsets(tmp_path: Path, kind: str, body: bytes, charset: str) -> None:
    body += b"\xc8\x81\xff<a href='/\xe3\x81?a&amp;b'><p style='background:url(\xe3)'>"
    answer = answer_of(tmp_path, http(body, kind=kind))
    assert charset_of(answer) == charset
    found = placed(answer, PREFIX, live=False)
    assert found.startswith(body[: body.index(b"'")])
    assert found.count(f"{PREFIX}/{FIRST}/{SITE}/".encode()) == 2


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_letters_that_are_not_ascii(tmp_path: Path, encoding: str) -> None:
    body = "<a href=x>سلام".encode(encoding)
    answer = answer_of(tmp_path, http(body, kind=f"text/html; charset={encoding}"))
    assert placed(answer, PREFIX, live=False) == body


KINDS = [
    ("text/html", b"<a href=y>", True),
    ("TEXT/HTML;charset=utf-8", b"<a href=y>", True),
    ("application/xhtml+xml", b"<a href='y'/>", True),
    ("", b"<!DOCTYPE html><a href=y>", True),
    ("text/css", b"p{background:url(y)}", True),
    ("text/css; charset=windows-1256", b"p{background:url(y)}\x00\x81", True),
    ("text/plain", b"<a href=y>", False),
    ("application/javascript", b"'<a href=y>'", False),
    ("image/jpeg", b"\xff\xd8<a href=y>", False),
]


@pytest.mark.parametrize(("kind", "body", "changed"), KINDS)
def test_only_pages_and_sheets_are_changed(tmp_path: Path, kind: str, body: bytes, changed: bool) -> None:
    found = placed(answer_of(tmp_path, http(body, kind=kind)), PREFIX, live=False)
    address = f'"{PREFIX}/{FIRST}/{SITE}/y"'.encode()
    assert (address in found) == changed
    assert changed or found == body


def test_scripts_that_run_find_pages_whose_scripts_run(tmp_path: Path) -> None:
    answer = answer_of(tmp_path, http("<a href=y><img src=a data-src=b>"))
    live, still = placed(answer, PREFIX, live=True), placed(answer, PREFIX, live=False)
    assert f'"{PREFIX}/{FIRST}mp_/{SITE}/y"'.encode() in live
    assert f' src="{PREFIX}/{FIRST}mp_/{SITE}/a"'.encode() in live
    assert f' src="{PREFIX}/{FIRST}/{SITE}/b"'.encode() in still


def test_base_counts(tmp_path: Path) -> None:
    answer = answer_of(tmp_path, http("<a href=y><base href=/t/>"))
    assert f'href="{PREFIX}/{FIRST}/{SITE}/t/y"'.encode() in placed(answer, PREFIX, live=False)


ODD_PAGES = [b"", b"\x00", b"<!-- -->", b" ", b"\xff\xfe", b"<", "سلام".encode(), b"<html>", b"\xef\xbb\xbf"]


@pytest.mark.parametrize("body", ODD_PAGES)
def test_pages_of_nothing(tmp_path: Path, body: bytes) -> None:
    answer = answer_of(tmp_path, http(body))
    assert needs_of(Archive(Collection(tmp_path, "demo")), answer).missing == []
    assert placed(answer, PREFIX, live=False) == body


def test_a_type_by_the_bytes_where_none_is_said(tmp_path: Path) -> None:
    assert type_of(answer_of(tmp_path / "1", http(b"<!DOCTYPE html><p>", kind=""))) == "text/html"
    assert type_of(answer_of(tmp_path / "2", http(b"\x89PNG\r\n\x1a\n", kind=""))) == "image/png"
    assert (
        type_of(answer_of(tmp_path / "3", http(b"\x00\x01\x02\x03", kind=""))) == "application/octet-stream"
    )


def test_what_a_page_needs(tmp_path: Path) -> None:
    collection = Collection(tmp_path, "demo")
    page = "<link rel=stylesheet href=s.css><img src=held.png><img src=gone.png><img src=never.png>"
    kept(
        collection,
        Said(PAGE, FIRST, http(page)),
        Said(f"{SITE}/s.css", FIRST, http("@import 't.css'; p{background:url(lost.png)}", kind="text/css")),
        Said(f"{SITE}/t.css", FIRST, http("@import 's.css'; p{background:url(held.png)}", kind="text/css")),
        Said(f"{SITE}/held.png", FIRST, http(b"\x89PNG", kind="image/png")),
        Said(f"{SITE}/gone.png", FIRST, http("no", status="404 Not Found")),
    )
    archive = Archive(collection)
    needs = needs_of(archive, archive.opened(archive.as_of(PAGE, at(FIRST))))
    assert needs.held == 3
    assert {one.url.rpartition("/")[2]: why for one, why in needs.missing} == {
        "gone.png": "the site answered 404",
        "never.png": "not captured",
        "lost.png": "not captured",
    }
