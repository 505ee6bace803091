"""What a collection holds of an address, and what it said at a time."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crawler.collection import Collection
from crawler.replay.moment import read_stamp, stamp_of
from crawler.sites.urls import absolute, ascii_url
from crawler.warc.cdxj import Entry, Index
from crawler.warc.http1 import REDIRECTS
from crawler.warc.reader import MOST_BYTES, Captured, RecordError, read_place

MOST_REDIRECTS = 10
_PIECE = 4096  # bytes
_GZIP = ("gzip", "x-gzip", "deflate")


class NotHeld(LookupError):
    """The archive has no capture of an address, or not its bytes; the message says which."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A capture opened. ``said``: its own record, with the head that the server sent; ``original``: the one
    with the payload, to which a revisit refers; ``body``: that payload, content-encoding off but for
    ``coding``."""

    entry: Entry
    said: Captured
    original: Captured
    body: bytes
    coding: str

    @property
    def at(self) -> datetime:
        return moment_of(self.entry)

    def header(self, name: str) -> str | None:
        """Of the answer itself; the first value."""
        return next((value for key, value in self.said.headers if key.lower() == name.lower()), None)

    @property
    def target(self) -> str | None:
        """Where a redirect leads."""
        location = self.header("Location")
        if self.said.status not in REDIRECTS or not location:
            return None
        # Servers write UTF-8 as it is; header values are read as Latin-1.
        return absolute(self.said.url, location.encode("latin-1").decode("utf-8", "replace"))


class Archive:
    """The captures of one collection, by its index: those in finished files."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection
        self._index = Index(collection.index)

    def captures(self, url: str) -> list[Entry]:
        """Of this address, oldest first; where there is none, of those that differ in http, https, www."""
        try:
            address = ascii_url(url.partition("#")[0])
            # "Not modified" is no page, also where the archive does not know of what it was said.
            alike = [entry for entry in self._index.alike(address) if entry.status != 304]
        except ValueError:
            return []
        return [entry for entry in alike if entry.url == address] or alike

    def as_of(self, url: str, moment: datetime) -> Entry:
        """What the address said at that time: the last capture until then, else the first one after."""
        found, stamp = self._some(url), stamp_of(moment)
        return next((entry for entry in reversed(found) if entry.timestamp <= stamp), found[0])

    def nearest(self, url: str, moment: datetime) -> Entry:
        """The capture nearest to that time: for what a page needs, which is fetched after it."""
        return min(self._some(url), key=lambda entry: abs(moment_of(entry) - moment))

    def _some(self, url: str) -> list[Entry]:
        if not (found := self.captures(url)):
            if not self.collection.index.exists():
                raise NotHeld(f"{self.collection.index} is not there; scrapy index makes it")
            raise NotHeld(f"the archive has no capture of {url}")
        return found

    def opened(self, entry: Entry) -> Answer:
        """Raises NotHeld where its record, or the one that it refers to, cannot be read."""
        try:
            said = self._read(entry)
            original = self._original(entry, said) if said.refers_to else said
        except RecordError as error:
            raise NotHeld(f"the archive cannot give {entry.url} of {entry.timestamp}: {error}") from None
        return Answer(entry, said, original, *decoded(original))

    def _read(self, entry: Entry) -> Captured:
        return read_place(self.collection.warc, entry.filename, entry.offset, entry.length)

    def _original(self, entry: Entry, said: Captured) -> Captured:
        assert said.refers_to is not None
        url, date = said.refers_to[0] or said.url, said.refers_to[1] or ""  # other programs may say neither
        wanted = [
            one for one in self._index.captures(url) if one.digest == entry.digest and not one.is_revisit
        ]
        # The one of that time; else one of another time, but with the same bytes.
        wanted.sort(key=lambda one: one.timestamp != re.sub(r"\D", "", date)[:14])
        failed = RecordError(f"it refers to {url} of {date}, which is not in the index")
        for one in wanted:
            try:
                return self._read(one)
            except RecordError as error:
                failed = error
        raise failed

    def followed(self, entry: Entry) -> tuple[Answer, list[Answer]]:
        """(what the address leads to, the redirects on the way), each as of the first one's time."""
        answer, way = self.opened(entry), list[Answer]()
        while (target := answer.target) and len(way) < MOST_REDIRECTS:
            way.append(answer)
            try:
                answer = self.opened(self.nearest(target, way[0].at))
            except NotHeld as error:
                step = way[-1].entry
                raise NotHeld(f"{step.url} of {step.timestamp} was a redirect to {target}; {error}") from None
        return answer, way


def moment_of(entry: Entry) -> datetime:
    return read_stamp(entry.timestamp[:14])


def decoded(captured: Captured) -> tuple[bytes, str]:
    """(payload without its content-encoding, ""); or (payload, its content-encoding) where that is one that
    we cannot undo, or not what is there. Bounded: a bomb gives its first MOST_BYTES."""
    body, on = captured.payload, codings(captured.headers)
    for coding in reversed(on):
        window = 47 if coding != "deflate" or _is_zlib(body) else -15
        try:
            if coding not in _GZIP:
                raise zlib.error
            body = _unpacked(body, window)
        except zlib.error:
            return captured.payload, ", ".join(on)
    return body, ""


def _unpacked(data: bytes, window: int) -> bytes:
    """Member after member, as far as they go; what follows the last one is no part of it. By small pieces:
    what a piece leaves to the next member is copied, and there may be a million."""
    parts, room, at, unpacker = list[bytes](), MOST_BYTES, 0, zlib.decompressobj(window)
    while at < len(data) and room:
        piece = data[at : at + _PIECE]
        try:
            parts.append(unpacker.decompress(piece, room))
        except zlib.error:
            if not parts:
                raise
            break
        room -= len(parts[-1])
        at += len(piece) - len(unpacker.unused_data)
        if unpacker.eof:
            unpacker = zlib.decompressobj(window)
    return b"".join(parts)


def codings(headers: Iterable[tuple[str, str]]) -> list[str]:
    """The content-encodings in the order in which they were put on."""
    values = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    return [coding for part in values.split(",") if (coding := part.strip().lower()) not in ("", "identity")]


def _is_zlib(body: bytes) -> bool:
    """What deflate is by the standard; some servers send the bare stream."""
    return len(body) > 1 and body[0] & 15 == 8 and (body[0] * 256 + body[1]) % 31 == 0
