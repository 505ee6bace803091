"""What a collection says of an address at a time: which capture, whose bytes, and why there are none."""

from __future__ import annotations

import gzip
import re
from datetime import datetime
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.replay.archive import MOST_REDIRECTS, Archive, NotHeld
from crawler.replay.moment import read_stamp
from crawler.warc.seal import seal
from tests.replay.written import SITE, Said, http, kept, moved, page_of
from tests.wire.warc_bytes import members, records

PAGE = f"{SITE}/page"
FIRST, SECOND, THIRD = "20250101120000", "20250201120000", "20250301120000"
SLUG = "سارق-حرفه\u200cای"
CODED = "%D8%B3%D8%A7%D8%B1%D9%82-%D8%AD%D8%B1%D9%81%D9%87%E2%80%8C%D8%A7%DB%8C"


def at(stamp: str) -> datetime:
    return read_stamp(stamp)


@pytest.fixture
def empty(tmp_path: Path) -> Collection:
    return Collection(tmp_path, "demo")


def said(archive: Archive, url: str, stamp: str) -> bytes:
    return archive.opened(archive.as_of(url, at(stamp))).body


@pytest.fixture
def thrice(empty: Collection) -> Archive:
    kept(empty, *(Said(PAGE, stamp, http(stamp)) for stamp in (FIRST, SECOND, THIRD)))
    return Archive(empty)


AS_OF = [
    ("20240101000000", FIRST, FIRST),
    (FIRST, FIRST, FIRST),
    ("20250101120001", FIRST, FIRST),
    ("20250131000000", FIRST, SECOND),
    ("20250201115959", FIRST, SECOND),
    (SECOND, SECOND, SECOND),
    ("20250228000000", SECOND, THIRD),
    ("20990101000000", THIRD, THIRD),
]


@pytest.mark.parametrize(("asked", "until", "nearest"), AS_OF)
def test_which_capture(thrice: Archive, asked: str, until: str, nearest: str) -> None:
    assert thrice.as_of(PAGE, at(asked)).timestamp == until
    assert thrice.nearest(PAGE, at(asked)).timestamp == nearest
    assert said(thrice, PAGE, asked) == until.encode()


def test_alike_addresses_stand_in_only_where_the_exact_one_has_none(empty: Collection) -> None:
    kept(
        empty,
        Said("http://site.example/a", FIRST, http("plain")),
        Said("https://site.example/a", SECOND, http("secure")),
        Said("https://www.site.example/b", THIRD, http("www")),
    )
    archive = Archive(empty)
    assert said(archive, "http://site.example/a", THIRD) == b"plain"
    assert said(archive, "https://site.example/a", FIRST) == b"secure"
    assert said(archive, "https://site.example/a#part", FIRST) == b"secure"
    assert said(archive, "http://www.site.example/a", FIRST) == b"plain"
    assert said(archive, "http://www.site.example/a", THIRD) == b"secure"
    assert said(archive, "http://site.example/b", FIRST) == b"www"
    for unknown in (
        "http://site.example/c",
        "http://site.example/a?b",
        "http://other.example/a",
        "",
        "x",
        "\x00",
        "http://[x",
        "http://site.example/\udcff",
    ):
        with pytest.raises(NotHeld, match="no capture of"):
            archive.as_of(unknown, at(FIRST))


def test_slugs_are_found_raw_and_encoded(empty: Collection) -> None:
    kept(empty, Said(f"{SITE}/fa/news/1/{CODED}", FIRST, http("news")))
    for slug in (SLUG, CODED, f"{CODED}#comments", f"{SLUG}#نظر"):
        assert said(Archive(empty), f"{SITE}/fa/news/1/{slug}", FIRST) == b"news"


def test_revisits_give_the_bytes_of_the_original(empty: Collection) -> None:
    kept(empty, Said(PAGE, FIRST, http("same", "X-Seen: 1")))
    again = kept(empty, Said(PAGE, SECOND, http("same", "X-Seen: 2")))
    assert "revisit" in [record["WARC-Type"] for record in records(again)]
    answer = Archive(empty).opened(Archive(empty).as_of(PAGE, at(SECOND)))
    assert answer.entry.is_revisit
    assert (answer.body, answer.header("x-seen")) == (b"same", "2")
    assert (answer.said.payload, answer.original.payload) == (b"", b"same")
    assert answer.original.pointer.date == "2025-01-01T12:00:00.000000Z"


