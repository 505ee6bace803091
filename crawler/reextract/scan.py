"""A WARC file, record by record, whoever wrote it; what cannot be read is reported, and the rest goes on."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from crawler.warc.members import HEAD_END, MOST_BYTES, Fault, Member, TornMember, members

_MAGIC = b"\x1f\x8b\x08"
_PIECE = 1 << 20
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d{1,18})", re.IGNORECASE)
_MOST_HEAD = 64 * 1024


def records(path: Path, fault: Callable[[Fault], None], start: int = 0) -> Iterator[Member]:
    """Every whole record of a file, gzip members or plain, from the one at ``start`` on. ``fault`` is told
    where there is none."""
    with path.open("rb") as stream:
        magic = stream.read(2)
    yield from (_packed if magic == _MAGIC[:2] else _plain)(path, fault, start)


def record_at(path: Path, offset: int) -> Member:
    """The record that begins there, packed or plain. Raises TornMember, OSError."""
    faults: list[Fault] = []
    found = next(records(path, faults.append, offset), None)
    if found is None or faults:
        raise TornMember(offset, faults[0].what if faults else "the file ends before it")
    return found


def _packed(path: Path, fault: Callable[[Fault], None], start: int) -> Iterator[Member]:
    offset: int | None = start
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


def _plain(path: Path, fault: Callable[[Fault], None], start: int) -> Iterator[Member]:
    """A file without compression: heads say how long each record is."""
    with path.open("rb") as stream:
        offset = start
        stream.seek(offset)
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
