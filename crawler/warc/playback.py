"""An archive that answers requests: the last whole response that it holds of each URL."""

from __future__ import annotations

import zlib
from pathlib import Path
from urllib.parse import urlsplit

from warcio.exceptions import ArchiveLoadFailed

from crawler.warc.pointer import WarcPointer
from crawler.warc.reader import Captured, read_at, responses


def warc_files(source: Path) -> list[Path]:
    """The WARC files of a file or folder (a collection, its ``warc/``, or any other). ValueError if none."""
    files = [source] if source.is_file() else sorted(source.rglob("*.warc.gz"))
    if not files:
        raise ValueError(f"REPLAY_FROM={source}: no WARC file (*.warc.gz) there")
    return files


def root_of(source: Path) -> str:
    """``scheme://host[:port]`` of the first response of an archive: what was crawled begins there."""
    for path in warc_files(source):
        for captured in responses(path):
            parts = urlsplit(captured.url)
            return f"{parts.scheme}://{parts.netloc}"
    raise ValueError(f"REPLAY_FROM={source}: no response in its WARC files")


class Playback:
    """Reads every file once at start, then keeps only where each URL lies. ValueError: it cannot be read."""

    def __init__(self, source: Path) -> None:
        self._at: dict[str, tuple[Path, WarcPointer]] = {}
        for path in warc_files(source):
            try:
                for captured in responses(path):
                    if not captured.truncated:
                        self._at[captured.url] = path.parent, captured.pointer
            except (ArchiveLoadFailed, zlib.error, OSError) as error:
                raise ValueError(f"REPLAY_FROM={source}: {path} cannot be read: {error}") from None

    def answer(self, url: str) -> Captured | None:
        """The response to a URL as it was requested, or None where the archive holds none."""
        place = self._at.get(url)
        return read_at(*place) if place else None
