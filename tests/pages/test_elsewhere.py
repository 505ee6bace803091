"""Addresses of a page are put elsewhere; every other byte stays."""

from __future__ import annotations

import re
from html import escape
from itertools import pairwise
from pathlib import Path

import pytest
from parsel import Selector

from crawler.pages.elsewhere import base_of, put_elsewhere
from crawler.pages.requisites import page_requisites
from crawler.sites.urls import absolute

BASE = "http://site.example/fa/page"
GOLDEN = sorted(Path(__file__).parents[1].glob("fixtures/pages/article/*/page.html"))


def place(href: str) -> str:
    return f"/T/{href}"


def web_only(href: str) -> str:
    url = absolute(BASE, href)
    return f"/T/{url}" if url else href


def put(page: str | bytes, charset: str = "utf-8", **how: bool) -> str:
    data = page.encode(charset) if isinstance(page, str) else page
    return put_elsewhere(data, charset, place, **how).decode(charset)


MOVED = [
    ("<a href=x>", '<a href="/T/x">'),
    ("<a href='x'>", '<a href="/T/x">'),
    ('<A HREF="x">', '<A HREF="/T/x">'),
    ("<a\nhref\n=\n'x'\n>", '<a\nhref="/T/x"\n>'),
    ("<a\thref =x\tclass=y>", '<a\thref="/T/x"\tclass=y>'),
    ('<a href="x"title="y">', '<a href="/T/x"title="y">'),
    ("<img/src=x/>", '<img/src="/T/x/">'),
    ("<img src='x'/>", '<img src="/T/x"/>'),
    ('<a href="?a=1&amp;b=2">', '<a href="/T/?a=1&amp;b=2">'),
    ('<a href="?a=1&b=2">', '<a href="/T/?a=1&amp;b=2">'),
    ("<a href=&#120;>", '<a href="/T/x">'),
    ("<a href='a\"b'>", '<a href="/T/a&quot;b">'),
    ("<a href=' x '>", '<a href="/T/x">'),
    ("<a =y href=x>", '<a =y href="/T/x">'),
    ("<a b=c'd href=x>", '<a b=c\'d href="/T/x">'),
    ("<a title='>' href=x>", "<a title='>' href=\"/T/x\">"),
    ("<a title=\"<b href='n'>\" href=x>", '<a title="<b href=\'n\'>" href="/T/x">'),
    ("<p <a href=x>", '<p <a href="/T/x">'),
    ("1 < 2 <a href=x>", '1 < 2 <a href="/T/x">'),
    ("</3><a href=x>", '</3><a href="/T/x">'),
    ("</a title='><img src=x>'><img src=y>", None),
    ('<svg><use xlink:href="i.svg#a"/></svg>', '<svg><use xlink:href="/T/i.svg#a"/></svg>'),
    ("<svg><image href=x /></svg>", '<svg><image href="/T/x" /></svg>'),
    ("<video poster=p src=v>", '<video poster="/T/p" src="/T/v">'),
    ("<body background=b>", '<body background="/T/b">'),
    ("<form action=f><button formaction=g>", '<form action="/T/f"><button formaction="/T/g">'),
    ("<object data=o>", '<object data="/T/o">'),
    ("<p data=o>", "<p data=o>"),
    ("<base href=/t/>", '<base href="/T//t/">'),
    ("<base href=/t/><p><base href=/u/>", '<base href="/T//t/"><p><base href="/T//u/">'),
    ("<img srcset='a.jpg 1x, b.jpg 2x'>", '<img srcset="/T/a.jpg 1x, /T/b.jpg 2x">'),
    ("<img srcset='a,b.jpg 1x,c.jpg'>", '<img srcset="/T/a,b.jpg 1x,/T/c.jpg">'),
    ("<img srcset='a.jpg, b.jpg'>", '<img srcset="/T/a.jpg, /T/b.jpg">'),
    ("<img srcset=' ,,a.jpg'>", '<img srcset=" ,,/T/a.jpg">'),
    ("<source srcset='a 100w, a 200w'>", '<source srcset="/T/a 100w, /T/a 200w">'),
    ("<link imagesrcset='a 1x'>", '<link imagesrcset="/T/a 1x">'),
    ('<p style="background:url(x)">', '<p style="background:url(&quot;/T/x&quot;)">'),
    ("<style>p{background:url(x)}</style>", '<style>p{background:url("/T/x")}</style>'),
    ("<STYLE>@import 'x';</STYLE >", '<STYLE>@import "/T/x";</STYLE >'),
    ("<style>p{background:url(x)}", '<style>p{background:url("/T/x")}'),
    ("<style>p{color:red}</style>", "<style>p{color:red}</style>"),
    ("<script src=s integrity=i>", '<script src="/T/s" data-archived-integrity=i>'),
    ("<a target=_blank href=x>", '<a data-archived-target=_blank href="/T/x">'),
    ("<a HREF=x TARGET='_top'>", "<a HREF=\"/T/x\" data-archived-TARGET='_top'>"),
    ("<plaintext><a href=x>", "<plaintext><a href=x>"),
    ("<a href=سلام>", '<a href="/T/سلام">'),
    ("<a href=%D8%B3?q=%20>", '<a href="/T/%D8%B3?q=%20">'),
]


