"""XML as the site writes it: feeds and sitemaps, whole or not at all."""

from __future__ import annotations

import re
from html.entities import html5

from lxml.etree import XMLParser, XMLSyntaxError, fromstring
from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.pages.select import PageChanged

_XML_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))
_ENTITY = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")


def xml_root(body: bytes, *names: str) -> tuple[Selector, str | None]:
    """The document, if its root element has one of these names. Raises PageChanged for anything else.

    A document that is cut off is refused: its last address may be half an address. One that declares
    entities of its own is refused: no feed needs them, bombs do. HTML's entities, which XML does not know,
    are put in before parsing: parsers drop them without a word, and ``&zwnj;`` is half of Persian spelling.

    The second value says what is damaged in it, or None: parts behind a damaged place may be missing.

    >>> xml_root(b"<rss><t>a&zwnj;b</t></rss>", "rss")[0].xpath("//t/text()").get()
    'a\\u200cb'
    """
    text = html_to_unicode(None, body, default_encoding="utf-8")[1].strip("\ufeff \t\r\n\0")
    if not re.search(rf"</(?:\w+:)?(?:{'|'.join(names)})\s*>(?:\s|<!--.*?-->)*$", text, re.DOTALL):
        raise PageChanged(f"expected a whole XML document with the root {' or '.join(names)}")
    if "<!ENTITY" in text:
        raise PageChanged("an XML document that declares entities of its own")
    text = _ENTITY.sub(_letter, text)
    root = Selector(text=text, type="xml")
    if root.xpath("local-name(/*)").get() not in names:
        raise PageChanged(
            f"root element {root.xpath('local-name(/*)').get()!r}: expected {' or '.join(names)}"
        )
    return root, _fault(text)


def _fault(text: str) -> str | None:
    """What a strict reader says. Selector's parser goes on behind a fault, and drops what it cannot place."""
    declaration = re.compile(r"^<\?xml[^>]*\?>")
    try:
        fromstring(declaration.sub("", text).encode(), XMLParser(resolve_entities=False, no_network=True))
    except XMLSyntaxError as error:
        return str(error.msg)
    return None


def _letter(match: re.Match[str]) -> str:
    return match[0] if match[1] in _XML_OWN else html5.get(match[1] + ";", match[0])
