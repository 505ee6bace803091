"""A release at the far end: ``<address>/<release>/…`` as on disk, and ``<address>/latest.json`` last of all.

What is there already with the right size and digest is not sent again, so that the same command goes on after
a kill. A name that was given away is never given to other bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler.collection import Collection, Release
from crawler.disk import hold
from crawler.dump.catalogue import Selection
from crawler.dump.check import faults_of
from crawler.dump.gates import Refused
from crawler.dump.latest import last_manifest, pointer
from crawler.dump.manifest import Asked, as_text, digest_of, read_manifest
from crawler.dump.storage import NoStorage, Storage, StorageFailed

MOST_NAMED = 5  # objects that an error names
_ORDER = ("articles-", "parquet/", "delta-")  # what describes the others follows them


@dataclass(frozen=True, slots=True)
class Uploaded:
    """What an upload did. ``objects``: of the release, its manifest too; ``sent``, ``sent_bytes``: by this
    run, without latest.json; ``latest``: the release that this names at the far end."""

    objects: int
    sent: int
    sent_bytes: int
    latest: str


@dataclass(frozen=True, slots=True)
class _File:
    path: Path
    target: str  # below the storage's address
    size: int
    sha256: str


def opened(url: str, release: Release) -> Storage:
    """A storage that can be written to, listed and read. Raises NoStorage, NoPackages: nothing was sent."""
    storage = Storage(url)
    try:
        storage.try_out()
        storage.sizes(release.folder.name)
        storage.read(f"{release.folder.name}/{release.manifest.name}")
    except StorageFailed as error:
        raise NoStorage(f"nothing can be uploaded to {error}") from None
    return storage


def check_made(release: Release, asked: Asked, rows: Path | None = None) -> None:
    """Before a release that stands on disk is uploaded. Raises Refused where it is not whole, ValueError
    where it was made of other arguments than are asked for now. ``rows``: the folder of rows asked for."""
    if faults := list(faults_of(release)):
        more = f"; and {len(faults) - MOST_NAMED:,} more" if len(faults) > MOST_NAMED else ""
        raise Refused(
            f"{release.folder} is not whole, nothing is uploaded: {'; '.join(faults[:MOST_NAMED])}{more}"
        )
    told = read_manifest(release)
    if other := list(_made_otherwise(told, asked, rows)):
        name = release.folder.name
        raise ValueError(
            f"{release.folder} was made with another {', '.join(other)}: give none to upload it as it is, or "
            f"choose a new name instead of {name}"
        )


def check_new(storage: Storage, release: Release) -> None:
    """Before a release is made to be uploaded. Raises Refused where its name is taken at the far end."""
    name = release.folder.name
    if storage.read(f"{name}/{release.manifest.name}") is not None:
        raise Refused(f"{storage.url}/{name} is a release already, and none is here: choose another name")


def upload(collection: Collection, release: Release, storage: Storage) -> Uploaded:
    """Send what is missing. The release is whole: see ``check_made``.

    Raises Refused (there is another release of that name; nothing was sent), Held where another upload of the
    collection is under way, StorageFailed: the same call goes on.
    """
    name = release.folder.name
    lock = hold(collection.uploads_lock, f"scrapy dump {name} --to {storage.url}, process {os.getpid()}")
    try:
        return _upload(collection, release, storage)
    finally:
        os.close(lock)


def _upload(collection: Collection, release: Release, storage: Storage) -> Uploaded:
    name, told = release.folder.name, read_manifest(release)
    files = _files(release, told)
    there = storage.sizes(name)
    _check_same(release, storage, files, there)
    storage.forget_halves(name)
    sent = []
    for file in files:
        if not _is_there(storage, file, there.get(release.relative(file.path))):
            if file.path == release.manifest:  # whoever finds it believes that the rest is there
                _check_arrived(release, storage, files[:-1])
            storage.send(file.path, file.target, file.sha256)
            sent.append(file)
    _check_arrived(release, storage, files)
    latest = _point(collection, release, storage, told)
    return Uploaded(len(files), len(sent), sum(file.size for file in sent), latest)


def _files(release: Release, told: dict[str, Any]) -> list[_File]:
    """Every file of a release in the order in which they are sent, the manifest last."""

    def place(line: dict[str, Any]) -> tuple[int, str]:
        kinds = [number for number, start in enumerate(_ORDER) if line["path"].startswith(start)]
        return (kinds[0] if kinds else len(_ORDER), line["path"])

    name = release.folder.name
    lines = [
        *sorted(told["files"], key=place),
        {
            "path": release.relative(release.manifest),
            "bytes": release.manifest.stat().st_size,
            "sha256": digest_of(release.manifest),
        },
    ]
    return [
        _File(release.folder / line["path"], f"{name}/{line['path']}", line["bytes"], line["sha256"])
        for line in lines
    ]


def _check_same(release: Release, storage: Storage, files: list[_File], there: dict[str, int]) -> None:
    """Raises Refused where the name is taken by another release, or stands for more than this one."""
    name, manifest = release.folder.name, files[-1]
    if release.manifest.name in there:  # read, whatever the storage says of its digest: all rests on it
        found = storage.read(manifest.target)
        if found is None or hashlib.sha256(found).hexdigest() != manifest.sha256:
            raise Refused(
                f"{storage.url}/{name} is another release of that name (its manifest.json differs), and a "
                "release is never overwritten: choose another name, or another address"
            )
    if strange := sorted(set(there) - {release.relative(file.path) for file in files}):
        raise Refused(
            f"{storage.url}/{name} has what is not of this release: {', '.join(strange[:MOST_NAMED])}: "
            "remove it there if nobody needs it, or choose another name"
        )


def _is_there(storage: Storage, file: _File, size: int | None) -> bool:
    return size == file.size and storage.digest(file.target) == file.sha256


def _check_arrived(release: Release, storage: Storage, files: list[_File]) -> None:
    """Raises StorageFailed where the far end does not show every file at its size."""
    there = storage.sizes(release.folder.name)
    wrong = [file.target for file in files if there.get(release.relative(file.path)) != file.size]
    if wrong:
        raise StorageFailed(
            f"{storage.url}: {len(wrong):,} objects are not there at their size although they were sent: "
            f"{', '.join(wrong[:MOST_NAMED])}"
        )


def _point(collection: Collection, release: Release, storage: Storage, told: dict[str, Any]) -> str:
    """Make it the last release at the far end, unless a later one is that already; the last one's name."""
    text = pointer(told, release.manifest)
    there = storage.read(collection.latest.name)
    if there == text.encode():
        return release.folder.name
    if last := _last_there(collection, storage, there, release.folder.name):
        return last
    with TemporaryDirectory() as made:
        path = Path(made, collection.latest.name)
        path.write_bytes(text.encode())
        storage.send(path, collection.latest.name, digest_of(path))
    if storage.read(collection.latest.name) != text.encode():
        raise StorageFailed(f"{storage.url}/{collection.latest.name} is not what was sent")
    return release.folder.name


