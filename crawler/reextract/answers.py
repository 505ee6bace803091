"""What one record says of an article: a page, that it is gone, that it is as it was; or nothing."""

from __future__ import annotations

import hashlib
import re
import zlib
from base64 import b32encode
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Literal

from parsel import Selector
from w3lib.encoding import html_to_unicode

from crawler.account import GONE
from crawler.extract import ArticleGone, OtherArticle, Reading, Visit, read_article
from crawler.pages.challenge import MOST_BYTES as LONGEST_CHALLENGE
from crawler.pages.challenge import is_challenge
from crawler.pages.select import PageChanged
from crawler.reextract.beside import Beside, Notes
from crawler.sites import Site
from crawler.sites.urls import absolute
from crawler.warc.http1 import header, headers_of, payload_of, split_head, status_of
from crawler.warc.members import Member, taken_apart, type_of
from crawler.warc.pointer import WarcPointer

MOST_DECODED = 32 * 1024 * 1024  # of a page; 1.2 kB of gzip can hold 850 MB
_NO_PAGE = re.compile(r"^(?:image|audio|video|font)/|json|xml|pdf|zip|javascript|css")
Kind = Literal["page", "gone", "unchanged", "unreadable", "revisit"]


class Unreadable(ValueError):
    """A record whose body cannot be had; the message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One capture of an article. ``reason``: why a page could not be read; ``leads_to``: where a redirect
    goes that is no page of the article."""

    kind: Kind
    visit: Visit
    reading: Reading | None = None
    reason: str = ""
    refers_to: tuple[str, str] | None = None
    leads_to: str | None = None
    skipped: bool = False


def answer_of(member: Member, file: str, notes: Notes, site: Site) -> Answer | None:
    """None for records that say nothing of an article of the site: other pages, pictures, refusals, answers
    that did not come whole. Raises Unreadable."""
    if type_of(member) not in ("response", "revisit"):
        return None
    headers, block = taken_apart(member)
    url = headers.get("warc-target-uri", "").strip("<>")
    listed = site.article_at(url)
    if listed is None or listed[1] != site.own_url(url) or "warc-truncated" in headers:
        return None
    head, body = split_head(block)
    status = status_of(head)
    if status is None:
        return None
    record_id = headers.get("warc-record-id", "")
    beside = notes.beside.get(record_id, Beside())
    is_no_row = notes.is_no_row(record_id, is_revisit=type_of(member) == "revisit")
    http = {name.lower(): value for name, value in headers_of(head)}
    visit = Visit(
        news_id=listed[0],
        url=url,
        fetched_at=moment_of(headers),
        status=status,
        etag=http.get("etag"),
        last_modified=http.get("last-modified"),
        run_id=notes.run_id,
        warc=_pointer(member, file, headers, head, body),
        listed_in=beside.listed_in,
        feed_date=beside.feed_date,
    )
    refers_to = None
    if headers["warc-type"] == "revisit" and status != 304:
        uri = headers.get("warc-refers-to-target-uri", url).strip("<>")
        refers_to = (uri, headers.get("warc-refers-to-date", ""))
    answer = _of_status(visit, http, site)
    if answer or not 200 <= status < 300:
        return replace(answer, refers_to=refers_to) if answer else None
    if refers_to:
        return Answer("revisit", visit, refers_to=refers_to, skipped=is_no_row)
    return page_of(visit, http, entity(head, body), site, skipped=is_no_row)


def _of_status(visit: Visit, http: dict[str, str], site: Site) -> Answer | None:
    if visit.status == 304:
        return Answer("unchanged", visit)
    if f"HTTP {visit.status}" in GONE:
        return Answer("gone", visit)
    target = http.get("location")
    if 300 <= visit.status < 400 and target:
        leads_to = _resolved(visit.url, target)
        listed = site.article_at(leads_to)
        if listed is None or listed[0] != visit.news_id:
            return Answer("gone", visit, leads_to=leads_to)
    return None


