"""The first pass: every line of the files of rows, read once, and what sorting and selecting needs of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from crawler.items import SCHEMA_VERSION, Article
from crawler.normalise.dates import tehran_day

LONGEST_LINE = 64 * 2**20  # bytes; the longest row seen has some hundred thousand
_ID = re.compile(r"[a-z0-9.-]+:[0-9]{1,18}")


@dataclass(frozen=True, slots=True)
class Fault:
    """A line that is no row. ``file``: folder and name; ``offset``: bytes from its start."""

    file: str
    offset: int
    why: str

    def __str__(self) -> str:
        return f"{self.file} at byte {self.offset}: {self.why}"


@dataclass(frozen=True, slots=True)
class Found:
    """One row: where it lies, and what is sorted, selected and counted by. Moments are ISO 8601 in UTC."""

    offset: int
    length: int  # bytes, line end not counted
    digest: bytes  # SHA-256 of them
    id: str
    number: int
    version: int
    status: str
    province: str  # slug, "" where unknown
    crawl_day: str  # of fetched_at, in Tehran
    fetched: str
    published: str | None
    published_day: str | None  # in Tehran
    first_seen: str
    schema_version: str
    run_id: str


def label(path: Path) -> str:
    """A file of rows as messages and the manifest name it: the same wherever the collection lies.

    >>> label(Path("/srv/archives/yjc/articles/1.jsonl"))
    'articles/1.jsonl'
    """
    return "/".join(path.parts[-2:])


def rows_in(path: Path) -> Iterator[Found | Fault]:
    """Every line of a file in its order, as what it is. Raises OSError."""
    with path.open("rb") as stream:
        for offset, line in _lines(stream):
            read = _read(line)
            if isinstance(read, str):
                yield Fault(label(path), offset, read)
            else:
                yield _found(offset, line.rstrip(), read)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """(offset, line). Of a line beyond all measure only the beginning, which is no row."""
    offset = 0
    while line := stream.readline(LONGEST_LINE):
        yield offset, line
        offset += len(line)
        while line and not line.endswith(b"\n"):
            line = stream.readline(LONGEST_LINE)
            offset += len(line)


def _read(line: bytes) -> Article | str:
    """The row, or why it is none."""
    if not line.endswith(b"\n"):
        return "torn: no line end" if len(line) < LONGEST_LINE else f"longer than {LONGEST_LINE:,} bytes"
    try:
        article = Article.model_validate_json(line, strict=True)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "line"
        return f"no row of schema {SCHEMA_VERSION}: {where}: {first['msg']}"
    if not _ID.fullmatch(article.id):
        return "id is not site:number"
    if article.fetched_at.tzinfo is None or article.first_seen.tzinfo is None:
        return "fetched_at or first_seen has no offset"
    return article


def _found(offset: int, line: bytes, article: Article) -> Found:
    published = article.published.at if article.published else None
    return Found(
        offset=offset,
        length=len(line),
        digest=hashlib.sha256(line).digest(),
        id=article.id,
        number=article.news_id,
        version=article.version,
        status=article.status,
        province=article.province.slug if article.province else "",
        crawl_day=str(tehran_day(article.fetched_at)),
        fetched=_utc(article.fetched_at),
        published=_utc(published) if published else None,
        published_day=str(tehran_day(published)) if published else None,
        first_seen=_utc(article.first_seen),
        schema_version=article.schema_version,
        run_id=article.run_id,
    )


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat()
