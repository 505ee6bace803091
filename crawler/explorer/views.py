"""What each page of the explorer tells, as a dictionary: a template makes a page of it, the API JSON."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast, get_args

from crawler.collection import Collection
from crawler.explorer.article import changed_texts, chosen, citation, dates_of, fields_of, proof_of, why_gone
from crawler.explorer.coverage import SPANS, Unit, picture
from crawler.explorer.shelf import NotThere, Shelf, index_of, ledger_of
from crawler.ledger.missed import missed
from crawler.normalise.dates import read_day
from crawler.replay.archive import Archive, NotHeld
from crawler.replay.moment import read_moment, read_stamp, stamp_of
from crawler.replay.named import captured_as
from crawler.replay.placed import needs_of, type_of
from crawler.search.asked import Asked, read_asked
from crawler.search.find import MOST_COUNTED, find, id_of, versions_of

Words = Mapping[str, str]  # what stands behind the question mark
Told = dict[str, Any]
LIVE = "live"  # behind a timestamp
_ID = re.compile(r"[a-z0-9.-]{1,64}:[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Question:
    """``names``: what stands in the address itself, such as the article's id."""

    shelf: Shelf
    names: Words
    words: Words

    @property
    def collection(self) -> Collection:
        return self.shelf.collection(self.names["collection"])


def collections(question: Question) -> Told:
    """Every collection: articles, of them gone, first and last day."""
    return {"collections": [_sums(one) for one in question.shelf.collections()]}


def _sums(collection: Collection) -> Told:
    sums: Told = {"name": collection.name, "articles": 0, "gone": 0, "first": None, "last": None, "wants": ""}
    try:
        with index_of(collection) as index:
            found = index.execute(
                "SELECT count(*) articles, coalesce(sum(status = 'gone'), 0) gone,"
                " min(day) first, max(day) last FROM articles"
            ).fetchone()
            return sums | dict(found)
    except NotThere as error:
        return sums | {"wants": str(error)}


def coverage(question: Question) -> Told:
    """?unit=day|month, days=30|60|120, until=DAY: province × day, with gaps and failures."""
    words = question.words
    unit, days = words.get("unit") or "day", words.get("days") or str(SPANS[1])
    if unit not in get_args(Unit):
        raise ValueError(f"unit={unit[:40]}: it is one of {', '.join(get_args(Unit))}")
    span = next((span for span in SPANS if str(span) == days), 0)
    if not span:
        raise ValueError(f"days={days[:40]}: it is one of {', '.join(map(str, SPANS))}")
    until = read_day(words["until"]) if words.get("until") else None
    collection = question.collection
    with index_of(collection) as index, ledger_of(collection) as ledger:
        found = picture(index, ledger, cast(Unit, unit), span, until)
    return {"collection": collection.name, "picture": found, "span": span, "spans": SPANS, "until": until}


def search(question: Question) -> Told:
    """?text=, province=, since=, until=, tag=, source=, status=there|edited|gone, order=, page=."""
    collection, words = question.collection, question.words
    told: Told = {"collection": collection.name, "words": dict(words), "total": 0, "pages": 1, "hits": []}
    told |= {"page": 1, "more": False, "missed": [], "wrong": ""}
    try:
        asked = read_asked(words)
        with index_of(collection) as index:
            answer = find(index, collection, asked)
    except ValueError as error:
        return told | {"wrong": str(error)}
    more = answer.total > MOST_COUNTED
    told |= {
        "total": min(answer.total, MOST_COUNTED),
        "pages": answer.pages,
        "page": asked.page,
        "more": more,
    }
    return told | {"hits": answer.hits, "missed": _missed(collection, asked)}


def _missed(collection: Collection, asked: Asked) -> list[Told]:
    """Of one province and one span of days: what was found in it and not had."""
    if asked.text or len(asked.provinces) != 1 or not (asked.since and asked.until):
        return []
    if asked.until - asked.since > timedelta(days=31):
        return []
    with ledger_of(collection) as ledger:
        lost = missed(ledger, asked.since, asked.until) if ledger else []
    return [asdict(one) for one in lost if one.province == asked.provinces[0]]


