"""What strangers ask for, and what hostile collections hold: refused in a sentence, never our error."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path

import pytest
from parsel import Selector

from crawler.collection import Collection
from crawler.search.update import update
from tests.explorer.asking import Answer, Explorer, raw
from tests.explorer.conftest import FIRST
from tests.replay.written import SITE, Said, http, kept, page_of

SECRET = "not to be seen by anybody"


def refused(answer: Answer, *statuses: int) -> str:
    """In a sentence, with nothing of the program's insides."""
    assert answer.status in statuses, answer
    assert "Traceback" not in answer.text
    assert SECRET not in answer.text
    if answer["content-type"] == "application/json":
        says = str(answer.json["wrong"])
    else:
        says = Selector(answer.text).css("[role=alert] ::text, .bad[role=alert]::text").get() or answer.text
    assert len(says.split()) > 3, says
    return says


UNKNOWN = [
    "/nowhere/",
    "/nowhere/search",
    "/api/nowhere/coverage",
    "/nowhere/files/index.cdxj",
    "/written/nothing",
    "/api/written/nothing",
    "/nothing/at/all",
    "/sample/articles/yjc:1",
    "/api/sample/articles/yjc:1",
    "/sample/articles/none",
    "/sample/articles/../../etc/passwd",
    "/sample/articles/..%2f..%2fetc%2fpasswd",
    "/sample/articles/..%252f..%252fetc%252fpasswd",
    "/sample/articles/" + "9" * 9_000,
    "/sample/articles/yjc:" + "9" * 19,
    "/sample/runs/none",
    "/api/sample/runs/none",
    "/sample/runs/..%2f..%2fsample%2fruns%2ffirst",
    "/sample/runs/%2e%2e",
    "/sample/files/warc/none.warc.gz",
    "/sample/files/",
    "/sample/files/warc",
    "/sample/files/ledger.sqlite",
    "/sample/files/lock",
    "/sample/files/search.sqlite",
    "/sample/files/runs/first.json",
    "/sample/files/../sample/index.cdxj",
    "/sample/files/warc/../index.cdxj",
    "/sample/files/warc/..%2findex.cdxj",
    "/sample/files/..%2f..%2f..%2fetc%2fpasswd",
    "/sample/files//etc/passwd",
    "/sample/files/%2fetc%2fpasswd",
    "/sample/files/index.cdxj%00",
    "/sample/files/index.cdxj/",
    "/sample/records/none.warc.gz/0",
    "/sample/records/..%2findex.cdxj/0",
    "/sample/records/index.cdxj/0",
    "/sample/records/../0",
    "/sample/captures?url=http://never.example/",
    "/sample/captures?url=javascript:alert(1)",
    "/sample/captures?url=%00",
    "/sample/captures?url=%E2%80%AEfdp.exe",
    "/written/replay/2025/http://never.example/",
    "/written/replay/2025/javascript:alert(1)",
    "/written/replay/2025/%00",
    "/written/replay/2025/http://%5Bx",
    "/api/written/replay/2025/http://never.example/",
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e/app.py",
    "/..%2f..%2fetc%2fpasswd",
    "/%2e%2e/",
    "/./",
    "//evil.example",
    "//evil.example/",
    "//evil.example/..",
    "/%2fevil.example",
    "/%5cevil.example/",
    "/\\evil.example/",
    "/%00/",
    "/%E2%80%AE/",
    "/%ED%A0%80/",
    "/%ff/",
]


@pytest.mark.parametrize("path", UNKNOWN, ids=lambda path: path[:60])
def test_what_is_not_there(explorer: Explorer, crawled: Collection, path: str) -> None:
    refused(explorer.get(path), 404)


WRONG = [
    "/sample/?until=yesterday",
    "/sample/?unit=week",
    "/sample/?days=7",
    "/api/sample/coverage?until=2025-02-30",
    "/sample/search?since=x",
    "/sample/search?page=x",
    "/sample/search?province=atlantis",
    "/api/sample/search?order=random",
    "/sample/articles/{id}?version=x",
    "/sample/articles/{id}?version=-1",
    "/written/replay/0000/http://site.example/page",
    "/written/replay/2025010112000/http://site.example/page",
    "/written/replay/99999999999999/http://site.example/page",
    "/written/replay/now/http://site.example/page",
    "/api/written/replay/20250230/http://site.example/page",
    "/written/replay",
    "/written/replay?url=javascript:alert(1)",
    "/written/replay?url=//evil.example/",
    "/written/replay?url=http://site.example/page&at=yesterday",
]


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path[:60])
def test_wrong_arguments(explorer: Explorer, crawled: Collection, path: str) -> None:
    id = json.loads(crawled.row_files()[0].read_bytes().splitlines()[0])["id"]
    refused(explorer.get(path.format(id=id)), 400)


