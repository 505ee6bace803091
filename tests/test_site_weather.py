"""The sample site's weather: each switch does what it says, and no more."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from .site import Site, running
from .site.weather import Weather
from .test_site import Client

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
    return urlsplit(article["url"]).path


def _articles(site: Site) -> dict[int, dict[str, Any]]:
    return {article["id"]: article for article in site.truth()["articles"]}


def _pages(client: Client) -> dict[int, bytes]:
    return {number: client.get(_path(a))[1] for number, a in _articles(client.site).items()}


def _statuses(client: Client, count: int, path: str = "/") -> list[int]:
    return [client.get(path)[0].status for _ in range(count)]


def _listed(client: Client, path: str) -> list[int]:
    """Ids in the list of a section's page, or of more of it; without what stands pinned above it."""
    return [int(number) for number in _CARD.findall(client.text(path).split('"section_list"')[-1])]


def _section(site: Site) -> str:
    return str(site.truth()["provinces"][PROVINCE]["section"])


def _of_template(site: Site, template: str) -> list[dict[str, Any]]:
    return [a for a in _articles(site).values() if a["template"] == template]


@pytest.mark.parametrize(
    ("switches", "words"),
    [
        ({"edit": 1}, "no switch 'edit'; there are edits, deletions"),
        ({"edits": -1}, "edits takes a whole number, 0 to 100000; not '-1'"),
        ({"edits": 90, "deletions": 4}, "together are 94; the site has 93 articles"),
        ({"deleted_as": "405"}, "404 or 410 or soft404 or home or mixed"),
        ({"slow": "nan"}, "seconds, 0 to 3600"),
        ({"counters": 2}, "1 or 0"),
        ({"refuse_status": 500}, "429 or 503 or 403"),
        ({"robots_status": 200}, "0 or 400 or 401"),
        ({"disallow": "/a\nAllow: /b"}, "a path"),
        ({"redesign": "1"}, "full or partial; 0 is off"),
    ],
)
def test_wrong_switches_are_refused_with_what_is_allowed(
    site: Site, switches: dict[str, Any], words: str
) -> None:
    before = site.truth()
    with pytest.raises(ValueError, match=re.escape(words)):
        site.change(new=1, **switches)
    assert site.truth() == before


def test_a_change_keeps_the_log_and_the_other_switches_and_is_not_logged(client: Client) -> None:
    client.text("/")
    client.site.change(edits=2)
    client.site.change(new=1)
    truth = client.site.truth()
    assert (len(truth["edited"]), len(truth["articles"])) == (2, 94)
    assert [entry["path"] for entry in client.site.log()] == ["/"]
    assert "refused" not in client.site.log()[0]


def test_switches_are_options_too() -> None:
    with running(1, edits=2, deletions=3, counters=True, deleted_as="410") as site:
        truth = site.truth()
    assert len(truth["edited"]) == 2
    assert list(truth["deleted"].values()) == ["410"] * 3
    command = [sys.executable, "-m", "tests.site", "--port", "0", "--slow", "soon"]
    done = subprocess.run(command, cwd=Path(__file__).parents[1], capture_output=True, text=True)
    assert (done.returncode, "slow takes seconds" in done.stderr) == (2, True)


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


def test_every_nth_page_is_refused(client: Client) -> None:
    client.site.change(refuse_every=3)
    assert _statuses(client, 7) == [200, 200, 429, 200, 200, 429, 200]
    assert [entry.get("refused", False) for entry in client.site.log()] == [False, False, True] * 2 + [False]
    client.site.change(refuse_every=1, refuse_status=503)
    for path in ("/robots.txt", "/files/a.jpg", "/client/themes/fa/main/css/style_1.css"):
        assert client.get(path)[0].status == 200
    answer, _ = client.get("/")
    assert (answer.status, answer.headers["Retry-After"]) == (503, None)


def test_the_first_pages_are_refused(client: Client) -> None:
    client.site.change(refuse_first=3, refuse_status=403)
    assert _statuses(client, 5) == [403, 403, 403, 200, 200]


@pytest.mark.parametrize("as_date", [False, True])
def test_all_is_refused_while_retry_after_runs(client: Client, as_date: bool) -> None:
    client.site.change(refuse_first=1, retry_after=1, retry_after_date=as_date)
    answers = [client.get("/")[0] for _ in range(3)]
    assert {answer.status for answer in answers} == {429}
    (header,) = {answer.headers["Retry-After"] for answer in answers}
    if as_date:
        time.sleep(parsedate_to_datetime(header).timestamp() - time.time() + 0.01)
    else:
        assert header == "1"
        time.sleep(1)
    assert client.get("/")[0].status == 200


def test_robots(client: Client) -> None:
    client.site.change(crawl_delay=0.5, disallow="/fa/rss")
    lines = client.text("/robots.txt").splitlines()
    assert {"Crawl-delay: 0.5", "Disallow: /fa/rss", "Disallow: /fa/ajax"} <= set(lines)
    for status in (500, 503, 404):
        client.site.change(robots_status=status)
        assert (client.get("/robots.txt")[0].status, client.get("/")[0].status) == (status, 200)


def test_slow(client: Client) -> None:
    client.site.change(slow=0.5, slow_every=2)
    took = []
    for path in ("/", "/files/a.jpg", "/"):
        start = time.monotonic()
        client.get(path)
        took.append(time.monotonic() - start >= 0.5)
    assert took == [False, False, True]
    client.site.change(slow_every=0)
    start = time.monotonic()
    client.get("/")
    assert time.monotonic() - start >= 0.5


def test_a_slow_page_holds_up_no_other(client: Client) -> None:
    client.site.change(slow=0.5, slow_every=2)
    other = Client(client.site)
    assert client.get("/")[0].status == 200
    host, port = urlsplit(client.site.url).netloc.split(":")
    with socket.create_connection((host, int(port))) as waiting:
        waiting.sendall(b"GET / HTTP/1.1\r\n\r\n")
        while len(client.site.log()) < 2:
            time.sleep(0.01)
        assert other.get("/")[0].status == 200
        waiting.setblocking(False)
        with pytest.raises(BlockingIOError):
            waiting.recv(1)
    other.close()


def test_a_reset_comes_after_half_of_the_bytes(client: Client) -> None:
    def ask() -> tuple[int, bool]:
        host, port = urlsplit(client.site.url).netloc.split(":")
        got = 0
        with socket.create_connection((host, int(port)), timeout=10) as line:
            line.sendall(b"GET / HTTP/1.1\r\nConnection: close\r\n\r\n")
            try:
                while piece := line.recv(65536):
                    got += len(piece)
            except ConnectionResetError:
                return got, True
        return got, False

    client.site.change(reset_every=2)
    (whole, first), (half, second), (_, third) = ask(), ask(), ask()
    assert (first, second, third) == (False, True, False)
    assert half == whole // 2


def test_a_challenge_answers_for_a_while(client: Client) -> None:
    client.site.change(challenge_after=2, challenge_for=2)
    answers = [client.get("/") for _ in range(4)]
    assert {answer.status for answer, _ in answers} == {200}
    assert [b"__arcsjs" in body for _, body in answers] == [False, True, True, False]
    page = answers[1][1].decode()
    assert "<title>Transferring to the website...</title>" in page
    assert "arvancloud" in page
    assert len(page) < 5000
    client.site.change(challenge_after=1, challenge_for=0)
    assert all(b"__arcsjs" in client.get("/fa/rss/35")[1] for _ in range(3))
    assert b"User-agent" in client.get("/robots.txt")[1]


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
