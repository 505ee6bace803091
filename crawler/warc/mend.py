"""Finishing what a crash left: whole records and rows stay, a torn end is put aside, and it is said."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from shutil import copyfileobj

from crawler.collection import OPEN, Collection, warc_beside
from crawler.disk import in_use, replace_name, replaced
from crawler.warc.members import TornMember, members
from crawler.warc.seal import read_manifest


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one file. ``kept``: records or rows; ``cut``: bytes put aside, ``reason``: why."""

    path: Path
    kept: int
    cut: int
    reason: str

    def __str__(self) -> str:
        kind = "rows" if self.path.suffix == ".jsonl" else "records"
        if not self.cut:
            return f"{self.path}: {self.kept:,} {kind}, all whole; finished"
        return (
            f"{self.path}: {self.kept:,} {kind} kept, {self.cut:,} bytes put aside as .torn ({self.reason})"
        )


def mend_collection(collection: Collection) -> Iterator[Mended | Exception]:
    """Mend all that a crash left: WARC files first, then rows, for a row is only good with its record."""
    for path in sorted(collection.warc.glob(f"*{OPEN}")):
        if not in_use(path):
            yield from tried(path)
    sealed = read_manifest(collection.manifest)
    for path in sorted(collection.articles.glob("*.jsonl")):
        if collection.relative(path) not in sealed and not in_use(path):
            _, end, _ = _whole_rows(path)
            if end == 0 or end < path.stat().st_size:
                yield from tried(path)


def tried(path: Path) -> Iterator[Mended | Exception]:
    try:
        yield mend(path)
    except (ValueError, OSError) as error:
        yield error


def mend(path: Path) -> Mended:
    """Mend one file, WARC or rows. Nothing is thrown away: what is cut off lies beside it as ``.torn``.

    ValueError: it is no crawl's leaving, a crawl is writing it, or its final name is taken.
    """
    is_rows = path.suffix == ".jsonl"
    if not (is_rows or path.name.endswith(OPEN)):
        raise ValueError(
            f"{path}: only files that a crash left are mended, *{OPEN} and *.jsonl; it is as it was"
        )
    if in_use(path):
        raise ValueError(f"{path}: a crawl is writing it")
    final = path.with_name(path.name.removesuffix(OPEN))
    if final != path and final.exists():
        raise ValueError(f"{final} exists: {path} is as it was")
    kept, end, reason = _whole_rows(path) if is_rows else _whole_records(path)
    cut = path.stat().st_size - end
    if cut:
        _put_aside(path, end, final)
    if kept:
        replace_name(path, final)
    else:
        path.unlink()  # all of it lies in .torn
    return Mended(final, kept, cut, reason)


def _whole_records(path: Path) -> tuple[int, int, str]:
    """(how many, where they end, what comes then)."""
    kept, end = 0, 0
    try:
        for member in members(path):
            kept, end = kept + 1, member.offset + member.length
    except TornMember as torn:
        return kept, end, torn.reason
    return kept, end, ""


def _whole_rows(path: Path) -> tuple[int, int, str]:
    """The same of rows, up to the first that is torn or, after a power cut, has lost its record."""
    kept, end = 0, 0
    with path.open("rb") as stream:
        for line in stream:
            if not line.endswith(b"\n"):
                return kept, end, "a torn line"
            if not _has_record(line, warc_beside(path)):
                return kept, end, "rows whose records are lost"
            kept, end = kept + 1, end + len(line)
    return kept, end, ""


def _has_record(line: bytes, folder: Path) -> bool:
    """False where a row is no JSON, or its WARC file ends before its record does."""
    try:
        pointer = json.loads(line)["warc"]
        if pointer is None:
            return True
        end = pointer["offset"] + pointer["length"]
    except (ValueError, KeyError, TypeError):
        return False
    file: Path = folder / pointer["file"]
    if not file.exists():  # a replay's rows point into another collection; else all of it was torn
        return not _torn_part(file).exists() or file.with_name(file.name + OPEN).exists()
    return bool(file.stat().st_size >= end)


def _put_aside(path: Path, end: int, final: Path) -> None:
    """Copy what stands behind ``end`` to a file of its own, safely, and only then cut it off."""
    with path.open("r+b") as stream:
        with replaced(_free_name(_torn_part(final))) as aside:
            stream.seek(end)
            copyfileobj(stream, aside)
        stream.truncate(end)
        os.fsync(stream.fileno())


def _free_name(path: Path) -> Path:
    """A mend that was killed may have left its part, and nothing is ever written over."""
    names = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(name for name in chain([path], names) if not name.exists())


def _torn_part(final: Path) -> Path:
    return final.with_name(final.name.removesuffix(".warc.gz").removesuffix(".jsonl") + ".torn")
