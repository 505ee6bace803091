"""A second opinion on WARC files: gzip members by zlib, headers by hand, nothing of the project's."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Record:
    """A record, and where its gzip member lies."""

    file: str
    offset: int
    length: int
    headers: list[tuple[str, str]]
    block: bytes

    def get(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else None

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key == name]

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        assert value is not None, f"no {name}"
        return value


def members(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """(offset, content) of each whole gzip member, and where what is no whole member begins."""
    found, position = [], 0
    while position < len(data):
        member = zlib.decompressobj(wbits=31)
        try:
            content = member.decompress(data[position:])
        except zlib.error:
            break
        if not member.eof:
            break
        found.append((position, content))
        position = len(data) - len(member.unused_data)
    return found, position


def parse(file: str, offset: int, length: int, content: bytes) -> Record:
    head, _, rest = content.partition(b"\r\n\r\n")
    version, *lines = head.decode("ascii").split("\r\n")
    assert version == "WARC/1.1"
    headers = []
    for line in lines:
        name, colon, value = line.partition(": ")
        assert colon, line
        headers.append((name, value))
    size = int(dict(headers)["Content-Length"])
    assert rest[size:] == b"\r\n\r\n", f"{file} at {offset}: the block is not {size} bytes long"
    return Record(file, offset, length, headers, rest[:size])


def records(path: Path) -> list[Record]:
    """Every record of a file that holds whole members and nothing else."""
    data = path.read_bytes()
    found, end = members(data)
    assert end == len(data), f"{path.name}: torn at {end} of {len(data)}"
    ends = [offset for offset, _ in found[1:]] + [end]
    return [
        parse(path.name, offset, stop - offset, content)
        for (offset, content), stop in zip(found, ends, strict=True)
    ]


def sha1(data: bytes) -> str:
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode("ascii")


def entity(block: bytes) -> bytes:
    """What a payload digest is of: behind the first empty line, without chunk framing."""
    end = re.search(rb"\n\r?\n", block)
    if end is None:
        return b""
    head, body = block[: end.end()], block[end.end() :]
    if not re.search(rb"(?im)^transfer-encoding:.*chunked[ \t]*\r?$", head):
        return body
    parts = []
    while body:
        size_line, newline, body = body.partition(b"\n")
        size = re.fullmatch(rb"\s*([0-9a-f]+)\s*(;.*)?\r?", size_line, re.IGNORECASE)
        if not newline or not size or int(size[1], 16) == 0:
            break
        parts.append(body[: int(size[1], 16)])
        body = body[int(size[1], 16) + 2 :]
    return b"".join(parts)
