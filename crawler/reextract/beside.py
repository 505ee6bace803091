"""What stands beside captures in a file of our own: where an article was listed, what became of it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import get_args

from crawler.ledger.found import Lane, Place
from crawler.provinces import BY_SLUG
from crawler.reextract.scan import records
from crawler.warc.members import Fault, taken_apart, type_of

# Metadata follows its capture within what was under way at once: a file that was just begun may have some
# that belongs to the end of the one before.
PEEKED = 1_000


@dataclass(frozen=True, slots=True)
class Beside:
    """Of one capture. ``skipped``: the crawl read it and made no row, for this reason."""

    listed_in: tuple[Place, ...] = ()
    feed_date: str | None = None
    skipped: str | None = None


@dataclass(slots=True)
class Notes:
    """Of one file. ``run_id``: of the crawl that wrote it, else the file's name; ``own``: a crawl of ours;
    ``complete``: all that it said of its captures is here; ``settings``: what differed from Scrapy's
    defaults in it."""

    run_id: str
    own: bool = False
    complete: bool = False
    settings: dict[str, object] = field(default_factory=dict)
    beside: dict[str, Beside] = field(default_factory=dict)  # by the capture's record id

    def is_no_row(self, record_id: str, *, is_revisit: bool) -> bool:
        """Whether the crawl read that capture and made no row of it: it was not wanted, or the crawl was
        killed before it came to it. (Where a page could not be read, a later page class may.)"""
        beside = self.beside.get(record_id)
        return self.complete or (self.own and is_revisit) if beside is None else beside.skipped is not None


def notes_of(path: Path, following: Sequence[Path]) -> Notes:
    """Read a file through for what stands beside its captures, and the beginning of those behind it."""
    notes = Notes(path.name.partition(".warc")[0])
    for kind, headers, fields in _fields(path):
        if kind == "warcinfo":
            notes.run_id = next((value for name, value in fields if name == "run-id"), notes.run_id)
            notes.own = any(name == "software" and value.startswith("ostan/") for name, value in fields)
            # The words on its last captures may stand in the next file, which must be here too.
            notes.complete = notes.own and bool(following)
            notes.settings |= _settings(fields)
        else:
            _add(notes, headers, fields)
    behind = (one for path in following for one in _fields(path))
    for kind, headers, fields in islice(behind, PEEKED):
        if kind == "metadata":
            _add(notes, headers, fields)
    return notes


def settings_of(path: Path) -> dict[str, object]:
    """What a file's first record says that its crawl was told; empty where another program wrote it."""
    for kind, _, fields in islice(_fields(path), 1):
        return _settings(fields) if kind == "warcinfo" else {}
    return {}


def _fields(path: Path) -> Iterator[tuple[str, dict[str, str], list[tuple[str, str]]]]:
    def passed_over(_: Fault) -> None:
        """It is reported where the file's captures are read."""

    for member in records(path, passed_over):
        kind = type_of(member)
        if kind in ("metadata", "warcinfo"):
            headers, block = taken_apart(member)
            yield kind, headers, _pairs(block)


def _pairs(block: bytes) -> list[tuple[str, str]]:
    lines = (line.partition(":") for line in block.decode("utf-8", "replace").split("\r\n"))
    return [(name, value.strip()) for name, colon, value in lines if colon]


def _add(notes: Notes, headers: dict[str, str], fields: list[tuple[str, str]]) -> None:
    record_id = headers.get("warc-concurrent-to") or headers.get("warc-refers-to")
    if record_id is None or not any(name in ("listed-in", "article", "skipped") for name, _ in fields):
        return
    places = [value.split(" ") for name, value in fields if name == "listed-in"]
    listed: list[Place] = [
        (lane, BY_SLUG[slug])  # type: ignore[misc]  # looked at here
        for lane, slug in places
        if lane in get_args(Lane) and slug in BY_SLUG
    ]
    told = dict(fields)
    notes.beside[record_id] = Beside(tuple(listed), told.get("feed-date"), told.get("skipped"))


def _settings(fields: list[tuple[str, str]]) -> dict[str, object]:
    try:
        found = json.loads(dict(fields).get("settings", "{}"))
    except ValueError:  # of another program
        return {}
    return found if isinstance(found, dict) else {}
