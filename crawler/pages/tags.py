"""The start tags of a page, in its own bytes, as HTML's tokeniser finds them (WHATWG HTML, 13.2.5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_TAG = re.compile(rb"<(?:(!--)|(/?)([A-Za-z][^\t\n\f\r />]*+)|[!?/][^>]*+>?+)")
_ATTRIBUTE = re.compile(
    rb"[\t\n\f\r /]*+([^\t\n\f\r />][^\t\n\f\r />=]*+)"
    rb"(?:[\t\n\f\r ]*+=[\t\n\f\r ]*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\t\n\f\r >\"'][^\t\n\f\r >]*+)))?+"
)
_TAG_END = re.compile(rb"[^>]*+>?+")
_COMMENT_END = re.compile(rb"--!?>")
_RAW = (b"script", b"style", b"textarea", b"title", b"xmp", b"iframe", b"noembed", b"noframes", b"plaintext")
_FOREIGN = (b"svg", b"math")
_IN_SCRIPT = re.compile(rb"<!--|-->|<(/?)script(?=[\t\n\f\r />])", re.IGNORECASE)


class Attribute(NamedTuple):
    """``start`` to ``end``: where it lies in the page. ``key``: its name in lower case. ``value``: as
    written, without quotes; None: it has none."""

    name: bytes
    key: str
    value: bytes | None
    start: int
    end: int


class StartTag(NamedTuple):
    """``name``: in lower case. ``text``: where its text lies, if it is one in which no tag counts."""

    name: bytes
    attributes: list[Attribute]
    text: tuple[int, int] | None = None

    def value(self, name: str) -> bytes | None:
        """Of the first attribute of that name, which is the one that counts."""
        return next((one.value for one in self.attributes if one.key == name), None)


def start_tags(page: bytes) -> Iterator[StartTag]:
    """In order; not those in comments, scripts, styles, titles and the like."""
    at = foreign = 0
    while found := _TAG.search(page, at):
        at = found.end()
        if found[1]:
            at = _behind_comment(page, at)
        elif found[3] is not None:
            name = found[3].lower()
            attributes, at, whole = _inside(page, at)
            if found[2]:
                foreign = max(0, foreign - (name in _FOREIGN))
                continue
            foreign += name in _FOREIGN and not whole
            text = None
            if name in _RAW and not (whole and foreign):  # only there a slash ends an element
                text = at, _end_of_text(page, name, at)
                at = text[1]
            yield StartTag(name, attributes, text)


def _inside(page: bytes, at: int) -> tuple[list[Attribute], int, bool]:
    """(attributes, where the tag ends, whether with a slash), from behind its name."""
    attributes = []
    while found := _ATTRIBUTE.match(page, at):
        name, *values = found.groups()
        value = values[found.lastindex - 2] if found.lastindex and found.lastindex > 1 else None
        at = found.end()
        attributes.append(Attribute(name, name.lower().decode("latin-1"), value, found.start(1), at))
    rest = _TAG_END.match(page, at)
    assert rest  # it matches anything
    return attributes, rest.end(), rest[0].endswith(b"/>")


def _behind_comment(page: bytes, at: int) -> int:
    if page.startswith((b">", b"->"), at):
        return page.index(b">", at) + 1
    end = _COMMENT_END.search(page, at)
    return end.end() if end else len(page)


def _end_of_text(page: bytes, name: bytes, at: int) -> int:
    if name == b"plaintext":
        return len(page)
    if name == b"script":
        return _end_of_script(page, at)
    closing = re.compile(rb"</" + name + rb"(?=[\t\n\f\r />])", re.IGNORECASE).search(page, at)
    return closing.start() if closing else len(page)


def _end_of_script(page: bytes, at: int) -> int:
    """A script in a comment in a script does not end the outer one (13.2.5.20 to 13.2.5.31)."""
    in_comment = in_script = False
    while found := _IN_SCRIPT.search(page, at):
        at = found.end()
        if found[1] is None:
            in_comment, in_script = found[0] == b"<!--", in_script and found[0] == b"<!--"
            at -= 2 * in_comment  # <!--> is a whole one
        elif found[1] and not in_script:
            return found.start()
        else:
            in_script = in_comment and not found[1]
    return len(page)
