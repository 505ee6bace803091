"""Which run wrote which WARC file: each file says so in its first record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from crawler.warc.members import members, taken_apart, type_of

MOST_NAMED = 20  # runs that an error names, the last ones
_RUN = re.compile(rb"(?m)^run-id:[ \t]*([^\r\n]+)")
_BEGAN = re.compile(r"-(\d{4})(\d\d)(\d\d)\d{9}-\d{5}-")  # as the writer names its files


class NoSuchRun(ValueError):
    """The message says which there are."""


def run_of(path: Path) -> str:
    """The run's id; empty where another program wrote the file. Raises TornMember, OSError."""
    first = next(members(path), None)
    if first is None or type_of(first) != "warcinfo":
        return ""
    found = _RUN.search(taken_apart(first)[1])
    return found[1].decode("utf-8", "replace").strip() if found else ""


def files_of_run(files: Iterable[Path], beginning: str) -> list[Path]:
    """The WARC files of the run of that id, or of the only one that begins so. Raises NoSuchRun."""
    runs: dict[str, list[Path]] = {}
    for path in files:
        if run := run_of(path):
            runs.setdefault(run, []).append(path)
    fitting = [run for run in runs if run.startswith(beginning)]
    if beginning in runs:
        fitting = [beginning]
    if len(fitting) != 1:
        said = f"{len(fitting)} runs begin" if fitting else "no run with WARC files begins"
        last = ", ".join((fitting or list(runs))[-MOST_NAMED:]) or "none"
        raise NoSuchRun(f"--run={beginning}: {said} so; the last are: {last}")
    return runs[fitting[0]]


def day_of(path: Path) -> str:
    """The UTC day on which a file was begun. Raises TornMember, OSError.

    >>> day_of(Path("yjc-20261126233114708-00000-host.warc.gz"))
    '2026-11-26'
    """
    if found := _BEGAN.search(path.name):
        return "-".join(found.groups())
    first = next(members(path), None)
    headers = taken_apart(first)[0] if first else {}
    return headers.get("warc-date", "")[:10] or "undated"
