"""``manifest.json``: every file of a release with its digest, and what stands in them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler import VERSION
from crawler.collection import Release
from crawler.dump.catalogue import Catalogue, Selection
from crawler.dump.packages import deciding_versions
from crawler.dump.rows_in import Fault
from crawler.items import SCHEMA_VERSION

FORMAT = 1  # of the manifest


@dataclass(frozen=True, slots=True)
class Asked:
    """What a dump is asked for. ``allow_fewer``: why it may have fewer rows than the last one, "" if not."""

    release: str
    selection: Selection = field(default_factory=Selection)
    delta_from: str = ""
    gzip: bool = False
    parquet: bool = True
    allow_fewer: str = ""

    @property
    def ending(self) -> Any:
        return "gz" if self.gzip else "zst"


def as_text(document: Any) -> str:
    """JSON in one form: the keys in the order they were given, Persian as letters, a line end."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def digest_of(path: Path) -> str:
    """SHA-256, hexadecimal. Raises OSError."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def file_lines(release: Release, rows: dict[Path, int | None]) -> list[dict[str, Any]]:
    """A line a file, sorted by path."""
    return [
        {
            "path": release.relative(path),
            "sha256": digest_of(path),
            "bytes": path.stat().st_size,
            "rows": rows[path],
        }
        for path in sorted(rows, key=release.relative)
    ]


def manifest(
    asked: Asked, collection: str, catalogue: Catalogue, files: list[dict[str, Any]], last: str | None
) -> dict[str, Any]:
    """The document. ``last``: the release that was the last one before; ``files``: see ``file_lines``."""
    return {
        "format": FORMAT,
        "release": asked.release,
        "collection": collection,
        "schema_version": SCHEMA_VERSION,
        "code_version": VERSION,
        "software": deciding_versions(asked.gzip),
        "selection": asked.selection.as_dict(),
        "delta_from": asked.delta_from or None,
        "previous": last,
        "allowed_fewer": asked.allow_fewer or None,
        "rows": catalogue.number("count(*)"),
        "articles": catalogue.number("count(DISTINCT id)"),
        "near_duplicates": catalogue.number("count(DISTINCT CASE WHEN near_dup_of IS NOT NULL THEN id END)"),
        "rows_by_province": catalogue.counts("province"),
        "rows_by_status": catalogue.counts("status"),
        "rows_by_schema_version": catalogue.counts("schema_version"),
        "fetched_at": catalogue.span("fetched"),
        "published": catalogue.span("published"),
        "longest_row": longest_row(catalogue),
        "run_ids": list(catalogue.counts("run_id")),
        "row_files": [f"{path.parent.name}/{path.name}" for path in catalogue.files],
        "repeated_rows": catalogue.repeated,
        "faulty_lines": catalogue.faulty,
        "faults": _faults(catalogue.faults),
        "files": files,
    }


def longest_row(catalogue: Catalogue) -> int:
    """Bytes; what the dump adds included."""
    return catalogue.number("max(length)") + 100


def _faults(faults: Iterable[Fault]) -> list[dict[str, Any]]:
    return [{"file": fault.file, "offset": fault.offset, "why": fault.why} for fault in faults]


def read_manifest(release: Release) -> dict[str, Any]:
    """Raises ValueError that says what is wrong with it."""
    try:
        found: dict[str, Any] = json.loads(release.manifest.read_text(encoding="utf-8"))
        if found["format"] != FORMAT:
            raise ValueError(f"its format is {found['format']}, this program knows {FORMAT}")
        return found
    except FileNotFoundError:
        raise ValueError(f"{release.manifest}: there is no such file") from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{release.manifest} is no manifest that this program reads: {error}") from None
