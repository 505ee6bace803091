"""What revisits refer to, where it does not lie in the package: found in the collection."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from crawler.wacz.work import Work, milliseconds, refers_to
from crawler.warc.cdxj import Entry, Index
from crawler.warc.members import Member, TornMember, headers_of, member_at


class Holdings:
    """A collection's captures, by address. Its index must be up to date."""

    def __init__(self, warc: Path, index: Path) -> None:
        self._warc, self._index = warc, Index(index)
        # A site's pages share most of their files.
        self.captures = lru_cache(4096)(self._index.captures)
        self.original = lru_cache(4096)(self._original)

    def member(self, entry: Entry) -> Member:
        """Raises TornMember, OSError."""
        return member_at(self._warc / entry.filename, entry.offset)

    def response_of(self, url: str, date: str) -> Entry | None:
        """The response of an address of that WARC-Date. Raises TornMember, OSError."""
        timestamp = milliseconds(date)[:14]
        for entry in self.captures(url):
            same_second = entry.timestamp == timestamp and not entry.is_revisit
            if same_second and headers_of(self.member(entry))["warc-date"] == date:
                return entry
        return None

    def _original(self, entry: Entry) -> Entry | None:
        """The capture that holds a capture's payload: itself, or what it refers to; None where that is not
        in the collection."""
        if not entry.is_revisit:
            return entry
        original = refers_to(headers_of(self.member(entry)))
        return self.response_of(*original) if original else None


def choose_missing(work: Work, holdings: Holdings) -> list[str]:
    """Choose what revisits in the package refer to. Returns what is not in the collection, a line each."""
    lost = []
    for url, date in work.missing():
        try:
            entry = holdings.response_of(url, date)
        except (OSError, TornMember) as error:
            lost.append(f"{url} of {date}, which a revisit refers to, cannot be read: {error}")
            continue
        if entry is None:
            lost.append(f"{url} of {date}, which a revisit refers to, is not in the collection")
        else:
            work.choose(entry)
    return lost
