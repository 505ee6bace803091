"""Where a page's links lead: what an archivist asks of a capture beside its bytes."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import urlsplit

from parsel import Selector

from crawler.sites.urls import absolute


def outlinks(root: Selector, base: str) -> list[str]:
    """The http(s) addresses that links of the page lead to, percent-encoded, each once, in page order.

    >>> page = Selector('<a href="/fa/x">a<a href="y#z">b<a href="javascript:void(0)">c<a href="/fa/x">d')
    >>> outlinks(page, "http://a.ir/fa/news/1")
    ['http://a.ir/fa/x', 'http://a.ir/fa/news/y']
    """
    # lxml's own iterator: a selector would take as long as all the rest.
    own = next((element.get("href") for element in root.root.iter("base")), None)
    base = (absolute(base, own) or base) if own else base
    origin = "{0.scheme}://{0.netloc}/".format(urlsplit(base))
    found: dict[str | None, None] = {}
    for link in root.root.iter("a"):
        href = (link.get("href") or "").partition("#")[0]
        if href.startswith(("/", "http")):
            found[_anywhere(origin, href)] = None
        elif href:
            found[absolute(base, href)] = None
    return [url for url in found if url]


@lru_cache(8192)
def _anywhere(origin: str, href: str) -> str | None:
    """A page's menu and its lists have a hundred links, and the next page has the same."""
    return absolute(origin, href)
