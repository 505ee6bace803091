"""What a page needs: a table of markup and the addresses it leads to, and pages built to hurt."""

from __future__ import annotations

import pytest
from parsel import Selector

from crawler.pages.requisites import css_requisites, page_requisites, srcset

from .test_hostile import quick

PAGE = "http://a.ir/fa/news/1/x"
DOT = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="
DEEP = 60_000

# Markup → what it needs; a word before the address is its kind where that is not an image.
MARKUP: dict[str, list[str]] = {
    '<img src="/a.jpg">': ["/a.jpg"],
    '<img src="a.jpg#top">': ["/fa/news/1/a.jpg"],
    '<img src=" \n/a.jpg ">': ["/a.jpg"],
    '<img src="/استان قم.jpg">': ["/%D8%A7%D8%B3%D8%AA%D8%A7%D9%86%20%D9%82%D9%85.jpg"],
    '<img src="/a.jpg"><img src="/b.jpg"><img src="http://a.ir/a.jpg#x">': ["/a.jpg", "/b.jpg"],
    f'<img src="{DOT}" data-src="/late.jpg">': ["/late.jpg"],
    '<img src="//b.ir/c.jpg">': ["//b.ir/c.jpg"],
    "<noscript><img src=/a.jpg></noscript>": ["/a.jpg"],
    '<img src="/a.jpg" srcset="/b.jpg 1x, /c.jpg 2x">': ["/a.jpg", "/b.jpg", "/c.jpg"],
    '<picture><source srcset="/w.jpg 800w,/n.jpg 400w"><img data-srcset="/l.jpg"></picture>': [
        "/w.jpg",
        "/n.jpg",
        "/l.jpg",
    ],
    '<link rel="stylesheet" href="/a.css">': ["style /a.css"],
    '<LINK REL="Alternate StyleSheet" HREF="/a.css">': ["style /a.css"],
    '<link rel="shortcut ICON" href="/favicon.ico">': ["/favicon.ico"],
    '<link rel="preload" as="Font" href="/a.woff2"><link rel=preload as=image href=/a.jpg>': [
        "font /a.woff2",
        "/a.jpg",
    ],
    '<link rel="preload" as="fetch" href="/a.json"><link rel="canonical" href="/x">': [],
    '<link rel="alternate" type="application/rss+xml" href="/fa/rss/35"><link rel="amphtml" href="/amp">': [],
    '<link href="/a.css"><link rel="stylesheet">': [],
    '<script src="/a.js"></script><script>var a = "/b.js"</script>': ["script /a.js"],
    '<input type="IMAGE" src="/go.png"><input type="text" src="/no.png">': ["/go.png"],
    '<video poster="/p.jpg" src="/v.mp4"><source src="/v.webm"></video>': [
        "/p.jpg",
        "film /v.mp4",
        "film /v.webm",
    ],
    '<audio src="/a.mp3"></audio>': ["film /a.mp3"],
    '<table background="/old.gif"><td background="">': ["/old.gif"],
    "<p style=\"background:url('/a.jpg')\">x<p style='color:red'>": ["/a.jpg"],
    '<p style="background:url(&quot;/a.jpg&quot;)">x': ["/a.jpg"],
    "<style>@import '/b.css'; p {background: URL( /a.jpg )}</style>": ["style /b.css", "/a.jpg"],
    "<style><!-- p {background: url(/a.jpg)} --></style>": ["/a.jpg"],
    '<base href="/t/"><img src="a.jpg"><p style="background:url(b.jpg)">': ["/t/a.jpg", "/t/b.jpg"],
    '<base target="_blank"><base href="/t/"><base href="/no/"><img src="a.jpg">': ["/t/a.jpg"],
    '<base href="javascript:x"><img src="/a.jpg">': ["/a.jpg"],
    '<img src=""><img src=" "><img><script src=""></script><link rel="icon" href="">': [],
    '<img src="#a"><img src="javascript:x()"><img src="about:blank"><img src="file:///etc/passwd">': [],
    f'<img src="{DOT}" srcset="{DOT} 2x">': [],
    '<img src="http://[x/a.jpg">': [],
    '<a href="/b.jpg">x</a><iframe src="/f"></iframe><embed src="/e"><form action="/g"></form>': [],
    '<!-- <img src="/a.jpg"> -->': [],
    "": [],
}


def told(found: list[tuple[str, str]]) -> list[str]:
    """``style /a.css``: kind where it is no image, address without the page's host."""
    return [f"{kind} {url}".removeprefix("image ").replace("http://a.ir/", "/", 1) for url, kind in found]


@pytest.mark.parametrize("markup", MARKUP)
def test_what_markup_needs(markup: str) -> None:
    wanted = [name.replace("//b.ir/", "http://b.ir/") for name in MARKUP[markup]]
    assert told(page_requisites(Selector(markup), PAGE, video=True)) == wanted
    films_left_out = [name for name in wanted if not name.startswith("film ")]
    assert told(page_requisites(Selector(markup), PAGE, video=False)) == films_left_out


