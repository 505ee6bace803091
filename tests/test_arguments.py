"""A wrong value stops before the first request, says what is allowed, exits with 2, leaves nothing behind."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from crawler.arguments import read_plan
from tests.crawling import crawl
from tests.site import running

OURS = "Ostan/0.1.0 (archival crawler of province news)"
WRONG_ARGUMENTS = {
    "provinces=qum": "no province is called 'qum'; allowed: all, markazi (IR-00 مرکزی)",
    "provinces=../etc": "no province is called '../etc'",
    "provinces=": "names no province",
    "via=feed": "feed is no lane; allowed: feeds, sections, sitemaps",
    "via=": "nothing is no lane",
    "via=sitemaps": "via=sitemaps needs since=",
    "since=1404-13-01": "'1404-13-01' is no day",
    "since=yesterday": "write 1404-07-01 (Jalali",
    "until=1404/02/31 12:00": "is no day",
    "limit=0": "must be a whole number from 1 on",
    "limit=-۵": "must be a whole number from 1 on",
    "province=qom": "no argument is called 'province'; allowed: provinces, via, since, until, limit",
}
WRONG_SETTINGS = {
    "SITE_URL=ftp://a.ir": "is no root URL; write http://host:port",
    "SITE_URL=http://127.0.0.1:8765/fa": "must be a root",
    "SITE=nowhere": "known sites: yjc",
    "COLLECTION=../up": "letters, digits",
    "DOWNLOAD_DELAY=x": "must be a number",
    "WARC_MAX_BYTES=1 GB": "must be a number",
    "REQUISITES=nonsense": "REQUISITES=nonsense: must be one of none, page, all",
    "REQUISITE_MAXSIZE=-1": "must not be less than 0",
    "KEEP_ALIVE=yes": "must be 0 or 1",
    "CONTACT=": "CONTACT is empty: whom a crawl disturbs must be able to say so; write -s CONTACT=https://…",
    "CONTACT=a b@c.ir": "must be an http(s) URL or a mail address",
    "CONTACT=https://a.ir/\r\nX:y": "without blanks, control characters",
    "CONTACT=a.ir": "must be an http(s) URL or a mail address",
    "USER_AGENT=Mine/1.0": "USER_AGENT=Mine/1.0: must contain the CONTACT, a@b.example",
    "LONGEST_WAIT=nan": "must not be less than 0",
    "MOST_REFUSALS=few": "must be a number",
    "ARCHIVES=/dev/null/x": "is a file, not a folder",
    "REPLAY_FROM=/nonexistent": "no WARC file",
}


@pytest.mark.parametrize(("argument", "said"), WRONG_ARGUMENTS.items())
def test_a_wrong_argument_is_refused(argument: str, said: str, tmp_path: Path) -> None:
    done = crawl(tmp_path / "archives", argument)
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "archives").exists()


@pytest.mark.parametrize(("setting", "said"), WRONG_SETTINGS.items())
def test_a_wrong_setting_is_refused(setting: str, said: str, tmp_path: Path) -> None:
    name, value = setting.split("=")
    done = crawl(tmp_path / "archives", **{"CONTACT": "a@b.example", name: value})
    assert done.code == 2
    assert said in done.err
    assert not (tmp_path / "archives").exists()


def test_since_after_until_is_refused() -> None:
    with pytest.raises(ValueError, match="later than"):
        read_plan({"since": "1404-07-02", "until": "2025-09-23"})


def test_without_a_network_there_is_one_line_and_nothing_half_written(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"  # bound, but nobody listens
        done = crawl(tmp_path / "archives", SITE_URL=url)
    assert done.code == 1
    assert done.err.splitlines() == [
        f"error: cannot reach {url}: [Errno 111] Connection refused; nothing was requested or written. "
        "Check this machine's network and name resolution, or name another root with -s SITE_URL=…"
    ]
    assert done.out == ""
    assert not (tmp_path / "archives").exists()


@pytest.mark.parametrize(
    "words", ["qom,gilan", "IR-25,IR-01", "قم، گیلان", "Qom, Guilan", "ghom,استان گیلان"]
)
def test_provinces_may_be_named_in_many_ways(words: str) -> None:
    assert [province.slug for province in read_plan({"provinces": words}).provinces] == ["gilan", "qom"]


def test_only_what_is_asked_for_is_fetched(tmp_path: Path) -> None:
    with running(12) as site:
        done = crawl(tmp_path, "provinces=qom,kurdistan", "limit=5", SITE_URL=site.url)
        truth = {f"yjc:{article['id']}": article for article in site.truth()["articles"]}
        asked = [entry["path"] for entry in site.log()]
    assert done.code == 0
    provinces = [truth[row["id"]]["sections"] for row in done.rows]
    assert all({"قم", "کردستان"} & set(sections) for sections in provinces)
    assert len(done.rows) == 10
    articles = [path for path in asked if path.startswith("/fa/news/")]
    assert len(articles) <= 14, "gone ones are made up for by the next, no more"
    newest = sorted((id_ for id_, a in truth.items() if "قم" in a["sections"]), reverse=True)[:3]
    assert set(newest) <= {row["id"] for row in done.rows}


def test_since_and_until_hold_for_rows_of_every_lane(tmp_path: Path) -> None:
    with running(12) as site:
        done = crawl(
            tmp_path,
            "via=feeds,sections,sitemaps",
            "since=1405-08-27",
            "until=2026-11-19",
            SITE_URL=site.url,
        )
        truth = {f"yjc:{article['id']}": article for article in site.truth()["articles"]}
        asked = {entry["path"] for entry in site.log()}
    wanted = {
        name
        for name, article in truth.items()
        if "2026-11-18" <= article["published"]["at"][:10] <= "2026-11-19"
    }
    assert wanted
    assert {row["id"] for row in done.rows} == wanted
    assert "/fa-sitemap-newsarchive-1405-08.xml" in asked
    assert not any(path.startswith("/fa-sitemap-newsarchive-139") for path in asked), (
        "months outside are not read"
    )


def test_service_ids_that_are_wrong_are_found_out(tmp_path: Path) -> None:
    """All ids but the proven two are rotated: the pages' own word is used, said, and counted."""
    with running(6, rotate_ids=True) as site:
        done = crawl(tmp_path, "via=feeds", SITE_URL=site.url)
        truth = {f"yjc:{article['id']}": article for article in site.truth()["articles"]}
    verdicts = done.report["services"]["verdicts"]
    assert verdicts["other province"] == 29
    assert verdicts["confirmed"] >= 2
    assert "service 35 should be Qom" in done.err
    for row in done.rows:
        assert set(row["sections"]) == set(truth[row["id"]]["sections"])


@pytest.mark.parametrize(
    ("settings", "agent"),
    [
        (
            {"CONTACT": "https://archive.example/ostan"},
            OURS.replace(")", "; +https://archive.example/ostan)"),
        ),
        ({"CONTACT": "a@b.example"}, OURS.replace(")", "; +a@b.example)")),
        ({"CONTACT": "a@b.example", "USER_AGENT": "Mine/1 (a@b.example)"}, "Mine/1 (a@b.example)"),
        ({}, OURS),
    ],
)
def test_who_asks_says_so(settings: dict[str, str], agent: str, tmp_path: Path) -> None:
    """Only one's own machine is asked without a contact."""
    with running(1) as site:
        done = crawl(tmp_path, "provinces=qom", "via=feeds", SITE_URL=site.url, REQUISITES="none", **settings)
        assert {entry["headers"]["user-agent"] for entry in site.log()} == {agent}
    assert done.code == 0
