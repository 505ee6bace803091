"""A WARC file as it lies on disk: gzip members, a record each. No WARC library reads it here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from crawler.warc.packing import IsalError, unpacking

PIECE = 64 * 1024
MOST_BYTES = 256 * 1024 * 1024  # of one record, unpacked; the crawl's own are at most an eighth of it
HEAD_END = b"\r\n\r\n"  # and what follows each record
_TYPE = re.compile(rb"\r\nWARC-Type:[ \t]*([a-z]+)[ \t]*\r\n", re.IGNORECASE)
_LENGTH = re.compile(rb"\r\nContent-Length: *(\d+)\r\n", re.IGNORECASE)


class TornMember(ValueError):
    """At ``offset`` no whole record begins: all before it is good, nothing behind it can be trusted."""

    def __init__(self, offset: int, reason: str) -> None:
        super().__init__(f"at {offset}: {reason}")
        self.offset = offset
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and where: ``at`` is an offset in a WARC file, a line number elsewhere."""

    file: str
    at: int
    what: str

    def __str__(self) -> str:
        return f"{self.file} at {self.at}: {self.what}"


@dataclass(frozen=True, slots=True)
class Member:
    """``length`` bytes at ``offset`` of the file, and the record that they hold."""

    offset: int
    length: int
    record: bytes


def members(path: Path, start: int = 0) -> Iterator[Member]:
    """Whole records in file order, from the one at ``start`` on. Raises TornMember where the next one is not
    whole, or no WARC record."""
    with path.open("rb") as stream:
        stream.seek(start)
        offset, rest = start, stream.read(PIECE)
        while rest:
            unpack = unpacking()
            parts: list[bytes] = []
            size, length = 0, 0
            while not unpack.eof:
                if not rest and not (rest := stream.read(PIECE)):
                    raise TornMember(offset, "the file ends inside a record")
                try:
                    parts.append(unpack.decompress(rest, MOST_BYTES - size + 1))
                except IsalError as error:  # type: ignore[misc]  # its stub says instance for class
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


def member_at(path: Path, offset: int) -> Member:
    """The record that begins there. TornMember: none does."""
    found = next(members(path, offset), None)
    if found is None:
        raise TornMember(offset, "the file ends before it")
    return found


def _checked(offset: int, record: bytes) -> bytes:
    end = record.find(HEAD_END)
    declared = _LENGTH.search(record, 0, end + 2)
    if not record.startswith(b"WARC/1.") or end < 0 or declared is None:
        raise TornMember(offset, "no WARC record")
    if len(record) != end + 4 + int(declared[1]) + 4 or not record.endswith(HEAD_END):
        raise TornMember(offset, "a record whose length is not the one it declares")
    return record


def taken_apart(member: Member) -> tuple[dict[str, str], bytes]:
    """(headers with lower-case names, the first of each; the block)."""
    return headers_of(member), member.record[block_start(member) : -4]


def block_start(member: Member) -> int:
    """Where in the record its block begins; it ends four bytes before the record's end."""
    return member.record.index(HEAD_END) + 4


def type_of(member: Member) -> str:
    """``response``, ``metadata`` …; empty where the record does not say."""
    found = _TYPE.search(member.record, 0, member.record.index(HEAD_END) + 2)
    return found[1].decode().lower() if found else ""


def headers_of(member: Member) -> dict[str, str]:
    """A record's own headers, with lower-case names, the first of each."""
    headers: dict[str, str] = {}
    for line in member.record[: block_start(member)].decode("utf-8", "replace").split("\r\n")[1:]:
        name, colon, value = line.partition(":")
        if colon:
            headers.setdefault(name.lower(), value.strip())
    return headers
