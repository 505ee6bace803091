"""A page whose addresses lead elsewhere: to the archive's copies. All other bytes stay as they are.

What this misses is asked for where it cannot be had: whoever serves the page lets nothing out
(explorer/replay.py).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape, unescape

from crawler.pages.css import rewritten
from crawler.pages.requisites import srcset
from crawler.pages.tags import Attribute, StartTag, start_tags
from crawler.sites.urls import absolute

Place = Callable[[str], str]  # an address as it is written → as it is to be
_ADDRESSES = frozenset(
    "href src data-src poster background action formaction data xlink:href longdesc cite manifest".split()
)
_SETS = frozenset("srcset data-srcset imagesrcset".split())
# A changed style sheet has another digest; a window of its own is none where the page stands in a frame.
_PUT_ASIDE = frozenset(("integrity", "target"))
_LATE = {"src": "data-src", "srcset": "data-srcset"}  # what counts, and where a script would find it
_BROKEN = re.compile(r"[\udc80-\udcff]+")
_REFRESH = re.compile(r"(\s*[0-9.]*\s*[;,]?\s*(?:url\s*=\s*)?)(['\"]?)(.*?)\2\s*", re.IGNORECASE | re.DOTALL)


def base_of(page: bytes, charset: str, url: str) -> str:
    """What addresses on the page are relative to: the first ``<base href>``, else its own.

    >>> base_of(b'<BASE href="/t/">', "utf-8", "http://a.ir/fa/x")
    'http://a.ir/t/'
    """
    if b"<base" not in page.lower():
        return url
    written = (tag.value("href") for tag in start_tags(page) if tag.name == b"base")
    first = next((value for value in written if value is not None), b"")
    return absolute(url, unescape(first.decode(charset, "replace"))) or url


def put_elsewhere(page: bytes, charset: str, place: Place, *, late_images: bool = False) -> bytes:
    """``place`` is given each address of the page that is one (not ``#…``, not ``data:``), and gives another.
    ``late_images``: pictures whose address a script would put where it counts (``data-src``) are put there.

    >>> put_elsewhere(b'<a href=/x?a&amp;b>&amp;</a>', "utf-8", "/was{}".format)
    b'<a href="/was/x?a&amp;b">&amp;</a>'
    """
    return _Page(page, charset, place, late_images).done()


def sheet_elsewhere(sheet: bytes, charset: str, place: Place) -> bytes:
    """The same for a style sheet."""
    text = sheet.decode(charset, "surrogateescape")
    moved = rewritten(text, place)
    return sheet if moved == text else _encoded(moved, charset, "\\{:x} ")


class _Page:
    def __init__(self, page: bytes, charset: str, place: Place, late_images: bool) -> None:
        self._page, self._charset, self._place, self._late_images = page, charset, place, late_images
        self._parts: list[bytes] = []
        self._copied = 0  # of the page

    def done(self) -> bytes:
        for tag in start_tags(self._page):
            self._start_tag(tag)
            if tag.name == b"style" and tag.text:
                start, end = tag.text
                self._put(start, end, sheet_elsewhere(self._page[start:end], self._charset, self._moved))
        self._parts.append(self._page[self._copied :])
        return b"".join(self._parts)

    def _start_tag(self, tag: StartTag) -> None:
        refresh = tag.name == b"meta" and (tag.value("http-equiv") or b"").strip().lower() == b"refresh"
        names = frozenset(attribute.key for attribute in tag.attributes)
        for one in tag.attributes:
            if (new := self._changed(tag.name, one, names, refresh=refresh)) is not None:
                self._put(one.start, one.end, new)

    def _changed(
        self, tag: bytes, attribute: Attribute, names: frozenset[str], *, refresh: bool
    ) -> bytes | None:
        """The attribute as it is to be; None: as it is. ``names``: all of its tag."""
        name, raw = attribute.key, attribute.value
        if raw is None:
            return None
        late = _LATE if self._late_images and tag == b"img" else {}
        policy = tag == b"meta" and name == "http-equiv" and _is_policy(raw)
        if name in _PUT_ASIDE or policy or late.get(name) in names:
            return b"data-archived-" + self._page[attribute.start : attribute.end]
        value = unescape(raw.decode(self._charset, "surrogateescape"))
        new = self._new_value(tag, name, value, refresh=refresh)
        counts = name in late.values()
        if new == value and not counts:
            return None
        shown = name.removeprefix("data-").encode() if counts else attribute.name
        return shown + b'="' + _encoded(escape(new), self._charset, "&#{};") + b'"'

    def _new_value(self, tag: bytes, name: str, value: str, *, refresh: bool) -> str:
        if name in _ADDRESSES and not (name == "data" and tag != b"object"):
            return self._moved(value)
        if name in _SETS:
            return _set(value, self._moved)
        if name == "style":
            return rewritten(value, self._moved)
        if name == "content" and refresh and (found := _REFRESH.fullmatch(value)) and found[3]:
            moved = self._moved(found[3])
            return value if moved == found[3] else f"{found[1]}{moved}"
        return value

    def _moved(self, address: str) -> str:
        bare = address.strip()
        if not bare or bare.startswith(("#", "data:")):
            return address
        moved = self._place(_BROKEN.sub(self._read_anew, bare))
        return address if moved == bare else moved

    def _read_anew(self, broken: re.Match[str]) -> str:
        """Bytes of an address that are no letters, as browsers and the crawl read them: U+FFFD."""
        return broken[0].encode(self._charset, "surrogateescape").decode(self._charset, "replace")

    def _put(self, start: int, end: int, new: bytes) -> None:
        self._parts += [self._page[self._copied : start], new]
        self._copied = end


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


def _encoded(text: str, charset: str, spelled: str) -> bytes:
    """Bytes that could not be read are those again; letters that the encoding lacks are ``spelled`` by their
    numbers."""
    try:
        return text.encode(charset, "surrogateescape")
    except UnicodeEncodeError:
        lacking = {
            ord(letter): spelled.format(ord(letter)) for letter in set(text) if _lacks(charset, letter)
        }
        return text.translate(lacking).encode(charset, "surrogateescape")


def _lacks(charset: str, letter: str) -> bool:
    try:
        return not letter.encode(charset, "surrogateescape")
    except UnicodeEncodeError:
        return True
