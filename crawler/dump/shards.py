"""The lines of a release: copied from the files of rows by their addresses, in order, into shards."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from crawler.collection import Release
from crawler.dump.catalogue import Catalogue, Entry
from crawler.dump.packing import Ending, packed

SHARD_BYTES = 256 * 10**6  # uncompressed


class Changed(OSError):
    """A file of rows was changed while it was dumped."""


def dumped_line(catalogue: Catalogue, entry: Entry) -> bytes:
    """A row as it stands, with the key of the dump behind its last one, and a line end."""
    line = catalogue.line(entry.file, entry.offset, entry.length)
    if not (line.startswith(b"{") and line.endswith(b"}")):
        raise Changed(f"{catalogue.files[entry.file]} changed while it was read: dump again")
    return line[:-1] + b',"near_dup_of":' + json.dumps(entry.near_dup_of).encode() + b"}\n"


class Shards:
    """Lines in, files out: a new file with every new key, and where the last one is full."""

    def __init__(self, name: Callable[[str, int], Path], most: int) -> None:
        self._name = name
        self._most = most
        self._key: str | None = None
        self._number = self._bytes = 0
        self._open = ExitStack()
        self._stream: IO[bytes] | None = None
        self.rows: dict[Path, int] = {}

    def add(self, key: str, line: bytes) -> None:
        if key != self._key:
            self._key, self._number = key, 0
            self._begin(key)
        elif self._bytes and self._bytes + len(line) > self._most:
            self._begin(key)
        assert self._stream is not None
        self._stream.write(line)
        self._bytes += len(line)
        self.rows[self._path] += 1

    def _begin(self, key: str) -> None:
        self.close()
        self._number += 1
        self._bytes = 0
        self._path = self._name(key, self._number)
        self.rows[self._path] = 0
        self._stream = self._open.enter_context(packed(self._path))

    def close(self) -> None:
        self._open.close()
        self._stream = None


def write_shards(
    catalogue: Catalogue, release: Release, ending: Ending, most: int, see: Callable[[Entry, bytes], None]
) -> dict[Path, int]:
    """All rows, a series of shards a crawl day; rows of each file. ``see`` is shown every row and its line
    as it came from the archive; at most ``most`` uncompressed bytes a shard, but for a longer line.

    Also keeps each dumped line's digest, which a delta is made by.
    """
    digests = catalogue.database
    digests.execute("CREATE TABLE dumped (id, version, digest BLOB, PRIMARY KEY (id, version)) WITHOUT ROWID")
    shards = Shards(lambda day, number: release.shard(day, number, ending), most)
    try:
        for entry in catalogue.entries():
            line = dumped_line(catalogue, entry)
            shards.add(entry.crawl_day, line)
            digest = hashlib.sha256(line).digest()
            digests.execute("INSERT INTO dumped VALUES (?, ?, ?)", (entry.id, entry.version, digest))
            see(entry, line)
    finally:
        shards.close()
    return shards.rows


def write_lines(path: Path, lines: Iterable[bytes]) -> int:
    """One packed file of these lines; how many they were."""
    number = 0
    with packed(path) as stream:
        for line in lines:
            stream.write(line)
            number += 1
    return number


def every(catalogue: Catalogue, query: str) -> Iterator[Entry]:
    """Entries that a query over ``row`` names."""
    for values in catalogue.database.execute(query):
        yield Entry(*values)
