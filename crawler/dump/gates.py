"""What must hold before a release becomes the last one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from crawler.dump.catalogue import Catalogue


class Refused(ValueError):
    """A gate is shut; the message says which, and what opens it."""


def check_gates(catalogue: Catalogue, last: dict[str, Any] | None, allow_fewer: str) -> None:
    """``last``: the manifest of the last release, None where there is none. Raises Refused.

    Rows are versions, and versions are never taken back: one that is missing was lost, or not asked for.
    """
    if not catalogue.number("count(*)"):
        raise Refused(
            "there is no row to dump: the collection has none, or none fits --provinces, --since, --until"
        )
    if last is None or allow_fewer:
        return
    if lost := list(_fewer(catalogue, last)):
        raise Refused(
            f"fewer rows than release {last['release']}: {'; '.join(lost)}. If that is meant (another "
            'selection, articles taken down), say why with --allow-fewer "why"; else look for the missing '
            f"files of rows: release {last['release']} was made of {', '.join(last['row_files'][-5:])}"
        )


def _fewer(catalogue: Catalogue, last: dict[str, Any]) -> Iterator[str]:
    now = catalogue.counts("province")
    for slug, before in last["rows_by_province"].items():
        if now.get(slug, 0) < before:
            yield f"{slug or 'without province'} {now.get(slug, 0):,} of {before:,}"
    if (total := sum(now.values())) < last["rows"]:
        yield f"in total {total:,} of {last['rows']:,}"
