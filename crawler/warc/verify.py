"""Proving a collection: every member, record, digest and pair, and every row's pointer.

Independent of the writer: members are read with zlib, heads and chunks taken apart here, digests made
anew. What the writer believes of a record is not asked.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.collection import OPEN, Collection
from crawler.warc.members import Member, TornMember, members

_EMPTY_LINE = re.compile(rb"\n\r?\n")  # some servers end their lines with LF, or with both in turn
NEEDED = ("warc-type", "warc-record-id", "warc-date", "content-length", "warc-block-digest")


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong, and where: ``at`` is an offset in a WARC file, a line number in rows."""

    file: str
    at: int
    what: str

    def __str__(self) -> str:
        return f"{self.file} at {self.at}: {self.what}"


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what is wrong. No fault: the collection proves itself."""

    files: int = 0
    records: int = 0
    rows: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        counts = {"files": self.files, "records": self.records, "rows": self.rows, "bytes": self.bytes}
        return counts | {"faults": [{"file": f.file, "at": f.at, "what": f.what} for f in self.faults]}


# (file name, offset) → (length, record id, payload digest, target): what a row may point at
Index = dict[tuple[str, int], tuple[int, str, str, str]]


def verify_collection(collection: Collection) -> Verdict:
    """Every WARC file and row file of a collection."""
    verdict, index = Verdict(), Index()
    for path in sorted(collection.warc.glob("*.warc.gz*")):
        if path.name.endswith(OPEN):
            verdict.faults.append(Fault(path.name, 0, "not finished: a crawl is writing it, or was killed"))
        else:
            verify_file(path, verdict, index)
    for path in sorted(collection.articles.glob("*.jsonl")):
        verify_rows(path, verdict, index)
    return verdict


def verify_file(path: Path, verdict: Verdict, index: Index) -> None:
    """The records of one file; ``index`` gets its responses."""
    verdict.files += 1
    verdict.bytes += path.stat().st_size
    seen: dict[str, str] = {}  # record id → target
    try:
        for number, member in enumerate(members(path)):
            verdict.records += 1
            headers, block = _taken_apart(member)
            for what in _faults_of(headers, block, number == 0, path.name, seen):
                verdict.faults.append(Fault(path.name, member.offset, what))
            record_id, target = headers.get("warc-record-id", ""), headers.get("warc-target-uri", "")
            seen[record_id] = target
            if headers.get("warc-type") == "response":
                digest = headers.get("warc-payload-digest", "")
                index[path.name, member.offset] = member.length, record_id, digest, target
    except TornMember as torn:
        verdict.faults.append(Fault(path.name, torn.offset, torn.reason))


def verify_rows(path: Path, verdict: Verdict, index: Index) -> None:
    """Every row is whole and points at the response of its own address."""
    with path.open("rb") as stream:
        for number, line in enumerate(stream, 1):
            verdict.rows += 1
            for what in _faults_of_row(line, index):
                verdict.faults.append(Fault(path.name, number, what))


def _taken_apart(member: Member) -> tuple[dict[str, str], bytes]:
    head, _, block = member.record.partition(b"\r\n\r\n")
    pairs = (line.split(":", 1) for line in head.decode("utf-8", "replace").split("\r\n")[1:] if ":" in line)
    headers: dict[str, str] = {}
    for name, value in pairs:
        headers.setdefault(name.lower(), value.strip())
    return headers, block[:-4]


def _faults_of(
    headers: dict[str, str], block: bytes, first: bool, name: str, seen: dict[str, str]
) -> Iterator[str]:
    kind, target = headers.get("warc-type", ""), headers.get("warc-target-uri", "")
    yield from (f"no {needed}" for needed in NEEDED if needed not in headers)
    if first and (kind != "warcinfo" or headers.get("warc-filename") != name):
        yield f"the file does not begin with its own warcinfo, but with {kind or 'nothing'}"
    if headers.get("warc-record-id") in seen:
        yield "a record id that another record bears"
    if _differs(headers.get("warc-block-digest"), block):
        yield "the block is not what its digest says"
    if kind in ("request", "response") and _differs(headers.get("warc-payload-digest"), _payload(block)):
        yield "the payload is not what its digest says"
    if kind == "request" and seen.get(headers.get("warc-concurrent-to", "")) != target:
        yield "no response of its address stands before this request"
    if not target.isascii():
        yield "a target that is not percent-encoded"


def _differs(digest: str | None, data: bytes) -> bool:
    return digest is not None and digest != "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def _payload(block: bytes) -> bytes:
    """RFC 9112: what follows the empty line; where the last coding is chunked, the chunks without framing."""
    empty = _EMPTY_LINE.search(block)
    if empty is None:
        return b""
    body = block[empty.end() :]
    fields = block[: empty.start()].lower().replace(b" ", b"").replace(b"\t", b"").splitlines()
    codings = [line for line in fields if line.startswith(b"transfer-encoding:")]
    if not codings or not codings[0].endswith(b"chunked"):
        return body
    chunks = []
    while body:
        size_line, _, body = body.partition(b"\n")
        digits = size_line.split(b";")[0].strip()
        if not digits or digits.strip(b"0123456789abcdefABCDEF") or int(digits, 16) == 0:
            break
        size = int(digits, 16)
        chunks.append(body[:size])
        body = body[size:].removeprefix(b"\r").removeprefix(b"\n")
    return b"".join(chunks)


def _faults_of_row(line: bytes, index: Index) -> Iterator[str]:
    if not line.endswith(b"\n"):
        yield "a torn line"
        return
    try:
        row = json.loads(line)
    except ValueError as error:
        yield f"no JSON: {error}"
        return
    if (pointer := row.get("warc")) is None:
        return
    found = index.get((pointer["file"], pointer["offset"]))
    if found is None:
        yield f"{row['id']} points at {pointer['file']} at {pointer['offset']}, where no response begins"
    elif found != (pointer["length"], pointer["record_id"], pointer["payload_digest"], row["url"]):
        yield f"{row['id']} points at another record than it says"
