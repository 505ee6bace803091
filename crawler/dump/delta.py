"""What is new since an earlier release, and what is no more: applied to the old one it gives the new one.

``upserts``: rows of the new release whose (id, version) or bytes the old one lacks. ``tombstones``: a line
each, ``{"id", "version", "why"}``. "removed": that version is not in the new release: drop it. "gone": the
source took the article away; its last version (status "gone") is among the upserts, earlier ones stay.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

from crawler.collection import Release
from crawler.dump.catalogue import Catalogue, Entry
from crawler.dump.packing import Ending, unpacked
from crawler.dump.shards import Shards, dumped_line, every, write_lines

_NAMES = ", ".join(f"row.{field.name}" for field in fields(Entry))
_UPSERTS = f"""
SELECT {_NAMES} FROM row JOIN dumped USING (id, version) LEFT JOIN old USING (id, version)
WHERE old.digest IS NULL OR old.digest != dumped.digest
ORDER BY row.province, row.number, row.version, row.id
"""
_REMOVED = """
SELECT id, version, 'removed' FROM old WHERE (id, version) NOT IN (SELECT id, version FROM row)
UNION ALL
SELECT id, version, 'gone' FROM row
WHERE status = 'gone' AND (id, version) NOT IN (SELECT id, version FROM old)
ORDER BY 1, 2
"""


def write_delta(
    catalogue: Catalogue, old: Release, new: Release, names: tuple[str, str], ending: Ending, most: int
) -> dict[Path, int]:
    """Rows of each file of the delta between two releases, ``names``: (old, new). ``write_shards`` comes
    first. Raises OSError, ValueError where the old release cannot be read."""
    database = catalogue.database
    database.execute(
        "CREATE TEMP TABLE old (id, version, digest BLOB, PRIMARY KEY (id, version)) WITHOUT ROWID"
    )
    for id, version, line in _rows_of(old):
        database.execute("INSERT INTO old VALUES (?, ?, ?)", (id, version, hashlib.sha256(line).digest()))
    shards = Shards(lambda _, number: new.upserts(*names, number, ending), most)
    try:
        for entry in every(catalogue, _UPSERTS):
            shards.add("", dumped_line(catalogue, entry))
    finally:
        shards.close()
    path = new.tombstones(*names, ending)
    gone = database.execute(_REMOVED)
    return shards.rows | {path: write_lines(path, (_tombstone(*values) for values in gone))}


def _rows_of(release: Release) -> Iterator[tuple[str, int, bytes]]:
    for path in release.shards():
        with unpacked(path) as lines:
            for line in lines:
                row = json.loads(line)
                yield row["id"], row["version"], line


def _tombstone(id: str, version: int, why: str) -> bytes:
    return json.dumps({"id": id, "version": version, "why": why}).encode() + b"\n"
