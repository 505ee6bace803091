"""What a record's body says: its text, where it leads, which files it needs."""

from __future__ import annotations

from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.pages.requisites import css_requisites, page_requisites
from crawler.reextract.answers import Unreadable, decoded, entity, redirect_of
from crawler.warc.http1 import header, split_head
from crawler.warc.members import Member, headers_of, taken_apart


def leads_to(member: Member) -> str | None:
    """Where a redirect leads, without fragment; None where it is none."""
    return redirect_of(member, headers_of(member))


def needed_by(member: Member, kind: str) -> list[str]:
    """Addresses of the files that a response needs. ``kind``: "html" or "css"; nothing of other types, and
    of what cannot be read."""
    headers, block = taken_apart(member)
    head, body = split_head(block)
    content_type = header(head, "Content-Type") or ""
    if kind not in content_type.lower():
        return []
    try:
        data = decoded(entity(head, body), header(head, "Content-Encoding") or "")
    except Unreadable:
        return []
    _, text = html_to_unicode(content_type, data, default_encoding="utf-8")
    url = headers["warc-target-uri"]
    if kind == "css":
        return [requisite.url for requisite in css_requisites(text, url)]
    if not text.strip():
        return []
    return [requisite.url for requisite in page_requisites(Selector(text, type="html"), url, video=True)]