ODD = [
    "/sample/?until=1300-01-01&days=120",
    "/sample/?until=1499-12-29",
    "/sample/?until=2100-12-31&unit=month",
    "/sample/?unit=month&until=1900-01-01",
    "/sample/search?text=" + "%22" * 3_000,
    "/sample/search?text=%00%ED%A0%80%E2%80%AE",
    "/sample/search?text=*&text=-&page=999999999999999999999",
    "/sample/search?page=0",
    "/sample/search?tag=%3Cscript%3E&source=%27%3B--",
    "/sample/articles/yjc:1?version=" + "9" * 5_000,
    "/sample/records/x/" + "9" * 30,
    "/sample/records/x/" + "9" * 5_000,
    "/sample/records/{warc}/" + "9" * 30,
    "/sample/records/{warc}/1",
    "/sample/records/{warc}/99999999",
    "/sample/%72eplay/2025/http://never.example/",
    "/sample/replay/2025/http://never.example/replay/2025/x",
    "/api/sample/replay//",
    "/sample/replay//http://never.example/",
    "/?" + "a=" * 20_000,
    "/sample/captures?url=" + "a" * 40_000,
    "/sample/captures?url=http://a.example:99999999/",
    "/sample/captures?url=http://a.example:x/",
    "/sample/captures?url=http://%ED%A0%80/",
    "/sample/captures?url=http://" + "a." * 300,
]


@pytest.mark.parametrize("path", ODD, ids=lambda path: path[:60])
def test_odd_questions(explorer: Explorer, crawled: Collection, path: str) -> None:
    """Whatever the answer is, it is one."""
    answer = explorer.get(path.format(warc=min(crawled.warc.iterdir()).name))
    assert answer.status in (200, 400, 404)
    assert "Traceback" not in answer.text


def test_no_open_redirect(explorer: Explorer) -> None:
    for path in (
        "//evil.example",
        "/written",
        "/%2f%2fevil.example",
        "/\\evil.example",
        "/written//",
        "//written/replay/",
    ):
        where = explorer.get(path)["location"]
        assert not where or where.startswith((f"{explorer.origin}/", "/")), path
        assert not where.startswith(("//", "/\\")), path


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:{port}",
        "127.0.0.1.evil.example",
        "127.0.0.1@evil.example",
        "localhost.",
        "",
    ],
)
def test_other_names_are_refused(explorer: Explorer, host: str) -> None:
    """A page elsewhere whose name was made to point here (DNS rebinding) gets nothing."""
    for answer in (
        explorer.get("/api/collections", host=host.format(port=explorer.port)),
        explorer.replay(f"/written/{FIRST}/{SITE}/page", host=host.format(port=explorer.replay_port)),
    ):
        assert answer.status == 421
        assert answer.text == "this page answers only on this machine, as localhost or 127.0.0.1\n"


@pytest.mark.parametrize("host", ["localhost:{port}", "127.0.0.1", "[::1]:{port}"])
def test_own_names(explorer: Explorer, host: str) -> None:
    answer = explorer.get(f"/written/replay/{FIRST}/{SITE}/page", host=host.format(port=explorer.port))
    (frame,) = Selector(answer.text).css("iframe::attr(src)").getall()
    assert frame.startswith(f"http://{host.split(':{')[0]}:{explorer.replay_port}/")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
def test_nothing_can_be_changed(explorer: Explorer, method: str) -> None:
    for answer in (
        explorer.get("/written/", method),
        explorer.replay(f"/written/{FIRST}/{SITE}/page", method),
    ):
        assert (answer.status, answer["allow"]) == (405, "GET, HEAD")
        assert answer["access-control-allow-methods"] == ""


def test_a_question_of_ten_megabytes(explorer: Explorer) -> None:
    for port in (explorer.port, explorer.replay_port):
        for long in (
            b"GET /?" + b"a" * 10_000_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 1_000_000 + b"\r\n\r\n",
            b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X: y\r\n" * 100_000 + b"\r\n",
        ):
            assert raw(port, long)[:12] in (b"", b"HTTP/1.1 400", b"HTTP/1.1 431")
    assert explorer.get("/").status == 200


def test_questions_that_are_none(explorer: Explorer) -> None:
    for sent in (
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
        b"GET / HTTP/1.0\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
    ):
        status = raw(explorer.port, sent + b"\r\n\r\n")[9:12]
        assert status in (b"400", b"421"), sent
    assert explorer.get("/").status == 200


def test_a_stranger_who_says_nothing_holds_nobody_up(explorer: Explorer) -> None:
    lines = [socket.create_connection(("127.0.0.1", explorer.port)) for _ in range(60)]
    assert explorer.get("/").status == 200
    for line in lines:
        line.close()


# -- hostile collections ---------------------------------------------------------------------------------

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
