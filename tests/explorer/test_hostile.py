"""What strangers ask for: refused in a sentence, never with an error of ours."""

from __future__ import annotations

import json
import socket

import pytest
from parsel import Selector

from crawler.collection import Collection
from tests.explorer.asking import Explorer, raw, refused
from tests.explorer.conftest import FIRST
from tests.replay.written import SITE

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
