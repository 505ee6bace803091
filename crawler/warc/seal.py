"""What is finished gets its line in the manifest, and WARC files their captures in the index.

``index.cdxj``: see ``cdxj``. ``manifest-sha256.txt``: a line a file, as ``sha256sum --check`` reads it. The
index is replaced first, then the manifest: a file that the manifest names is in the index, whatever happens
in between.
"""

from __future__ import annotations

import hashlib
import heapq
from collections.abc import Iterable
from dataclasses import dataclass, field
from io import BytesIO
from itertools import groupby
from pathlib import Path

from crawler.collection import Collection
from crawler.disk import in_use, locked, replaced
from crawler.warc.cdxj import as_line, entries_of
from crawler.warc.members import TornMember

MOST_LINES = 100_000  # held at once: some 40 MB


@dataclass(slots=True)
class Sealed:
    """``new``: files that index and manifest did not know before; ``torn``: files that are not whole."""

    new: list[Path] = field(default_factory=list)
    torn: dict[Path, TornMember] = field(default_factory=dict)

    @property
    def faults(self) -> list[str]:
        return [f"{path} is not whole {torn}; it is not in the index" for path, torn in self.torn.items()]


def seal(collection: Collection, *, rebuild: bool = False) -> Sealed:
    """Bring index and manifest up to date. ``rebuild``: make the index anew, as where there is none.

    What the manifest says of a file it always says: a file that was damaged since must not be called whole.
    A finished WARC file that is torn gets into neither, and is named; the others do.
    """
    sealed = Sealed()
    with locked(collection.folder):
        anew = rebuild or not collection.index.exists()
        known = read_manifest(collection.manifest)
        files = finished(collection)
        new = [path for path in files if collection.relative(path) not in known]
        warcs = [path for path in (files if anew else new) if path.parent == collection.warc]
        if warcs or anew:
            _index(collection.index, warcs, sealed, keep=not anew)
        for path in new:
            if path not in sealed.torn:
                known[collection.relative(path)] = sha256(path)
                sealed.new.append(path)
        if sealed.new:
            _write_lines(collection.manifest, (f"{known[name]}  {name}\n".encode() for name in sorted(known)))
    return sealed


def finished(collection: Collection) -> list[Path]:
    """WARC files, rows and reports that nothing is added to any more."""
    warcs = collection.warc.glob("*.warc.gz")
    rows = (path for path in collection.articles.glob("*.jsonl") if not in_use(path))
    return [*sorted(warcs), *sorted(rows), *sorted(collection.runs.glob("*.json"))]


def missing(collection: Collection) -> list[str]:
    """WARC files that the manifest names and that are not there: what they held is in no index made now."""
    named = (
        name for name in read_manifest(collection.manifest) if name.startswith(f"{collection.warc.name}/")
    )
    return [name for name in named if not (collection.folder / name).exists()]


def read_manifest(path: Path) -> dict[str, str]:
    """File name, from the collection's folder on → sha256 in hex. Empty where there is no manifest."""
    if not path.exists():
        return {}
    pairs = (line.split("  ", 1) for line in path.read_text(encoding="utf-8").splitlines())
    return {name: digest for digest, name in pairs}


def sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _index(target: Path, warcs: list[Path], sealed: Sealed, *, keep: bool) -> None:
    """Merge the captures of new files into the index that was, some thousand at a time."""
    lines: list[bytes] = []
    for path in warcs:
        try:
            lines += [as_line(entry) for entry in entries_of(path)]
        except TornMember as torn:
            sealed.torn[path] = torn
        if len(lines) >= MOST_LINES:
            _merge(target, lines, keep=keep)
            lines, keep = [], True
    _merge(target, lines, keep=keep)


def _merge(target: Path, lines: list[bytes], *, keep: bool) -> None:
    with target.open("rb") if keep and target.exists() else BytesIO() as before:
        merged = heapq.merge(sorted(lines), before)
        _write_lines(target, (line for line, _ in groupby(merged)))  # one that was there already stays one


def _write_lines(target: Path, lines: Iterable[bytes]) -> None:
    with replaced(target) as stream:
        stream.writelines(lines)
