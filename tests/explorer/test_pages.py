"""Each page of the explorer and its twin under /api, as a browser and a program get them."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import quote

import pytest
from parsel import Selector

from crawler.collection import Collection
from crawler.explorer.app import VIEWS
from crawler.warc.seal import read_manifest
from tests.explorer.asking import Answer, Explorer
from tests.explorer.conftest import FIRST, SECOND, SLUG, THIRD
from tests.replay.written import SITE
from tests.wire.warc_bytes import records

TWINS = [
    ("/", "/api/collections"),
    ("/{name}/", "/api/{name}/coverage"),
    ("/{name}/?unit=month", "/api/{name}/coverage?unit=month"),
    ("/{name}/?days=30&until=1405-01-01", "/api/{name}/coverage?days=30&until=1405-01-01"),
    ("/{name}/search", "/api/{name}/search"),
    ("/{name}/search?text={word}", "/api/{name}/search?text={word}"),
    ("/{name}/articles/{id}", "/api/{name}/articles/{id}"),
    ("/{name}/articles/{id}?version=1", "/api/{name}/articles/{id}?version=1"),
    ("/{name}/captures", "/api/{name}/captures"),
    ("/{name}/captures?url={url}", "/api/{name}/captures?url={url}"),
    ("/{name}/runs", "/api/{name}/runs"),
    ("/{name}/runs/first", "/api/{name}/runs/first"),
    ("/{name}/downloads", "/api/{name}/downloads"),
    ("/{name}/replay/2030/{raw_url}", "/api/{name}/replay/2030/{raw_url}"),
    ("/{name}/replay/2030live/{raw_url}", "/api/{name}/replay/2030live/{raw_url}"),
]


@pytest.fixture(scope="module")
def row(crawled: Collection) -> dict[str, Any]:
    """Of the first article of the crawl."""
    return dict(json.loads(crawled.row_files()[0].read_bytes().splitlines()[0]))


@pytest.fixture(scope="module")
def names(crawled: Collection, row: dict[str, Any]) -> dict[str, str]:
    word, url = row["title"].split()[0], row["url"]
    return {
        "name": crawled.name,
        "id": row["id"],
        "word": quote(word),
        "url": quote(url, safe=""),
        "raw_url": url,
    }


def is_guarded(answer: Answer) -> None:
    policy = answer["content-security-policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe-eval" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer["x-content-type-options"] == "nosniff"
    assert answer["referrer-policy"] == "no-referrer"
    assert answer["cross-origin-resource-policy"] == "same-origin"
    assert answer["set-cookie"] == ""
    assert answer["access-control-allow-origin"] == ""


def has_no_script_of_its_own(page: str) -> None:
    tree = Selector(page)
    assert all(one.attrib.get("src", "").startswith("/static/") for one in tree.css("script"))
    assert tree.xpath("//@*[starts-with(name(), 'on')]").getall() == []
    assert not re.search(r"(?i)(href|src)=\"?\s*(javascript|data):", page)
    assert not [src for src in tree.css("link::attr(href), img::attr(src)").getall() if "//" in src]


@pytest.mark.parametrize(("page", "api"), TWINS, ids=[page for page, _ in TWINS])
def test_page_and_twin(explorer: Explorer, names: dict[str, str], page: str, api: str) -> None:
    shown, told = (explorer.get(path.format_map(names)) for path in (page, api))
    assert (shown.status, told.status) == (200, 200)
    assert shown["content-type"] == "text/html; charset=utf-8"
    assert told["content-type"] == "application/json"
    for answer in (shown, told):
        is_guarded(answer)
    has_no_script_of_its_own(shown.text)
    assert isinstance(told.json, dict)
    if "/runs/" not in page:  # a report's page has its style in it
        assert Selector(shown.text).xpath("//@style | //style").getall() == []
        assert "unsafe-inline" not in shown["content-security-policy"]


def test_what_pages_are_made_with(explorer: Explorer) -> None:
    page = Selector(explorer.get("/").text)
    files = page.css("script::attr(src), link::attr(href)").getall()
    types = {path.rpartition(".")[2]: explorer.get(path) for path in files}
    assert {name: answer.status for name, answer in types.items()} == dict.fromkeys(("js", "css", "svg"), 200)
    assert types["js"]["content-type"].startswith("text/javascript")
    assert types["css"]["content-type"].startswith("text/css")
    for answer in types.values():
        is_guarded(answer)
    assert explorer.get("/static/app.py").status == 404
    assert explorer.get("/static/templates/base.html").status == 404


def test_every_view_has_a_twin_and_is_told_of(explorer: Explorer) -> None:
    told = explorer.get("/api").json["addresses"]
    assert set(told) == {view.api for view in VIEWS}
    assert all(told.values())
    asked = {re.sub(r"\?.*|first|2030live|2030", "", api) for _, api in TWINS}
    for view in VIEWS:
        path = view.api.replace("{collection}", "{name}").replace("{run}", "").replace("{stamp}", "")
        assert path.replace("{url:path}", "{raw_url}") in asked


def test_page_and_twin_say_the_same(explorer: Explorer, names: dict[str, str], row: dict[str, Any]) -> None:
    def both(path: str, twin: str = "") -> tuple[str, Any]:
        name = names["name"]
        page = explorer.get(f"/{name}/{path}").text
        return page, explorer.get(f"/api/{name}/{twin or path}").json

    page, told = both("", "coverage")
    numbers = Selector(page).css("dl.numbers dd::text").getall()
    picture = told["picture"]
    assert numbers == [str(picture[name]) for name in ("articles", "gone", "undated", "missed")]
    page, told = both(f"search?text={names['word']}")
    assert told["total"] == len(told["hits"]) == len(Selector(page).css("ol.hits > li")) > 0
    assert row["id"] in {hit["id"] for hit in told["hits"]}
    page, told = both(f"articles/{names['id']}")
    assert told["row"]["title"] in page
    assert told["proof"]["file"] in page
    assert len(told["versions"]) == len(Selector(page).css("ol.versions li"))
    page, told = both(f"captures?url={names['url']}")
    assert len(told["captures"]) == len(Selector(page).css("tbody tr")) == 2
    page, told = both("runs")
    assert [run["run_id"] for run in told["runs"]] == ["second", "first"]
    assert Selector(page).css("tbody th a::text").getall() == ["second", "first"]
    page, told = both("downloads")
    files = {file["name"] for files in told["kinds"].values() for file in files}
    assert set(Selector(page).css("tbody a::text").getall()) == files
    page, told = both("replay/2030/" + names["raw_url"])
    assert told["article"] == names["id"]
    assert len(told["captures"]) == 2
    assert f"{len(told['captures'])} captures" in page


def test_the_row_is_the_row(explorer: Explorer, names: dict[str, str], row: dict[str, Any]) -> None:
    told = explorer.get(f"/api/{names['name']}/articles/{names['id']}?version=1").json
    assert told["row"] == row


def test_a_run_is_its_report(explorer: Explorer, crawled: Collection) -> None:
    report = json.loads(crawled.report_of("first").read_bytes())
    assert explorer.get(f"/api/{crawled.name}/runs/first").json == report


def test_a_replay_in_its_frame(explorer: Explorer) -> None:
    """The search index is not there: the page is shown all the same."""
    page = explorer.get(f"/written/replay/{SECOND}/{SITE}/page")
    assert page.status == 200
    (frame,) = Selector(page.text).css("iframe")
    assert frame.attrib["src"] == f"{explorer.replay_origin}/written/{SECOND}/{SITE}/page"
    assert frame.attrib["sandbox"] == "allow-scripts"
    assert f"frame-src {explorer.replay_origin};" in page["content-security-policy"]
    steps = Selector(page.text).css("a[rel]")
    assert {one.attrib["rel"]: one.attrib["href"] for one in steps} == {
        "prev": f"/written/replay/{FIRST}/{SITE}/page",
        "next": f"/written/replay/{THIRD}/{SITE}/page",
    }
    as_of = explorer.get(f"/api/written/replay/20250130000000/{SITE}/page").json
    assert as_of["asked"]["timestamp"] == FIRST
    redirect = explorer.get(f"/api/written/replay/{SECOND}/{SITE}/a").json
    assert [one["url"] for one in redirect["way"]] == [f"{SITE}/a"]
    assert redirect["shown"]["url"] == f"{SITE}/page"


@pytest.mark.parametrize("url", [f"{SITE}/q?a=1&b=%20", SLUG, f"{SITE}/page#x"])
def test_addresses_with_queries_and_slugs(explorer: Explorer, url: str) -> None:
    told = explorer.get(f"/api/written/replay/2030/{url}").json
    assert told["asked"]["url"] == url.partition("#")[0]
    listed = explorer.get(f"/api/written/captures?url={quote(url, safe='')}").json
    assert listed["url"] == url.partition("#")[0]


FORMS = [
    ("url=http://site.example/page&at=1403-11-13", "20250201202959/http://site.example/page"),
    ("url=+http://site.example/page+&at=2025-02-01T12:00", "20250201083059/http://site.example/page"),
    (
        "url=http%3A%2F%2Fsite.example%2Fq%3Fa%3D1%26b%3D%2520&at=2026",
        "20261231235959/http://site.example/q?a=1&b=%20",
    ),
    ("url=http://site.example/%D8%B3&at=2026", "20261231235959/http://site.example/%D8%B3"),
    (
        "url=http://site.example/%0D%0ASet-Cookie:a=b&at=2026",
        "20261231235959/http://site.example/%0D%0ASet-Cookie:a=b",
    ),
]


@pytest.mark.parametrize(("query", "target"), FORMS)
def test_the_form_leads_to_a_capture(explorer: Explorer, query: str, target: str) -> None:
    answer = explorer.get(f"/written/replay?{query}")
    assert (answer.status, answer["location"]) == (302, f"/written/replay/{target}")


def test_a_collection_of_any_name(explorer: Explorer, written: Collection) -> None:
    for name in ("replay", "2025"):
        twin = written.folder.with_name(name)
        twin.symlink_to(written.folder)
        told = explorer.get(f"/api/{name}/replay/{FIRST}/{SITE}/page")
        assert (told.status, explorer.replay(f"/{name}/{FIRST}/{SITE}/page").status) == (200, 200)
        twin.unlink()


# -- files to carry away ---------------------------------------------------------------------------------


def test_downloads_are_the_files(explorer: Explorer, crawled: Collection) -> None:
    told = explorer.get(f"/api/{crawled.name}/downloads").json
    files = [file for files in told["kinds"].values() for file in files]
    digests = read_manifest(crawled.manifest)
    assert {file["name"].partition("/")[0] for file in files} >= {"warc", "articles", "index.cdxj"}
    for file in files:
        answer = explorer.get(f"/{crawled.name}/files/{file['name']}")
        assert answer.body == (crawled.folder / file["name"]).read_bytes()
        assert len(answer.body) == file["bytes"]
        assert file["sha256"] == digests.get(file["name"])
        assert answer["content-disposition"].startswith("attachment")
        is_guarded(answer)


def test_parts_tags_and_heads_of_files(explorer: Explorer, written: Collection) -> None:
    path = min(written.warc.iterdir())
    at, data = f"/written/files/warc/{path.name}", path.read_bytes()
    whole = explorer.get(at)
    assert (whole.status, whole.body, whole["accept-ranges"]) == (200, data, "bytes")
    part = explorer.get(at, range="bytes=3-9")
    assert (part.status, part.body) == (206, data[3:10])
    assert part["content-range"] == f"bytes 3-9/{len(data)}"
    assert explorer.get(at, range="bytes=-4").body == data[-4:]
    assert explorer.get(at, range=f"bytes={len(data)}-").status == 416
    assert explorer.get(at, range="bytes=" + ",".join(["0-1"] * 5_000)).status < 500
    head = explorer.get(at, "HEAD")
    assert (head.status, head.body, head["content-length"]) == (200, b"", str(len(data)))
    for asked in (whole["etag"], f'"x", W/{whole["etag"]}'):
        assert explorer.get(at, if_none_match=asked).status == 304
    assert explorer.get(at, if_none_match='"x"').status == 200
    other = explorer.get("/written/files/index.cdxj")
    assert other["etag"] != whole["etag"]
    before = (written.folder / "index.cdxj").stat()
    written.index.write_bytes(written.index.read_bytes() + b"\n")
    assert explorer.get("/written/files/index.cdxj", if_none_match=other["etag"]).status == 200
    written.index.write_bytes(written.index.read_bytes()[:-1])
    assert written.index.stat().st_size == before.st_size
    again = explorer.get("/written/files/index.cdxj")
    assert (again.body, again["etag"]) != (other.body, other["etag"])  # it was written anew


def test_one_record(explorer: Explorer, written: Collection) -> None:
    path = min(written.warc.iterdir())
    data = path.read_bytes()
    for record in records(path):
        answer = explorer.get(f"/written/records/{path.name}/{record.offset}")
        assert answer.body == data[record.offset : record.offset + record.length]
        assert answer["content-type"] == "application/warc"
        assert f"-{record.offset}.warc.gz" in answer["content-disposition"]
        is_guarded(answer)
