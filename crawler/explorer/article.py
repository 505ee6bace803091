"""One article: what each version says, where each field comes from, and the proof of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from crawler.explorer.changes import Changes, changes, shortened
from crawler.normalise.dates import tehran_day
from crawler.normalise.dates.spoken import spoken
from crawler.replay.moment import stamp_of

Row = Mapping[str, Any]
A_MINUTE = timedelta(minutes=1)  # a page comes sooner after its request was recorded
TEXTS = ("kicker", "title", "lead", "body")
# Field → where its value comes from, for those whose row does not say it itself.
_ORIGINS = {
    "kicker": "the page, by its template",
    "title": "the page, by its template",
    "lead": "the page, by its template",
    "source": "the page's source line",
    "author": "the dateline, at the head of the first paragraph",
    "dateline": "the head of the first paragraph",
    "city": "the breadcrumb's second step",
    "sections": "the breadcrumb, then the lists that named it",
    "canonical_url": "the site's rule for addresses",
    "short_url": "the site's rule for addresses",
    "template": "what of the page matched",
    "extractor": "this program",
    "language": "the site",
    "restored_by": "this program: a guess",
    "text_sha256": "kicker, title, lead and body",
}


@dataclass(frozen=True, slots=True)
class Field:
    """``raw``: what the page wrote, where that is something else."""

    name: str
    value: str
    raw: str
    origin: str


@dataclass(frozen=True, slots=True)
class Proof:
    """Where a version's bytes lie. ``capture``: the timestamp under which it is replayed."""

    file: str
    offset: int
    length: int
    record_id: str
    digest: str
    date: str
    capture: str
    earlier: bool  # the version's own capture is a revisit of this record


def fields_of(row: Row) -> list[Field]:
    """The fields that have a value, in the row's order; long texts left out."""
    raw = row.get("raw") or {}
    found = [_field(name, row.get(name), raw) for name in _ORIGINS]
    if province := row.get("province"):
        crumbs = _one_line(" / ".join(raw.get("crumbs") or []))
        value = f"{province['name_fa']} ({province['code']})"
        found.append(Field("province", value, crumbs, str(row.get("province_from") or "")))
    tags = row.get("tags") or []
    found.append(Field("tags", "، ".join(tags), "، ".join(raw.get("tags") or []), "the page's list of tags"))
    return [field for field in found if field and field.value]


def _field(name: str, value: Any, raw: Mapping[str, Any]) -> Field:
    told = "، ".join(value) if isinstance(value, list) else str(value or "")
    was = _one_line(str(raw.get(name) or ""))
    return Field(name, told, was if was != told else "", _ORIGINS[name])


def _one_line(text: str) -> str:
    """The page's letters as they are; its line ends and tabs tell nothing here."""
    return " ".join(text.split())


def dates_of(row: Row) -> list[dict[str, Any]]:
    """Every date that is told, and ``believed``: whether it is the one that ``published`` is."""
    believed = row.get("published")
    told = row.get("dates") or ([believed] if believed else [])
    dates = [date | {"believed": bool(believed) and date == believed} for date in told]
    modified = row.get("modified")
    return dates + ([modified | {"believed": False, "from": "modified"}] if modified else [])


def proof_of(row: Row) -> Proof | None:
    """None: the crawl was told to keep no archive."""
    warc = row.get("warc")
    if not warc:
        return None
    return Proof(
        file=warc["file"],
        offset=warc["offset"],
        length=warc["length"],
        record_id=warc["record_id"],
        digest=warc["payload_digest"],
        date=warc["date"],
        capture=stamp_of(datetime.fromisoformat(warc["date"])),
        earlier=datetime.fromisoformat(row["fetched_at"]) - datetime.fromisoformat(warc["date"]) > A_MINUTE,
    )


def changed_texts(before: Row, after: Row) -> list[tuple[str, Changes]]:
    """Of kicker, title, lead and body those that differ, with what was changed."""
    pairs = ((name, str(before.get(name) or ""), str(after.get(name) or "")) for name in TEXTS)
    return [(name, shortened(changes(old, new))) for name, old, new in pairs if old != new]


def why_gone(row: Row) -> str:
    """What the site answered, of a tombstone.

    >>> why_gone({"http": {"status": 410}}), why_gone({"http": {"status": 200}})
    ('HTTP 410', 'a page that says that the article does not exist')
    """
    status = int((row.get("http") or {}).get("status") or 0)
    if status in range(300, 400):
        return f"HTTP {status}, a redirect elsewhere"
    return f"HTTP {status}" if status >= 400 else "a page that says that the article does not exist"


def citation(row: Row, said: Row) -> str:
    """Title, publisher and day; address; capture; its record: a line each, as directions differ. ``said``:
    the version whose title and day are told, where ``row`` is a tombstone."""
    at = (said.get("published") or {}).get("at")
    published = spoken(tehran_day(datetime.fromisoformat(at))) if at else "بدون تاریخ"
    captured = datetime.fromisoformat(row["fetched_at"])
    warc = row.get("warc") or {}
    lines = [
        f"«{said.get('title') or 'بدون عنوان'}»، {row.get('site', '')}، {published}",
        row["canonical_url"],
        f"نسخهٔ بایگانی: {spoken(tehran_day(captured))}",
        captured.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    ]
    if warc:
        lines.append(f"{warc['record_id']} ({warc['date'][:19]}Z)")
    return "\n".join(lines)


def chosen(rows: Sequence[Row], version: int | None) -> int:
    """Which row of an article is shown: the version asked for, else the last that has a text."""
    if version is not None:
        found = [at for at, row in enumerate(rows) if row["version"] == version]
    else:
        found = [at for at, row in enumerate(rows) if row["status"] != "gone"] or [len(rows) - 1]
    return found[-1] if found else -1
