"""Pages of any bytes, in any encoding, of any size: put elsewhere without an error, in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from parsel import Selector

from crawler.pages.elsewhere import base_of, put_elsewhere
from tests.pages.test_elsewhere import BASE, place, web_only


@pytest.mark.parametrize("charset", ["utf-8", "cp1256", "ascii", "iso8859-1", "shift_jis"])
def test_broken_bytes_stay(charset: str) -> None:
    every = bytes(range(128, 256)) + b"\x81\xff"
    page = every + b"<p title='" + every + b"'><a href=x>" + every + b"<style>/*" + every + b"*/ p{}</style>"
    found = put_elsewhere(page, charset, place)
    assert found == page.replace(b"href=x", b'href="/T/x"')
    style = b"<p style='/*\x81\xff*/ background: url(x)'>"
    assert b"/*\x81\xff*/" in put_elsewhere(style, charset, place)


def test_letters_that_the_encoding_lacks() -> None:
    page = b"<p style=\"content:'&#x1F600;';background:url(x)\"><a href='&#x1F600;'>"
    found = Selector(put_elsewhere(page, "cp1256", place).decode("cp1256"))
    assert found.css("p").attrib["style"] == 'content:"\U0001f600";background:url("/T/x")'
    assert found.css("a").attrib["href"] == "/T/\U0001f600"


@given(st.binary(max_size=200), st.sampled_from(["utf-8", "cp1256"]), st.booleans())
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise(noise: bytes, charset: str, late: bool) -> None:
    """Nor does any address in them that is looked at as a real one."""
    page = b"<a href='" + noise.replace(b"'", b"") + b"'><style>p{background:url(x)}" + noise
    put_elsewhere(page, charset, web_only, late_images=late)
    put_elsewhere(noise, charset, web_only, late_images=late)
    base_of(b"<base href='" + noise, charset, BASE)
    base_of(b"<base href='" + noise + b"'>", charset, BASE)


TAGS = ["<a href=x>", "<img src='y' srcset='a 1x, b'>", "</p>", "<!-- c -->", "<", "&amp;", "<p class=z>"]


@given(st.lists(st.one_of(st.sampled_from(TAGS), st.text(st.characters(codec="utf-8"), max_size=9))))
@settings(max_examples=150, deadline=None)
def test_text_outside_of_tags_stays(pieces: list[str]) -> None:
    """Where each address is put to itself, a browser sees the same page."""
    page = "".join(pieces).encode()
    found = put_elsewhere(page, "utf-8", lambda href: href)
    assert found == page


SLOW = {
    "lesser signs": b"<" * 50_000,
    "tags begun": b"<a " * 50_000,
    "ends begun": b"</" * 50_000,
    "comments begun": b"<!--" * 50_000,
    "comments nearly ended": b"<!--" + b"--" * 50_000,
    "quotes": b"<a href=" + b'"' * 50_000,
    "quotes unclosed": b"<a b='" + b"c=\"'" * 25_000,
    "attributes": b"<a " + b"href=x " * 50_000 + b">",
    "names": b"<a " + b"x " * 50_000,
    "equals": b"<a " + b"= " * 50_000,
    "slashes": b"<a " + b"/" * 50_000,
    "blanks": b"<a href" + b" " * 50_000,
    "scripts begun": b"<script>" * 50_000,
    "scripts in scripts": b"<script><!--<script>" + b"</script><script>" * 25_000,
    "scripts of comments": b"<script>" + b"<!--" * 50_000,
    "titles never ended": b"<title></titl" * 20_000,
    "bases begun": b"<base " * 50_000,
    "bases": b"<base x=y>" * 50_000,
    "sets": b"<img srcset='" + b"a 1x," * 20_000 + b"'>",
    "sets of commas": b"<img srcset='" + b"," * 50_000 + b"'>",
    "sets of brackets": b"<img srcset='" + b"a (" * 20_000 + b"'>",
    "refreshes": b"<meta http-equiv=refresh content='" + b" 0;" * 20_000 + b"'>",
    "entities": b"<a href='" + b"&#" * 50_000 + b"'>",
    "style urls": b"<style>" + b"url(" * 20_000,
    "style brackets": b"<style>url(x)" + b"(" * 20_000,
    "style escapes": b"<p style='" + b"\\" * 20_000 + b"'>",
}


@pytest.mark.parametrize("page", SLOW.values(), ids=SLOW)
def test_time_is_linear(page: bytes) -> None:
    start = time.process_time()
    put_elsewhere(page, "utf-8", web_only)
    base_of(page, "utf-8", BASE)
    assert time.process_time() - start < 1.5


def test_a_page_of_five_megabytes() -> None:
    row = "<tr><td><a href='/fa/news/1'>خبر</a><img src=x.jpg alt='&amp;'><td style='color:red'>…".encode()
    page = row * (5_000_000 // len(row))
    start = time.process_time()
    found = put_elsewhere(page, "utf-8", lambda href: "/T" + href)
    assert found.count(b'"/T/fa/news/1"') == found.count(b"<tr>") == page.count(b"<tr>")
    assert time.process_time() - start < 5
