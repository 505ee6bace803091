"""Files of a release, written so that the same lines make the same bytes on any machine."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Literal, cast

from crawler.dump.packages import package

Ending = Literal["zst", "gz"]
ZSTD_LEVEL = 10  # gzip-6's size; higher levels cost minutes a gigabyte for a few per cent
GZIP_LEVEL = 6


@contextmanager
def packed(path: Path) -> Iterator[IO[bytes]]:
    """A new packed file, on disk when it is closed. No thread, no time and no name stand in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as raw:
        stream: Any
        if path.suffix == ".gz":
            stream = gzip.GzipFile("", "wb", GZIP_LEVEL, raw, mtime=0)
        else:
            packer = package("zstandard").ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
            stream = packer.stream_writer(raw, closefd=False)
        with stream:
            yield stream
        raw.flush()
        os.fsync(raw.fileno())


@contextmanager
def unpacked(path: Path) -> Iterator[IO[bytes]]:
    """A packed file, to be read by lines. Raises OSError or EOFError, or zstandard.ZstdError, where torn."""
    with path.open("rb") as raw:
        if path.suffix == ".gz":
            with gzip.GzipFile("", "rb", fileobj=raw) as stream:
                yield cast(IO[bytes], stream)
        else:
            reader = package("zstandard").ZstdDecompressor().stream_reader(raw, read_across_frames=True)
            with io.BufferedReader(reader, 2**20) as buffered:
                yield cast(IO[bytes], buffered)
