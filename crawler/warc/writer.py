"""WARC files: ``.open`` while written, whole members only, fsync and rename at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from socket import gethostname
from uuid import uuid4

from crawler.collection import OPEN
from crawler.disk import AppendFile
from crawler.warc.exchange import Exchange
from crawler.warc.pointer import WarcPointer
from crawler.warc.records import Member, request_member, response_member, warcinfo_member

LEVEL = 6  # zlib: 9 gives the same size for HTML that is already gzipped, and takes longer (CHANGELOG)


def new_record_id() -> str:
    return f"<urn:uuid:{uuid4()}>"


def now() -> datetime:
    return datetime.now(UTC)


class WarcWriter:
    """Writes exchanges into ``folder``, in files of about ``max_bytes``. One thread owns it.

    No file is made before the first record. A write that fails (full disk) is cut off again, so that the
    file always ends with a whole member, and its OSError goes to the caller.
    """

    def __init__(
        self,
        folder: Path,
        prefix: str,
        info: Mapping[str, str],
        max_bytes: int,
        clock: Callable[[], datetime] = now,
        new_id: Callable[[], str] = new_record_id,
        host: str = gethostname(),  # the name of this machine does not change in a run
    ) -> None:
        self._folder, self._prefix, self._info, self._max_bytes = folder, prefix, info, max_bytes
        self._clock, self._new_id, self._host = clock, new_id, host
        self._file: AppendFile | None = None
        self._serial = 0
        self.files: list[str] = []
        self.records = 0
        self.bytes = 0

    def write(self, exchange: Exchange) -> WarcPointer | None:
        """Keep every attempt that brought bytes; returns where the last response lies, None if none came."""
        pointer = None
        for attempt in exchange.answered:
            file = self._rotated()
            response = response_member(exchange.url, attempt, self._new_id(), LEVEL)
            request = request_member(exchange.url, attempt, self._new_id(), response.record_id, LEVEL)
            pointer = self._append(file, response)
            self._append(file, request)
        return pointer

    def close(self) -> None:
        """Finish the file under way: on disk, under its final name."""
        if self._file is not None:
            self._file.close(self._file.path.with_name(self._file.path.name.removesuffix(OPEN)))
            self._file = None

    def _rotated(self) -> AppendFile:
        if self._file is not None and self._file.size >= self._max_bytes:
            self.close()
        return self._file or self._begin()

    def _begin(self) -> AppendFile:
        """A file with its warcinfo, or none at all."""
        moment = self._clock()
        name = self._free_name(moment.astimezone(UTC).strftime("%Y%m%d%H%M%S%f")[:17])
        file = AppendFile(self._folder / (name + OPEN))
        self.files.append(name)
        try:
            self._append(file, warcinfo_member(name, moment, self._new_id(), self._info, LEVEL))
        except OSError:
            file.discard()
            self.files.pop()
            raise
        self._file = file
        return file

    def _free_name(self, stamp: str) -> str:
        """Clocks are set back, and two crawls can start in one millisecond: no file is ever written over."""
        while True:
            name = f"{self._prefix}-{stamp}-{self._serial:05}-{self._host}.warc.gz"
            self._serial += 1
            if not any((self._folder / taken).exists() for taken in (name, name + OPEN)):
                return name

    def _append(self, file: AppendFile, member: Member) -> WarcPointer:
        offset = file.append(member.data)
        self.records += 1
        self.bytes += len(member.data)
        return WarcPointer(
            file=self.files[-1],
            offset=offset,
            length=len(member.data),
            record_id=member.record_id,
            payload_digest=member.payload_digest,
            date=member.date,
        )