SETS: dict[str, list[str]] = {
    "": [],
    " , ,, ": [],
    "a": ["a"],
    "a 1x": ["a"],
    "a, b": ["a", "b"],
    "a,b": ["a,b"],  # an address may hold a comma
    "a 1x,b 2x": ["a", "b"],
    "a,, b": ["a", "b"],
    "\n a 100w ,\t b 200w\f": ["a", "b"],
    "a calc(1px, 2px) 1x, b": ["a", "b"],
    "a (, b": ["a"],
    f"{DOT} 1x, b 2x": [DOT, "b"],
    "http://a.ir/w_1,h_2/a.jpg 1x": ["http://a.ir/w_1,h_2/a.jpg"],
    "a\u00a0b 1x": ["a\u00a0b"],  # HTML's blanks are ASCII's
}


@pytest.mark.parametrize("text", SETS)
def test_srcset_is_read_as_html_says(text: str) -> None:
    assert list(srcset(text)) == SETS[text]


SHEETS: dict[str, list[str]] = {
    "@import 'b.css';@import url(c.css) print;@import url('d.css');": [
        "style /c/b.css",
        "style /c/c.css",
        "style /c/d.css",
    ],
    "@import url(b.css) supports(background: url(x.jpg));": ["style /c/b.css"],
    "@font-face{src:local('x'),url(a.eot?#iefix),url('a.woff2') format('woff2')}p{background:url(a.jpg)}": [
        "font /c/a.eot",
        "font /c/a.woff2",
        "/c/a.jpg",
    ],
    "@media print{@font-face{src:url(a.ttf)}p{background:url(b.jpg)}}": ["font /c/a.ttf", "/c/b.jpg"],
    "p{background:image-set('a.jpg' 1x, url(b.jpg) 2x);content:'no.jpg'}": ["/c/a.jpg", "/c/b.jpg"],
    "p{--own:url(../a.jpg);b:cross-fade(url(b.jpg),url(c.jpg))}": ["/a.jpg", "/c/b.jpg", "/c/c.jpg"],
    "p{background:\\75 rl(a.jpg)}": ["/c/a.jpg"],
    "p{background:url(a\\(1\\).jpg)}": ["/c/a(1).jpg"],
    "/* url(no.jpg) */ @namespace url(http://www.w3.org/2000/svg); p{b:url(a.jpg)}": ["/c/a.jpg"],
    "p{b:url(a b.jpg);c:url(javascript:x);d:url(#x);e:url(data:,x);f:url()}": [],
    "p{b:url(a.jpg": ["/c/a.jpg"],  # the end closes all
    "p{b:url('a.jpg": ["/c/a.jpg"],
    "}}} p{b:url(a.jpg)} @": ["/c/a.jpg"],
    "p{b:url(url(a.jpg))}": [],
    "\ufeff@import 'b.css'": ["style /c/b.css"],
}


@pytest.mark.parametrize("text", SHEETS)
def test_what_a_style_sheet_needs(text: str) -> None:
    assert told(css_requisites(text, "http://a.ir/c/s.css")) == SHEETS[text]


HOSTILE: dict[str, str] = {
    "blanks for an address": f'<img src="{" " * 50_000}">',
    "blanks for a set": f'<img srcset="{" " * 50_000}">',
    "commas for a set": f'<img srcset="{"," * 50_000}x">',
    "parentheses for a set": f'<img srcset="a {"(" * 50_000}">',
    "many of a set": f'<img srcset="{"/b.jpg 1x, " * 20_000}">',
    "a long address": f'<img src="/{"a" * 2_000_000}">',
    "a long picture in the page": f'<img src="data:{"a" * 2_000_000}">',
    "many pictures": "".join(f'<img src="/{n}.jpg">' for n in range(20_000)),
    "many bases": "<base href=/t/>" * 20_000,
    "many styles": '<p style="background:url(/b.jpg)">' * 20_000,
    "many different styles": "".join(f'<p style="background:url(/{n}.jpg)">' for n in range(10_000)),
    "a deep page": "<div>" * DEEP,
    "a huge style": f"<style>{'p{color:red}' * 100_000}</style>",
    "open blocks": f"<style>url {'{' * DEEP}</style>",
    "open parentheses": f"<style>{'url((' * DEEP}</style>",
    "open functions": f"<style>{'url_(' * DEEP}</style>",
    "open comments": f"<style>url {'/*' * DEEP}</style>",
    "broken strings": "<style>" + "url('a\n" * DEEP + "</style>",
    "at-rules without an end": f"<style>{'@import ' * DEEP}</style>",
    "backslashes": f'<p style="{chr(92) * DEEP}">',
}


@pytest.mark.parametrize("markup", HOSTILE.values(), ids=HOSTILE.keys())
def test_pages_built_to_hurt_end_quickly_and_lose_nothing(markup: str) -> None:
    root = Selector(f'<html><body><img src="/first.jpg">{markup}')
    with quick():
        found = page_requisites(root, PAGE, video=True)
    assert found[0].url == "http://a.ir/first.jpg" or "base" in markup
