"""The replay's own origin: Memento (RFC 7089), true bytes, parts of films."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.warc.cdxj import Entry, read_line
from tests.explorer.asking import Answer, Explorer
from tests.explorer.conftest import FILM, FIRST, SECOND, SLUG, THIRD
from tests.replay.written import SITE
from tests.wire.warc_bytes import entity, records

PAGE = f"{SITE}/page"
TIMES = (FIRST, SECOND, THIRD)


def http_time(stamp: str) -> str:
    moment = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return moment.strftime("%a, %d %b %Y %H:%M:%S GMT")


def links(text: str) -> list[tuple[str, dict[str, str]]]:
    """(target, parameters) of a Link header or a link-format document, read by RFC 8288's grammar."""
    found, rest = [], text.strip()
    while rest:
        target = re.match(r'<([^<>"\s]*)>', rest)
        assert target, rest
        rest, parameters = rest[target.end() :], {}
        while parameter := re.match(r'\s*;\s*([a-z]+)="([^"]*)"', rest):
            parameters[parameter[1]] = parameter[2]
            rest = rest[parameter.end() :]
        found.append((target[1], parameters))
        comma = re.match(r"\s*,\s*|$", rest)
        assert comma, rest
        rest = rest[comma.end() :]
    return found


def by_relation(text: str) -> dict[str, str]:
    return {word: target for target, told in links(text) for word in told["rel"].split()}


def memento(explorer: Explorer, stamp: str, url: str = PAGE) -> str:
    return f"{explorer.replay_origin}/written/{stamp}/{url}"


AS_OF = [
    ("20240101000000", FIRST),
    (FIRST, FIRST),
    ("20250131235959", FIRST),
    (SECOND, SECOND),
    ("20250228235959", SECOND),
    ("20260101000000", THIRD),
    (None, THIRD),
]


@pytest.mark.parametrize(("wanted", "given"), AS_OF)
def test_time_gate(explorer: Explorer, wanted: str | None, given: str) -> None:
    asked = {"accept_datetime": http_time(wanted)} if wanted else {}
    answer = explorer.replay(f"/written/timegate/{PAGE}", **asked)
    assert (answer.status, answer["location"]) == (302, memento(explorer, given))
    assert "accept-datetime" in answer["vary"].lower()
    assert answer["memento-datetime"] == ""
    told = by_relation(answer["link"])
    assert told["original"] == PAGE
    assert told["timemap"] == f"{explorer.replay_origin}/written/timemap/link/{PAGE}"
    assert told["first"] == memento(explorer, FIRST)
    assert told["last"] == memento(explorer, THIRD)


NO_TIMES = [
    "yesterday",
    "2025-01-01",
    FIRST,
    "Wed, 99 Jan 2025 00:00:00 GMT",
    "Wed, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Fri, 31 Dec 9999 23:59:59 -2359",
]


@pytest.mark.parametrize("wanted", NO_TIMES)
def test_a_bad_accept_datetime(explorer: Explorer, wanted: str) -> None:
    answer = explorer.replay(f"/written/timegate/{PAGE}", accept_datetime=wanted)
    assert answer.status == 400
    assert "Wed, 24 Sep 2025 08:30:00 GMT" in answer.text


@pytest.mark.parametrize(("number", "stamp"), list(enumerate(TIMES)))
def test_memento(explorer: Explorer, number: int, stamp: str) -> None:
    for kind in ("", "id_", "mp_"):
        answer = explorer.replay(f"/written/{stamp}{kind}/{PAGE}")
        assert answer.status == 200
        assert answer["memento-datetime"] == http_time(stamp)
        assert answer["vary"] == ""  # a memento is what it is, whatever time is asked for
        told = by_relation(answer["link"])
        assert told["original"] == PAGE
        assert told["timegate"] == f"{explorer.replay_origin}/written/timegate/{PAGE}"
        assert told.get("prev") == (memento(explorer, TIMES[number - 1]) if number else None)
        assert told.get("next") == (memento(explorer, TIMES[number + 1]) if number < 2 else None)
        times = {target: told["datetime"] for target, told in links(answer["link"]) if "datetime" in told}
        assert times[memento(explorer, stamp)] == http_time(stamp)