def test_of_several_originals_the_one_that_can_be_read(empty: Collection) -> None:
    first = kept(empty, Said(PAGE, FIRST, http("same")))
    kept(empty, Said(PAGE, SECOND, http("same")), revisits=False)
    kept(empty, Said(PAGE, THIRD, http("same")))
    archive = Archive(empty)
    revisit = archive.as_of(PAGE, at(THIRD))
    assert revisit.is_revisit
    assert archive.opened(revisit).original.pointer.file == first.name
    first.unlink()
    assert archive.opened(revisit).body == b"same"


def test_a_revisit_that_does_not_say_of_what(empty: Collection) -> None:
    """As programs of before 2015 wrote them: address and digest tell."""
    kept(empty, Said(PAGE, FIRST, http("same")))
    path = kept(empty, Said(PAGE, SECOND, http("same")))
    whole, _ = members(path.read_bytes())
    said = [re.sub(rb"WARC-Refers-To[^:]*: [^\r]*\r\n", b"", record) for _, record in whole]
    assert said != [record for _, record in whole]
    path.write_bytes(b"".join(gzip.compress(record) for record in said))
    seal(empty, rebuild=True)
    archive = Archive(empty)
    assert archive.opened(archive.as_of(PAGE, at(SECOND))).body == b"same"


def test_a_revisit_of_a_lost_original_says_so(empty: Collection) -> None:
    first = kept(empty, Said(PAGE, FIRST, http("same")))
    kept(empty, Said(PAGE, SECOND, http("same")))
    first.unlink()
    archive = Archive(empty)
    with pytest.raises(NotHeld, match=re.escape(str(first))):
        archive.opened(archive.as_of(PAGE, at(SECOND)))
    seal(empty, rebuild=True)
    archive = Archive(empty)
    with pytest.raises(NotHeld, match=rf"refers to {PAGE} of 2025-01-01T12:00:00"):
        archive.opened(archive.as_of(PAGE, at(SECOND)))


def test_a_304_is_no_capture(empty: Collection) -> None:
    kept(empty, Said(PAGE, FIRST, http("here")))
    asked = b"GET /page HTTP/1.1\r\nHost: site.example\r\nIf-None-Match: x\r\n\r\n"
    kept(empty, Said(PAGE, SECOND, http(status="304 Not Modified"), asked))
    kept(empty, Said(PAGE, THIRD, http(status="304 Not Modified")), revisits=False)
    archive = Archive(empty)
    assert [entry.timestamp for entry in archive.captures(PAGE)] == [FIRST]
    assert said(archive, PAGE, THIRD) == b"here"


@pytest.mark.parametrize("part", [0.5, 0.9])
def test_a_file_cut_short(empty: Collection, part: float) -> None:
    path = kept(empty, Said(PAGE, FIRST, http(bytes(range(256)) * 200)))
    archive = Archive(empty)
    entry = archive.as_of(PAGE, at(FIRST))
    with path.open("r+b") as stream:
        stream.truncate(entry.offset + int(entry.length * part))
    assert archive.opened(entry).said.truncated


@pytest.mark.parametrize("damage", ["zeros", "other gzip", "text", "offset", "gone", "folder"])
def test_a_file_that_is_not_what_it_was(empty: Collection, damage: str) -> None:
    path = kept(empty, Said(PAGE, FIRST, http(bytes(range(256)) * 200)))
    archive = Archive(empty)
    entry = archive.as_of(PAGE, at(FIRST))
    data = bytearray(path.read_bytes())
    if damage == "offset":
        data = data[7:]
    elif damage == "zeros":
        data[entry.offset + 40 : entry.offset + 400] = bytes(360)
    elif damage == "other gzip":
        data[entry.offset :] = b"\x1f\x8b\x08\x00" + bytes(200)
    elif damage == "text":
        data[:] = b"WARC? no." * 1000
    path.unlink()
    if damage == "folder":
        path.mkdir()
    elif damage != "gone":
        path.write_bytes(data)
    with pytest.raises(NotHeld, match=re.escape(str(path))) as raised:
        archive.opened(entry)
    assert damage in ("gone", "folder") or str(entry.offset) in str(raised.value)


