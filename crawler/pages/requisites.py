"""What a page needs to look like itself: pictures, style sheets, scripts, fonts, posters; films if wanted.

Every article page passes here, so elements are walked once, without a selector each.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

from lxml.etree import XPath, _Element
from parsel import Selector

from crawler.pages.css import Kind, Reference, inline_references, references
from crawler.sites.urls import absolute

LONG_ADDRESS = 2_000  # letters; what is longer is not remembered from page to page
MOST_STEPS = 5  # from page to style sheet to @import … to picture; a redirect is a step too


class Requisite(NamedTuple):
    """A file that a page needs. ``url``: absolute, percent-encoded, without a fragment."""

    url: str
    kind: Kind


_TAGS = ("base", "link", "script", "img", "source", "video", "audio", "input", "style")
_PRELOADED: dict[str, Kind] = {"image": "image", "style": "style", "font": "font", "script": "script"}
_ATTRIBUTES = XPath("//@style | //@background")
_NO_MATTER_WHERE = ("/", "http://", "https://")  # mean the same on all pages of a host
_PLACES = ("src", "data-src")  # data-src: where a page loads images late, src holds a placeholder
_SETS = ("srcset", "data-srcset")

# An address of a srcset, then its descriptors, which end at a comma outside parentheses. HTML's own blanks.
_CANDIDATE = re.compile(r"[ \t\n\f\r,]*+([^ \t\n\f\r,][^ \t\n\f\r]*+)")
_DESCRIPTORS = re.compile(r"(?:[^,(]|\([^)]*+\)?)*+")


def page_requisites(root: Selector, base: str, *, video: bool) -> list[Requisite]:
    """The requisites of an HTML page, each once, in page order; those of ``style=""`` last.

    ``base``: the page's address. ``video``: films and sound too, not only their posters.

    >>> page = Selector('<base href="/t/"><img src="a.jpg" srcset="b.jpg 2x"><p style="color: red">')
    >>> [requisite.url for requisite in page_requisites(page, "http://a.ir/fa/x", video=False)]
    ['http://a.ir/t/a.jpg', 'http://a.ir/t/b.jpg']
    """
    elements = list(root.root.iter(*_TAGS))
    hrefs = (element.get("href") for element in elements if element.tag == "base")
    base = absolute(base, next((href for href in hrefs if href), base)) or base
    references = [found for element in elements for found in _of_element(element)]
    for value in _ATTRIBUTES(root.root):
        background = value.attrname == "background"
        references += [("image", str(value))] if background else inline_references(str(value))
    found = _resolved(base, references)
    return found if video else [requisite for requisite in found if requisite.kind != "film"]


def css_requisites(text: str, base: str) -> list[Requisite]:
    """What a style sheet at ``base`` needs: ``url(…)``, ``@import``, ``image-set(…)``; each once, in order.

    >>> css_requisites("@import 'b.css'; p {background: url(#x)}", "http://a.ir/c/")
    [Requisite(url='http://a.ir/c/b.css', kind='style')]
    """
    return _resolved(base, references(text))


def _resolved(base: str, references: Iterable[Reference]) -> list[Requisite]:
    root = urljoin(base, "/")
    first: dict[str, Requisite] = {}
    for kind, href in dict.fromkeys(references):
        # An empty address would be the page's own; and pictures that stand in the page need no request.
        if href.isspace() or not href or href[:5].lower() == "data:":
            continue
        resolve = _address_of if len(href) < LONG_ADDRESS else _address_of.__wrapped__
        if url := resolve(root if href.startswith(_NO_MATTER_WHERE) else base, href):
            first.setdefault(url, Requisite(url, kind))
    return list(first.values())


@lru_cache(4096)  # a site's pages bear many of the same: half the time of a page
def _address_of(base: str, href: str) -> str:
    return (absolute(base, href) or "").partition("#")[0]


# -- elements ----------------------------------------------------------------------------------------


def _of_element(element: _Element) -> Iterator[Reference]:
    tag = element.tag
    if tag == "style":
        yield from inline_references(element.text or "")
    elif tag == "script":
        yield "script", element.get("src", "")
    elif tag == "link":
        yield from _of_link(element)
    elif tag == "input":
        if element.get("type", "").strip().lower() == "image":
            yield "image", element.get("src", "")
    elif tag == "img":
        for name in _PLACES:
            yield "image", element.get(name, "")
        yield from _of_sets(element)
    elif tag == "source":
        yield "film", element.get("src", "")  # of <video>, <audio>
        yield from _of_sets(element)  # of <picture>
    elif tag in ("video", "audio"):
        yield "image", element.get("poster", "")
        yield "film", element.get("src", "")


def _of_link(link: _Element) -> Iterator[Reference]:
    tokens, href = link.get("rel", "").lower().split(), link.get("href", "")
    if "stylesheet" in tokens:
        yield "style", href
    elif "icon" in tokens:
        yield "image", href
    elif "preload" in tokens and (kind := _PRELOADED.get(link.get("as", "").strip().lower())):
        yield kind, href


def _of_sets(element: _Element) -> Iterator[Reference]:
    for name in _SETS:
        for href in srcset(element.get(name, "")):
            yield "image", href


def srcset(text: str) -> Iterator[str]:
    """The addresses of a ``srcset``, read as HTML says: an address may hold commas, but not end with one.

    >>> list(srcset("a,b.jpg 1x, c.jpg 2x,d.jpg"))
    ['a,b.jpg', 'c.jpg', 'd.jpg']
    """
    at = 0
    while match := _CANDIDATE.match(text, at):
        url, at = match[1], match.end()
        if url.endswith(","):
            url = url.rstrip(",")
        elif descriptors := _DESCRIPTORS.match(text, at):
            at = descriptors.end()
        yield url
