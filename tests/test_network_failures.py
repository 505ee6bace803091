"""What the network does to a crawl is in its account, by its cause."""

from __future__ import annotations

import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.awkward import HTML, article, feed, home, section, serving
from tests.crawling import NAME, ROOT, Crawl, command, crawl
from tests.wire.origin import certificate


@contextmanager
def listening(answer: bytes | None, tls: Path | None = None) -> Iterator[str]:
    """An origin that says the same to everyone and hangs up; None: says nothing and hangs on."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if tls:
        context.load_cert_chain(tls)
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve() -> None:
            while True:
                try:
                    line, _ = server.accept()
                except OSError:
                    return
                held.append(line)
                if answer is not None and tls is None:
                    line.recv(65536)
                    line.sendall(answer)
                    line.close()
                elif tls:
                    try:
                        context.wrap_socket(line, server_side=True).close()
                    except OSError:
                        line.close()

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.getsockname()[1]}"
        server.shutdown(socket.SHUT_RDWR)
        thread.join(5)
    for line in held:
        line.close()


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        (None, "timed out"),
        (b"", "connection lost or answer not HTTP"),
        (b"nonsense\r\n\r\n", "connection lost or answer not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", "answer cut off"),
    ],
)
def test_a_failure_is_named_by_its_cause(answer: bytes | None, cause: str, tmp_path: Path) -> None:
    with listening(answer) as origin:
        settings = {"SITE_URL": f"http://{origin}", "RETRY_ENABLED": "0", "ROBOTSTXT_OBEY": "0"}
        done = crawl(tmp_path, "provinces=qom", DOWNLOAD_TIMEOUT="1", **settings)
    assert done.code == 1
    assert f"list: {cause}" in done.report["troubles"]["counts"]


def test_a_certificate_that_nobody_vouches_for_is_named_and_nothing_is_asked(tmp_path: Path) -> None:
    with listening(b"", certificate(tmp_path)) as origin:
        done = crawl(
            tmp_path, "provinces=qom", SITE_URL=f"https://localhost:{origin.split(':')[1]}", RETRY_ENABLED="0"
        )
    assert done.code == 1
    assert [
        trouble
        for trouble in done.report["troubles"]["counts"]
        if "TLS failed: certificate verify failed" in trouble
    ]


def test_a_site_that_is_gone_in_the_middle_of_a_crawl_ends_it(tmp_path: Path) -> None:
    ids = range(1001, 1061)
    pages = {"/robots.txt": (404, HTML, ""), "/": home((35, "/fa/qom", "قم")), "/fa/qom": section(*ids)}
    for number in ids:
        pages[str(number)] = article(number)
    with serving(pages) as (url, asked):  # type: ignore[arg-type]  # of the kinds that it takes
        settings = {"SITE_URL": url, "DOWNLOAD_DELAY": "0.05", "CONCURRENT_REQUESTS": "1", "KEEP_ALIVE": "0"}
        words = command(tmp_path, "provinces=qom", "via=sections", REQUISITES="none", **settings)
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while len(asked) < 8:
            time.sleep(0.02)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "unreachable: connection refused 12 times in a row from 127.0.0.1:" in out
    done = Crawl(process.returncode, out, err, tmp_path / NAME)
    assert done.report["articles"]["open"] > 30, "they wait for the next run"


def test_an_article_that_the_network_swallowed_is_failed_and_fetched_by_the_next_run(tmp_path: Path) -> None:
    pages = {
        "/robots.txt": (404, HTML, ""),
        "/": home((35, "/fa/qom", "قم")),
        "/fa/rss/35": feed(1001, 1002),
        "/fa/qom": section(1001, 1002),
        "1001": article(1001),
        "1002": (302, {"Location": "http://127.0.0.1:1/"}, ""),
    }
    with serving(pages) as (url, _):  # type: ignore[arg-type]  # of the kinds that it takes
        first = crawl(tmp_path, "provinces=qom", SITE_URL=url, RETRY_ENABLED="0")
        articles = first.report["articles"]
        assert (articles["discovered"], articles["written"], articles["failed"]) == (2, 1, 1)
        pages["1002"] = article(1002)
        again = crawl(tmp_path, "provinces=qom", SITE_URL=url)
    assert again.report["articles"]["written"] == 1
    assert len(again.rows) == 2
