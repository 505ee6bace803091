"""Finishing what a crash left: whole records and rows stay, a torn end is cut off, and it is said."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from crawler.collection import OPEN, Collection
from crawler.disk import in_use, replace_name
from crawler.warc.members import TornMember, members


@dataclass(frozen=True, slots=True)
class Mended:
    """What became of one file. ``kept``: records or rows; ``cut``: bytes off its end, ``reason``: why."""

    path: Path
    kept: int
    cut: int
    reason: str

    def __str__(self) -> str:
        kind = "rows" if self.path.suffix == ".jsonl" else "records"
        if not self.kept:
            return f"{self.path}: removed, not one whole record in {self.cut:,} bytes"
        if not self.cut:
            return f"{self.path}: {self.kept:,} {kind}, all whole; finished"
        return f"{self.path}: {self.kept:,} {kind} kept, {self.cut:,} bytes cut off ({self.reason})"


def left_over(collection: Collection) -> list[Path]:
    """Files of a collection that no crawl is writing and that none has finished."""
    torn_rows = (path for path in sorted(collection.articles.glob("*.jsonl")) if not _ends_well(path))
    return [path for path in (*sorted(collection.warc.glob(f"*{OPEN}")), *torn_rows) if not in_use(path)]


def mend(path: Path) -> Mended:
    """Mend one file, WARC or rows. ValueError: a crawl is writing it, or its final name is taken."""
    if in_use(path):
        raise ValueError(f"{path}: a crawl is writing it")
    return _mend_rows(path) if path.suffix == ".jsonl" else _mend_warc(path)


def _mend_warc(path: Path) -> Mended:
    kept, end, reason = 0, 0, ""
    try:
        for member in members(path):
            kept, end = kept + 1, member.offset + member.length
    except TornMember as torn:
        reason = torn.reason
    cut = path.stat().st_size - end
    if kept:
        _truncate(path, end)
        if path.name.endswith(OPEN):
            path = replace_name(path, path.with_name(path.name.removesuffix(OPEN)))
    else:
        path.unlink()
    return Mended(path, kept, cut, reason)


def _mend_rows(path: Path) -> Mended:
    kept, end = 0, 0
    with path.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                kept, end = kept + 1, end + len(line)
    cut = path.stat().st_size - end
    if kept:
        _truncate(path, end)
    else:
        path.unlink()
    return Mended(path, kept, cut, "a torn line")


def _truncate(path: Path, size: int) -> None:
    with path.open("r+b") as stream:
        stream.truncate(size)
        os.fsync(stream.fileno())


def _ends_well(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        if stream.tell() == 0:
            return False
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
