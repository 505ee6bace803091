"""A WARC file, record by record, whoever wrote it; what cannot be read is reported, and the rest goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.warc.members import HEAD_END, MOST_BYTES, Member, TornMember, member_at, members

_MAGIC = b"\x1f\x8b\x08"
_PIECE = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,18})", re.IGNORECASE)
_MOST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fault:
    """What could not be read, and where."""

    file: str
    offset: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file} at {self.offset}: {self.reason}"


def records(path: Path, fault: Callable[[Fault], None]) -> Iterator[Member]:
    """Every whole record of a file, gzip members or plain. ``fault`` is told where there is none."""
    with path.open("rb") as stream:
        start = stream.read(len(_MAGIC))
    if start.startswith(_MAGIC[:2]):
        yield from _packed(path, fault)
    elif start:
        yield from _plain(path, fault)


def record_at(path: Path, offset: int) -> Member:
    """The record that begins there, packed or plain. Raises TornMember, OSError."""
    with path.open("rb") as stream:
        if stream.read(2) == _MAGIC[:2]:
            return member_at(path, offset)
        stream.seek(offset)
        head = stream.read(_MOST_HEAD)
        end = head.find(HEAD_END)
        declared = _LENGTH.search(head, 0, end + 2) if end >= 0 else None
        if declared is None:
            raise TornMember(offset, "no WARC record")
        stream.seek(offset)
        length = end + 4 + int(declared[1]) + 4
        return Member(offset, length, stream.read(length))


def _packed(path: Path, fault: Callable[[Fault], None]) -> Iterator[Member]:
    offset: int | None = 0
    while offset is not None:
        try:
            yield from members(path, offset)
            return
        except TornMember as torn:
            fault(Fault(path.name, torn.offset, torn.reason))
            offset = _next_member(path, torn.offset + 1)


def _next_member(path: Path, start: int) -> int | None:
    """Where behind a torn record the next whole one begins. Its magic is three bytes, which data may hold
    too: only where a record comes out is it believed."""
    for offset in _places(path, start):
        try:
            if next(members(path, offset), None):
                return offset
        except TornMember:
            continue
    return None


def _places(path: Path, start: int) -> Iterator[int]:
    with path.open("rb") as stream:
        stream.seek(start)
        at, piece = start, stream.read(_PIECE)
        while piece:
            found = piece.find(_MAGIC)
            while found >= 0:
                yield at + found
                found = piece.find(_MAGIC, found + 1)
            rest = piece[-(len(_MAGIC) - 1) :]
            at += len(piece) - len(rest)
            more = stream.read(_PIECE)
            piece = rest + more if more else b""


def _plain(path: Path, fault: Callable[[Fault], None]) -> Iterator[Member]:
    """A file without compression: heads say how long each record is."""
    with path.open("rb") as stream:
        offset = 0
        while head := stream.read(_MOST_HEAD):
            end = head.find(HEAD_END)
            declared = _LENGTH.search(head, 0, end + 2) if end >= 0 else None
            if not head.startswith(b"WARC/1.") or declared is None:
                fault(Fault(path.name, offset, "no WARC record"))
                return
            length = end + 4 + int(declared[1]) + 4
            if int(declared[1]) > MOST_BYTES:
                fault(Fault(path.name, offset, f"a record of more than {MOST_BYTES} bytes"))
            else:
                stream.seek(offset)
                record = stream.read(length)
                if len(record) != length or not record.endswith(HEAD_END):
                    fault(Fault(path.name, offset, "the file ends inside a record"))
                    return
                yield Member(offset, length, record)
            offset += length
            stream.seek(offset)
