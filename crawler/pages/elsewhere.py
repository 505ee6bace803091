"""A page whose addresses lead elsewhere: to the archive's copies. All other bytes stay as they are.

Tags are found as HTML's tokeniser finds them (WHATWG HTML, 13.2.5), in the page's own bytes. What this misses
is asked for where it cannot be had: whoever serves the page lets nothing out (explorer/replay.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from crawler.pages.css import rewritten
from crawler.pages.requisites import srcset
from crawler.sites.urls import absolute

Place = Callable[[str], str]  # an address as it is written → as it is to be
_TAG = re.compile(rb"<(?:(!--)|(/?)([A-Za-z][^\s/>]*+)|[!?/][^>]*+>?+)")
_ATTRIBUTE = re.compile(
    rb"[\s/]*+([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s>\"'][^\s>]*+)))?+"
)
_TAG_END = re.compile(rb"[^>]*+>?+")
_RAW = (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes")
_ADDRESSES = frozenset(
    "href src data-src poster background action formaction data xlink:href longdesc cite manifest".split()
)
_SETS = frozenset("srcset data-srcset imagesrcset".split())
# A changed style sheet has another digest; a window of its own is none where the page stands in a frame.
_PUT_ASIDE = frozenset(("integrity", "target"))
_LATE = {"src": "data-src", "srcset": "data-srcset"}  # what counts, and where a script would find it
_REFRESH = re.compile(r"(\s*[0-9.]*\s*[;,]?\s*(?:url\s*=\s*)?)(['\"]?)(.*?)\2\s*", re.IGNORECASE | re.DOTALL)


_BASE = re.compile(
    rb"<base\s[^>]{0,2000}?\bhref\s{0,9}=\s{0,9}(?:\"([^\"]*)\"|'([^']*)'|([^\s>\"'][^\s>]*))", re.IGNORECASE
)


def base_of(page: bytes, charset: str, url: str) -> str:
    """What addresses on the page are relative to: the first ``<base href>``, else its own.

    >>> base_of(b'<BASE href="/t/">', "utf-8", "http://a.ir/fa/x")
    'http://a.ir/t/'
    """
    found = _BASE.search(page)
    if found is None:
        return url
    raw = next(value for value in found.groups() if value is not None)
    return absolute(url, unescape(raw.decode(charset, "replace"))) or url


def put_elsewhere(page: bytes, charset: str, place: Place, *, late_images: bool = False) -> bytes:
    """``place`` is given each address of the page that is one (not ``#…``, not ``data:``), and gives another.
    ``late_images``: pictures whose address a script would put where it counts (``data-src``) are put there.

    >>> put_elsewhere(b'<a href=/x?a&amp;b>&amp;</a>', "utf-8", "/was{}".format)
    b'<a href="/was/x?a&amp;b">&amp;</a>'
    """
    return _Page(page, charset, place, late_images).done()


class _Page:
    def __init__(self, page: bytes, charset: str, place: Place, late_images: bool) -> None:
        self._page, self._charset, self._place, self._late_images = page, charset, place, late_images
        self._parts: list[bytes] = []
        self._copied = 0  # of the page

    def done(self) -> bytes:
        at = 0
        while found := _TAG.search(self._page, at):
            if found[1]:
                at = self._behind(b"-->", found.end() - 2)  # <!--> is a whole one
            elif found[3] is None or found[2]:
                at = _end_of_tag(self._page, found.end())
            else:
                at = self._start_tag(found[3].lower(), found.end())
        self._parts.append(self._page[self._copied :])
        return b"".join(self._parts)

    def _start_tag(self, tag: bytes, at: int) -> int:
        """Where the tag, and for a script and the like its text, ends."""
        attributes = []
        while (found := _ATTRIBUTE.match(self._page, at)) and found.end() > at:
            attributes.append(found)
            at = found.end()
        refresh = tag == b"meta" and _value_of(attributes, b"http-equiv") == b"refresh"
        names = frozenset(attribute[1].lower().decode("latin-1") for attribute in attributes)
        for attribute in attributes:
            if (new := self._changed(tag, attribute, names, refresh=refresh)) is not None:
                self._put(attribute.start(1), attribute.end(), new)
        at = _end_of_tag(self._page, at)
        return self._text_of(tag, at) if tag in _RAW else at

    def _text_of(self, tag: bytes, at: int) -> int:
        closing = re.compile(rb"</" + tag + rb"(?=[\s/>])", re.IGNORECASE).search(self._page, at)
        end = closing.start() if closing else len(self._page)
        if tag == b"style":
            text = self._page[at:end].decode(self._charset, "surrogateescape")
            self._put(at, end, self._encoded(rewritten(text, self._moved)))
        return end

    def _changed(
        self, tag: bytes, attribute: re.Match[bytes], names: frozenset[str], *, refresh: bool
    ) -> bytes | None:
        """The attribute as it is to be; None: as it is. ``names``: all of its tag."""
        name = attribute[1].lower().decode("latin-1")
        raw = next((value for value in attribute.groups()[1:] if value is not None), None)
        if raw is None:
            return None
        late = _LATE if self._late_images and tag == b"img" else {}
        policy = tag == b"meta" and name == "http-equiv" and _is_policy(raw)
        if name in _PUT_ASIDE or policy or late.get(name) in names:
            return b"data-archived-" + self._page[attribute.start(1) : attribute.end()]
        value = unescape(raw.decode(self._charset, "surrogateescape"))
        new = self._new_value(tag, name, value, refresh=refresh)
        counts = name in late.values()
        if new == value and not counts:
            return None
        shown = name.removeprefix("data-").encode() if counts else attribute[1]
        return shown + b'="' + self._encoded(escape(new)) + b'"'

    def _new_value(self, tag: bytes, name: str, value: str, *, refresh: bool) -> str:
        if name in _ADDRESSES and not (name == "data" and tag != b"object"):
            return self._moved(value)
        if name in _SETS:
            return _set(value, self._moved)
        if name == "style":
            return rewritten(value, self._moved)
        if name == "content" and refresh and (found := _REFRESH.fullmatch(value)) and found[3]:
            return f"{found[1]}{self._moved(found[3])}"
        return value

    def _moved(self, address: str) -> str:
        bare = address.strip()
        return self._place(bare) if bare and not bare.startswith(("#", "data:")) else address

    def _put(self, start: int, end: int, new: bytes) -> None:
        self._parts += [self._page[self._copied : start], new]
        self._copied = end

    def _behind(self, mark: bytes, at: int) -> int:
        end = self._page.find(mark, at)
        return len(self._page) if end < 0 else end + len(mark)

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._charset, "surrogateescape")


def _end_of_tag(page: bytes, at: int) -> int:
    found = _TAG_END.match(page, at)
    return found.end() if found else len(page)


def _value_of(attributes: list[re.Match[bytes]], name: bytes) -> bytes:
    for found in attributes:
        if found[1].lower() == name:
            return next((value for value in found.groups()[1:] if value is not None), b"").strip().lower()
    return b""


def _is_policy(raw: bytes) -> bool:
    return raw.strip().lower().startswith(b"content-security-policy")


def _set(value: str, place: Place) -> str:
    """A ``srcset`` with other addresses, its descriptors kept."""
    parts, at = [], 0
    for address in srcset(value):
        start = value.index(address, at)
        parts += [value[at:start], place(address)]
        at = start + len(address)
    return "".join([*parts, value[at:]])