@pytest.mark.parametrize(("page", "expected"), MOVED, ids=[page for page, _ in MOVED])
def test_addresses_are_found_as_a_browser_finds_them(page: str, expected: str | None) -> None:
    # An end tag has attributes too, which mean nothing: what stands in them is no tag.
    assert put(page) == (expected or "</a title='><img src=x>'><img src=\"/T/y\">")


@pytest.mark.parametrize("header", ["Content-Security-Policy", "content-security-policy-report-only"])
def test_a_policy_of_the_page_is_put_aside(header: str) -> None:
    page = f'<meta http-equiv="{header}" content="img-src cdn.example">'
    assert re.fullmatch(rf'<meta data-archived-http-equiv="{header}" content=.*', put(page))


REFRESHES = [
    ("5;url=x", "5;url=/T/x"),
    ("0; URL='x'", "0; URL=/T/x"),
    ("0, url = x", "0, url = /T/x"),
    ('1.5 ; url="x"', "1.5 ; url=/T/x"),
    ("0;x", "0;/T/x"),
    ("5", "5"),
    (";url=x", ";url=/T/x"),
]


@pytest.mark.parametrize(("said", "expected"), REFRESHES)
def test_refreshes(said: str, expected: str) -> None:
    kept = f"<meta HTTP-EQUIV=Refresh content='{escape(said)}'>"
    found = Selector(put(kept)).css("meta").attrib["content"]
    assert found == expected
    assert put(kept.replace("HTTP-EQUIV", "name")) == kept.replace("HTTP-EQUIV", "name")


LEFT_ALONE = [
    "<!-- <a href=x> --> <!--><!---><!-- a -- <a href=x> -->",
    "<!-- <a href=x>",
    "<!DOCTYPE html SYSTEM 'about:legacy-compat'><?xml href='x'?></>",
    "<![CDATA[<a href=x]]>",
    "<script>'<a href=x>' // </scripts> </script>",
    "<SCRIPT>'<a href=x>'</SCRIPT\n>",
    "<script>'<a href=x>'",
    "<script type=text/template><img src=x></script>",
    "<textarea><a href=x></textarea><title><a href=x></title>",
    "<a href=#top><a href=''><a href><a href=>",
    "<img src=data:image/gif;base64,R0lG><img src=DATA:,x>",
    "<p title=x id=href>&amp; &lt;a href=x&gt; &nbsp;&unknown;",
    "<a name=x data-x=y data-url=z>",
    "<style>p::before{content:'</p><a href=x>'}</style>",
    "<a href=javascript:void(0)><a href=mailto:a@b.ir><a href=tel:+98>",
    "<a href=' JavaScript:alert(1)'>",
    "<p style='color: red'>",
    "<a href=http://[x>",
    "\r\n\x00\x0b\x0c\x7f سلام\u200cها",
    "<img srcset=''><img srcset=','>",
    "<",
    "<a",
    "<a href",
    "<a href=",
    "<a href='x",
    "</",
    "<!",
    "<!-",
]


@pytest.mark.parametrize("page", LEFT_ALONE)
def test_all_else_stays(page: str) -> None:
    assert put_elsewhere(page.encode(), "utf-8", web_only) == page.encode()


