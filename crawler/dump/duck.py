"""DuckDB: writes Parquet, and is the second reader of all that is written. One thread, order kept."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crawler.dump.columns import Column, columns, sql_type
from crawler.dump.packages import package

MEMORY = "512MB"
ROW_GROUP = 20_000  # rows; their texts are held in memory while a group is written


@contextmanager
def duckdb() -> Iterator[Any]:
    """A connection that keeps to itself: no thread, no extension from outside, spill files thrown away."""
    with TemporaryDirectory(prefix="ostan-dump-") as spill:
        connection = package("duckdb").connect(
            config={
                "threads": 1,
                "preserve_insertion_order": True,
                "memory_limit": MEMORY,
                "temp_directory": spill,
                "autoinstall_known_extensions": False,
                "autoload_known_extensions": False,
            }
        )
        try:
            yield connection
        finally:
            connection.close()


def error_of_duckdb() -> type[Exception]:
    found: type[Exception] = package("duckdb").Error
    return found


def lines_as_table(path: Path, longest: int, of: tuple[Column, ...] | None = None) -> str:
    """SQL of a file of JSON Lines as a table with every column's type said. ``longest``: bytes of a line."""
    typed = ", ".join(f"'{column.name}': '{_quoted(sql_type(column))}'" for column in of or columns())
    packing = "gzip" if path.suffix == ".gz" else "zstd"
    return (
        f"read_json('{_quoted(str(path))}', format = 'newline_delimited', compression = '{packing}', "
        f"maximum_object_size = {max(longest, 2**20) + 2**10}, columns = {{{typed}}})"
    )


def parquet_as_table(path: Path) -> str:
    return f"read_parquet('{_quoted(str(path))}')"


def write_parquet(connection: Any, shard: Path, path: Path, longest: int) -> int:
    """The rows of a shard as Parquet, in the same order; how many. Raises OSError."""
    path.parent.mkdir(exist_ok=True)
    copy = (
        f"COPY (SELECT * FROM {lines_as_table(shard, longest)}) TO '{_quoted(str(path))}' "
        f"(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {ROW_GROUP})"
    )
    try:
        return int(connection.execute(copy).fetchone()[0])
    except error_of_duckdb() as error:  # a full disk among others: its errors are no OSError
        raise OSError(f"DuckDB cannot write {path.name}: {error}") from None


def _quoted(text: str) -> str:
    return text.replace("'", "''")
