"""What is wrong with a record, looked at alone or beside its neighbours in the file.

Shares nothing with the writer: heads and chunks are taken apart here, digests made anew.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.warc.members import Member, block_start, headers_of

_EMPTY_LINE = re.compile(rb"\n\r?\n")  # some servers end their lines with LF, or with both in turn
_CODINGS = re.compile(rb"(?im)^transfer-encoding[ \t]*:([^\r\n]*(?:\r?\n[ \t][^\r\n]*)*)")
_TYPE = re.compile(rb"(?im)^content-type[ \t]*:[ \t]*([^;\s]+)")
_SHA1 = re.compile(r"sha1:([A-Z2-7]{32})")
_BASE32_AS_PYTHON_READS_IT = str.maketrans(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", "0123456789ABCDEFGHIJKLMNOPQRSTUV"
)
_STATUS = re.compile(rb"HTTP/\d\.\d (\d{3})\b")
NEEDED = ("warc-type", "warc-record-id", "warc-date", "content-length", "warc-block-digest")
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
ANSWERS = ("response", "revisit")


@dataclass(slots=True)
class Record:
    """A record as read here. ``head``: of the HTTP message in it; empty in other records.

    ``block`` and ``body`` are views of the member's bytes: a copy of each would cost as much as its digest.
    """

    member: Member
    headers: dict[str, str]
    block: memoryview
    head: bytes
    body: memoryview

    @classmethod
    def of(cls, member: Member) -> Record:
        headers, start = headers_of(member), block_start(member)
        block, at = memoryview(member.record)[start:-4], 0
        if headers.get("content-type", "").startswith("application/http"):
            end = _EMPTY_LINE.search(member.record, start, len(member.record) - 4)
            at = end.end() - start if end else len(block)
        return cls(member, headers, block, bytes(block[:at]), block[at:])

    def get(self, name: str) -> str:
        return self.headers.get(name, "")

    @property
    def status(self) -> str:
        found = _STATUS.match(self.head)
        return found[1].decode() if found else ""

    @property
    def mime(self) -> str | None:
        found = _TYPE.search(self.head)
        return found[1].decode("latin-1") if found else None


class Neighbours:
    """The records of one file in turn: who stands beside whom."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._count = 0
        self._waiting: tuple[str, str] | None = None  # id and target of an answer whose request is to follow

    def faults(self, record: Record) -> Iterator[str]:
        """What is wrong with the next record of the file."""
        kind, target = record.get("warc-type"), record.get("warc-target-uri")
        if self._count == 0 and (kind != "warcinfo" or record.get("warc-filename") != self._name):
            yield f"the file does not begin with its own warcinfo, but with {kind or 'nothing'}"
        self._count += 1
        waiting, self._waiting = self._waiting, None
        beside = (record.get("warc-concurrent-to"), target)
        if kind == "request" and beside != waiting:
            yield "no answer of its address stands before this request"
        elif kind != "request" and waiting:
            yield "the answer before it has no request"
        if kind in ANSWERS or (kind == "metadata" and not record.get("warc-concurrent-to")):
            self._waiting = (record.get("warc-record-id"), target)
        yield from faults_of(record)


def faults_of(record: Record) -> Iterator[str]:
    """What is wrong with a record whatever stands around it."""
    kind = record.get("warc-type")
    yield from (f"no {needed}" for needed in NEEDED if needed not in record.headers)
    if _differs(record.get("warc-block-digest"), record.block):
        yield "the block is not what its digest says"
    if kind in ("request", "response") and _differs(record.get("warc-payload-digest"), _payload(record)):
        yield "the payload is not what its digest says"
    if kind == "revisit":
        needed = ("warc-profile", "warc-refers-to-target-uri", "warc-refers-to-date", "warc-payload-digest")
        yield from (f"no {name}" for name in needed if name not in record.headers)
        if record.get("warc-profile") == NOT_MODIFIED and record.block:
            yield "a 304 with a block: players show a blank page"
    if not record.get("warc-target-uri").isascii():
        yield "a target that is not percent-encoded"


def _differs(digest: str, data: bytes | memoryview) -> bool:
    """A digest that is not there was complained of already.

    >>> _differs("sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", b""), _differs("sha1:3I42", b"")
    (False, True)
    """
    if not digest:
        return False
    said = _SHA1.fullmatch(digest)
    # Base 32 as a number: the library's decoder is written in Python, and slower than the digest itself.
    made = int.from_bytes(hashlib.sha1(data).digest())
    return said is None or int(said[1].translate(_BASE32_AS_PYTHON_READS_IT), 32) != made


def _payload(record: Record) -> bytes | memoryview:
    """RFC 9112: what follows the empty line; where the last coding is chunked, the chunks without framing."""
    codings = _CODINGS.search(record.head)
    if codings is None or not codings[1].strip().lower().endswith(b"chunked"):
        return record.body
    body = bytes(record.body)
    chunks, at = [], 0
    while (end := body.find(b"\n", at)) >= 0:
        digits = body[at:end].split(b";")[0].strip()
        if not digits or digits.strip(b"0123456789abcdefABCDEF") or int(digits, 16) == 0:
            break
        size, start = int(digits, 16), end + 1
        chunks.append(body[start : start + size])
        at = start + size
        at += 1 if body[at : at + 1] == b"\n" else 2
    return b"".join(chunks)
