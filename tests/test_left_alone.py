"""A host is asked no sooner than it, and the crawl's settings, allow: seen from the host's own log."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.commands.crawl import too_long
from tests.awkward import article
from tests.crawling import NAME, ROOT, Crawl, command, crawl
from tests.moody import CHALLENGE, SLACK, Moody, moody, refusal, refusal_until, robots, site

ONE = {"CONCURRENT_REQUESTS": "1", "CONCURRENT_REQUESTS_PER_DOMAIN": "1"}


def run(folder: Path, asked: Moody, **settings: str) -> Crawl:
    return crawl(folder, "provinces=qom", SITE_URL=asked.url, **settings)


def state(done: Crawl, asked: Moody) -> dict[str, Any]:
    return dict(done.report["hosts"][asked.host])


@pytest.mark.parametrize(
    ("rules", "settings"),
    [
        ("Crawl-delay: 0.1\n\nUser-agent: Ostan\nCrawl-delay: 0.5", {}),
        ("Crawl-delay: 0.2", {"DOWNLOAD_DELAY": "0.5"}),
        ("Disallow:", {"DOWNLOAD_DELAY": "0.5"}),
        ("Crawl-delay: 0.5", {"DOWNLOAD_DELAY": "0.2", "AUTOTHROTTLE_ENABLED": "1"}),
        ("Crawl-delay: soon", {"DOWNLOAD_DELAY": "0.5", **ONE}),
    ],
)
def test_one_pause_a_host_for_whatever_is_asked_of_it(
    rules: str, settings: dict[str, str], tmp_path: Path
) -> None:
    """Robots.txt, lists, articles and pictures, sixteen at once but where one is said."""
    with moody(site(picture="/a.jpg") | {"/robots.txt": robots(rules), "/a.jpg": "x"}) as asked:
        done = run(tmp_path, asked, **settings)
    assert (done.code, done.err, len(done.rows)) == (0, "", 4)
    assert len(asked.log) == 9
    assert min(asked.pauses) >= 0.5 - SLACK
    assert state(done, asked)["delay"] == 0.5


def test_a_slow_host_is_asked_more_slowly(tmp_path: Path) -> None:
    def slow() -> str:
        time.sleep(0.6)
        return "x"

    with moody(site(picture="/a.jpg") | {"/a.jpg": slow, "/robots.txt": slow}) as asked:
        done = run(tmp_path, asked, AUTOTHROTTLE_ENABLED="1")
    assert done.code == 0
    assert asked.pauses[0] >= 0.6 - SLACK, "what robots.txt took"
    assert asked.pauses[1] >= 0.3 - SLACK, "half of that and of what the next one took"


def test_on_loopback_nothing_is_paused(tmp_path: Path) -> None:
    with moody(site()) as asked:
        done = run(tmp_path, asked)
    assert state(done, asked) == {
        "delay": 0.0,
        "crawl_delay": None,
        "until": None,
        "refused": 0,
        "refusals": [],
        "blocked": None,
    }


@pytest.mark.parametrize(
    ("refused", "seconds", "settings"),
    [
        (refusal(429, "1"), 1, ONE),
        (refusal(503, "1"), 1, ONE),
        (refusal(429, "1"), 1, {}),
        (refusal(429), 0.7, ONE),
        (refusal(503, "-5"), 0.7, ONE),
        (refusal(429, "Wed, 21 Oct 2015 07:28:00 GMT"), 0.7, ONE),
        (refusal(403), 0.7, ONE),
        (refusal(403), 0.7, {}),
        (CHALLENGE, 0.7, ONE),
        (CHALLENGE, 0.7, {}),
    ],
)
def test_a_host_that_refuses_is_left_alone_and_then_asked_again(
    refused: Any, seconds: float, settings: dict[str, str], tmp_path: Path
) -> None:
    """One thing at a time, or sixteen: then what is under way beside it may end."""
    with moody(site() | {"/fa/qom": [refused, site()["/fa/qom"]]}) as asked:
        done = run(tmp_path, asked, SHORTEST_WAIT="0.7", **settings)
    assert (done.code, done.err, len(done.rows)) == (0, "", 4)
    assert asked.log.count("/fa/qom") == 2
    assert max(asked.pauses) >= seconds - SLACK
    if settings:
        assert asked.pauses[asked.log.index("/fa/qom")] >= seconds - SLACK
    seen = state(done, asked)
    assert (seen["refused"], seen["blocked"]) == (1, None)
    assert (seen["refusals"][0]["status"], seen["refusals"][0]["url"]) == (refused[0], f"{asked.url}/fa/qom")


def test_a_host_that_names_a_date_is_left_alone_until_then(tmp_path: Path) -> None:
    with moody(site() | {"1003": [refusal_until(2), site()["1003"]]}) as asked:
        done = run(tmp_path, asked, **ONE)
    assert (done.code, len(done.rows)) == (0, 4)
    at = asked.log.index("/fa/news/1003/x")
    assert asked.log.entries[at + 1].clock >= int(asked.log.entries[at].clock + 2)


def test_each_refusal_doubles_the_wait(tmp_path: Path) -> None:
    with moody(site(1) | {"1001": [refusal(429), refusal(429), site()["1001"]]}) as asked:
        done = run(tmp_path, asked, SHORTEST_WAIT="0.4", **ONE)
    assert (done.code, len(done.rows)) == (0, 1)
    assert asked.pauses[-2] >= 0.4 - SLACK
    assert asked.pauses[-1] >= 0.8 - SLACK


@pytest.mark.parametrize(
    "moods",
    [
        {"1004": refusal(503, "86400")},
        {"1004": refusal(429, "9" * 5_000)},
        {"1004": refusal_until(86_400)},
        {"/robots.txt": robots("Crawl-delay: 86400")},
    ],
    ids=["seconds", "many seconds", "a date", "Crawl-delay"],
)
def test_a_host_that_asks_for_too_long_ends_the_crawl(moods: Any, tmp_path: Path) -> None:
    with moody(site() | moods) as asked:
        done = run(tmp_path, asked, **ONE)
    reason = done.report["finish_reason"]
    said, _, until = reason.rpartition(" ")
    assert said == f"blocked: {asked.host} asks to be left alone until"
    assert re.fullmatch(r"2\d{3}-\d\d-\d\dT\d\d:\d\d:\d\dZ", until)
    assert done.code == 1
    assert asked.log[-1] == (next(iter(moods)) if "/robots.txt" in moods else "/fa/news/1004/x")
    assert "/fa/news/1001/x" not in asked.log
    assert state(done, asked)["blocked"] == reason.removeprefix("blocked: ")


def test_what_a_host_asked_of_one_crawl_counts_for_the_next(tmp_path: Path) -> None:
    with moody(site() | {"1004": [refusal(503, "86400"), article(1004)]}) as asked:
        assert run(tmp_path, asked, **ONE).code == 1
        before = len(asked.log)
        again = run(tmp_path, asked, **ONE)
        assert again.code == 1
        assert f"blocked: {asked.host} asked to be left alone until" in again.err
        assert len(asked.log) == before, "nothing was requested"


@pytest.mark.parametrize(
    ("host", "hours", "refused"),
    [
        ("www.yjc.ir", 2, True),
        ("www.yjc.ir", 0.5, False),
        ("cdn.yjc.ir", 2, False),
        ("yjc.example", 2, False),
    ],
)
def test_only_the_host_of_the_pages_keeps_a_crawl_from_beginning(
    host: str, hours: float, refused: bool
) -> None:
    asked = {host: (datetime.now(UTC) + timedelta(hours=hours), "HTTP 429")}
    assert (too_long(asked, "www.yjc.ir", 3600) is not None) == refused


def test_a_crawl_waits_for_what_is_left_of_the_time_that_an_interrupted_one_was_asked_for(
    tmp_path: Path,
) -> None:
    with moody(site() | {"1004": [refusal(429, "4"), article(1004)]}) as asked:
        process = subprocess.Popen(
            command(tmp_path, "provinces=qom", SITE_URL=asked.url, REQUISITES="none"),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
        )
        while "/fa/news/1004/x" not in asked.log:
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=20)
        refused = next(entry.at for entry in asked.log.entries if entry.path == "/fa/news/1004/x")
        before = len(asked.log)
        assert run(tmp_path, asked, **ONE).code == 0
        assert asked.log.entries[before].at >= refused + 4 - SLACK


@pytest.mark.parametrize("path", ["1004", "/fa/qom", "/robots.txt"])
def test_an_interrupted_crawl_does_not_wait_for_a_hosts_leave(path: str, tmp_path: Path) -> None:
    with moody(site() | {path: refusal(429, "300")}) as asked:
        words = [sys.executable, "-m", "scrapy", "crawl", "provinces", "-a", "provinces=qom"]
        for setting in (f"SITE_URL={asked.url}", f"ARCHIVES={tmp_path}", f"COLLECTION={NAME}"):
            words += ["-s", setting]
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while (f"/fa/news/{path}/x" if path[0] != "/" else path) not in asked.log:
            time.sleep(0.02)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)  # of the 300 seconds that it was to wait
        done = Crawl(process.returncode, out, err, tmp_path / NAME)
    assert done.code == 3
    assert "Traceback" not in err
    assert done.report["finish_reason"] == "shutdown"
    assert done.report["articles"]["failed"] == 0, "what waited was not reached, and not refused for good"
    troubles = set(done.report["troubles"]["counts"])
    assert troubles <= {"list: not reached: shutdown"}
    assert bool(troubles) == (path != "1004")