def _resolved(base: str, location: str) -> str:
    """Where a Location leads, as it is requested: header bytes are UTF-8 more often than Latin-1. What leads
    nowhere comes back as it stands."""
    target = location.encode("latin-1", "replace").decode("utf-8", "replace")
    return (absolute(base, target) or target).partition("#")[0]


def redirect_of(member: Member, headers: dict[str, str]) -> str | None:
    """Where an answer leads on; None where it is no redirect."""
    head, _ = split_head(taken_apart(member)[1])
    target = header(head, "Location")
    status = status_of(head) or 0
    return _resolved(headers["warc-target-uri"], target) if target and 300 <= status < 400 else None


def moment_of(headers: dict[str, str]) -> datetime:
    """A record's WARC-Date, in UTC where it has no zone. Raises Unreadable."""
    try:
        moment = datetime.fromisoformat(headers["warc-date"])
    except (KeyError, ValueError):
        raise Unreadable(f"WARC-Date {headers.get('warc-date', 'missing')!r} is no moment") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def page_of(
    visit: Visit, http: dict[str, str], payload: bytes, site: Site, *, skipped: bool
) -> Answer | None:
    """What a good answer's page says. ``payload``: content-encoding still on. Raises Unreadable."""
    html = decoded(payload, http.get("content-encoding", ""))
    kind = http.get("content-type", "")
    if _NO_PAGE.search(kind.lower().replace("xhtml+xml", "")):
        return Answer("unreadable", visit, reason="not HTML")
    _, text = html_to_unicode(kind or None, html, default_encoding="utf-8", auto_detect_fun=_guess)
    if len(text) <= LONGEST_CHALLENGE and is_challenge(text):
        return None
    try:
        reading = read_article(Selector(text, type="html"), visit, site)
    except (ArticleGone, OtherArticle):
        return Answer("gone", visit)
    except PageChanged as error:
        return Answer("unreadable", visit, reason=str(error))
    return Answer("page", visit, reading, skipped=skipped)


def _guess(body: bytes) -> str:
    """As Scrapy does where nothing says what the letters are."""
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def entity(head: bytes, body: bytes) -> bytes:
    """The payload, also of programs that took the chunks apart and left the header that says so."""
    payload = payload_of(head, body)
    return payload if payload or not body[:1].strip(b"\r\n0123456789abcdefABCDEF") else body


def decoded(payload: bytes, coding: str) -> bytes:
    """Without its content-encoding. Programs that decode and leave the header are borne with.

    Raises Unreadable for one that is not known, damaged data, and more than MOST_DECODED bytes.
    """
    names = [name for part in coding.split(",") if (name := part.strip().lower()) not in ("", "identity")]
    for name in reversed(names):
        if name in ("gzip", "x-gzip") and not payload.startswith(b"\x1f\x8b"):
            continue
        windows = {"gzip": 47, "x-gzip": 47, "deflate": -15 if payload[:1] not in (b"\x78",) else 15}.get(
            name
        )
        if windows is None:
            raise Unreadable(f"content-encoding {name} is not read")
        unpack = zlib.decompressobj(windows)
        try:
            payload = unpack.decompress(payload, MOST_DECODED)
        except zlib.error as error:
            raise Unreadable(f"damaged {name} data: {error}") from None
        if unpack.unconsumed_tail:
            raise Unreadable(f"more than {MOST_DECODED} bytes once decoded")
    return payload


def _pointer(member: Member, file: str, headers: dict[str, str], head: bytes, body: bytes) -> WarcPointer:
    digest = headers.get("warc-payload-digest")
    if digest is None:  # an old program's file
        digest = "sha1:" + b32encode(hashlib.sha1(entity(head, body)).digest()).decode()
    return WarcPointer(
        file=file,
        offset=member.offset,
        length=member.length,
        record_id=headers.get("warc-record-id", ""),
        payload_digest=digest,
        date=headers["warc-date"],
    )
