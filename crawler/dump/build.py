"""A release from its rows to its name: built beside, checked, renamed; then, last of all, the latest."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crawler.collection import Collection, Release
from crawler.disk import hold, replace_file
from crawler.dump.card import LICENCE, card, cite_as
from crawler.dump.catalogue import Catalogue
from crawler.dump.check import fault_of_bytes, faults_of
from crawler.dump.columns import dump_schema_text
from crawler.dump.croissant import croissant
from crawler.dump.datapackage import datapackage
from crawler.dump.delta import write_delta
from crawler.dump.duck import duckdb, write_parquet
from crawler.dump.gates import Refused, check_gates
from crawler.dump.latest import finish_move, last_manifest, move_latest
from crawler.dump.manifest import Asked, as_text, file_lines, longest_row, manifest, read_manifest
from crawler.dump.near import mark_near_duplicates
from crawler.dump.packages import check_packages
from crawler.dump.quality import Quality
from crawler.dump.quality_page import as_page
from crawler.dump.rows_in import Fault
from crawler.dump.shards import SHARD_BYTES, write_shards


@dataclass(frozen=True, slots=True)
class Built:
    """What was made. ``faults``: the first lines of the collection that are no rows and were left out."""

    release: Release
    manifest: dict[str, Any]
    faults: list[Fault]


def build(collection: Collection, files: Iterable[Path], asked: Asked, most: int = SHARD_BYTES) -> Built:
    """Make a release of the rows in ``files``, at most ``most`` uncompressed bytes a shard.

    Raises ValueError (wrong arguments, before any work), Refused or Contradiction (both ValueErrors too; the
    release is not made), Held where another dump is under way, OSError.
    """
    release = collection.release(asked.release)
    check_packages()
    with_lock = hold(collection.dumps_lock, f"scrapy dump {asked.release}, process {os.getpid()}")
    try:
        finish_move(collection)
        last = check_arguments(collection, asked)
        for leftover in collection.left_by_killed_dumps():
            shutil.rmtree(leftover)
        return _build(collection, files, asked, most, release, last)
    finally:
        os.close(with_lock)


def check_arguments(collection: Collection, asked: Asked) -> dict[str, Any] | None:
    """The manifest of the last release, None where there is none. Raises ValueError for what cannot be."""
    release = collection.release(asked.release)
    if release.folder.exists():
        raise ValueError(f"{release.folder} exists, and a release is never overwritten: choose another name")
    if asked.delta_from:
        _check_readable(collection.release(asked.delta_from))
    return last_manifest(collection)


def _check_readable(old: Release) -> None:
    """Raises ValueError where a release that a delta is asked from is not as it was made."""
    files = {line["path"]: line for line in read_manifest(old)["files"]}
    for path in old.shards():
        fault = fault_of_bytes(path, files[path.name]) if path.name in files else "not in the manifest"
        if fault:
            name = old.folder.name
            raise ValueError(f"no delta from {name}: {path.name}: {fault}; see scrapy dump --check {name}")


def _build(
    collection: Collection,
    files: Iterable[Path],
    asked: Asked,
    most: int,
    release: Release,
    last: dict[str, Any] | None,
) -> Built:
    draft = collection.building(asked.release)
    draft.folder.mkdir()
    catalogue = Catalogue(draft.catalogue, files)
    try:
        catalogue.fill()
        catalogue.select(asked.selection)
        check_gates(catalogue, last, asked.allow_fewer)
        mark_near_duplicates(catalogue)
        written = _write_all(collection, catalogue, draft, asked, most, last)
        draft.catalogue.unlink()  # what is given away has no more than the manifest names
        if faults := list(faults_of(draft)):
            raise Refused("what was written does not hold, nothing is released: " + "; ".join(faults))
        move_latest(collection, draft, release, written)
        return Built(release, written, catalogue.faults)
    finally:
        catalogue.close()
        shutil.rmtree(draft.folder, ignore_errors=True)


def _write_all(
    collection: Collection,
    catalogue: Catalogue,
    draft: Release,
    asked: Asked,
    most: int,
    last: dict[str, Any] | None,
) -> dict[str, Any]:
    """Every file of the release; its manifest."""
    quality = Quality()
    rows: dict[Path, int | None] = {**write_shards(catalogue, draft, asked.ending, most, quality.see)}
    if asked.parquet:
        rows |= _write_parquet(catalogue, draft, list(rows))
    if asked.delta_from:
        old, names = collection.release(asked.delta_from), (asked.delta_from, asked.release)
        rows |= write_delta(catalogue, old, draft, names, asked.ending, most)
    found = quality.document(catalogue)
    for path, text in (
        (draft.schema, dump_schema_text()),
        (draft.quality, as_text(found)),
        (draft.quality_page, as_page(asked.release, found)),
    ):
        replace_file(path, text)
        rows[path] = None
    return _describe(collection, catalogue, draft, asked, rows, last["release"] if last else None)


def _write_parquet(catalogue: Catalogue, draft: Release, shards: list[Path]) -> dict[Path, int]:
    rows = {}
    with duckdb() as connection:
        for shard in shards:
            path = draft.parquet_of(shard)
            rows[path] = write_parquet(connection, shard, path, longest_row(catalogue))
    return rows


def _describe(
    collection: Collection,
    catalogue: Catalogue,
    draft: Release,
    asked: Asked,
    rows: dict[Path, int | None],
    last: str | None,
) -> dict[str, Any]:
    """The files that describe the others, then the manifest, which names them all."""
    lines = file_lines(draft, rows)
    told = manifest(asked, collection.name, catalogue, lines, last)
    cite = cite_as(told)
    replace_file(draft.card, card(told, cite))
    replace_file(draft.croissant, as_text(croissant(told, LICENCE, cite)))
    lines += file_lines(draft, {draft.card: None, draft.croissant: None})
    replace_file(draft.datapackage, as_text(datapackage(told | {"files": lines})))
    lines += file_lines(draft, {draft.datapackage: None})
    told["files"] = sorted(lines, key=lambda line: str(line["path"]))
    replace_file(draft.manifest, as_text(told))
    return told
