"""An archive that answers requests: the last whole answer that it holds of each URL."""

from __future__ import annotations

import zlib
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from warcio.exceptions import ArchiveLoadFailed

from crawler.warc.exchange import Capture
from crawler.warc.pointer import WarcPointer
from crawler.warc.reader import Captured, captures, read_at


class Place(NamedTuple):
    """A record, and the folder that its file lies in."""

    folder: Path
    pointer: WarcPointer


class Played(NamedTuple):
    """An answer out of the archive. ``capture`` says when it was given, and where its payload lies."""

    answer: Captured
    capture: Capture


def warc_files(source: Path) -> list[Path]:
    """The WARC files of a file or folder (a collection, its ``warc/``, or any other). ValueError if none."""
    files = [source] if source.is_file() else sorted(source.rglob("*.warc.gz"))
    if not files:
        raise ValueError(f"REPLAY_FROM={source}: no WARC file (*.warc.gz) there")
    return files


def root_of(source: Path) -> str:
    """``scheme://host[:port]`` of the first answer of an archive: what was crawled begins there."""
    for path in warc_files(source):
        for captured in captures(path):
            parts = urlsplit(captured.url)
            return f"{parts.scheme}://{parts.netloc}"
    raise ValueError(f"REPLAY_FROM={source}: no response in its WARC files")


class Playback:
    """Reads every file once at start, then keeps only where each URL lies. ValueError: it cannot be read."""

    def __init__(self, source: Path) -> None:
        self._newest: dict[str, Place] = {}
        self._payload: dict[str, Place] = {}  # for an address whose newest answer is a revisit
        originals: dict[tuple[str, str], Place] = {}
        referring: dict[str, tuple[str, str]] = {}
        for path in warc_files(source):
            try:
                for captured in captures(path):
                    if not captured.truncated:
                        place = Place(path.parent, captured.pointer)
                        self._newest[captured.url] = place
                        if captured.refers_to:
                            referring[captured.url] = captured.refers_to
                        else:
                            originals[captured.url, captured.pointer.date] = place
                            referring.pop(captured.url, None)
            except (ArchiveLoadFailed, zlib.error, OSError) as error:
                raise ValueError(f"REPLAY_FROM={source}: {path} cannot be read: {error}") from None
        for url, refers_to in referring.items():
            if original := originals.get(refers_to):
                self._payload[url] = original
            else:
                del self._newest[url]  # its payload lies in a file that is not here

    def answer(self, url: str) -> Played | None:
        """The answer to a URL as it was requested, or None where the archive holds none."""
        if (place := self._newest.get(url)) is None:
            return None
        captured, payload = read_at(*place), self._payload.get(url)
        if payload is None:
            return Played(captured, captured.capture)
        whole = replace(captured, payload=read_at(*payload).payload)
        return Played(whole, replace(captured.capture, pointer=payload.pointer))
