"""The sample site's weather over its pages: each switch changes what it says, and no more."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import pytest

from .site import Site, running
from .site.client import Client
from .site.weather import Weather

_ARABIC = str.maketrans("يك٠١٢٣٤٥٦٧٨٩", "یک۰۱۲۳۴۵۶۷۸۹")
_CARD = re.compile(r'class="title_serv" href="/fa/news/(\d+)/')
PROVINCE = "قم"


@pytest.fixture(scope="module")
def running_site() -> Iterator[Site]:
    with running(articles=3) as site:
        yield site


@pytest.fixture
def site(running_site: Site) -> Iterator[Site]:
    running_site.forget()
    yield running_site
    running_site.change(**Weather().as_json())


@pytest.fixture
def client(site: Site) -> Iterator[Client]:
    client = Client(site)
    yield client
    client.close()


def _path(article: dict[str, Any]) -> str:
    return urlsplit(str(article["url"])).path


def _articles(site: Site) -> dict[int, dict[str, Any]]:
    return {article["id"]: article for article in site.truth()["articles"]}


def _pages(client: Client) -> dict[int, bytes]:
    return {number: client.get(_path(a))[1] for number, a in _articles(client.site).items()}


def _listed(client: Client, path: str) -> list[int]:
    """Ids in the list of a section's page, or of more of it; without what stands pinned above it."""
    return [int(number) for number in _CARD.findall(client.text(path).split('"section_list"')[-1])]


def _section(site: Site) -> str:
    return str(site.truth()["provinces"][PROVINCE]["section"])


def _of_template(site: Site, template: str) -> list[dict[str, Any]]:
    return [a for a in _articles(site).values() if a["template"] == template]


def test_weather_taken_back_leaves_no_trace(client: Client) -> None:
    paths = ["/", "/robots.txt", "/fa/rss/35", "/fa-sitemap-newsarchive", _section(client.site)]
    before = [client.get(path)[1] for path in paths], _pages(client), client.site.truth()
    client.site.change(edits=9, deletions=9, new=9, counters=1, redesign="full", unsorted=1, crawl_delay=1)
    assert [client.get(path)[1] for path in paths] != before[0]
    client.site.change(**Weather().as_json())
    assert ([client.get(path)[1] for path in paths], _pages(client), client.site.truth()) == before


def test_edits_change_one_text_each_and_truth_tells_it(site: Site) -> None:
    before = _articles(site)
    site.change(edits=20)
    after, edited = _articles(site), site.truth()["edited"]
    changes = {
        number: [key for key in article if article[key] != before[number][key]]
        for number, article in after.items()
    }
    assert {number for number, keys in changes.items() if keys} == set(edited)
    assert len(edited) == 20
    for place, keys in enumerate(["title", "lead", "kicker", "paragraphs"]):
        assert {tuple(changes[number]) for number in edited[place::4]} == {(keys,)}
    site.change(edits=8)
    assert site.truth()["edited"] == edited[:8]


def test_edits_show_on_pages_in_lists_and_in_headers(client: Client) -> None:
    site, pages = client.site, _pages(client)
    heads = {number: client.get(_path(a))[0].headers for number, a in _articles(site).items()}
    site.change(edits=20)
    edited, articles, now = site.truth()["edited"], _articles(site), _pages(client)
    assert {number for number in pages if now[number] != pages[number]} == set(edited)
    feed = unescape(client.text("/fa/rss/allnews")).translate(_ARABIC)
    in_feed = 0
    for number in edited:
        article = articles[number]
        answer, body = client.get(_path(article), If_None_Match=heads[number]["ETag"])
        assert answer.status == 200
        assert answer.headers["ETag"] != heads[number]["ETag"]
        first, last = (parsedate_to_datetime(h["Last-Modified"]) for h in (heads[number], answer.headers))
        assert first < last
        assert f"<title>{article['title']} |" in unescape(body.decode())
        if f"/news/{number}/" in feed:
            in_feed += 1
            assert f"<title>{article['title']}</title>" in feed
    assert in_feed
    # The address is found under the id, whatever the title is now.
    answer, _ = client.get(f"/fa/news/{edited[0]}")
    assert answer.headers["Location"] == articles[edited[0]]["url"]


def test_an_edit_changes_a_page_only_where_the_text_stands(client: Client) -> None:
    before = _pages(client)
    client.site.change(edits=40)
    after = _pages(client)
    for number in client.site.truth()["edited"][3::4]:
        old, new = (text[number].decode().splitlines() for text in (before, after))
        # A body paragraph is a line or two of the page: editors leave line breaks inside.
        assert 0 < len(set(new) - set(old)) <= 4


@pytest.mark.parametrize(
    ("kind", "status", "sign"),
    [
        ("404", 404, "error_404"),
        ("410", 410, "error_404"),
        ("soft404", 200, "error_container"),
        ("home", 302, ""),
    ],
)
def test_deletions(client: Client, kind: str, status: int, sign: str) -> None:
    site, before, pages = client.site, _articles(client.site), _pages(client)
    site.change(deletions=12, deleted_as=kind, edits=40)
    truth, after = site.truth(), _articles(site)
    deleted = {int(number) for number in truth["deleted"]}
    assert set(truth["deleted"].values()) == {kind}
    assert deleted == set(before) - set(after)
    assert not deleted & set(truth["edited"])
    for number in deleted:
        answer, body = client.get(_path(before[number]))
        assert (answer.status, sign in body.decode()) == (status, True)
        assert answer.headers["Location"] == (f"{site.url}/" if kind == "home" else None)
    site.change(edits=0)
    assert {n: pages[n] for n in after} == _pages(client)