def test_of_a_page_the_nearest_capture(explorer: Explorer) -> None:
    answer = explorer.replay(f"/written/20250130000000/{PAGE}")
    assert answer["memento-datetime"] == http_time(SECOND)


def test_time_map(explorer: Explorer) -> None:
    answer = explorer.replay(f"/written/timemap/link/{PAGE}")
    assert answer.status == 200
    assert answer["content-type"].partition(";")[0] == "application/link-format"
    found = links(answer.text)
    mementos = [(target, told["datetime"]) for target, told in found if "memento" in told["rel"].split()]
    assert mementos == [(memento(explorer, stamp), http_time(stamp)) for stamp in TIMES]
    told = by_relation(answer.text)
    assert told["original"] == PAGE
    assert told["timegate"].endswith(f"/written/timegate/{PAGE}")
    (itself,) = [parameters for _, parameters in found if parameters["rel"] == "self"]
    assert (itself["from"], itself["until"]) == (http_time(FIRST), http_time(THIRD))


@pytest.mark.parametrize(
    "path",
    [
        "/written/timegate/http://site.example/never",
        "/written/timemap/link/http://site.example/never",
        "/written/2025/http://site.example/never",
        "/written/2025id_/http://site.example/never",
        f"/nowhere/timegate/{PAGE}",
        f"/written/123/{PAGE}",
        "/written/2025/",
        "/written/",
        "/",
        "//evil.example/",
        f"/written/20250101120000xx_/{PAGE}",
        "/written/2025/javascript:alert(1)",
        "/written/2025/file:///etc/passwd",
        f"/../written/2025/{PAGE}",
        f"/%2e%2e/2025/{PAGE}",
    ],
)
def test_unknown(explorer: Explorer, path: str) -> None:
    answer = explorer.replay(path)
    assert answer.status == 404
    assert answer.text.startswith("not in the archive: ")
    assert answer["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "stamp", ["0000", "20259", "2025010112000", "99999999999999", "20250230", "00000000000000"]
)
def test_bad_timestamps(explorer: Explorer, stamp: str) -> None:
    answer = explorer.replay(f"/written/{stamp}/{PAGE}")
    assert answer.status == 400
    assert "timestamp" in answer.text or "no time" in answer.text


@pytest.mark.parametrize("slashes", ["http:/", "http://", "http:///"])
def test_slashes_that_a_proxy_took(explorer: Explorer, slashes: str) -> None:
    assert explorer.replay(f"/written/2025/{slashes}site.example/page").status == 200


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (f"{SITE}/q?a=1&b=%20", "query"),
        (f"{SITE}/q?a=1&b=%20#part", "query"),
        (f"{PAGE}#part", "first"),
        (SLUG, "سلام"),
        (SLUG.lower(), "سلام"),
    ],
)
def test_queries_fragments_and_slugs(explorer: Explorer, url: str, says: str) -> None:
    answer = explorer.replay(f"/written/{FIRST}/{url}")
    assert answer.status == 200
    assert says in (answer.text if not answer["content-encoding"] else "first")


# -- bytes ---------------------------------------------------------------------------------------------------


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


def test_bytes_of_a_revisit_and_of_an_unknown_coding(explorer: Explorer) -> None:
    first, third = (explorer.replay(f"/written/{stamp}id_/{PAGE}") for stamp in (FIRST, THIRD))
    assert first.body.startswith(b"\x1f\x8b")
    assert third.body == first.body
    assert first["content-encoding"] == "gzip"
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


# -- parts ---------------------------------------------------------------------------------------------------

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
