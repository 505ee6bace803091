"""A WACZ a day and one list of them: for collections that are too large for one file.

A WARC file belongs to the UTC day on which it was begun, also with what it holds of the next. Revisits refer
across days; players that read the list find their originals in the other days' files, so none are copied.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler import VERSION
from crawler.collection import Collection
from crawler.disk import replace_file
from crawler.wacz.build import Built, Nothing, build_whole
from crawler.wacz.package import ARCHIVE, ENDING, LOGS, as_json, resources_in
from crawler.wacz.pages import Lists
from crawler.wacz.runs import day_of, run_of
from crawler.warc.seal import read_manifest, sha256

# A player loads the first lists of all days before it shows anything. Words it looks for in lists of one
# name: that which the day has that it loaded last.
DAY = Lists(newest=20, both=True)


class Daily:
    """The days of a collection in ``folder``. The collection's index and manifest must be up to date."""

    def __init__(self, collection: Collection, folder: Path) -> None:
        self._collection, self._folder = collection, folder
        self._digests = read_manifest(collection.manifest)
        self.manifest = folder / f"{collection.name}.json"

    def build(self) -> Iterator[Built]:
        """Make the days that are missing or have grown, then the list. Raises as ``build_whole`` does."""
        days = self._days()
        if not days:
            raise Nothing("the collection has no finished WARC files")
        made = set()
        for day, files in sorted(days.items()):
            path = self._path(day)
            if self._wanted(files) != _archived(path):
                made.add(path.name)
                title = f"Ostan: {self._collection.name}, {day} (UTC)"
                yield build_whole(self._collection, path, files, title, originals=False, lists=DAY)
        self._list([self._path(day) for day in sorted(days)], made)

    def _days(self) -> dict[str, list[Path]]:
        days: dict[str, list[Path]] = {}
        for path in sorted(self._collection.warc.glob("*.warc.gz")):
            days.setdefault(day_of(path), []).append(path)
        return days

    def _path(self, day: str) -> Path:
        return self._folder / f"{self._collection.name}-{day}{ENDING}"

    def _wanted(self, files: list[Path]) -> dict[str, str]:
        """What of the collection's files a day's WACZ must hold: path in it → digest."""
        wanted = {ARCHIVE + path.name: path for path in files}
        reports = (self._collection.report_of(run) for path in files if (run := run_of(path)))
        wanted |= {LOGS + report.name: report for report in reports if report.exists()}
        return {name: f"sha256:{self._digest(path)}" for name, path in wanted.items()}

    def _digest(self, path: Path) -> str:
        return self._digests.get(self._collection.relative(path)) or sha256(path)

    def _list(self, paths: list[Path], made: set[str]) -> None:
        before = _listed(self.manifest)
        resources = [
            # What the list says of a file it always says: one that was damaged since is not called whole.
            before[path.name]
            if path.name not in made and path.name in before
            else {
                "name": path.name,
                "path": path.name,
                "hash": f"sha256:{sha256(path)}",
                "bytes": path.stat().st_size,
            }
            for path in paths
        ]
        document = {
            "profile": "multi-wacz-package",
            "title": f"Ostan: {self._collection.name}",
            "description": "A WACZ a day (UTC) on which WARC files were begun.",
            "software": f"ostan {VERSION}",
            "resources": resources,
        }
        replace_file(self.manifest, as_json(document).decode())


def _archived(path: Path) -> dict[str, str] | None:
    """What of a collection's files a WACZ holds; None where there is no such WACZ."""
    try:
        resources = resources_in(path)
    except (OSError, ValueError):
        return None
    return {name: digest for name, digest in resources.items() if name.startswith((ARCHIVE, LOGS))}


def _listed(manifest: Path) -> dict[str, dict[str, Any]]:
    """Name → what the list says of it. Empty where there is none that can be read."""
    try:
        document = json.loads(manifest.read_text(encoding="utf-8"))
        return {resource["name"]: resource for resource in document["resources"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
