"""The sample site keeps its promises: what its truth tells can be reached, and comes over the wire whole."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest

from .site import Site, running
from .site.client import Client
from .site.truth import slug
from .site.world import short


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with running(articles=2) as site:
        client = Client(site)
        yield client
        client.close()


def _path(url: str) -> str:
    return urlsplit(url).path


@pytest.mark.parametrize(
    ("number", "letters"),
    [
        (9124414, "00cHfy"),
        (7223852, "00UJFk"),
        (8110877, "00Y20b"),
        (8768456, "00an4i"),
        (9044525, "00bwtR"),
    ],
)
def test_short_ids(number: int, letters: str) -> None:
    assert short(number) == letters


def test_slugs() -> None:
    assert slug("کردستان/شهرستان «سقز»؛ آری؟", 1405) == "کردستانشهرستان-سقز-آری"
    assert slug("گل / آب ـ نان +فیلم (تصویری)", 1405) == "گل-آب-ـ-نان-فیلم-تصویری"
    assert slug("یک حرفه‌ای", 1390) == "يك-حرفه‌اي"


def test_truth(client: Client) -> None:
    truth = client.site.truth()
    assert len({article["id"] for article in truth["articles"]}) == len(truth["articles"]) == 62
    assert len(truth["provinces"]) == 31
    assert set(truth["gone"].values()) == {"404", "soft404"}


def test_addresses_lead_to_the_article(client: Client) -> None:
    article = client.site.truth()["articles"][0]
    for path in (f"/fa/news/{article['id']}", f"/fa/news/{article['id']}/"):
        answer, _ = client.get(path)
        assert (answer.status, answer.headers["Location"]) == (301, article["url"])
    answer, _ = client.get(_path(article["short_url"]))
    assert (answer.status, answer.headers["Location"]) == (302, article["url"])


def test_gone(client: Client) -> None:
    for number, kind in client.site.truth()["gone"].items():
        answer, body = client.get(f"/fa/news/{number}/x")
        assert answer.status == (404 if kind == "404" else 200)
        assert (b"error_container" in body) == (kind == "soft404")
    assert client.get("/fa/news/1234567/x")[0].status == 404


def test_feeds(client: Client) -> None:
    truth = client.site.truth()
    for name, province in truth["provinces"].items():
        channel = ElementTree.fromstring(client.text(f"/fa/rss/{province['service_id']}")).find("channel")
        assert channel is not None
        assert channel.findtext("title", "").endswith(f"| {name}")
        found = {int(item.findtext("link", "").split("/")[5]) for item in channel.iter("item")}
        assert len(found) <= 20
        assert found == {a["id"] for a in truth["articles"] if name in a["sections"]}
    assert client.get("/fa/rss/999")[0].status == 404


def test_wire_forms(client: Client) -> None:
    chunked = set()
    for article in client.site.truth()["articles"]:
        path = _path(article["url"])
        answer, zipped = client.get(path, Accept_Encoding="gzip")
        assert answer.headers["Content-Encoding"] == "gzip"
        chunked.add(answer.headers["Transfer-Encoding"])
        plain, body = client.get(path)
        assert plain.headers["Content-Encoding"] is None
        assert gzip.decompress(zipped) == body
        head, nothing = client.get(path, method="HEAD")
        assert (head.status, nothing) == (200, b"")
    assert chunked == {"chunked", None}
    assert client.get(path, If_None_Match=answer.headers["ETag"])[0].status == 304


def test_log(client: Client) -> None:
    client.site.forget()
    client.get("/robots.txt", X_Test="yes")
    (entry,) = client.site.log()
    assert (entry["method"], entry["path"], entry["status"]) == ("GET", "/robots.txt", 200)
    assert entry["headers"]["x-test"] == "yes"


def test_sitemaps_hold_all(client: Client) -> None:
    found: list[str] = []
    for month in re.findall("<loc>([^<]+)", client.text("/fa-sitemap-newsarchive")):
        found += re.findall("<loc>([^<]+)", client.text(_path(month)))
    assert sorted(found) == sorted(article["url"] for article in client.site.truth()["articles"])


def test_sections_hold_all() -> None:
    with running(articles=25) as site:
        client, truth = Client(site), site.truth()
        for name, province in truth["provinces"].items():
            found: set[int] = set()
            path: str | None = province["section"]
            while path:
                page = client.text(path)
                found |= {int(i) for i in re.findall(r'class="title_serv" href="/fa/news/(\d+)/', page)}
                more = re.search(r'<a class="next" href="([^"]+)"', page)
                path = more and more[1]
            gone = {i for i in found if str(i) in truth["gone"]}
            assert gone
            assert found - gone == {a["id"] for a in truth["articles"] if name in a["sections"]}
        client.close()


def test_rotated_ids() -> None:
    with running(articles=1, rotate_ids=True) as site:
        ids = {name: province["service_id"] for name, province in site.truth()["provinces"].items()}
    assert (ids["گیلان"], ids["چهارمحال و بختیاری"]) == (41, 25)
    assert ids["قم"] != 35
    assert len(set(ids.values())) == 31


def test_starts_alike_and_ends_quietly(client: Client) -> None:
    with running(articles=2) as site:
        first, second = (json.dumps(s.truth()).replace(s.url, "") for s in (client.site, site))
        assert first == second
    command = [sys.executable, "-m", "tests.site", "--port", "0", "--articles", "1"]
    with subprocess.Popen(
        command, cwd=Path(__file__).parents[1], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stderr
        url = process.stdout.readline().split()[2].rstrip("/")
        other = Client(Site(url))
        other.text("/")
        process.terminate()
        assert (process.wait(20), process.stderr.read()) == (0, "")
        other.close()
