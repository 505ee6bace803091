"""``latest.json``: which release is the last. It is moved after a release has its name, and never half."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from crawler.collection import Collection, Release
from crawler.disk import replace_file, replace_name
from crawler.dump.manifest import as_text, digest_of, read_manifest


def last_manifest(collection: Collection) -> dict[str, Any] | None:
    """The manifest of the last release; None where there is none yet. Raises ValueError, with the cure,
    where it cannot be read: without it nobody can say whether rows were lost since."""
    if not collection.latest.exists():
        return None
    try:
        name = json.loads(collection.latest.read_text(encoding="utf-8"))["release"]
        return read_manifest(collection.release(name))
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"{collection.latest} names a release that cannot be read: {error}; put it back, or remove "
            f"{collection.latest.name} to dump without comparing"
        ) from None


def pointer(manifest: dict[str, Any], path: Path) -> str:
    """The text of ``latest.json`` for a release. ``path``: where its manifest lies now."""
    return as_text(
        {
            "release": manifest["release"],
            "manifest": f"{manifest['release']}/{path.name}",
            "manifest_sha256": digest_of(path),
            "rows": manifest["rows"],
            "articles": manifest["articles"],
        }
    )


def move_latest(collection: Collection, draft: Release, release: Release, manifest: dict[str, Any]) -> None:
    """Give a checked draft its name, then make it the last. Killed between, ``finish_move`` ends it."""
    told = pointer(manifest, draft.manifest)
    _sync(draft)
    replace_file(collection.next_latest, told)
    replace_name(draft.folder, release.folder)
    finish_move(collection)


def finish_move(collection: Collection) -> None:
    """A release that had its name already when the dump was killed becomes the last; else the draft of
    ``latest.json`` is of no release, and goes."""
    if not collection.next_latest.exists():
        return
    name = json.loads(collection.next_latest.read_text(encoding="utf-8"))["release"]
    if collection.release(name).folder.exists():
        collection.next_latest.replace(collection.latest)
        descriptor = os.open(collection.dumps, os.O_RDONLY)  # the new name outlives a power cut
        os.fsync(descriptor)
        os.close(descriptor)
    else:
        collection.next_latest.unlink()


def _sync(release: Release) -> None:
    """Every file and folder outlives a power cut: Parquet is written by another program's hand."""
    for path in (*release.folder.rglob("*"), release.folder):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
