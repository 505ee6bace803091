"""A WARC file as it lies on disk: gzip members, a record each. Read with zlib alone, no WARC library."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PIECE = 64 * 1024
MOST_BYTES = 256 * 1024 * 1024  # of one record, unpacked; the crawl's own are at most an eighth of it
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)


class TornMember(ValueError):
    """At ``offset`` no whole record begins: all before it is good, nothing behind it can be trusted."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"at {offset}: {reason}")
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Member:
    """``length`` bytes at ``offset`` of the file, and the record that they hold."""

    offset: int
    length: int
    record: bytes


def members(path: Path) -> Iterator[Member]:
    """Whole records in file order. Raises TornMember where the next one is not whole, or no WARC record."""
    with path.open("rb") as stream:
        offset, rest = 0, stream.read(PIECE)
        while rest:
            unpack = zlib.decompressobj(31)
            parts: list[bytes] = []
            size, length = 0, 0
            while not unpack.eof:
                if not rest and not (rest := stream.read(PIECE)):
                    raise TornMember(offset, "the file ends inside a record")
                try:
                    parts.append(unpack.decompress(rest, MOST_BYTES - size + 1))
                except zlib.error as error:
                    raise TornMember(offset, f"not gzip: {error}") from None
                size += len(parts[-1])
                if size > MOST_BYTES:
                    raise TornMember(offset, f"a record of more than {MOST_BYTES} bytes")
                after = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
                length += len(rest) - len(after)
                rest = after
            yield Member(offset, length, _checked(offset, b"".join(parts)))
            offset += length
            rest = rest or stream.read(PIECE)


def _checked(offset: int, record: bytes) -> bytes:
    head, blank, block = record.partition(b"\r\n\r\n")
    declared = _LENGTH.search(head + b"\r\n")
    if not record.startswith(b"WARC/1.") or not blank or declared is None:
        raise TornMember(offset, "no WARC record")
    if len(block) != int(declared[1]) + 4 or not block.endswith(b"\r\n\r\n"):
        raise TornMember(offset, "a record whose length is not the one it declares")
    return record
