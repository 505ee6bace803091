"""Rows made up for dumps: whole articles of any number, province and day, cheap and the same every time."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.collection import Collection
from crawler.items import Article, Dated, Http, ImageRef, ProvinceRef, Raw
from crawler.normalise.text import search_key
from crawler.provinces import PROVINCES, Province
from crawler.rows import as_line

# Made of syllables, so that texts are of many words, as a language's are.
_SYLLABLES = "با دا را سا شا کا لا ما نا وا بی دی ری سی شی کی لی می نی وی بو دو رو سو شو کو لو مو نو".split()
WORDS = [a + b + c for a in _SYLLABLES for b in _SYLLABLES[:12] for c in ("", "‌ها", "ن")]
EPOCH = datetime(2026, 11, 1, 9, tzinfo=UTC)


def text(seed: int, words: int = 120) -> str:
    """As many made-up words."""
    return " ".join(random.Random(seed).choices(WORDS, k=words))


def changed(words: str, share: float, seed: int) -> str:
    """The text with that share of its words, 0 to 1, replaced by others."""
    chance, found = random.Random(seed), words.split()
    for place in chance.sample(range(len(found)), round(share * len(found))):
        found[place] = chance.choice(WORDS) + "X"
    return " ".join(found)


def article(number: int, body: str | None = None, day: int = 0, **fields: Any) -> Article:
    """One row. ``day``: of capture, from the first of November 2026 on; published an hour before."""
    at = EPOCH + timedelta(days=day, seconds=number % 3600)
    body = text(number) if body is None else body
    words = {"title": f"خبر {number}", "body": body}
    province: Province | None = fields.pop("place", PROVINCES[number % len(PROVINCES)])
    published = Dated(
        at=at - timedelta(hours=1),
        jalali="1405-08-10",
        precision="second",
        origin="meta",
        rule="iso8601",
        raw=(at - timedelta(hours=1)).isoformat(),
    )
    given: dict[str, Any] = {
        "id": f"yjc:{number}",
        "site": "yjc",
        "url": f"https://www.yjc.ir/fa/news/{number}/x",
        "canonical_url": f"https://www.yjc.ir/fa/news/{number}",
        "short_url": f"https://www.yjc.ir/{number}",
        "province": ProvinceRef.of(province) if province else None,
        "province_from": "breadcrumb" if province else None,
        "sections": [province.name_fa] if province else [],
        "city": None,
        **words,
        "paragraphs": [body],
        "images": [ImageRef(url="https://cdn.yjc.ir/1.jpg", alt=None, caption=None)],
        "videos": [],
        "search_key": "\n".join(search_key(word) for word in words.values() if word),
        "raw": raw(words["title"], body),
        "published": published,
        "dates": [published],
        "text_sha256": "0" * 64,
        "template": "C",
        "extractor": "ostan-pages/1",
        "fetched_at": at,
        "first_seen": at,
        "http": Http(status=200, etag=None, last_modified=None),
        "run_id": f"run{day}",
        "warc": None,
    }
    return Article(**(given | fields))


def raw(title: str, body: str) -> Raw:
    return Raw(
        kicker=None,
        title=title,
        lead=None,
        body=body,
        published=None,
        published_meta=None,
        modified_meta=None,
        tags=[],
        source=None,
        related=[],
        images=[],
    )


def tombstone(number: int, version: int = 2, day: int = 1) -> Article:
    """The version that says that an article is gone."""
    emptied: dict[str, Any] = dict.fromkeys(
        ("title", "search_key", "raw", "published", "text_sha256", "template")
    )
    gone = emptied | {"dates": [], "paragraphs": [], "images": [], "status": "gone", "version": version}
    return article(number, "", day).model_copy(update=gone | {"body": None, "supersedes": version - 1})


def edited(number: int, version: int = 2, day: int = 1) -> Article:
    body = text(number + 10**6)
    return article(number, body, day, status="edited", version=version, supersedes=version - 1)


def written(archives: Path, rows: dict[str, Iterable[Article]], name: str = "yjc") -> Collection:
    """A collection of these files of rows, run id → rows."""
    collection = Collection(archives, name)
    collection.articles.mkdir(parents=True, exist_ok=True)
    for run_id, articles in rows.items():
        collection.rows_of(run_id).write_bytes(b"".join(map(as_line, articles)))
    return collection
