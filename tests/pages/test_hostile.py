"""Pages built to hurt: they must end quickly, open nothing, and bring nothing out that was not on them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import process_time

import pytest
from parsel import Selector

from crawler.pages.feed import FeedPage
from crawler.pages.section import SectionPage
from crawler.pages.select import PageChanged
from crawler.pages.sitemap import SitemapPage

from .golden import as_json, row_of, template_c

SECONDS = 3.0
SECRET = "this-stands-in-a-file-of-the-machine"

FEED = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE rss {doctype}>
<rss version="2.0"><channel><title>گیلان</title><item><title>پیش {entity} پس</title>
<link>https://www.yjc.ir/fa/news/9100001/{entity}</link><description>{entity}</description></item></channel></rss>
"""
SITEMAP = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE urlset {doctype}>
<urlset><url><loc>https://www.yjc.ir/fa/news/9100001/{entity}</loc><lastmod>{entity}</lastmod></url></urlset>
"""
DEEP = 60_000  # elements within each other


@contextmanager
def quick() -> Iterator[None]:
    started = process_time()  # of this process: what else the machine does is not the page's doing
    yield
    assert process_time() - started < SECONDS


def said_by(document: str) -> str:
    """All that the page classes bring out of a feed or sitemap; empty where it is refused."""
    try:
        if "<rss" in document:
            feed = FeedPage(document.encode())
            return repr((feed.title, feed.items))
        return repr(SitemapPage(document.encode()).entries)
    except PageChanged:
        return ""


@pytest.fixture
def listener() -> Iterator[tuple[str, list[object]]]:
    """An address on this machine, and who called it."""
    calls: list[object] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        ended = threading.Event()

        def wait() -> None:
            while not ended.is_set():
                try:
                    connection, caller = server.accept()
                except TimeoutError:
                    continue
                calls.append(caller)
                connection.close()

        thread = threading.Thread(target=wait)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x", calls
        ended.set()
        thread.join()


@pytest.mark.parametrize("document", [FEED, SITEMAP], ids=["feed", "sitemap"])
def test_entities_do_not_multiply(document: str) -> None:
    steps = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    with quick():
        said = said_by(document.format(doctype=f'[<!ENTITY e0 "بمب">{steps}]', entity="&e11;"))
    assert said.count("بمب") < 10


@pytest.mark.parametrize("document", [FEED, SITEMAP], ids=["feed", "sitemap"])
def test_one_huge_entity_many_times(document: str) -> None:
    doctype = f'[<!ENTITY big "{"ن" * 500_000}">]'
    with quick():
        assert len(said_by(document.format(doctype=doctype, entity="&big;" * 500))) < 5_000_000


@pytest.mark.parametrize("document", [FEED, SITEMAP], ids=["feed", "sitemap"])
def test_no_file_is_opened(document: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text(SECRET, encoding="utf-8")
    dtd = tmp_path / "more.dtd"
    dtd.write_text(f'<!ENTITY more "{SECRET}">', encoding="utf-8")
    for doctype in (
        f'[<!ENTITY more SYSTEM "{secret.as_uri()}">]',
        f'[<!ENTITY more SYSTEM "{secret}">]',
        f'SYSTEM "{dtd.as_uri()}"',
        f'[<!ENTITY % all SYSTEM "{dtd.as_uri()}"> %all;]',
    ):
        assert SECRET not in said_by(document.format(doctype=doctype, entity="&more;"))


@pytest.mark.parametrize("document", [FEED, SITEMAP], ids=["feed", "sitemap"])
def test_nobody_is_called(document: str, listener: tuple[str, list[object]]) -> None:
    address, calls = listener
    for doctype in (f'[<!ENTITY more SYSTEM "{address}">]', f'SYSTEM "{address}"'):
        with quick():
            said_by(document.format(doctype=doctype, entity="&more;"))
    assert calls == []


BODIES: dict[str, str] = {
    "deep divs": "<p>متن</p>" + "<div>" * DEEP + "ژرفا" + "</div>" * DEEP,
    "deep bold": "<p>متن</p><p>" + "<b>" * DEEP + "ژرفا",
    "many paragraphs": "<p>متن</p>" * 50_000,
    "many links": '<p><a href="/fa/news/1/x">متن</a></p>' * 20_000 + "<p>متن</p>",
    "one long word": f"<p>{'ن' * 2_000_000}</p>",
    "one long line of blanks": f"<p>متن{'&nbsp; ' * 300_000}.</p>",
    "many half-spaces": f"<p>متن{chr(0x200C) * 500_000}ها</p>",
    "almost a sign-off": f"<p>متن {'انتهای پیام/ ' * 20_000}است</p>",
    "many slashes": f"<p>متن {'. /س' * 50_000}</p>",
    "many figures": "<p>متن</p>" + '<figure><img src="/a.jpg"><figcaption>زیر</figcaption>' * 300,
    "many headings": "<p>متن</p>" + "<h3>خبرهای مرتبط</h3><p>نه</p>" * 3_000,
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_articles_end_quickly(body: str) -> None:
    with quick():
        row = row_of(template_c(body))
    assert row["title"] == "عنوان"
    assert row["paragraphs"]


@pytest.mark.parametrize(
    "read", [lambda root: SectionPage(root).cards, lambda root: SectionPage(root).next_link]
)
def test_lists_end_quickly(read: Callable[[Selector], object]) -> None:
    cards = '<article><h3 class="Htags"><a href="/fa/news/{}/x">خبر</a></h3>'
    with quick():
        read(Selector("<html><body>" + "".join(map(cards.format, range(1, 1_000)))))


def test_control_characters_and_lone_surrogates_do_not_reach_a_row() -> None:
    row = row_of(template_c("<p>متن&#0;&#xD800;&#x1F;&#x80; دنباله \x00\x0b\x0c.</p>"))
    text = as_json(row)
    text.encode()  # a lone surrogate could not be written
    assert not {"\x00", "\x0b", "\x1f"} & set(text)
