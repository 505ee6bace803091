"""A site of a few pages that a test writes down itself, for what the sample site never does."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

Answer = str | tuple[int, dict[str, str], str]
HTML = {"Content-Type": "text/html; charset=utf-8"}


def article(news_id: int, section: str = "/fa/qom", name: str = "قم", head: str = "", body: str = "") -> str:
    """A page of template C. ``section`` empty: no breadcrumb."""
    crumb = f'<div class="path_bottom_body"><a href="/">باشگاه</a> <a href="{section}">{name}</a></div>'
    return (
        f'<html><head><title>x</title>{head}</head><body><h1 class="Htags"><span class="title-news">'
        f'تیتر {news_id}</span></h1><span class="photo-newspage-date">۱۰:۰۰ - ۰۲ مهر ۱۴۰۴</span>'
        f'<div class="baznashr-body"><p>متن خبر.</p>{body}{crumb if section else ""}</div></body></html>'
    )


def feed(*ids: int, title: str = "قم") -> str:
    items = "".join(
        f"<item><title>t</title><link>https://www.yjc.ir/fa/news/{i}/x</link></item>" for i in ids
    )
    return f'<?xml version="1.0"?><rss><channel><title>{title}</title>{items}</channel></rss>'


def cards(*ids: int) -> str:
    return "".join(f'<h3 class="Htags"><a href="/fa/news/{i}/x">t</a></h3>' for i in ids)


def section(*ids: int, title: str = "قم", more: str = "") -> str:
    return f"<html><head><title>{title}</title></head><body>{cards(*ids)}{more}</body></html>"


def home(*menu: tuple[int, str, str]) -> str:
    links = "".join(f'<a id="service_{number}" href="{href}">{name}</a>' for number, href, name in menu)
    return f"<html><head><title>باشگاه</title></head><body>{links}{cards(900)}</body></html>"


QOM = (35, "/fa/qom", "قم")


def two_hosts(folder: Path, pages: str, files: str) -> Path:
    """A site file of pages at one address and their files at another."""
    text = (Path(__file__).parents[1] / "crawler/sites/yjc.toml").read_text(encoding="utf-8")
    text = text.replace('base_url = "https://www.yjc.ir"', f'base_url = "{pages}"')
    path = folder / "two.toml"
    path.write_text(text.replace('"cdn.yjc.ir"', f'"{urlsplit(files).netloc}"'), encoding="utf-8")
    return path


@contextmanager
def serving(pages: dict[str, Answer], asked: list[str] | None = None) -> Iterator[tuple[str, list[str]]]:
    """(address, paths asked for). ``/fa/news/N/x`` is found as ``N``; what is not written down is a 404.

    ``asked``: a list that two sites write to, to see in which order.
    """
    asked = [] if asked is None else asked

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            path = urlsplit(self.path).path
            asked.append(path)
            name = path.split("/")[3] if path.startswith("/fa/news/") else path
            answer = pages.get(name, (404, HTML, "-"))
            kind = "text/xml" if isinstance(answer, str) and answer.startswith("<?xml") else "text/html"
            status, headers, text = (
                answer
                if isinstance(answer, tuple)
                else (200, {"Content-Type": f"{kind}; charset=utf-8"}, answer)
            )
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *words: object) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
