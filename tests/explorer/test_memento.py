"""The replay's own origin: Memento (RFC 7089), true bytes, parts of films."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from tests.explorer.asking import Explorer
from tests.explorer.conftest import FIRST, SECOND, SLUG, THIRD
from tests.replay.written import SITE

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
    assert len(answer.text) > 10
    assert answer.text.endswith("\n")
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
