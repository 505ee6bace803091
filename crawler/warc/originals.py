"""What the archive holds of an address already: asked before an answer is written again, or fetched again."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from crawler.warc.cdxj import Entry, Index
from crawler.warc.identify import unpacked
from crawler.warc.members import TornMember, member_at, taken_apart
from crawler.warc.pointer import WarcPointer
from crawler.warc.reader import RecordError, read_at
from crawler.warc.records import Original


class Said(NamedTuple):
    """What an address said: its WARC-Date, and the body without content-encoding."""

    date: str
    body: bytes


class Originals:
    """Responses in finished files of ``folder``, found by ``index`` and looked at again: only what is on disk
    counts, whatever the index says."""

    def __init__(self, folder: Path, index: Path) -> None:
        self._folder, self._index = folder, Index(index)

    def same(self, url: str, digest: str, status: int) -> Original | None:
        """A whole response of this address and status whose payload has this digest: who follows a revisit
        must not come to a page that was an error."""
        return self._first(
            [
                entry
                for entry in self._index.captures(url)
                if entry.digest == digest and entry.status == status
            ]
        )

    def latest(self, url: str) -> Original | None:
        """The response that holds what the address said last, when it was asked with success."""
        good = [entry for entry in self._index.captures(url) if entry.status == 200]
        return self._first([entry for entry in good if entry.digest == good[-1].digest]) if good else None

    def holds(self, url: str) -> bool:
        """Whether the address was captured with success, and what it said is on disk."""
        return self.latest(url) is not None

    def last_said(self, url: str, most: int) -> Said | None:
        """The first ``most`` bytes of what the address said last, when it was asked with success."""
        if (original := self.latest(url)) is None:
            return None
        try:
            captured = read_at(self._folder, original.pointer)
        except (RecordError, OSError):
            return None
        codings = [value for name, value in captured.headers if name.lower() == "content-encoding"]
        return Said(original.pointer.date, unpacked(captured.payload, ", ".join(codings) or None, most))

    def _first(self, entries: list[Entry]) -> Original | None:
        found = (self._opened(entry) for entry in entries if not entry.is_revisit)
        return next((original for original in found if original), None)

    def _opened(self, entry: Entry) -> Original | None:
        try:
            headers, _ = taken_apart(member_at(self._folder / entry.filename, entry.offset))
        except (OSError, TornMember):
            return None  # moved away, or not what it was: then it is written anew
        if headers.get("warc-payload-digest") != entry.digest or "warc-truncated" in headers:
            return None
        pointer = WarcPointer(
            file=entry.filename,
            offset=entry.offset,
            length=entry.length,
            record_id=headers["warc-record-id"],
            payload_digest=entry.digest,
            date=headers["warc-date"],
        )
        return Original(entry.url, pointer)