def _last_there(collection: Collection, storage: Storage, pointer_there: bytes | None, name: str) -> str:
    """The release that the far end calls its last, where that must stay so: it came after the one of that
    name, or nobody can say and there is a later one here. Else ""."""
    try:
        last = str(json.loads(pointer_there or b"")["release"])
        collection.release(last)
    except (ValueError, KeyError, TypeError):
        return ""  # none, or none that anybody could read
    if last == name:
        return ""
    if name in _before(collection, storage, last):
        return last
    follows = _is_newest(collection, name) or last in _before(collection, storage, name)
    return "" if follows else last


def _is_newest(collection: Collection, name: str) -> bool:
    try:
        newest = last_manifest(collection)
    except ValueError:  # what is wrong here must not end an upload that is whole
        return False
    return newest is not None and newest["release"] == name


def _before(collection: Collection, storage: Storage, name: str) -> list[str]:
    """The releases before one, the nearest first, as far as manifests at the far end or here tell."""
    found: list[str] = []
    while name and name not in found[:-1]:
        try:
            release = collection.release(name)
            text = storage.read(f"{name}/{release.manifest.name}")
            name = str((json.loads(text) if text else read_manifest(release))["previous"] or "")
        except (ValueError, KeyError, TypeError):
            break
        found += [name] if name else []
    return found


def _made_otherwise(told: dict[str, Any], asked: Asked, rows: Path | None) -> Iterator[str]:
    """What was asked for, by name, that the manifest tells otherwise. What was left out is not asked for."""
    paths = [str(line["path"]) for line in told["files"]]
    selection = json.loads(as_text(asked.selection.as_dict()))
    if asked.selection != Selection() and selection != told["selection"]:
        yield "selection (--provinces, --since, --until, --without)"
    if rows and any(Path(name).parent.name != rows.name for name in told["row_files"]):
        yield "--rows"
    if asked.delta_from and asked.delta_from != told["delta_from"]:
        yield "--delta-from"
    if asked.gzip and not any(path.endswith(".jsonl.gz") for path in paths):
        yield "--gzip"
    if not asked.parquet and any(path.endswith(".parquet") for path in paths):
        yield "--no-parquet"
    if asked.allow_fewer and asked.allow_fewer != told["allowed_fewer"]:
        yield "--allow-fewer"
