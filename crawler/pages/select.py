"""A selector says how many matches it expects, and complains by name where the page disagrees."""

from __future__ import annotations

from lxml.etree import XPath
from parsel import Selector, SelectorList

_STRING = XPath("string()")


class PageChanged(ValueError):
    """The page is not built as its class believes: a redesign, or a page of another kind."""


def one(node: Selector, css: str) -> Selector:
    """The only match.

    >>> text_of(one(Selector("<h1>قم</h1>"), "h1"))
    'قم'
    >>> one(Selector("<p>"), "h1")
    Traceback (most recent call last):
    crawler.pages.select.PageChanged: 'h1': expected 1 match, got 0
    """
    found = node.css(css)
    if len(found) != 1:
        raise PageChanged(f"{css!r}: expected 1 match, got {len(found)}")
    return found[0]


def some(node: Selector, css: str) -> SelectorList[Selector]:
    """One match or more."""
    found = node.css(css)
    if not found:
        raise PageChanged(f"{css!r}: expected at least 1 match, got 0")
    return found


def text_of(node: Selector) -> str:
    """All text under an element, as it stands.

    >>> text_of(Selector("<p>استان <b>قم</b><!-- x --></p>").css("p")[0])
    'استان قم'
    """
    # Compiled once: on an article page this is asked for some forty times.
    return str(_STRING(node.root))
