"""Real input: what was gathered of the site and its sisters arrives in rows letter for letter."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from parsel import Selector

from crawler.normalise.dates import read
from crawler.pages.feed import FeedPage
from crawler.pages.section import HomePage, SectionPage
from crawler.provinces import PROVINCES, named
from tests import samples
from tests.pages.golden import SITE, row_of
from tests.samples import between, template_c, whole

pytestmark = samples.needed

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 11, 20, tzinfo=UTC)
ZWNJ = "\u200c"


def counted(texts: list[str]) -> list[int]:
    return [text.count(ZWNJ) for text in texts]


def readable(text: str) -> str:
    """Half-spaces that part nothing (before a blank, at the end) are all that cleaning may take."""
    return re.sub(f"{ZWNJ}(?= |$)", "", text)


# -- the feed of Gilan, August 2026 ------------------------------------------------------------------


@pytest.mark.parametrize("raw", [False, True], ids=["encoded slugs", "raw slugs"])
def test_the_feed_of_gilan_arrives_letter_for_letter(raw: bool) -> None:
    items = samples.feed_items()
    page = FeedPage(samples.rss(items, raw=raw))
    assert len(items) == len(page.items) == 21
    assert [item.title for item in page.items] == [item.title for item in items]
    assert [item.lead for item in page.items] == [item.lead for item in items]
    assert [read(item.published or "", NOW).at for item in page.items] == [item.at for item in items]
    assert [SITE.article_at(item.url) for item in page.items] == [(i.news_id, i.url) for i in items]
    assert sum(counted([item.title for item in items])) > 5
    assert sum(counted([unquote(item.url) for item in items])) > 5


def test_published_is_the_moment_with_the_offset_of_tehran() -> None:
    for item, true in zip(
        FeedPage(samples.rss(samples.feed_items())).items, samples.feed_items(), strict=True
    ):
        at = read(item.published or "", NOW).at
        assert at == true.at
        assert at is not None
        assert at.utcoffset() == timedelta(hours=3, minutes=30)


@pytest.mark.parametrize("index", range(21))
def test_an_article_of_the_feed_keeps_its_words(index: int) -> None:
    item = samples.feed_items()[index]
    row = row_of(samples.article_page(item))
    assert row["title"] == readable(item.title)
    assert row["lead"] == readable(item.lead)
    assert row["paragraphs"] == [f"باشگاه خبرنگاران جوان - {readable(item.lead)}"]
    assert row["province"] == "gilan"
    assert datetime.fromisoformat(row["published"]["at"]) == item.at.replace(second=0)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, list[str], list[dict[str, Any]]]:
    """A crawl of Gilan's feed over HTTP: root URL, paths asked for, rows."""
    archives = tmp_path_factory.mktemp("archives")
    items = samples.feed_items()
    menu = '<a id="service_1" href="/">خانه</a><a id="service_41" href="/fa/services/41">گیلان</a>'
    html = "text/html; charset=utf-8"
    pages = {
        "/robots.txt": ("text/plain", b"User-agent: *\nDisallow: /fa/archive\nDisallow: /fa/print\n"),
        "/": (html, whole(menu).encode()),
        # Half of the addresses raw, half percent-encoded.
        "/fa/rss/41": (
            "application/rss+xml; charset=utf-8",
            _mixed(samples.rss(items), samples.rss(items, raw=True)),
        ),
    }
    pages |= {urlsplit(item.url).path: (html, samples.article_page(item).encode()) for item in items}
    with samples.served(pages) as (url, asked):
        command = [sys.executable, "-m", "scrapy", "crawl", "provinces", "-a", "provinces=gilan"]
        command += ["-a", "via=feeds", "-s", f"SITE_URL={url}", "-s", f"ARCHIVES={archives}"]
        command += ["-s", "LOG_LEVEL=WARNING"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    (rows,) = archives.glob("*/articles/*.jsonl")
    return url, asked, [json.loads(line) for line in rows.read_bytes().split(b"\n") if line]


def _mixed(encoded: bytes, raw: bytes) -> bytes:
    pairs = zip(encoded.split(b"<item>"), raw.split(b"<item>"), strict=True)
    return b"<item>".join(pair[n % 2] for n, pair in enumerate(pairs))


def test_a_crawl_of_the_feed_brings_every_article_once(
    crawled: tuple[str, list[str], list[dict[str, Any]]],
) -> None:
    _, asked, rows = crawled
    items = samples.feed_items()
    assert sorted(row["id"] for row in rows) == sorted(f"yjc:{item.news_id}" for item in items)
    assert sorted(asked) == sorted(
        ["/robots.txt", "/", "/fa/rss/41", *(urlsplit(item.url).path for item in items)]
    )


def test_the_rows_of_the_crawl_say_what_the_feed_says(
    crawled: tuple[str, list[str], list[dict[str, Any]]],
) -> None:
    url, _, rows = crawled
    found = {row["id"]: row for row in rows}
    for item in samples.feed_items():
        row = found[f"yjc:{item.news_id}"]
        assert row["url"] == url + urlsplit(item.url).path
        assert row["canonical_url"] == f"https://www.yjc.ir/fa/news/{item.news_id}"
        assert row["raw"]["title"].strip() == item.title
        assert row["raw"]["lead"] == item.lead
        assert counted([row["raw"]["title"], row["raw"]["lead"]]) == counted([item.title, item.lead])
        assert (row["title"], row["lead"]) == (readable(item.title), readable(item.lead))
        assert datetime.fromisoformat(row["published"]["at"]) == item.at.replace(second=0)
        assert (row["province"]["slug"], row["province_from"]) == ("gilan", "breadcrumb")
        assert row["sections"] == ["گیلان"]
        assert row["warc"]["length"] > 0


# -- fragments of pages ------------------------------------------------------------------------------


def test_article_of_2023() -> None:
    source = samples.text("yjc_2023_article_fragments.html")
    source = re.sub("<!--.*?-->", "", source, flags=re.DOTALL)
    body = source[source.index("baznashr-body") : source.index('<div class="path_bottom_body">')]
    row = row_of(whole(source))
    assert row["title"] == between('<span class="title-news">', "</span>", source)
    assert row["lead"] == between('<strong class="news_strong">', "</strong>", source)
    assert row["paragraphs"] == [samples.words(p) for p in re.findall("<p>(.*?)</p>", body, re.DOTALL)]
    assert len(row["paragraphs"]) == 3
    assert counted(row["paragraphs"])[1:] == [1, 2]
    crumbs = [samples.words(a) for a in re.findall('<a href="/fa/political.*?</a>', source, re.DOTALL)]
    assert row["sections"] == crumbs[:1]
    assert len(crumbs) == 2
    assert row["tags"] == [between('%86">', "</a>", source)]


def test_lead_image_of_2023_stands_in_a_meta() -> None:
    source = samples.text("yjc_2023_article_fragments.html")
    row = row_of(whole(source))
    assert [image["url"] for image in row["images"]] == re.findall(r'"(https://cdn[^"]+\.jpg)"', source)


def test_video_of_2024() -> None:
    fragment = samples.text("yjc_2024_video_fragment.html")
    row = row_of(template_c("فیلم", "", f"<p>متن</p>{fragment}"))
    assert [video["url"] for video in row["videos"]] == re.findall(r'"(https://[^"]+\.mp4)"', fragment)
    assert row["paragraphs"] == ["متن"]


def test_related_links_in_a_body() -> None:
    fragment = samples.text("yjc_body_related_fragment.html").replace("NNNNNNN", "8400001")
    row = row_of(template_c("پیوند", "", f"<p>پیش</p>{fragment}<p>پس</p>"))
    assert row["related"] == [
        {"url": "https://www.yjc.ir/fa/news/8400001/slug", "title": between('noopener">', "</a>", fragment)}
    ]
    assert [row["paragraphs"][0], row["paragraphs"][-1]] == ["پیش", "پس"]
    assert len(row["paragraphs"]) == 3


def test_sister_site_of_2018() -> None:
    source = samples.text("bartarinha_2018_article_excerpt.html")
    row = row_of(whole(source))
    assert row["title"] == between('fa-caret-left"></i>', "</a>", source)
    assert row["title"].count(ZWNJ) == 1
    assert row["lead"] == between('<div class="subtitle">', "</div>", source)
    assert row["published"]["at"] == "2018-11-13T08:30:00+03:30"
    assert row["tags"] == ["TAG", "TAG2"]
    assert [image["url"] for image in row["images"]] == re.findall(r'src="(http[^"]+\.jpg)"', source)
    assert len(row["paragraphs"]) == 1


def test_sister_site_of_2015() -> None:
    source = samples.text("entekhab_2015_article_skeleton.html")
    row = row_of(whole(source))
    assert (row["title"], row["lead"]) == ("title", "lead")
    assert row["paragraphs"] == ["body text"]  # not the site's own name before it, nor the comments after
    assert "sections" not in row


def test_sister_site_of_2026() -> None:
    source = samples.text("rasa_2026_didgah_excerpt.html")
    row = row_of(source)
    assert (row["title"], row["lead"]) == ("title", "lead …")
    assert (row["published"]["at"], row["dates_disagree"]) == ("2026-10-01T15:45:01+03:30", False)
    assert len(row["paragraphs"]) == 2
    assert row["paragraphs"][0] == between("<p>", "</p>", source)


def test_feed_of_a_sister_site() -> None:
    source = samples.text("tabnak_rss_2017_excerpt.xml")
    page = FeedPage(source.encode())
    titles = re.findall("<title>(.*?)</title>", source)
    assert [page.title, *(item.title for item in page.items)] == titles
    assert [item.url for item in page.items] == re.findall("<link>(.*?/news/.*?)</link>", source)
    assert [item.lead is None for item in page.items] == [False, True, False, False]
    assert "(J & J)" in (page.items[0].lead or "")
    at = read(page.items[0].published or "", NOW).at
    assert at is not None
    assert at.isoformat() == "2017-05-06T13:23:41+04:30"


def test_menu_of_a_sister_site() -> None:
    source = samples.text("aghigh_2018_nav_and_listing_excerpt.html")
    menu = {entry.service_id: entry for entry in HomePage(Selector(source)).menu}
    provinces = {number: named(entry.name) for number, entry in menu.items()}
    found = {number: province for number, province in provinces.items() if province}
    assert len(found) == len(set(found.values())) == 24
    assert set(found.values()) < set(PROVINCES)
    assert found[40].slug == "gilan"
    assert (found[43].slug, menu[43].href) == ("markazi", "/fa/document")
    assert [number for number in found if number and menu[number].href != f"/fa/services/{number}"] == [43]


def test_listing_of_a_sister_site() -> None:
    source = samples.text("aghigh_2018_nav_and_listing_excerpt.html").replace("/news/ID/", "/news/210450/")
    page = SectionPage(Selector(source))
    assert page.cards == ["/fa/news/210450/slug"]
    assert page.others == []
    assert page.next_link is None


def test_ids_of_the_states_section_keep_their_order() -> None:
    ids = json.loads(samples.text("yjc_states_section_ids_2023-07-09.json"))
    cards = "".join(f'<article><h3 class="Htags"><a href="/fa/news/{n}/x">x</a></h3></article>' for n in ids)
    page = SectionPage(Selector(whole(cards)))
    assert [str(SITE.news_id(href)) for href in page.cards] == ids
    assert ids != sorted(ids, reverse=True)