def test_comments_end_where_a_browser_says() -> None:
    for comment in ("<!-->", "<!--->", "<!-- a -->", "<!-- a --!>", "<!----!>", "<!--a---->"):
        assert put(f"{comment}<a href=x>") == f'{comment}<a href="/T/x">', comment
    for comment in ("<!--!>", "<!---!>", "<!-- a - ->", "<!-- a -- >"):
        assert put(f"{comment}<a href=x>") == f"{comment}<a href=x>", comment


def test_script_that_holds_a_script_ends_where_a_browser_says() -> None:
    held = "<script><!-- <script> </script> '<a href=x>' --></script>"
    assert put(f"{held}<a href=y>") == f'{held}<a href="/T/y">'


def test_in_svg_a_title_and_a_style_may_be_whole_at_once() -> None:
    for tag in ("title", "style", "script"):
        assert put(f"<svg><{tag}/></svg><a href=x>").endswith('<a href="/T/x">'), tag
    assert put("<title/><a href=x></title><a href=y>") == '<title/><a href=x></title><a href="/T/y">'


def test_of_attributes_of_one_name_the_first_counts() -> None:
    assert Selector(put("<a href=x href=y>")).css("a").attrib["href"] == "/T/x"
    twice = '<meta http-equiv=x http-equiv=refresh content="0;url=x">'
    assert put(twice) == twice


def test_late_images_only_when_asked() -> None:
    page = "<img src=blank.gif data-src=x.jpg data-srcset='y 1x' class=lazy>"
    both = '<img src="/T/blank.gif" data-src="/T/x.jpg" data-srcset="/T/y 1x" class=lazy>'
    assert put(page) == both
    late = Selector(put(page, late_images=True)).css("img")
    assert late.attrib["src"] == "/T/x.jpg"
    assert late.attrib["srcset"] == "/T/y 1x"
    assert late.attrib["class"] == "lazy"
    assert put("<div data-src=x>", late_images=True) == '<div data-src="/T/x">'


BASES = [
    ("<base href=/t/>", "http://site.example/t/"),
    ('<BASE target=_top HREF="/t/">', "http://site.example/t/"),
    ("<p>late<base href='http://b.example/'>", "http://b.example/"),
    ("<base target=x><base href=/t/><base href=/u/>", "http://site.example/t/"),
    ("<base href=/t/?a&amp;b>", "http://site.example/t/?a&b"),
    ("<!-- <base href=/t/> -->", BASE),
    ("<script>'<base href=/t/>'</script>", BASE),
    ("<base data-href=/t/>", BASE),
    ("<base title='<base href=/t/>' href=/u/>", "http://site.example/u/"),
    ("<basefont href=/t/>", BASE),
    ("<base href='javascript:x'>", BASE),
    ("<base href='http://[x'>", BASE),
    ("<p>none", BASE),
]


@pytest.mark.parametrize(("page", "expected"), BASES)
def test_base(page: str, expected: str) -> None:
    assert base_of(page.encode(), "utf-8", BASE) == expected


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_all_that_a_page_needs_leads_elsewhere(path: Path) -> None:
    """Another reader's list of what the page needs (lxml's tree): none of it is left where it was."""
    page = path.read_bytes()
    before = {one.url for one in page_requisites(Selector(page.decode()), BASE, video=True)}
    found = put_elsewhere(page, "utf-8", web_only, late_images=False)
    after = [one.url for one in page_requisites(Selector(found.decode()), BASE, video=True)]
    assert all(url.startswith("http://site.example/T/http") for url in after), after
    assert {url.removeprefix("http://site.example/T/") for url in after} == before
    links = Selector(found.decode()).css("a::attr(href)").getall()
    assert not [href for href in links if href.startswith(("http", "/fa"))]


def test_what_stands_between_addresses_is_what_stood_there() -> None:
    """Of a whole page: the bytes that differ are the addresses alone."""
    page = GOLDEN[0].read_bytes()
    mark = b"\x01"
    found = put_elsewhere(page, "utf-8", lambda _: "\x01")
    at = 0
    for piece, following in pairwise(found.split(b'"' + mark + b'"')):
        assert page.startswith(piece, at)
        at = page.index(following, at + len(piece)) if following else len(page)
