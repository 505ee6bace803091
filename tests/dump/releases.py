"""Making releases in tests, and reading them as a stranger would."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from crawler.collection import Collection, Release
from crawler.dump.build import Built, build
from crawler.dump.manifest import Asked
from crawler.dump.packing import unpacked

SMALL = 40_000  # bytes a shard


def dumped(collection: Collection, release: str, most: int = SMALL, **asked: Any) -> Built:
    return build(collection, collection.row_files(), Asked(release, **asked), most)


def lines(*paths: Path) -> list[bytes]:
    found: list[bytes] = []
    for path in paths:
        with unpacked(path) as stream:
            found += stream.readlines()
    return found


def rows(release: Release) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines(*release.shards())]


def tree(folder: Path) -> dict[str, str]:
    """Every file below, with its digest."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def folder_of(archives: Path, release: str) -> Path:
    return Collection(archives, "yjc").release(release).folder
