"""Files that pages need, as the sample site never has them: what is hard is counted, and holds up nothing."""

from __future__ import annotations

import gzip
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from tests.awkward import HTML, QOM, Answer, article, feed, home, section, serving, two_hosts
from tests.crawling import NAME, ROOT, Crawl, crawl

Pages = dict[str, Answer]
CSS = {"Content-Type": "text/css"}
JPEG = {"Content-Type": "image/jpeg"}
SITE: Pages = {
    "/robots.txt": (200, {"Content-Type": "text/plain"}, "User-agent: *\nDisallow: /closed/\n"),
    "/": home(QOM),
    "/fa/rss/35": feed(1001),
    "/fa/qom": section(1001),
}


def test_hard_cases_are_counted_each_under_its_reason(tmp_path: Path) -> None:
    head = (
        '<link rel="stylesheet" href="/c/0.css"><script src="/loop"></script>'
        '<script src="/moved"></script><script src="/away"></script><link rel="icon" href="/page">'
    )
    pictures = ("/a.jpg", "/a.jpg#x", "/large.jpg", "/closed/a.jpg", f"/{'a' * 3000}.jpg", "/a b.jpg", "/500")
    pages: Pages = SITE | {
        f"/c/{n}.css": (200, CSS, f"@import '{n + 1}.css'; p{{background:url(/{n}.jpg)}}") for n in range(9)
    }
    pages |= {f"/{n}.jpg": (200, JPEG, f"{n}") for n in range(9)}
    pages |= {
        "1001": article(1001, head=head, body="".join(f'<img src="{path}">' for path in pictures)),
        "/loop": (301, {"Location": "/loop"}, ""),
        "/moved": (302, {"Location": "/there.js#x"}, ""),
        "/there.js": "x",
        "/away": (302, {"Location": "http://b.example/x.js"}, ""),
        "/page": section(1002),
        "1002": article(1002),
        "/a.jpg": (200, JPEG, "a"),
        "/a%20b.jpg": (200, JPEG, "b"),
        "/large.jpg": (200, JPEG, "a" * 5_000_000),
        "/500": (500, HTML, "x"),
    }
    with serving(pages) as (url, asked):
        settings = {"SITE_URL": url, "RETRY_ENABLED": "0", "REQUISITE_MAXSIZE": "4000"}
        settings["URLLENGTH_LIMIT"] = "2083"
        done = crawl(tmp_path, "provinces=qom", **settings)
    assert (done.code, len(done.rows)) == (0, 1)
    assert [path for path, times in Counter(asked).items() if times > 1] == []
    count = done.report["requisites"]
    assert count["failed"] == {
        "forbidden by robots.txt": 1,
        "not a host of the site": 1,
        "HTTP 500": 1,
        "larger than REQUISITE_MAXSIZE": 1,
        "an address longer than URLLENGTH_LIMIT": 1,
        "beyond 5 steps from a page, or 2,000 on it": 2,
    }
    assert "/1002" not in asked, "a page that a page needs is no list"
    assert {"/c/5.css", "/4.jpg", "/there.js"} <= set(asked)
    assert not {"/c/6.css", "/5.jpg"} & set(asked)
    pages_asked = {"/robots.txt", "/", "/fa/rss/35", "/fa/qom", "/fa/news/1001/x"}
    assert len(set(asked) - pages_asked) == count["asked"] - 1, "all but what robots.txt forbids"
    assert count["found"] == count["kept"] + sum(count["failed"].values())
    assert b"WARC-Truncated: length" in gzip.decompress(done.warcs[0].read_bytes())


def test_pages_that_no_template_fits_are_kept_whole_and_missing_ones_are_not(tmp_path: Path) -> None:
    unknown = '<html><body><div class="new"><img src="/new.jpg"></div></body></html>'
    gone = '<html><body><div class="error_container">x</div><img src="/gone.jpg"></body></html>'
    pages: Pages = SITE | {
        "/fa/rss/35": feed(1001, 1002, 1003),
        "1001": unknown,
        "1002": gone,
        "1003": (302, {"Location": "/"}, ""),
        "/": home(QOM) + '<img src="/home.jpg">',
    }
    with serving(pages) as (url, asked):
        crawl(tmp_path, "provinces=qom", SITE_URL=url)
    assert {path for path in asked if path.endswith(".jpg")} == {"/new.jpg"}


def test_an_interrupted_crawl_leaves_whole_pages_though_their_files_lie_on_another_host(
    tmp_path: Path,
) -> None:
    """Scrapy's own order takes hosts in turn: files would pile up while pages go on."""
    ids, names = range(1001, 1011), "abcd"
    order: list[str] = []
    with serving({}, order) as (files, _):
        files = files.replace("127.0.0.1", "localhost")  # delays and turns go by host, not by port
        pages = SITE | {"/fa/rss/35": feed(*ids), "/fa/qom": section(*ids)}
        for number in ids:
            pictures = "".join(f'<img src="{files}/{number}{name}.jpg">' for name in names)
            pages[str(number)] = article(number, body=pictures)
        with serving(pages, order) as (url, _):
            done = interrupted(tmp_path, order, two_hosts(tmp_path, url, files))
    reached = [path for path in order if path.startswith("/fa/news/") or path.endswith(".jpg")]
    written = {row["url"].split("/")[5] for row in done.rows}
    assert 2 <= len(written) < len(ids)
    for number in sorted(written)[1:]:  # the newest come first: the lowest was interrupted
        at = reached.index(f"/fa/news/{number}/x")
        assert {path[:5] for path in reached[at + 1 : at + 5]} == {f"/{number}"}
    count = done.report["requisites"]
    assert count["open"] > 0
    assert f" + {count['open']} open" in done.out
    assert count["found"] == len(written) * 4
    assert done.code == 3


def interrupted(archives: Path, order: list[str], site: Path) -> Crawl:
    """A crawl at a live site's ways, one thing at a time, and Ctrl-C behind its third article."""
    command = [sys.executable, "-m", "scrapy", "crawl", "provinces", "-a", "provinces=qom"]
    settings = {"SITE": str(site), "ARCHIVES": str(archives), "COLLECTION": NAME, "DOWNLOAD_DELAY": "0.1"}
    for setting in (settings | {"RETRY_ENABLED": "0"}).items():
        command += ["-s", "=".join(setting)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while sum(path.startswith("/fa/news/") for path in order) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=30)
    return Crawl(process.returncode, out, "", archives / NAME)
