"""The replay's own origin: true bytes, what a page may do there, parts of films."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from parsel import Selector

from crawler.collection import Collection
from crawler.pages.requisites import page_requisites
from crawler.warc.cdxj import Entry, read_line
from tests.explorer.asking import Answer, Explorer
from tests.explorer.conftest import FILM, FIRST, SLUG, THIRD, TWICE
from tests.explorer.test_memento import PAGE, TIMES, http_time, memento
from tests.replay.written import SITE
from tests.wire.warc_bytes import entity, records


def entries(collection: Collection) -> list[Entry]:
    return [read_line(line) for line in collection.index.read_bytes().splitlines()]


def payloads(collection: Collection) -> dict[str, bytes]:
    return {
        record["WARC-Payload-Digest"]: record.block
        for path in sorted(collection.warc.iterdir())
        for record in records(path)
        if record["WARC-Type"] == "response"
    }


def test_every_capture_of_a_crawl_is_given_byte_for_byte(explorer: Explorer, crawled: Collection) -> None:
    blocks, found = payloads(crawled), entries(crawled)
    assert sum(entry.is_revisit for entry in found) >= 2
    assert len({entry.timestamp for entry in found}) > 1
    for entry in found:
        answer = explorer.replay(f"/{crawled.name}/{entry.timestamp}id_/{entry.url}")
        block = blocks[entry.digest]
        coded = re.search(
            rb"\r\ncontent-encoding: *([^\r]*)\r\n", block.partition(b"\r\n\r\n")[0] + b"\r\n", re.I
        )
        assert (answer.status, answer.body) == (entry.status, entity(block)), entry
        assert answer["content-encoding"] == (coded[1].decode() if coded else "")


def test_all_that_a_crawled_page_needs_leads_into_the_archive(
    explorer: Explorer, crawled: Collection
) -> None:
    """Another reader's list of what a page needs (lxml's tree), before and behind; and all its links."""
    pages = {entry.url: entry for entry in entries(crawled) if entry.mime == "text/html"}
    assert len(pages) > 5
    for entry in pages.values():
        raw = explorer.replay(f"/{crawled.name}/{entry.timestamp}id_/{entry.url}")
        page = gzip.decompress(raw.body) if raw["content-encoding"] == "gzip" else raw.body
        shown = explorer.replay(f"/{crawled.name}/{entry.timestamp}mp_/{entry.url}").text
        prefix = f"{explorer.replay_origin}/{crawled.name}/{entry.timestamp}mp_/"
        before = {one.url for one in page_requisites(Selector(page.decode()), entry.url, video=True)}
        after = {one.url for one in page_requisites(Selector(shown), entry.url, video=True)}
        assert after == {prefix + url for url in before}
        links = Selector(shown).css("a::attr(href)").getall()
        assert links
        assert not [link for link in links if link.startswith("http") and not link.startswith(prefix)]


def test_bytes_of_a_revisit_and_of_an_unknown_coding(explorer: Explorer) -> None:
    first, third = (explorer.replay(f"/written/{stamp}id_/{PAGE}") for stamp in (FIRST, THIRD))
    assert first.body.startswith(b"\x1f\x8b")
    assert third.body == first.body
    assert first["content-encoding"] == "gzip"
    twice = explorer.replay(f"/written/{FIRST}id_/{SITE}/twice")
    assert (twice.body, twice["content-encoding"]) == (TWICE, "gzip, GZip")
    assert explorer.replay(f"/written/{FIRST}/{SITE}/twice").body == b"twice"
    unknown = explorer.replay(f"/written/{FIRST}id_/{SITE}/br")
    assert (unknown.body, unknown["content-encoding"]) == (b"\x1b\x00", "br")
    shown = explorer.replay(f"/written/{FIRST}/{SITE}/br")
    assert (shown.body, shown["content-encoding"]) == (b"\x1b\x00", "br")


def test_a_page_leads_into_the_archive(explorer: Explorer) -> None:
    sheet = explorer.replay(f"/written/{FIRST}/{SITE}/s.css")
    assert sheet.text == f'p{{background:url("{explorer.replay_origin}/written/{FIRST}/{SITE}/film.mp4")}}'
    redirect = explorer.replay(f"/written/{FIRST}/{SITE}/a")
    assert (redirect.status, redirect["location"]) == (302, memento(explorer, FIRST))
    assert redirect["memento-datetime"] == http_time(FIRST)
    live = explorer.replay(f"/written/{FIRST}mp_/{SITE}/a")
    assert live["location"] == memento(explorer, f"{FIRST}mp_")
    assert explorer.replay(f"/written/{FIRST}/{SITE}/gone").status == 404


def policy(answer: Answer) -> dict[str, str]:
    rules = [rule.strip().partition(" ") for rule in answer["content-security-policy"].split(";")]
    return {name: value for name, _, value in rules}


def test_what_a_replayed_page_may(explorer: Explorer) -> None:
    for kind, sandbox in (("", ""), ("mp_", "allow-scripts"), ("id_", "")):
        answer = explorer.replay(f"/written/{FIRST}{kind}/{SITE}/cookie")
        rules = policy(answer)
        assert rules["sandbox"] == sandbox
        assert rules["default-src"] == "'none'"
        assert answer["set-cookie"] == answer["refresh"] == ""
        if kind != "id_":
            assert rules["frame-ancestors"] == explorer.origin
            assert rules["img-src"] == f"{explorer.replay_origin} data: blob:"
            assert rules["form-action"] == "'none'"
        assert ("script-src" in rules) == (kind == "mp_")
        assert rules.get("connect-src", explorer.replay_origin) == explorer.replay_origin
    missing = explorer.replay(f"/written/{FIRST}/{SITE}/never")
    assert policy(missing)["default-src"] == "'none'"


def test_a_page_opened_by_itself_goes_into_its_frame(explorer: Explorer) -> None:
    path = f"/written/{FIRST}/{SLUG}?a=b"
    top: dict[str, Any] = {"sec_fetch_dest": "document"}
    answer = explorer.replay(path.replace("?a=b", ""), **top)
    assert (answer.status, answer["location"]) == (302, f"{explorer.origin}/written/replay/{FIRST}/{SLUG}")
    live = explorer.replay(f"/written/{FIRST}mp_/{PAGE}", **top)
    assert live["location"] == f"{explorer.origin}/written/replay/{FIRST}live/{PAGE}"
    inside = explorer.replay(f"/written/{FIRST}/{PAGE}", sec_fetch_dest="iframe", sec_fetch_site="cross-site")
    assert "data-around" in inside.text
    assert "sha256-" in policy(inside)["script-src"]
    assert explorer.replay(f"/written/{FIRST}id_/{PAGE}", **top).status == 200


FILM_AT = f"/written/{FIRST}/{SITE}/film.mp4"
PARTS = [
    ("bytes=0-9", 206, 0, 10),
    ("bytes=100-", 206, 100, len(FILM)),
    ("bytes=-5", 206, len(FILM) - 5, len(FILM)),
    ("bytes=0-99999999", 206, 0, len(FILM)),
    ("bytes=-99999999", 206, 0, len(FILM)),
    (f"bytes={len(FILM)}-", 416, 0, 0),
    ("bytes=-0", 416, 0, 0),
    ("bytes=5-2", 200, 0, len(FILM)),  # RFC 9110: not valid, so as if it were not there
    ("bytes=0-1,5-6", 200, 0, len(FILM)),
    ("lines=0-9", 200, 0, len(FILM)),
    ("bytes=-", 200, 0, len(FILM)),
    ("bytes=" + "9" * 5_000 + "-", 200, 0, len(FILM)),
]


@pytest.mark.parametrize("kind", ["", "id_"])
@pytest.mark.parametrize(("wanted", "status", "start", "end"), PARTS)
def test_parts_of_a_film(
    explorer: Explorer, kind: str, wanted: str, status: int, start: int, end: int
) -> None:
    answer = explorer.replay(FILM_AT.replace(FIRST, FIRST + kind), range=wanted)
    assert (answer.status, answer.body) == (status, FILM[start:end])
    assert answer["accept-ranges"] == "bytes"
    ranges = {206: f"bytes {start}-{end - 1}/{len(FILM)}", 416: f"bytes */{len(FILM)}"}
    assert answer["content-range"] == ranges.get(status, "")


def test_tags_of_what_is_replayed(explorer: Explorer) -> None:
    film = explorer.replay(FILM_AT)
    tag = film["etag"]
    for asked in (tag, f'"x", {tag}', f"W/{tag}", "*"):
        again = explorer.replay(FILM_AT, if_none_match=asked)
        assert (again.status, again.body, again["etag"]) == (304, b"", tag), asked
    assert explorer.replay(FILM_AT, if_none_match='"x"').status == 200
    assert explorer.replay(FILM_AT, range="bytes=0-1", if_range=tag).status == 206
    assert explorer.replay(FILM_AT, range="bytes=0-1", if_range='"x"').status == 200
    pages = [explorer.replay(f"/written/{stamp}/{PAGE}") for stamp in TIMES]
    assert pages[0]["etag"] == pages[2]["etag"] != pages[1]["etag"]


def test_heads_alone(explorer: Explorer) -> None:
    for path in (FILM_AT, f"/written/{FIRST}id_/{PAGE}", f"/written/timemap/link/{PAGE}"):
        whole, head = explorer.replay(path), explorer.replay(path, "HEAD")
        assert (head.status, head.body) == (whole.status, b"")
        assert head["content-length"] == str(len(whole.body))
        assert head["etag"] == whole["etag"]