def test_redirects_are_followed(empty: Collection) -> None:
    kept(
        empty,
        Said(f"{SITE}/a", FIRST, moved("/b")),
        Said(f"{SITE}/b", SECOND, moved("//site.example/ج", "301 Moved Permanently")),
        Said(f"{SITE}/%D8%AC", FIRST, http("old")),
        Said(f"{SITE}/%D8%AC", THIRD, http("new")),
    )
    archive = Archive(empty)
    answer, way = archive.followed(archive.as_of(f"{SITE}/a", at(FIRST)))
    assert answer.body == b"old"  # of the first one's time
    assert [one.entry.url for one in way] == [f"{SITE}/a", f"{SITE}/b"]


def test_redirects_that_lead_nowhere(empty: Collection) -> None:
    kept(
        empty,
        Said(f"{SITE}/loop", FIRST, moved("/loop")),
        Said(f"{SITE}/ping", FIRST, moved("/pong")),
        Said(f"{SITE}/pong", FIRST, moved("/ping")),
        Said(f"{SITE}/out", FIRST, moved("http://other.example/")),
        Said(f"{SITE}/odd", FIRST, moved("javascript:alert(1)")),
        Said(f"{SITE}/none", FIRST, http("no place", status="302 Found")),
        Said(f"{SITE}/not", FIRST, http("no redirect", "Location: /page", status="201 Created")),
    )
    archive = Archive(empty)
    for step in ("loop", "ping"):
        answer, way = archive.followed(archive.as_of(f"{SITE}/{step}", at(FIRST)))
        assert len(way) == MOST_REDIRECTS
        assert answer.said.status == 302
    for step in ("odd", "none", "not"):
        answer, way = archive.followed(archive.as_of(f"{SITE}/{step}", at(FIRST)))
        assert way == []
    with pytest.raises(NotHeld, match=r"out of \d{14} was a redirect to http://other\.example/"):
        archive.followed(archive.as_of(f"{SITE}/out", at(FIRST)))


HOSTILE_LINES = [
    'example,site)/page 20250401120000 {"url": "http://site.example/page\\r\\nSet-Cookie: a=b"}',
    'example,site)/page 20250401120000 {"url": "javascript:alert(1)"}',
    'example,site)/page 20250401120000 {"url": "http://site.example/<script>"}',
    'example,site)/page 20250401120000 {"filename": "../../etc/passwd"}',
    'example,site)/page 20250401120000 {"filename": "/etc/passwd"}',
    'example,site)/page 20250401120000 {"offset": "-1"}',
    'example,site)/page 20250401120000 {"offset": "9999999999999999999999"}',
    'example,site)/page 20250401120000 {"status": null}',
    'example,site)/page 20250401120000 {"url": 5}',
    "example,site)/page 20250401120000 []",
    "example,site)/page 20250401120000 5",
    'example,site)/page 20251341120000 {"url": "http://site.example/page"}',
    'example,site)/page 2025 {"url": "http://site.example/page"}',
    'example,site)/page <script> {"url": "http://site.example/page"}',
    "example,site)/page",
    "example,site)/page \udcff {}",
]


@pytest.mark.parametrize("line", HOSTILE_LINES)
def test_lines_of_the_index_that_cannot_be_are_passed_over(empty: Collection, line: str) -> None:
    path = kept(empty, Said(PAGE, FIRST, http(page_of("here"))))
    (entry,) = Archive(empty).captures(PAGE)
    whole = {"url": PAGE, "mime": "text/html", "status": "200", "digest": entry.digest, "length": "9"}
    whole |= {"offset": "0", "filename": path.name}
    if line.endswith("}") and "{}" not in line:
        start = line.index("{")
        fields = [f'"{name}": "{value}"' for name, value in whole.items() if f'"{name}"' not in line]
        line = f"{line[:-1]}, {', '.join(fields)}}}" if start else line
    with empty.index.open("ab") as stream:
        stream.write(line.encode("utf-8", "surrogateescape") + b"\n")
    archive = Archive(empty)
    assert archive.captures(PAGE) == [entry]
    assert archive.captures("https://www.site.example/page") == [entry]


def test_without_an_index_there_is_nothing(empty: Collection) -> None:
    with pytest.raises(NotHeld, match=r"index\.cdxj is not there; scrapy index makes it"):
        Archive(empty).as_of(PAGE, at(FIRST))
    empty.folder.mkdir()
    empty.index.write_bytes(b"")
    assert Archive(empty).captures(PAGE) == []
