"""Finishing what a crash left: whole records and rows stay, a torn end is put aside, and it is said."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj

from crawler.collection import OPEN, Collection
from crawler.disk import in_use, replace_name
from crawler.warc.members import TornMember, members


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


def left_over(collection: Collection) -> list[Path]:
    """Files of a collection that no crawl is writing and that none has finished."""
    torn_rows = (path for path in sorted(collection.articles.glob("*.jsonl")) if not _ends_well(path))
    return [path for path in (*sorted(collection.warc.glob(f"*{OPEN}")), *torn_rows) if not in_use(path)]


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
    kept, end = 0, 0
    with path.open("rb") as stream:
        for line in stream:
            if line.endswith(b"\n"):
                kept, end = kept + 1, end + len(line)
    return kept, end, "a torn line"


def _put_aside(path: Path, end: int, final: Path) -> None:
    """Copy what stands behind ``end`` to a file of its own, safely, and only then cut it off."""
    name = final.name.removesuffix(".warc.gz").removesuffix(".jsonl")
    with path.open("r+b") as stream, final.with_name(f"{name}.torn").open("xb") as aside:
        stream.seek(end)
        copyfileobj(stream, aside)
        aside.flush()
        os.fsync(aside.fileno())
        stream.truncate(end)
        os.fsync(stream.fileno())


def _ends_well(path: Path) -> bool:
    with path.open("rb") as stream:
        stream.seek(0, os.SEEK_END)
        if stream.tell() == 0:
            return False
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
