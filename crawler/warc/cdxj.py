"""The index of a collection: CDXJ, a line a capture, sorted, as pywb and cdxj-indexer read and write it.

``<SURT> <14 digits> {"url", "mime", "status", "digest", "length", "offset", "filename"}``, values as strings.
Made from finished files alone, so what it names is on disk.
"""

from __future__ import annotations

import json
import mmap
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from surt import surt

from crawler.warc.http1 import header, split_head, status_of
from crawler.warc.members import Member, block_start, headers_of, members
from crawler.warc.records import NOT_MODIFIED

REVISIT = "warc/revisit"
_URL = re.compile(r"https?://[!#-;=?-~]+")  # of what can be printed, all but " < >
_FILE = re.compile(r"[^/\\\0]+")


@dataclass(frozen=True, slots=True)
class Entry:
    """One capture. ``digest``: of the payload; ``mime``: the server's word, or ``warc/revisit``."""

    url: str
    timestamp: str
    mime: str | None
    status: int | None
    digest: str
    length: int
    offset: int
    filename: str

    @property
    def is_revisit(self) -> bool:
        return self.mime == REVISIT


def key_of(url: str) -> str:
    """The SURT: host reversed, path and query as they are but lower case; http, https and www are alike.

    >>> key_of("https://www.yjc.ir/fa/news/1/%D8%B3")
    'ir,yjc)/fa/news/1/%d8%b3'
    """
    return str(surt(url))


def as_line(entry: Entry) -> bytes:
    """
    >>> as_line(Entry("http://a.ir/", "20261123033001", "text/html", 200, "sha1:A", 5, 0, "a.warc.gz"))[:32]
    b'ir,a)/ 20261123033001 {"url": "h'
    """
    fields = {"url": entry.url, "mime": entry.mime, "status": entry.status and str(entry.status)} | {
        "digest": entry.digest,
        "length": str(entry.length),
        "offset": str(entry.offset),
        "filename": entry.filename,
    }
    known = {name: value for name, value in fields.items() if value is not None}
    return f"{key_of(entry.url)} {entry.timestamp} {json.dumps(known)}\n".encode()


def read_line(line: bytes) -> Entry:
    """The entry of a line. ValueError, KeyError: it is none.

    Whoever hands a collection on writes its index: no address with blanks or brackets, no file elsewhere.
    """
    _, timestamp, fields = line.split(b" ", 2)
    found = json.loads(fields)
    try:
        entry = Entry(
            url=found["url"],
            timestamp=timestamp.decode("ascii"),
            mime=found.get("mime"),
            status=int(found["status"]) if "status" in found else None,
            digest=found["digest"],
            length=int(found["length"]),
            offset=int(found["offset"]),
            filename=found["filename"],
        )
        is_one = (
            _URL.fullmatch(entry.url) and _FILE.fullmatch(entry.filename) and len(entry.timestamp) in (14, 17)
        )
    except (TypeError, AttributeError) as error:
        raise ValueError(f"no capture: {error}") from None
    if not is_one or not 0 <= entry.offset < 2**63:
        raise ValueError(f"no capture: {entry}")
    datetime.strptime(entry.timestamp[:14], "%Y%m%d%H%M%S")  # in a WACZ with milliseconds
    return entry


def entries_of(path: Path) -> Iterator[Entry]:
    """The captures of a finished file, in file order. TornMember: it is not whole."""
    for member in members(path):
        if entry := entry_of(member, path.name):
            yield entry


def entry_of(member: Member, filename: str) -> Entry | None:
    """None for what is no capture of a page: requests, metadata, junk without a status line, a 304.

    An answer of "not modified" stays out: where it is the newest capture, players show a blank page.
    """
    headers = headers_of(member)
    kind = headers.get("warc-type")
    if kind not in ("response", "revisit") or headers.get("warc-profile") == NOT_MODIFIED:
        return None
    head, _ = split_head(member.record[block_start(member) :])
    if (status := status_of(head)) is None:
        return None
    return Entry(
        url=headers["warc-target-uri"],
        timestamp=re.sub(r"\D", "", headers["warc-date"])[:14],
        mime=REVISIT if kind == "revisit" else _mime(header(head, "Content-Type")),
        status=status,
        digest=headers["warc-payload-digest"],
        length=member.length,
        offset=member.offset,
        filename=filename,
    )


def _mime(content_type: str | None) -> str | None:
    return re.split(r"[;\s]", content_type, maxsplit=1)[0] if content_type else None


class Index:
    """A sorted CDXJ file, asked for single addresses. Without the file it knows nothing."""

    def __init__(self, path: Path) -> None:
        self._map: mmap.mmap | None = None
        if path.exists() and path.stat().st_size:
            with path.open("rb") as stream:
                self._map = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)

    def captures(self, url: str) -> list[Entry]:
        """The captures of exactly this address, oldest first."""
        return [entry for entry in self.alike(url) if entry.url == url]

    def alike(self, url: str) -> list[Entry]:
        """The captures of all addresses with the same key, oldest first: http or https, www or not."""
        if self._map is None:
            return []
        wanted, found = f"{key_of(url)} ".encode(), []
        position = self._first_from(self._map, wanted)
        while self._map[position : position + len(wanted)] == wanted:
            end = _line_end(self._map, position)
            with suppress(ValueError, KeyError):  # damaged since: as if it were not there; verify tells
                found.append(read_line(self._map[position:end]))
            position = end
        # Two captures in one second: their files' names tell which was first.
        return sorted(found, key=lambda entry: (entry.timestamp, entry.filename, entry.offset))

    @staticmethod
    def _first_from(lines: mmap.mmap, wanted: bytes) -> int:
        """Where the first line begins that does not sort before ``wanted``; the end, if none."""
        low, high = 0, len(lines)  # both always where a line begins
        while low < high:
            middle = lines.rfind(b"\n", low, (low + high) // 2) + 1 or low
            end = _line_end(lines, middle)
            if lines[middle : middle + len(wanted)] < wanted:
                low = end
            else:
                high = middle
        return low


def _line_end(lines: mmap.mmap, position: int) -> int:
    """Where the next line begins; the end, also where the last line has lost its own."""
    return lines.find(b"\n", position) + 1 or len(lines)
