"""How long a host is left alone: the rules, with clocks that a test moves."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from crawler.identity import check_identity
from crawler.pages.challenge import is_challenge
from crawler.politeness import A_CENTURY, MOST_NOTED, Host, Manners, Refusal, refusal_of, retry_after

NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
MANNERS = Manners(delay=4, shortest_wait=1, longest_wait=3_600, most_refusals=5)


def host(manners: Manners = MANNERS, chance: float = 0.0) -> Host:
    return Host("a.ir", manners, lambda: chance)


def refuse(one: Host, now: float, left: float | None = None, after: float | None = None) -> str | None:
    refusal = Refusal(NOON + timedelta(seconds=now), "HTTP 429", 429, "https://a.ir/1")
    return one.refuse(refusal, now, now if left is None else left, after)


@pytest.mark.parametrize(
    ("crawl_delay", "throttle", "delay"), [(None, 0, 4), (2, 0, 4), (10, 0, 10), (None, 7, 7), (10, 7, 10)]
)
def test_the_longest_pause_counts(crawl_delay: float | None, throttle: float, delay: float) -> None:
    one = host()
    one.asks_delay(crawl_delay, NOON)
    one.throttle = throttle
    assert one.wait(100) == 0, "it was never asked"
    one.left(100)
    assert one.wait(100) == delay
    assert one.wait(100 + delay) == 0


def test_each_refusal_doubles_the_wait_by_chance_half_as_much_again() -> None:
    for chance, factor in ((0.0, 1.0), (1.0, 1.5)):
        one, now, waits = host(chance=chance), 0.0, []
        for _ in range(4):
            refuse(one, now)
            waits.append(one.wait(now))
            now += one.wait(now)
        assert waits == [8 * factor, 16 * factor, 32 * factor, 64 * factor]


def test_a_wait_has_a_floor_and_a_cap() -> None:
    one = host(Manners(delay=0, shortest_wait=1, longest_wait=100, most_refusals=10_000), chance=1)
    now = 0.0
    for _ in range(2_000):
        assert refuse(one, now) is None
        assert 1 <= one.wait(now) <= 100
        now += one.wait(now)
    assert one.refused == 2_000
    assert len(one.refusals) == MOST_NOTED


def test_requests_refused_together_count_once() -> None:
    one = host()
    for now in (10.0, 10.25, 10.5, 10.5, 10.5, 10.5):
        assert refuse(one, now, left=9.0) is None
    assert one.wait(10.5) == 7.5, "8 s from the first on"
    refuse(one, 10.75, left=9.0, after=60)
    assert one.wait(10.75) == 60, "but one that says how long is heard"


def test_a_row_ends_with_a_good_answer_and_at_its_limit() -> None:
    one = host()
    said = [refuse(one, now) for now in (100, 200, 300, 400)]
    one.served()
    said += [refuse(one, now) for now in (500, 600, 700, 800)]
    assert said == [None] * 8
    assert refuse(one, 900) == "HTTP 429 5 times in a row from a.ir"


def test_who_asks_for_too_long_is_not_waited_for() -> None:
    assert refuse(host(), 0, after=3_600) is None
    assert refuse(host(), 0, after=3_601) == "a.ir asks to be left alone until 2026-11-25T13:00:01Z"
    assert host().asks_delay(7_200, NOON) == "a.ir asks to be left alone until 2026-11-25T14:00:00Z"


def test_what_a_report_says() -> None:
    one = host()
    refuse(one, 0, after=60)
    assert one.as_dict() == {
        "delay": 4,
        "crawl_delay": None,
        "until": "2026-11-25T12:01:00+00:00",
        "refused": 1,
        "refusals": [
            {
                "time": "2026-11-25T12:00:00.000+00:00",
                "what": "HTTP 429",
                "status": 429,
                "url": "https://a.ir/1",
            }
        ],
        "blocked": None,
    }


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        (" 120 ", 120),
        ("9" * 5_000, A_CENTURY),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30),
        ("Wednesday, 25-Nov-26 12:00:30 GMT", 30),
        ("Wed Nov 25 12:00:30 2026", 30),
        ("Wed, 25 Nov 2026 15:30:30 +0330", 30),
        ("Wed, 25 Nov 2026 11:59:59 GMT", None),
        ("Wed, 25 Nov 99999 12:00:00 GMT", None),
        ("Wed, 45 Nov 2026 12:00:00 GMT", None),
        ("-1", None),
        ("1.5", None),
        ("۱۲۰", None),
        ("1e3", None),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, NOON) == seconds


def test_which_answers_are_refusals() -> None:
    refusing = [status for status in range(100, 600) if refusal_of(status, challenge=False)]
    assert refusing == [403, 429, 503]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<!DOCTYPE html><html><title>Transferring to the website...</title></html>", True),
        ('\ufeff<html><script src="/__arcsjs/x.js"></script></html>', True),
        ("<html><body>Powered by ArvanCloud</body></html>", True),
        ("<html>" + "x" * 5_000 + "arvancloud</html>", False),
        ("<html>" + "خ" * 2_600 + "arvancloud</html>", False),
        ('<?xml version="1.0"?><rss><img src="https://s3.arvancloud.ir/a.jpg"/></rss>', False),
        ("/* arvancloud */ p { color: red }", False),
        ("<html>خبر</html>", False),
        ("", False),
    ],
)
def test_what_a_challenge_is(text: str, expected: bool) -> None:
    assert is_challenge(text) is expected


@pytest.mark.parametrize(
    "contact",
    ["a b@c.ir", "a@b", "@b.ir", "ftp://a.ir", "https://", "https://a.ir/(x)", "https://a.ir/\n", "خبر@a.ir"],
)
def test_what_is_no_contact(contact: str) -> None:
    with pytest.raises(ValueError, match="CONTACT="):
        check_identity(contact, "", stranger=False)


def test_a_user_agent_is_printable() -> None:
    with pytest.raises(ValueError, match="printable"):
        check_identity("", "Mine/1.0\r\nCookie: x", stranger=False)
