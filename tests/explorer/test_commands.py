"""``scrapy replay`` and ``scrapy explore`` as they are typed."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from pathlib import Path
from urllib.parse import quote

import pytest

from crawler.collection import Collection
from tests.crawling import ROOT
from tests.explorer.asking import command, exploring
from tests.forked import scrapy
from tests.replay.written import SITE, Said, http, kept, packed, page_of
from tests.search.news import indexed, news

FIRST, SECOND = "20250101120000", "20250201120000"
PAGE = f"{SITE}/page"
BINARY = bytes(range(256)) * 20
TOKEN = b"Bearer 0123456789"


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("archives")
    asked = b"GET /page HTTP/1.1\r\nHost: site.example\r\nAuthorization: " + TOKEN + b"\r\nX-Asked: 1\r\n\r\n"
    kept(
        Collection(folder, "demo"),
        Said(PAGE, FIRST, packed(page_of("نخست")), asked),
        Said(f"{SITE}/binary", FIRST, http(BINARY, "X-Odd: \x1b[31m\u202ered", kind="video/mp4")),
        Said(f"{SITE}/br", FIRST, http(b"\x1b\x00", "Content-Encoding: br")),
    )
    kept(Collection(folder, "demo"), Said(PAGE, SECOND, packed(page_of("نخست"))))
    kept(Collection(folder, "demo"), Said(PAGE, "20250301120000", packed(page_of("سوم"))))
    return folder


def typed(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return scrapy([words[0], "-s", f"ARCHIVES={folder}", *words[1:]], ROOT, environment, 60)


def test_save_writes_the_payload(archives: Path, tmp_path: Path) -> None:
    target = tmp_path / "film.mp4"
    done = typed(archives, "replay", f"{SITE}/binary", f"--save={target}")
    assert (done.returncode, done.stderr) == (0, "")
    assert target.read_bytes() == BINARY
    assert (
        done.stdout == f"{target}: 5,120 bytes, captured 1403-10-12 15:30:00 / 2025-01-01 15:30:00 (Tehran)\n"
    )
    done = typed(archives, "replay", PAGE, f"--save={target}")
    assert done.returncode == 1
    assert done.stderr == f"error: {target} is there already; choose another name\n"
    assert target.read_bytes() == BINARY
    assert sorted(path.name for path in tmp_path.iterdir()) == ["film.mp4"]
    done = typed(archives, "replay", PAGE, f"--save={target}/file")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    done = typed(archives, "replay", PAGE, "--at=2024", f"--save={tmp_path}/page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf-8") == page_of("نخست")
    done = typed(archives, "replay", f"{SITE}/br", f"--save={tmp_path}/br")
    assert (tmp_path / "br").read_bytes() == b"\x1b\x00"
    assert "still br" in done.stdout


NOTE = "note: nothing was captured by then; this is the first capture after it\n"
AS_OF = [
    ([], "سوم"),
    (["--at", "1403-11-13"], "نخست"),
    (["--at", "2025-03-01"], "سوم"),
    (["--at", "2024"], "نخست"),
    (["--at", "20250228"], "نخست"),
]


@pytest.mark.parametrize(("options", "says"), AS_OF)
def test_as_of(archives: Path, options: list[str], says: str) -> None:
    done = typed(archives, "replay", PAGE, *options, "--save=-")
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        page_of(says),
        NOTE if options == ["--at", "2024"] else "",
    )


def test_heads(archives: Path) -> None:
    done = typed(archives, "replay", PAGE, "--at=2024", "--headers")
    assert (done.returncode, done.stderr) == (0, NOTE)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("captured 1403-10-12 15:30:00 / 2025-01-01 15:30:00 (Tehran), site-2026")
    assert lines[lines.index("GET /page HTTP/1.1") + 1] == "Host: site.example"
    assert "X-Asked: 1" in lines
    assert TOKEN.decode() not in done.stdout
    assert lines[lines.index("HTTP/1.1 200 OK") + 1] == "Content-Type: text/html; charset=utf-8"
    again = typed(archives, "replay", PAGE, "--at=202502", "--headers").stdout
    assert "a revisit: the payload is that of 2025-01-01T12:00:00.000000Z" in again
    odd = typed(archives, "replay", f"{SITE}/binary", "--headers").stdout
    assert "\x1b" not in odd
    assert "\u202e" not in odd
    assert "X-Odd: " in odd


WRONG = [
    ([], 2, "replay takes one URL"),
    ([PAGE, PAGE], 2, "replay takes one URL"),
    (["site.example/page"], 2, "replay takes one URL, or the id of an article"),
    (["javascript:alert(1)"], 2, "replay takes one URL, or the id of an article"),
    ([PAGE, "--at=yesterday"], 2, "is no day: write 1404-07-01"),
    ([PAGE, "--at=20250230"], 2, "is no time"),
    ([PAGE, "--collection=none"], 2, "no collection 'none'"),
    ([PAGE, "--save=x", "--headers"], 2, "not allowed with"),
    ([PAGE, "--port=x"], 2, "invalid int value"),
    ([PAGE, "--port=-1"], 2, "a port is a number up to 65535"),
    ([f"{SITE}/never", "--save=-"], 1, "the archive has no capture of http://site.example/never"),
    (["http://[x", "--headers"], 1, "the archive has no capture of http://[x"),
]


@pytest.mark.parametrize(("words", "code", "says"), WRONG)
def test_what_is_wrong(archives: Path, words: list[str], code: int, says: str) -> None:
    done = typed(archives, "replay", *words)
    assert (done.returncode, done.stdout) == (code, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_lost_file_is_named(archives: Path, tmp_path: Path) -> None:
    path = kept(Collection(tmp_path, "lost"), Said(PAGE, FIRST, http("x")))
    path.unlink()
    for option in ("--save=-", "--headers"):
        done = typed(tmp_path, "replay", PAGE, option)
        assert (done.returncode, done.stdout) == (1, "")
        assert str(path) in done.stderr


def test_a_record_cut_short_is_named(archives: Path, tmp_path: Path) -> None:
    path = kept(Collection(tmp_path, "cut"), Said(PAGE, FIRST, http(bytes(range(256)) * 200)))
    os.truncate(path, path.stat().st_size // 2)
    done = typed(tmp_path, "replay", PAGE, "--headers")
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{path} at " in done.stderr
    assert "Traceback" not in done.stderr


EXPLORE = [
    (["--port=70000"], "--port: a port is a number up to 65535"),
    (["--replay-port=-1"], "--replay-port: a port is a number up to 65535"),
    (["x"], "explore takes no such argument"),
    (["--port=x"], "invalid int value"),
    (["--port=65535"], "--replay-port"),
]


@pytest.mark.parametrize(("words", "says"), EXPLORE)
def test_explore_refuses(archives: Path, words: list[str], says: str) -> None:
    done = typed(archives, "explore", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_explore(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        done = typed(folder, "explore")
        assert (done.returncode, done.stdout) == (2, "")
        assert (
            done.stderr == f"error: no collection lies in {folder}; name another folder with -s ARCHIVES=…\n"
        )


def test_a_port_that_is_taken(archives: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = typed(archives, "explore", f"--port={port}")
        assert (done.returncode, done.stdout) == (2, "")
        assert f"port {port} of 127.0.0.1: Address already in use" in done.stderr
        assert "choose another with --port" in done.stderr
        done = typed(archives, "explore", "--port=0", f"--replay-port={port}")
        assert done.returncode == 2
        assert "choose another with --replay-port" in done.stderr


def test_replay_begins_at_the_page(archives: Path, tmp_path: Path) -> None:
    words = command(archives, PAGE, "--at=2024", "--port=0", name="replay")
    with (tmp_path / "errors").open("w") as errors:
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=errors, text=True)
    assert process.stdout
    line = process.stdout.readline()
    process.send_signal(signal.SIGINT)  # Ctrl-C
    assert process.wait(10) == 0
    process.stdout.close()
    assert (tmp_path / "errors").read_text(encoding="utf-8") == NOTE
    assert line.split()[0].endswith(f"/demo/replay/20241231235959/{PAGE}")


OTHER_NAMES = ["yjc:7", f"{SITE}/fa/news/7", f"{SITE}/fa/news/7/%D8%AF%DB%8C%DA%AF%D8%B1"]


@pytest.mark.parametrize("named", OTHER_NAMES)
def test_an_article_is_found_by_any_of_its_names(tmp_path: Path, named: str) -> None:
    """It was captured under one address only, as its row says."""
    captured = f"{SITE}/fa/news/7/%D8%B3%D9%84%D8%A7%D9%85"
    row = news(7, "سلام").model_copy(update={"url": captured, "canonical_url": f"{SITE}/fa/news/7"})
    collection = indexed(tmp_path, [row])
    kept(collection, Said(captured, FIRST, packed(page_of("سلام"))))
    done = typed(tmp_path, "replay", named, "--save=-")
    assert (done.returncode, done.stderr, done.stdout) == (0, "", page_of("سلام"))
    with exploring(tmp_path, tmp_path / "errors") as explorer:
        path = f"/{collection.name}/captures?url={quote(named, safe='')}"
        assert captured in explorer.get(path).text
        shown = explorer.get(f"/{collection.name}/replay/2030/{quote(named, safe=':/%')}")
        assert shown.status in (200, 302, 307)


def test_it_ends_when_told(archives: Path, tmp_path: Path) -> None:
    """Also while somebody keeps a line open, and somebody takes no more of a large file."""
    large = archives / "demo" / "warc" / "large.warc.gz"
    with large.open("wb") as stream:
        stream.truncate(100_000_000)
    with exploring(archives, tmp_path / "errors") as explorer:
        assert explorer.get("/").status == 200
        with (
            socket.create_connection(("127.0.0.1", explorer.port)) as idle,
            socket.create_connection(("127.0.0.1", explorer.port)) as slow,
        ):
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            slow.sendall(b"GET /demo/files/warc/large.warc.gz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert slow.recv(9) == b"HTTP/1.1 "
            explorer.process.send_signal(signal.SIGTERM)
            assert explorer.process.wait(5) == 0  # a second, and what a busy machine takes
        assert explorer.complaints == ""
    large.unlink()
