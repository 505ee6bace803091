"""What only a dump needs is imported only when one is made: a crawl runs without it."""

from __future__ import annotations

import zlib
from importlib import import_module
from importlib.metadata import version
from typing import Any

NEEDED = ("duckdb", "zstandard", "datasketch")


class NoPackages(ValueError):
    """Packages that a dump needs are not installed; the message says which, and the cure."""


def package(name: str, what: str = "a dump", cure: str = "pip install -r requirements-dump.txt") -> Any:
    """A package that ``what`` needs. Raises NoPackages, which names the cure."""
    try:
        return import_module(name)
    except ImportError:
        raise NoPackages(f"{what} needs the package {name}, which is not installed: {cure}") from None


def check_packages() -> None:
    """Raises NoPackages where one is missing: before any work."""
    for name in NEEDED:
        package(name)


def deciding_versions(gzip: bool) -> dict[str, str]:
    """Name → version of all that decides the bytes of a release beside this program."""
    found = {name: version(name) for name in (*NEEDED, "Jinja2", "pydantic")}
    found["libzstd"] = ".".join(str(part) for part in package("zstandard").ZSTD_VERSION)
    if gzip:  # the machine's own: named only where it decides
        found["zlib"] = zlib.ZLIB_RUNTIME_VERSION
    return dict(sorted(found.items()))
