"""The site file: what it must hold, what a wrong one says, and what it knows of addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.provinces import PROVINCES
from crawler.sites import SiteError, load
from crawler.sites.site import HERE
from tests.crawling import crawl
from tests.site import running

YJC = (HERE / "yjc.toml").read_text(encoding="utf-8")


def test_every_province_has_a_service_and_two_are_proven() -> None:
    site = load("yjc")
    assert set(site.provinces) == {province.slug for province in PROVINCES}
    certain = {slug for slug, service in site.provinces.items() if service.certainty == "certain"}
    assert certain == {"gilan", "chaharmahal-bakhtiari"}
    ids = [service.service_id for service in site.provinces.values()]
    assert sorted(ids) == list(range(17, 48))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "yjc"', 'nmae = "yjc"', "nmae: Extra inputs are not permitted"),
        ('base_url = "https://www.yjc.ir"', 'base_url = "www.yjc.ir"', "base_url: Value error"),
        ('article = "/fa/news/{id}"', 'article = "/fa/news/"', "paths.article: Value error"),
        (
            'feed = "/fa/rss/{service_id}"',
            'feed = "fa/rss/{service_id}"',
            "must be a path that starts with /",
        ),
        ('home = "/"', "", "paths.home: Field required"),
        ("qom = {", "qum = {", "'qum' is no province"),
        ("service_id = 35", 'service_id = "35a"', "provinces.qom.service_id"),
        ('35, certainty = "likely"', '35, certainty = "sure"', "provinces.qom.certainty"),
        ("[paths]", "[paths", "not TOML"),
    ],
)
def test_a_wrong_file_says_which_key(old: str, new: str, said: str, tmp_path: Path) -> None:
    assert old in YJC
    path = tmp_path / "wrong.toml"
    path.write_text(YJC.replace(old, new), encoding="utf-8")
    with pytest.raises(SiteError) as error:
        load(str(path))
    assert str(path) in str(error.value)
    assert said in str(error.value)


@pytest.mark.parametrize(
    "url",
    [
        "https://www.yjc.ir/fa/news/9121739/سارق-حرفه\u200cای",
        "https://www.yjc.ir/fa/news/9121739/%D8%B3%D8%A7%D8%B1%D9%82-%D8%AD%D8%B1%D9%81%D9%87%E2%80%8C%D8%A7%DB%8C",
        "http://yjc.ir/fa/news/9121739",
        "https://www.yjc.news/fa/news/9121739/",
        "https://mail.yjc.ir/fa/news/9121739/x?utm_source=t#comments",
        "https://WWW.YJC.IR/fa/amp/news/9121739",
        "https://www.yjc.ir/00cGyp",
    ],
)
def test_one_article_under_all_its_addresses(url: str) -> None:
    site = load("yjc")
    found = site.article_at(url)
    assert found is not None
    news_id, request = found
    assert news_id == 9121739
    assert request.isascii()
    assert request.startswith("https://www.yjc.ir/fa/news/9121739")
    assert site.canonical_url(news_id) == "https://www.yjc.ir/fa/news/9121739"
    assert site.short_url(news_id) == "https://www.yjc.ir/00cGyp"


@pytest.mark.parametrize(
    "url",
    [
        "https://www.yjc.ir/fa/news/play/12",
        "https://www.yjc.ir/fa/tags/331/1/x",
        "https://www.yjc.ir.evil.example/fa/news/9121739",
        "https://evil.example/https://www.yjc.ir/fa/news/9121739",
        "https://www.yjc.ir@evil.example/fa/news/9121739",
        "https://www.yjc.ir:8443/fa/news/9121739",
        "javascript:alert(1)",
        "file:///fa/news/9121739",
        "//[::1",
        "https://www.yjc.ir/fa/newsletter/9121739",
        "",
    ],
)
def test_what_is_no_article_of_the_site(url: str) -> None:
    assert load("yjc").article_at(url) is None


def test_at_another_root_only_that_root_is_fetched() -> None:
    site = load("yjc").at("http://127.0.0.1:8765/")
    assert site.fetchable_hosts == {"127.0.0.1:8765"}
    assert site.article_at("https://www.yjc.ir/fa/news/9121739/x") == (
        9121739,
        "http://127.0.0.1:8765/fa/news/9121739/x",
    )
    assert site.canonical_url(9121739) == "https://www.yjc.ir/fa/news/9121739"


def test_another_site_of_the_same_cms_is_a_file_and_no_code(tmp_path: Path) -> None:
    path = tmp_path / "other.toml"
    path.write_text(
        YJC.replace('name = "yjc"', 'name = "other"').replace('"www.yjc.ir"', '"www.other.example"'),
        encoding="utf-8",
    )
    with running(2) as site:
        done = crawl(tmp_path / "archives", "provinces=qom,yazd", SITE=str(path), SITE_URL=site.url)
    assert done.code == 0
    assert {row["id"].partition(":")[0] for row in done.rows} == {"other"}
    assert all(row["canonical_url"].startswith("https://www.other.example/fa/news/") for row in done.rows)
