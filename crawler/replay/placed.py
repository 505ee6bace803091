"""A capture as a browser can show it: what it refers to is looked for in the archive, at the same time."""

from __future__ import annotations

import codecs
from collections.abc import Callable
from dataclasses import dataclass

from parsel import Selector
from w3lib.encoding import html_body_declared_encoding, http_content_type_encoding, read_bom

from crawler.pages.elsewhere import base_of, put_elsewhere, sheet_elsewhere
from crawler.pages.requisites import MOST_STEPS, Requisite, css_requisites, page_requisites
from crawler.replay.archive import Answer, Archive, NotHeld
from crawler.replay.moment import stamp_of
from crawler.sites.urls import absolute
from crawler.warc.identify import identified_type

HTML = ("text/html", "application/xhtml+xml")
CSS = "text/css"
_NOT_ASCII = ("utf-16", "utf-32", "utf-7")


def type_of(answer: Answer) -> str:
    """The MIME type that a browser goes by: the server's word or, where it said none, what the bytes are."""
    said = (answer.header("Content-Type") or "").partition(";")[0].strip().lower()
    return said or identified_type(b"", answer.body) or "application/octet-stream"


def charset_of(answer: Answer) -> str:
    """Python's name of the encoding, by byte order mark, header, ``<meta>``; UTF-8 where none says."""
    encoding, _ = read_bom(answer.body)
    said = encoding or http_content_type_encoding(answer.header("Content-Type"))
    name = codecs.lookup(said or html_body_declared_encoding(answer.body) or "utf-8").name
    return name if name.startswith(_NOT_ASCII) or _reads(name) else "utf-8"


def _reads(encoding: str) -> bool:
    """False for what only Python calls an encoding: rot13, idna, unicode_escape."""
    try:
        return b"\\u0041\xff".decode(encoding, "surrogateescape").startswith("\\u0041")
    except (LookupError, ValueError):
        return False


def placed(answer: Answer, prefix: str, *, live: bool) -> bytes:
    """The body with addresses ``<prefix>/<timestamp>/<address>``; ``live``: ``<timestamp>mp_``, for a page
    whose scripts run. Where they do not, pictures that one of them would load late are loaded at once.

    Byte for byte what it was where it is no page and no style sheet, or under a coding, or in an encoding
    whose letters are not ASCII's.
    """
    kind, charset = type_of(answer), charset_of(answer)
    if answer.coding or charset.startswith(_NOT_ASCII):
        return answer.body
    if kind in HTML:
        base = base_of(answer.body, charset, answer.said.url)
        place = _place(base, answer, prefix, live=live)
        return put_elsewhere(answer.body, charset, place, late_images=not live)
    if kind == CSS:
        return sheet_elsewhere(answer.body, charset, _place(answer.said.url, answer, prefix, live=live))
    return answer.body


def _place(base: str, answer: Answer, prefix: str, *, live: bool) -> Callable[[str], str]:
    at = f"{stamp_of(answer.at)}{'mp_' * live}"

    def place(href: str) -> str:
        url = absolute(base, href)
        return f"{prefix}/{at}/{url}" if url else href

    return place


@dataclass(frozen=True, slots=True)
class Needs:
    """Files that a page needs: ``held`` of them the archive has; of the others it says why not."""

    held: int
    missing: list[tuple[Requisite, str]]


def needs_of(archive: Archive, answer: Answer) -> Needs:
    """What the page and its style sheets ask for, looked up in the archive; nothing is asked of the net."""
    if type_of(answer) not in HTML or answer.coding:
        return Needs(0, [])
    page = Selector(answer.body.decode(charset_of(answer), "replace"))
    wanted = page_requisites(page, answer.said.url, video=True)
    seen, missing, held = {one.url for one in wanted}, list[tuple[Requisite, str]](), 0
    for _ in range(MOST_STEPS):
        further: list[Requisite] = []
        for one in wanted:
            try:
                found = archive.nearest(one.url, answer.at)
                if (found.status or 0) >= 400:
                    missing.append((one, f"the site answered {found.status}"))
                    continue
                held += 1
                if one.kind == "style":
                    further += _of_sheet(archive.followed(found)[0])
            except NotHeld:
                missing.append((one, "not captured"))
        wanted = [one for one in dict.fromkeys(further) if one.url not in seen]
        seen |= {one.url for one in wanted}
    return Needs(held, missing)


def _of_sheet(sheet: Answer) -> list[Requisite]:
    if type_of(sheet) != CSS or sheet.coding:
        return []
    return css_requisites(sheet.body.decode(charset_of(sheet), "replace"), sheet.said.url)
