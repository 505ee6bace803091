"""Reading records back, by pointer or one after the other, through warcio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from warcio.archiveiterator import ArchiveIterator
from warcio.exceptions import ArchiveLoadFailed

from crawler.warc.exchange import Capture
from crawler.warc.http1 import headers_of, payload_of, split_head, status_of
from crawler.warc.pointer import WarcPointer

PIECE = 64 * 1024
MOST_BYTES = 64 * 1024 * 1024  # of one record: twice what the crawl keeps; a bomb is refused, not unpacked


class RecordError(ValueError):
    """A record that cannot be read; the message names file and offset."""


@dataclass(frozen=True, slots=True)
class Captured:
    """A response or revisit record that begins with a status line.

    ``payload``: de-chunked, content-encoding still on; empty in a revisit, whose payload lies in the
    response to ``refers_to`` (address, WARC-Date).
    """

    url: str
    status: int
    headers: list[tuple[str, str]]
    payload: bytes
    pointer: WarcPointer
    truncated: bool
    refers_to: tuple[str, str] | None = None

    @property
    def capture(self) -> Capture:
        return Capture(self.pointer.record_id, self.pointer.date, self.pointer)


def captures(path: Path) -> Iterator[Captured]:
    """Every such record of a file, in file order."""
    with path.open("rb") as stream:
        records = ArchiveIterator(stream, no_record_parse=True)
        for record in records:
            if record.rec_type not in ("response", "revisit"):
                continue
            block = _block(record, path)
            # Both read on to the end of the member, so the block comes first.
            offset, length = records.get_record_offset(), records.get_record_length()
            if captured := _captured(record.rec_headers, block, path.name, offset, length):
                yield captured


def read_at(folder: Path, pointer: WarcPointer) -> Captured:
    """The record that a row points at. Raises RecordError where another thing is there, or nothing."""
    captured = read_place(folder, pointer.file, pointer.offset, pointer.length)
    if captured.pointer.record_id != pointer.record_id:
        raise RecordError(f"{folder / pointer.file} at {pointer.offset}: not record {pointer.record_id}")
    return captured


def read_place(folder: Path, file: str, offset: int, length: int) -> Captured:
    """The response or revisit that the index names there. Raises RecordError where there is none."""
    path = folder / file
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            record = next(ArchiveIterator(stream, no_record_parse=True), None)
            captured = (
                _captured(record.rec_headers, _block(record, path), file, offset, length) if record else None
            )
    except FileNotFoundError:
        raise RecordError(f"{path}: no such file") from None
    except OSError as error:
        raise RecordError(f"{path} at {offset}: {error.strerror}") from None
    except ArchiveLoadFailed as error:
        raise RecordError(f"{path} at {offset}: no record: {error}") from None
    if captured is None:
        raise RecordError(f"{path} at {offset}: no HTTP response")
    return captured


def _block(record: Any, path: Path) -> bytes:
    parts, size = [], 0
    while part := record.raw_stream.read(PIECE):  # gives what one step of decompression brings
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            name = record.rec_headers.get_header("WARC-Record-ID")
            raise RecordError(f"{path}: record {name} has more than {MOST_BYTES} bytes, not read")
    return b"".join(parts)


def _captured(rec_headers: Any, block: bytes, file: str, offset: int, length: int) -> Captured | None:
    head, body = split_head(block)
    status = status_of(head)
    if status is None:
        return None
    get = rec_headers.get_header
    return Captured(
        url=get("WARC-Target-URI"),
        status=status,
        headers=headers_of(head),
        payload=payload_of(head, body),
        pointer=WarcPointer(
            file=file,
            offset=offset,
            length=length,
            record_id=get("WARC-Record-ID"),
            payload_digest=get("WARC-Payload-Digest"),
            date=get("WARC-Date"),
        ),
        truncated=get("WARC-Truncated") is not None or len(block) != int(get("Content-Length")),
        refers_to=(get("WARC-Refers-To-Target-URI"), get("WARC-Refers-To-Date"))
        if get("WARC-Type") == "revisit"
        else None,
    )