def test_mixed_deletions_take_turns_and_lists_name_none(client: Client) -> None:
    site, before = client.site, _articles(client.site)
    site.change(deletions=12, deleted_as="mixed")
    truth = site.truth()
    assert list(truth["deleted"].values()) == ["404", "410", "soft404", "home"] * 3
    lists = ["/", "/fa/rss/allnews", "/fa-sitemap-news", *(p["section"] for p in truth["provinces"].values())]
    lists += [urlsplit(m).path for m in re.findall("<loc>([^<]+)", client.text("/fa-sitemap-newsarchive"))]
    lists += [f"/fa/rss/{p['service_id']}" for p in truth["provinces"].values()]
    named = {int(number) for path in lists for number in re.findall(r"/fa/news/(\d+)", client.text(path))}
    assert named & set(before) == set(before) - {int(number) for number in truth["deleted"]}


def test_new_articles_come_first_and_move_nothing(client: Client) -> None:
    site, before, pages = client.site, _articles(client.site), _pages(client)
    site.change(new=33)
    after = _articles(site)
    new = [after[number] for number in after if number not in before]
    assert len(new) == 33
    assert {article["province"] for article in new} == set(site.truth()["provinces"])
    assert min(a["id"] for a in new) > max(before)
    assert min(a["published"]["at"] for a in new) >= max(a["published"]["at"] for a in before.values())
    assert all(client.get(_path(article))[0].status == 200 for article in new)
    assert {number: client.get(_path(a))[1] for number, a in before.items()} == pages
    newest = [int(number) for number in re.findall(r"<link>[^<]*/news/(\d+)", client.text("/fa/rss/allnews"))]
    assert newest == sorted((article["id"] for article in new), reverse=True)[:20]
    fresh = {article["id"] for article in new if PROVINCE in article["sections"]}
    assert fresh <= set(_listed(client, _section(site))[: len(fresh) + 5])


@pytest.mark.parametrize("template", ["A", "B", "C", "generic"])
def test_counters(client: Client, template: str) -> None:
    path = _path(_of_template(client.site, template)[0])
    client.site.change(counters=True)
    answers = [client.get(path, Accept_Encoding=coding) for coding in ("identity",) * 3]
    bodies = {body for _, body in answers}
    assert len(bodies) == 3
    assert len({re.sub("[۰-۹]{4}", "", body.decode()) for body in bodies}) == 1
    assert b"{hits}" not in answers[0][1]
    assert {answer.headers["ETag"] for answer, _ in answers} == {None}
    assert client.get("/fa/rss/allnews")[0].headers["ETag"]


def test_robots(client: Client) -> None:
    client.site.change(crawl_delay=0.5, disallow="/fa/rss")
    lines = client.text("/robots.txt").splitlines()
    assert {"Crawl-delay: 0.5", "Disallow: /fa/rss", "Disallow: /fa/ajax"} <= set(lines)
    for status in (500, 503, 404):
        client.site.change(robots_status=status)
        assert (client.get("/robots.txt")[0].status, client.get("/")[0].status) == (status, 200)


def _classes(page: str) -> set[str]:
    """The class names of the article, without the frame around it."""
    article = page.partition('main_column">')[2].partition("<aside")[0]
    return {name for names in re.findall('class="([^"]*)"', article) for name in names.split()}


def test_redesign_touches_template_c_alone(client: Client) -> None:
    pages, truth = _pages(client), client.site.truth()
    kept = {"title-news", "baznashr-body", "rutitr"}
    gone = {"news_strong", "photo-newspage-date", "date-color-news", "path_bottom_body", "tag_items_photo"}
    gone |= {"service-news", "cat-news"}
    for extent in ("full", "partial"):
        client.site.change(redesign=extent)
        now = _pages(client)
        assert client.site.truth() == truth
        for article in truth["articles"]:
            page = now[article["id"]].decode()
            if article["template"] != "C":
                assert now[article["id"]] == pages[article["id"]]
            elif extent == "full":
                assert all(name.startswith("css-") for name in _classes(page))
            else:
                assert kept <= _classes(page)
                assert not gone & _classes(page)
                assert "article:published_time" not in page


def test_unsorted_lists_hold_the_same_in_another_order() -> None:
    with running(15) as site:
        client, path = Client(site), _section(site)
        before = _listed(client, path)
        site.change(unsorted=True)
        after = _listed(client, path)
        client.close()
    assert sorted(before) == sorted(after)
    # Sorted as it is, the list is a few places out of step at most.
    assert max(abs(place - before.index(number)) for place, number in enumerate(after)) > len(before) // 2


def test_pinned_articles_stand_before_the_list_of_page_one() -> None:
    with running(25) as site:
        client, path = Client(site), _section(site)
        before = _listed(client, path)
        site.change(pinned=3)
        after, more = client.text(path), _articles(site)
        pinned = _listed(client, path)[:3]
        assert _listed(client, path)[3:] == before
        beside = int(_CARD.findall(after.partition('"section_list"')[0])[0])
        days = [more[number]["published"]["at"] for number in (beside, *pinned, *before[-1:])]
        client.close()
    assert days[:4] == sorted(days[:4])
    assert beside not in pinned


@pytest.mark.parametrize("endless", ["1", "fresh"])
def test_an_endless_pager(client: Client, endless: str) -> None:
    path = _section(client.site)
    first = _listed(client, path)
    client.site.change(endless=endless)
    assert _listed(client, path) == first
    seen: list[list[int]] = []
    for _ in range(4):
        more = re.search(r'<a class="next" href="([^"]+)"', client.text(path))
        assert more
        path = more[1]
        seen.append(_listed(client, path))
    if endless == "1":
        assert seen == [first] * 4
        return
    invented = {number for page in seen for number in page}
    assert len(invented) == 80
    assert {client.get(f"/fa/news/{number}/x")[0].status for number in invented} == {404}
