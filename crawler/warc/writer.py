"""WARC files: ``.open`` while written, whole members only, fsync and rename at the end."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import gethostname
from typing import NamedTuple
from uuid import uuid4

from crawler.collection import OPEN
from crawler.disk import AppendFile
from crawler.warc.exchange import Attempt, Capture, Exchange
from crawler.warc.originals import Originals
from crawler.warc.pointer import WarcPointer
from crawler.warc.records import (
    IDENTICAL,
    NOT_MODIFIED,
    Answer,
    Member,
    Original,
    exact,
    metadata_member,
    request_member,
    response_member,
    revisit_member,
    warc_date,
    warcinfo_member,
)

SYNC_EVERY = timedelta(seconds=10)  # so much of a crawl a power cut may cost; a crash of the process: nothing
_CONDITION = re.compile(rb"(?im)^if-(?:none-match|modified-since):")


class Rotation(NamedTuple):
    """When a file is finished and the next begun: at about this size (bytes), or at the first record after
    this age."""

    size: int
    age: timedelta


def new_record_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def now() -> datetime:
    return datetime.now(UTC)


class WarcWriter:
    """Writes exchanges into ``folder``.

    No file is made before the first record. A write that fails (full disk) is cut off again, so that the
    file always ends with a whole member, and its OSError goes to the caller. ``originals``: what the archive
    holds already; an answer that is among it becomes a revisit.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        info: Mapping[str, str],
        rotation: Rotation,
        originals: Originals | None = None,
        clock: Callable[[], datetime] = now,
        new_id: Callable[[], str] = new_record_id,
        host: str = gethostname(),  # the name of this machine does not change in a run
    ) -> None:
        self._folder, self._prefix, self._info, self._rotation = folder, prefix, info, rotation
        self._originals, self._clock, self._new_id, self._host = originals, clock, new_id, host
        self._file: AppendFile | None = None
        self._begun = self._synced = datetime.min.replace(tzinfo=UTC)
        self._serial = 0
        self.files: list[str] = []
        self.records = 0
        self.bytes = 0
        self.revisits = 0

    def write(self, exchange: Exchange) -> Capture | None:
        """Keep every attempt of which any byte crossed the line; the last answer, None if none came."""
        capture = None
        for attempt in exchange.attempts:
            if attempt.response:
                capture = self._answered(exchange.url, attempt)
            elif attempt.request:
                self._unanswered(exchange.url, attempt)
        self._sync()
        return capture

    def annotate(self, url: str, capture: Capture, fields: Iterable[tuple[str, str]]) -> None:
        """A metadata record beside a capture: what was read out of it."""
        member = metadata_member(url, capture.date, self._new_id(), capture.record_id, fields)
        self._append(self._rotated(), [member])

    def close(self) -> None:
        """Finish the file under way: on disk, under its final name."""
        if self._file is not None:
            self._file.close(self._file.path.with_name(self._file.path.name.removesuffix(OPEN)))
            self._file = None

    # -- records -----------------------------------------------------------------------------------

    def _answered(self, url: str, attempt: Attempt) -> Capture:
        file, answer, record_id = self._rotated(), Answer.of(attempt), self._new_id()
        original, profile = self._known(url, attempt, answer)
        if original is None:
            member = response_member(url, attempt, answer, record_id)
        else:
            member = revisit_member(url, attempt, answer, record_id, original, profile)
            self.revisits += 1
        members = [member, request_member(url, attempt, self._new_id(), record_id)]
        if original and profile == NOT_MODIFIED:
            head = [("http-head", exact(answer.head))]
            members.append(metadata_member(url, member.date, self._new_id(), record_id, head))
        pointer = self._append(file, members)
        return Capture(record_id, member.date, original.pointer if original else pointer)

    def _known(self, url: str, attempt: Attempt, answer: Answer) -> tuple[Original | None, str]:
        """The response that holds this answer's payload already, and the profile of the revisit."""
        if self._originals is None or attempt.truncated:
            return None, ""
        if answer.status == 304 and _CONDITION.search(attempt.request):
            return self._originals.latest(url), NOT_MODIFIED
        if answer.payload and answer.status is not None:
            return self._originals.same(url, answer.digest, answer.status), IDENTICAL
        return None, ""

    def _unanswered(self, url: str, attempt: Attempt) -> None:
        """A request that left and brought no byte: it is kept, with what ended it."""
        file, date, metadata_id = self._rotated(), warc_date(attempt.started), self._new_id()
        why = "no answer in time" if attempt.truncated == "time" else "connection lost before any answer"
        metadata = metadata_member(url, date, metadata_id, None, [("fetch-error", why)])
        self._append(file, [metadata, request_member(url, attempt, self._new_id(), metadata_id)])

    # -- files -------------------------------------------------------------------------------------

    def _rotated(self) -> AppendFile:
        if self._file is not None and (
            self._file.size >= self._rotation.size or self._clock() - self._begun >= self._rotation.age
        ):
            self.close()
        return self._file or self._begin()

    def _begin(self) -> AppendFile:
        """A file with its warcinfo, or none at all."""
        moment = self._clock()
        name = self._free_name(moment.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")[:17])
        file = AppendFile(self._folder / (name + OPEN))
        self.files.append(name)
        try:
            self._append(file, [warcinfo_member(name, moment, self._new_id(), self._info)])
        except OSError:
            file.discard()
            self.files.pop()
            raise
        self._file, self._begun = file, moment
        return file

    def _free_name(self, stamp: str) -> str:
        """Clocks are set back, and two crawls can start in one millisecond: no file is ever written over."""
        while True:
            name = f"{self._prefix}-{stamp}-{self._serial:05}-{self._host}.warc.gz"
            self._serial += 1
            if not any((self._folder / taken).exists() for taken in (name, name + OPEN)):
                return name

    def _append(self, file: AppendFile, members: list[Member]) -> WarcPointer:
        """Records that belong together, in one write: all of them or none. Where the first one lies."""
        data = b"".join(member.data for member in members)
        offset, first = file.append(data), members[0]
        self.records += len(members)
        self.bytes += len(data)
        return WarcPointer(
            file=self.files[-1],
            offset=offset,
            length=len(first.data),
            record_id=first.record_id,
            payload_digest=first.payload_digest,
            date=first.date,
        )

    def _sync(self) -> None:
        if self._file is not None and self._clock() - self._synced >= SYNC_EVERY:
            self._file.sync()
            self._synced = self._clock()
