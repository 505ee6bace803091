"""Files read side by side, in processes of this machine or on a Dask cluster; then the rows are written."""

from __future__ import annotations

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from pathlib import Path

from crawler.reextract.candidates import FileRead, Job, read_file
from crawler.reextract.shards import Shards, Wanted, shard_name
from crawler.reextract.versions import decide
from crawler.sites import Site
from crawler.warc.members import Fault

CANDIDATES = ".candidates"
BEHIND = 8  # files that are looked into for metadata of one: they may be small
RETRIES = 3  # of a file whose worker died


@dataclass(slots=True)
class Done:
    """``shards``: files of rows, one for each file of records."""

    shards: list[Path] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    records: int = 0
    captures: int = 0
    rows: int = 0
    unread: Counter[str] = field(default_factory=Counter)  # why pages could not be read


def reextract(
    files: Sequence[Path],
    into: Path,
    site: Site,
    executor: Executor,
    *,
    restores: bool | None = None,
    wanted: Wanted | None = None,
    progress: Callable[[FileRead], None] = lambda _: None,
) -> Done:
    """Rows of WARC files, whose names must differ. The same files give the same bytes, however many work on
    them. Raises OSError where a file cannot be opened or written."""
    ordered = sorted(files, key=lambda path: path.name)
    if len({shard_name(path.name) for path in ordered}) < len(ordered):
        raise ValueError("two of the files have one name before .warc: their rows would be one file")
    if not ordered:
        return Done()
    candidates = into / CANDIDATES
    jobs = [
        Job(path, tuple(ordered[place + 1 :][:BEHIND]), candidates / f"{path.name}.jsonl", site, restores)
        for place, path in enumerate(ordered)
    ]
    read: list[FileRead] = []
    for future in as_completed([executor.submit(read_file, job) for job in jobs]):
        read.append(future.result())
        progress(read[-1])
    read.sort(key=lambda one: one.job.path.name)
    shards = Shards(
        {one.job.path.name: one.job.into for one in read}, {path.name: path for path in ordered}, site
    )
    written = shards.write(decide(event for one in read for event in one.events), into, wanted)
    shutil.rmtree(candidates)
    return Done(
        shards=written,
        faults=[fault for one in read for fault in one.faults] + shards.faults,
        records=sum(one.records for one in read),
        captures=sum(len(one.events) for one in read),
        rows=shards.rows,
        unread=sum((one.unread for one in read), Counter()),
    )


@contextmanager
def local(workers: int | None, files: int) -> Iterator[Executor]:
    """Processes of this machine, as many as it has processors if not said otherwise; for one file, none."""
    workers = min(workers or os.cpu_count() or 1, files)
    if workers <= 1:
        with ThreadPoolExecutor(1) as thread:
            yield thread
        return
    # Spawned, not forked: whoever calls may have threads (a terminal's progress, a test's sites).
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield pool


@contextmanager
def cluster(address: str) -> Iterator[Executor]:
    """The workers of a Dask cluster, which must see the same folders as this machine.

    Raises ModuleNotFoundError without Dask, OSError where nobody answers at the address.
    """
    from distributed import Client

    with Client(address, timeout=10) as client:  # type: ignore[no-untyped-call]  # Dask has no types here
        yield client.get_executor(retries=RETRIES)
