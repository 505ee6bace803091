"""A release opened again: by another reader than the one that wrote it, counted and hashed anew."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.collection import Release
from crawler.dump.columns import Column, columns, sql_type
from crawler.dump.duck import duckdb, error_of_duckdb, lines_as_table, parquet_as_table
from crawler.dump.manifest import digest_of, read_manifest

TOMBSTONE = (Column("id", "text"), Column("version", "integer"), Column("why", "text"))


def faults_of(release: Release) -> Iterator[str]:
    """A line a fault; none where the release is whole. Nothing is changed."""
    try:
        manifest = read_manifest(release)
    except ValueError as error:
        yield str(error)
        return
    files: dict[str, dict[str, Any]] = {line["path"]: line for line in manifest["files"]}
    yield from _strangers(release, set(files))
    whole = []
    for name, line in files.items():
        fault = fault_of_bytes(release.folder / name, line)
        if fault:
            yield f"{name}: {fault}"
        else:
            whole.append(name)
    rows = [name for name in files if files[name]["rows"] is not None]
    broken = set(rows) - set(whole)
    yield from _faults_of_rows(release, manifest, {name: files[name]["rows"] for name in rows}, broken)
    yield from _faults_of_documents(release, whole)


def _strangers(release: Release, named: set[str]) -> Iterator[str]:
    own = {release.relative(release.manifest), release.relative(release.catalogue)}
    for path in sorted(release.folder.rglob("*")):
        name = release.relative(path)
        if path.is_file() and name not in named | own:
            yield f"{name}: not in the manifest"


def fault_of_bytes(path: Path, line: dict[str, Any]) -> str:
    """What is wrong with a file as bytes, or ""."""
    try:
        if path.stat().st_size != line["bytes"]:
            return f"has {path.stat().st_size:,} bytes, the manifest says {line['bytes']:,}"
        return "" if digest_of(path) == line["sha256"] else "other bytes than the manifest's SHA-256 says"
    except OSError as error:
        return error.strerror or str(error)


def _faults_of_rows(
    release: Release, manifest: dict[str, Any], rows: dict[str, int], broken: set[str]
) -> Iterator[str]:
    """``rows``: of each file, as the manifest says; ``broken``: files that need not be opened."""
    counted: dict[str, Counter[str]] = {"province": Counter(), "status": Counter()}
    with duckdb() as connection:
        for name in (name for name in rows if name not in broken):
            try:
                yield from _faults_of_one(connection, release, manifest, name, rows[name], counted)
            except error_of_duckdb() as error:
                broken.add(name)
                yield f"{name}: DuckDB cannot read it: {str(error).splitlines()[0]}"
    if broken:
        return  # what is missing was said; the sums would only say it again
    for what, found in counted.items():
        told = manifest[f"rows_by_{what}"]
        if dict(found) != told:
            yield f"rows by {what}: the shards have {dict(sorted(found.items()))}, the manifest says {told}"
    if (total := counted["status"].total()) != manifest["rows"]:
        yield f"rows: the shards have {total:,}, the manifest says {manifest['rows']:,}"


def _faults_of_one(
    connection: Any,
    release: Release,
    manifest: dict[str, Any],
    name: str,
    told: int,
    counted: dict[str, Counter[str]],
) -> Iterator[str]:
    path = release.folder / name
    parquet = path.suffix == ".parquet"
    small = path.name.startswith("tombstones.")
    table = (
        parquet_as_table(path)
        if parquet
        else lines_as_table(path, manifest["longest_row"], TOMBSTONE if small else None)
    )
    rows, digest = _sum(connection, table)
    if rows != told:
        yield f"{name}: {rows:,} rows, the manifest says {told:,}"
    if path.parent != release.folder or parquet:
        if parquet and (wrong := _wrong_types(connection, table)):
            yield f"{name}: columns differ from the schema's: {wrong}"
        return
    for column, expression in (("province", "coalesce(province.slug, '')"), ("status", "status")):
        query = f"SELECT {expression}, count(*) FROM {table} GROUP BY 1"
        counted[column].update(dict(connection.execute(query).fetchall()))
    twin = release.parquet_of(path)
    if twin.exists() and _sum(connection, parquet_as_table(twin)) != (rows, digest):
        yield f"{release.relative(twin)}: other rows than {name}"


def _sum(connection: Any, table: str) -> tuple[int, int]:
    """How many rows, and a sum over all their values, whatever their order."""
    rows, digest = connection.execute(f"SELECT count(*), sum(hash(one)::HUGEINT) FROM {table} one").fetchone()
    return int(rows), int(digest or 0)


def _wrong_types(connection: Any, table: str) -> str:
    """Columns of a table that are not those of the schema, or ""."""
    expected = connection.execute(
        "SELECT " + ", ".join(f'NULL::{sql_type(column)} AS "{column.name}"' for column in columns())
    ).description
    found = connection.execute(f"SELECT * FROM {table} LIMIT 0").description
    pairs = {(name, str(kind)) for name, kind, *_ in expected}
    return ", ".join(sorted(name for name, _ in pairs ^ {(name, str(kind)) for name, kind, *_ in found}))


def _faults_of_documents(release: Release, whole: list[str]) -> Iterator[str]:
    for name in whole:
        if name.endswith(".json"):
            try:
                json.loads((release.folder / name).read_text(encoding="utf-8"))
            except ValueError as error:
                yield f"{name}: no JSON: {error}"
