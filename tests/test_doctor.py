"""``scrapy doctor`` and ``scrapy status``: what they tell of a site and of a collection."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests import forked
from tests.awkward import HTML, article, feed, home, section, serving
from tests.crawling import NAME, ROOT, command, crawl
from tests.site import running


def scrapy(verb: str, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    line = [verb, *words]
    for name, value in settings.items():
        line += ["-s", f"{name}={value}"]
    return forked.scrapy(line, ROOT, dict(os.environ), 120)


def test_a_site_as_believed_is_said_to_be_so_and_nothing_is_kept(tmp_path: Path) -> None:
    with running(3) as site:
        done = scrapy("doctor", SITE_URL=site.url, ARCHIVES=str(tmp_path))
        asked = [entry["path"] for entry in site.log()]
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("31 of 31 provinces are as believed\n")
    assert list(tmp_path.iterdir()) == []
    assert len(asked) < 31 * 3 + 10, "one feed, one section, one article a province, and some that are gone"


def test_other_service_ids_are_named(tmp_path: Path) -> None:
    with running(2, rotate_ids=True) as site:
        done = scrapy("doctor", "--provinces=qom", SITE_URL=site.url, ARCHIVES=str(tmp_path))
    assert done.returncode == 1
    assert "Qom: its feed is /fa/rss/" in done.stdout
    assert "the site file says /fa/rss/35" in done.stdout
    assert "0 of 1 provinces are as believed" in done.stdout


def test_a_redesign_is_told_from_what_articles_had_before(tmp_path: Path) -> None:
    with running(10) as site:
        crawl(tmp_path, SITE_URL=site.url, REQUISITES="none")
        site.change(redesign="partial", new=31)
        settings = {"SITE_URL": site.url, "ARCHIVES": str(tmp_path), "COLLECTION": NAME}
        done = scrapy("doctor", "--json", **settings)
    found = json.loads(done.stdout)["provinces"]
    said = [line for one in found.values() for line in one["changed"]]
    assert done.returncode == 1
    assert "template C: no published, which nearly all articles had" in said


@pytest.mark.parametrize(
    ("pages", "said"),
    [
        ({"/fa/rss/35": (500, HTML, "x")}, "Qom: feed: /fa/rss/35: HTTP 500"),
        ({"/fa/rss/35": feed(1001, title="یزد")}, "Qom: the feed /fa/rss/35 calls itself 'یزد'"),
        ({"/fa/qom": (404, HTML, "x")}, "Qom: section: /fa/qom: HTTP 404"),
        ({"/": (200, HTML, "<p>nothing</p>")}, "unreadable: 'a[id^="),
        ({"1001": (200, HTML, "<p>nothing</p>")}, "Qom: article: /fa/news/1001/x: no template fits"),
    ],
)
def test_what_is_wrong_is_said(pages: dict[str, object], said: str, tmp_path: Path) -> None:
    plain = {
        "/robots.txt": (404, HTML, ""),
        "/": home((35, "/fa/qom", "قم")),
        "/fa/rss/35": feed(1001),
        "/fa/qom": section(1001),
        "1001": article(1001),
    }
    with serving(plain | pages) as (url, _):  # type: ignore[arg-type]  # of the kinds that it takes
        settings = {"SITE_URL": url, "ARCHIVES": str(tmp_path), "RETRY_ENABLED": "0"}
        done = scrapy("doctor", "--provinces=qom", **settings)
    assert done.returncode == 1
    assert said in done.stdout


def test_words_that_are_none(tmp_path: Path) -> None:
    assert scrapy("doctor", "--provinces=nowhere").returncode == 2
    assert scrapy("status", "--age=soon", ARCHIVES=str(tmp_path)).returncode == 2
    done = scrapy("status", ARCHIVES=str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "no collection yet; scrapy crawl provinces makes one\n")


def test_status_tells_runs_provinces_and_what_is_due(tmp_path: Path) -> None:
    with running(3) as site:
        settings = {"SITE_URL": site.url, "REQUISITES": "none"}
        first = crawl(tmp_path, "provinces=qom,yazd", RUN_ID="first", **settings)
        site.change(slow=4)
        words = command(tmp_path, "provinces=qom,yazd", RUN_ID="second", **settings)
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
        while "second" not in (said := scrapy("status", ARCHIVES=str(tmp_path)).stdout):
            time.sleep(0.1)
        process.kill()
        process.wait()
    assert f"under way: process {process.pid} on " in said
    assert "second provinces provinces=qom,yazd: under way" in said
    done = scrapy("status", "--age=0s", ARCHIVES=str(tmp_path))
    assert "nothing is under way" in done.stdout
    assert "first provinces provinces=qom,yazd: finished, exit 0:" in done.stdout
    assert "second provinces provinces=qom,yazd: cut off; the next crawl goes on where it was" in done.stdout
    document = json.loads(scrapy("status", "--json", "--age=all", ARCHIVES=str(tmp_path)).stdout)[NAME]
    assert document["due"] == len(first.rows)
    assert document["provinces"]["qom"]["archived"] >= 3
    assert [run["run_id"] for run in document["runs"]] == ["first", "second"]
