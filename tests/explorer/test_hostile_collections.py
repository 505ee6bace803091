"""Collections that someone else made, with what he would like a reader's browser to do."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from parsel import Selector

from crawler.collection import Collection
from crawler.search.update import update
from tests.explorer.asking import SECRET, Explorer, refused
from tests.explorer.conftest import FIRST
from tests.replay.written import SITE, Said, http, kept, page_of

SCRIPT = "<script>alert(1)</script>"
EVIL = "javascript:alert(1)//"


@pytest.fixture(scope="module")
def hostile(archives: Path, crawled: Collection, tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """A collection that someone else made: his words in every field, links in it that lead out."""
    collection = Collection(archives, "hostile")
    shutil.copytree(crawled.folder, collection.folder)
    collection.ledger.unlink()
    (first, *_) = collection.row_files()
    row = json.loads(first.read_bytes().splitlines()[0])
    for name in ("title", "kicker", "lead", "source"):
        row[name] = f"{SCRIPT}\u202e\x00 خبر"
    row |= {"url": EVIL, "canonical_url": EVIL, "tags": [SCRIPT, EVIL], "paragraphs": [SCRIPT, EVIL]}
    row["warc"] |= {"file": f"../{SCRIPT}"}
    row["raw"] |= {"title": SCRIPT, "body": f"</pre>{SCRIPT}"}
    first.write_text(json.dumps(row) + "\n", encoding="utf-8")
    report = collection.report_of("first")
    said = json.loads(report.read_bytes())
    said |= {"run_id": SCRIPT, "reason": SCRIPT, "spider": EVIL}
    report.write_text(json.dumps(said), encoding="utf-8")
    collection.report_of("list").write_text("[]", encoding="utf-8")
    collection.report_of("number").write_text("5", encoding="utf-8")
    collection.report_of("odd").write_text('{"articles": 5, "days": "x", "requests": []}', encoding="utf-8")
    collection.report_of("none").write_text("{", encoding="utf-8")
    kept(collection, Said(f"{SITE}/own", FIRST, http(page_of("own"))))
    with collection.index.open("ab") as stream:
        for url in (EVIL, f"http://site.example/{SCRIPT}", "http://site.example/own\\r\\nX: y"):
            line = f'"url": "{url}", "mime": "{SCRIPT}", "status": "200", "digest": "{SCRIPT}", "length": "1"'
            stream.write(
                f'example,site)/own 20250601000000 {{{line}, "offset": "0", "filename": "x"}}\n'.encode()
            )
    update(collection, rebuild=True)
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text(json.dumps({"title": SECRET}), encoding="utf-8")
    (collection.warc / "led.warc.gz").symlink_to(outside)
    (collection.warc / "lost.warc.gz").symlink_to(outside.with_name("none"))
    (collection.articles / "led.jsonl").symlink_to(outside)
    (collection.runs / "led.json").symlink_to(outside)
    collection.wacz.mkdir(exist_ok=True)
    (collection.wacz / "led.wacz").symlink_to(outside)
    (collection.dumps / "r").mkdir(parents=True)
    (collection.dumps / "r" / "led").symlink_to(outside.parent)
    (collection.dumps / "r" / "\udcff.json").write_text("{}", encoding="utf-8")
    return collection


def test_hostile_words_are_words(explorer: Explorer, hostile: Collection) -> None:
    id = json.loads(hostile.row_files()[0].read_bytes().splitlines()[0])["id"]
    for path in (
        f"/hostile/articles/{id}",
        "/hostile/search",
        "/hostile/search?text=alert",
        f"/hostile/search?text={SCRIPT.replace('/', '%2f').replace(' ', '+')}",
        "/hostile/",
        "/hostile/downloads",
        "/hostile/runs",
        "/hostile/runs/first",
        f"/hostile/captures?url={SITE}/own",
        f"/hostile/replay/2030/{SITE}/own",
    ):
        answer = explorer.get(path)
        assert answer.status == 200, path
        assert SCRIPT not in answer.text
        assert "\u202e" not in answer.text
        assert "\x00" not in answer.text
        assert SECRET not in answer.text
        links = Selector(answer.text).xpath("//@href | //@src").getall()
        assert not [link for link in links if link.lower().strip().startswith(("javascript", "data", "//"))]
        for twin in (f"/api{path}", f"/api{path}coverage"):
            told = explorer.get(twin)
            if told.status == 200:
                assert told["content-type"] == "application/json"
                assert told["x-content-type-options"] == "nosniff"
                assert told.json


@pytest.mark.parametrize("run", ["list", "number", "odd", "none", "led"])
def test_reports_that_are_none(explorer: Explorer, hostile: Collection, run: str) -> None:
    refused(explorer.get(f"/hostile/runs/{run}"), 404)
    told = explorer.get(f"/api/hostile/runs/{run}")
    assert told.status == (200 if run == "odd" else 404)
    assert SECRET not in told.text


@pytest.mark.parametrize(
    "path",
    [
        "/hostile/files/warc/led.warc.gz",
        "/hostile/files/warc/lost.warc.gz",
        "/hostile/files/articles/led.jsonl",
        "/hostile/files/wacz/led.wacz",
        "/hostile/files/dumps/r/led/secret",
        "/hostile/files/dumps/r/led",
        "/hostile/records/led.warc.gz/0",
    ],
)
def test_links_that_lead_out_lead_nowhere(explorer: Explorer, hostile: Collection, path: str) -> None:
    refused(explorer.get(path), 404)
    listed = explorer.get("/hostile/downloads")
    assert listed.status == 200
    assert "led." not in listed.text


HEADS = {
    "odd type": http("<p>x", kind="text/html\x00; charset=\x0b"),
    "type of letters": http("<p>x", kind="text/سلام"),
    "language": http("<p>x", "Content-Language: fa\x00\x01"),
    "two codings": http("<p>x", "Content-Encoding: x\x00"),
    "location": http("", "Location: http://site.example/\x00\x0b", status="302 Found"),
    "status 999": http("<p>x", status="999 What"),
    "status 600": http("<p>x", status="600 What"),
    "status 101": http("", status="101 Switching"),
    "status 000": http("", status="000 Nothing"),
    "status 204": http("body all the same", status="204 No Content"),
    "status 205": http("body all the same", status="205 Reset"),
    "status 206": http("part", "Content-Range: bytes 0-3/9", status="206 Partial"),
    "status 416": http("no", status="416 No"),
    "status 401": http("no", "WWW-Authenticate: Basic", status="401 No"),
    "nothing": b"HTTP/1.1 200 OK\r\n\r\n",
    "no end": b"HTTP/1.1 200 OK\r\nContent-Type: text/html",
    "chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "smuggled": http("<p>x", "Transfer-Encoding: identity", "Content-Length: 99", "Connection: close"),
}


@pytest.fixture(scope="module")
def heads(archives: Path) -> Collection:
    collection = Collection(archives, "heads")
    pages = [Said(f"{SITE}/{number}", FIRST, said) for number, said in enumerate(HEADS.values())]
    kept(collection, *pages)
    return collection


@pytest.mark.parametrize("name", HEADS)
def test_odd_heads_are_answered(explorer: Explorer, heads: Collection, name: str) -> None:
    url = f"{SITE}/{list(HEADS).index(name)}"
    for kind in ("", "id_", "mp_"):
        answer = explorer.replay(f"/heads/{FIRST}{kind}/{url}")
        assert answer.status != 500
        assert answer["content-security-policy"]
        assert answer["www-authenticate"] == ""
    assert explorer.get(f"/heads/replay/{FIRST}/{url}").status == (404 if name == "location" else 200)
