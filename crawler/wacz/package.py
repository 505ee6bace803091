"""A WACZ as a file: a ZIP whose files bear digests (https://specs.webrecorder.net/wacz/1.1.1/).

Written from front to back, a piece at a time. No clock: the same files make the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, BinaryIO

WACZ_VERSION = "1.1.1"
ARCHIVE, INDEXES, PAGES, LOGS = "archive/", "indexes/", "pages/", "logs/"
DATAPACKAGE, DIGEST = "datapackage.json", "datapackage-digest.json"
ENDING = ".wacz"
PIECE = 1 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)  # ZIP's first moment: files have their times inside
_NOTHING = b"\xfe\xca\0\0"  # an extra field without content


@dataclass(frozen=True, slots=True)
class Resource:
    """A file of the package. ``digest``: sha256 in hex; ``size``: bytes, unpacked."""

    path: str
    digest: str
    size: int

    def as_dict(self) -> dict[str, object]:
        name = self.path.rpartition("/")[2].lower()  # Frictionless: small letters only
        return {"name": name, "path": self.path, "hash": f"sha256:{self.digest}", "bytes": self.size}


class Counted:
    """A file of the package while it is written."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._hash, self.size = stream, hashlib.sha256(), 0

    def write(self, data: bytes) -> None:
        self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)

    def resource(self, path: str) -> Resource:
        return Resource(path, self._hash.hexdigest(), self.size)


class Package:
    """A WACZ being written into ``stream``, which can seek."""

    def __init__(self, stream: BinaryIO) -> None:
        self._zip = zipfile.ZipFile(stream, "w")
        self.resources: list[Resource] = []

    @contextmanager
    def entry(self, path: str, *, size: int = 0, deflate: bool = False) -> Iterator[Counted]:
        """One file of the package. ``size``: of what will be written, needed from 2 GiB on.

        WARC files and packed indexes must be stored: players read single records out of them.
        """
        info = zipfile.ZipInfo(path, _EPOCH)
        info.compress_type = zipfile.ZIP_DEFLATED if deflate else zipfile.ZIP_STORED
        info.create_system, info.external_attr = 3, 0o644 << 16
        info.file_size = size
        if zipfile.ZIP64_LIMIT / 1.05 < size <= zipfile.ZIP64_LIMIT:
            # Python gives these a larger header in front than the directory tells of, and wabac.js, where
            # the directory has no extra field, does not look: it would read 20 bytes beside each record.
            info.extra = _NOTHING
        with self._zip.open(info, "w") as stream:
            counted = Counted(stream)
            yield counted
        self.resources.append(counted.resource(path))

    def add(self, path: str, pieces: Iterable[bytes], *, size: int = 0, deflate: bool = False) -> None:
        with self.entry(path, size=size, deflate=deflate) as entry:
            for piece in pieces:
                entry.write(piece)

    def add_file(self, path: str, file: Path, *, deflate: bool = False) -> None:
        """A file as it is."""
        self.add(path, pieces_of(file), size=file.stat().st_size, deflate=deflate)

    def close(self, told: Mapping[str, object]) -> None:
        """The list of all files, with what is ``told`` of the whole, and the list's own digest."""
        package = {"profile": "data-package", "wacz_version": WACZ_VERSION} | dict(told)
        package["resources"] = [resource.as_dict() for resource in self.resources]
        listed = as_json(package)
        self.add(DATAPACKAGE, [listed], deflate=True)
        digest = {"path": DATAPACKAGE, "hash": f"sha256:{hashlib.sha256(listed).hexdigest()}"}
        self.add(DIGEST, [as_json(digest)], deflate=True)
        self.leave()

    def leave(self) -> None:
        """Write no more: also where the package did not come to its end."""
        self._zip.close()


def as_json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=2) + "\n").encode()


def pieces_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            yield piece


def resources_in(path: Path) -> dict[str, str]:
    """Path → ``sha256:…`` of the files that a finished WACZ says it has. ValueError: it is none."""
    try:
        with zipfile.ZipFile(path) as package:
            listed: dict[str, Any] = json.loads(package.read(DATAPACKAGE))
        return {str(resource["path"]): str(resource["hash"]) for resource in listed["resources"]}
    except (zipfile.BadZipFile, KeyError, TypeError) as error:
        raise ValueError(f"{path}: no WACZ: {error}") from None