def article(question: Question) -> Told:
    """?version=: one article, all its versions, and what was changed from one to the next."""
    collection, id = question.collection, question.names["id"]
    if not _ID.fullmatch(id):
        raise NotThere("an article's id is a site and a number, such as yjc:9012345")
    with index_of(collection) as index:
        rows = versions_of(index, collection, id)
    version = question.words.get("version", "")
    if not re.fullmatch(r"[0-9]*", version):
        raise ValueError(f"version={version[:40]}: versions are counted from 1")
    at = chosen(rows, int(version[:9]) if version else None)
    if not rows:
        raise NotThere(f"{collection.name} has no article {id}, or its rows are not there")
    if at < 0:
        raise NotThere(f"{collection.name} has no version {version[:20]} of the article {id}")
    row = rows[at]
    before = next((one for one in reversed(rows[:at]) if one["status"] != "gone"), None)
    captured = datetime.fromisoformat(row["fetched_at"])
    return {
        "collection": collection.name,
        "row": row,
        "latest": rows[-1]["version"],
        "gone": rows[-1]["status"] == "gone",
        "versions": [_version(one) for one in rows],
        "changes": changed_texts(before, row) if before and row["status"] != "gone" else [],
        "since_version": before["version"] if before else None,
        "fields": fields_of(row),
        "dates": dates_of(row),
        "proof": proof_of(row),
        "citation": citation(row, row if row["status"] != "gone" else before or row),
        "why_gone": why_gone(rows[-1]),
        "stamp": stamp_of(captured),
    }


def _version(row: Mapping[str, Any]) -> Told:
    names = ("version", "status", "fetched_at", "title", "url", "run_id")
    return {name: row[name] for name in names} | {
        "stamp": stamp_of(datetime.fromisoformat(row["fetched_at"]))
    }


def captures(question: Question) -> Told:
    """?url=: every capture of an address, oldest first."""
    url = question.words.get("url", "").strip()
    collection = question.collection
    archive = Archive(collection)
    entries = archive.captures(captured_as(archive, url)) if url else []
    wrong = f"{collection.name} has no capture of {url[:500]}" if url and not entries else ""
    if wrong and not collection.index.exists():
        wrong = f"{collection.index} is not there; scrapy index makes it"
    return {
        "collection": collection.name,
        "url": entries[0].url if entries else url,
        "captures": entries,
        "wrong": wrong,
        "answers_with": 404 if wrong else 200,
    }


def stamp_asked(text: str) -> str | None:
    """Of a time as people write it; "" is now. None: it is no time."""
    try:
        return stamp_of(read_moment(text.strip()) if text.strip() else datetime.now(UTC))
    except ValueError:
        return None


def replay(question: Question) -> Told:
    """One capture in its frame: when it was captured, what stands before and after, what is missing.
    The timestamp with ``live`` behind it: its scripts run."""
    collection, url = question.collection, question.names["url"]
    archive, stamp = Archive(collection), question.names["stamp"]
    try:
        entry = archive.as_of(captured_as(archive, url), read_stamp(stamp.removesuffix(LIVE)))
        answer, way = archive.followed(entry)
        needs = needs_of(archive, answer)
    except NotHeld as error:
        raise NotThere(str(error)) from None
    entries = archive.captures(entry.url)
    here = entries.index(entry)
    article: str | None = None
    with suppress(NotThere), index_of(collection) as index:  # of a collection without rows, too
        article = id_of(index, entry.url)
    return {
        "collection": collection.name,
        "asked": entry,
        "shown": answer.entry,
        "way": [one.entry for one in way],
        "status": answer.said.status,
        "truncated": answer.said.truncated or answer.original.truncated,
        "type": type_of(answer),
        "captured": answer.at,
        "captures": entries,
        "before": entries[here - 1] if here else None,
        "after": entries[here + 1] if here + 1 < len(entries) else None,
        "held": needs.held,
        "missing": needs.missing,
        "article": article,
        "live": stamp.endswith(LIVE),
    }
