"""Copy collections to another disk, also while crawls go on: python -m scripts.backup ARCHIVES TARGET

The order is what makes the copy right. What refers is copied before what it refers to: the ledger, then the
manifest and the index, then reports and rows, then WARC files. So every row finds its record, and every file
that the manifest names is there. A crawl that went on meanwhile is in the copy as after a crash, and the
first crawl into it makes that good. Once more to the same TARGET, only what is new is copied. What the copy's
manifest names is never copied over, and nothing is deleted: a file that was damaged since does not get there.

Left out are what is made again (search.sqlite), and the schedule with its secrets, which lie elsewhere. Exit
codes: 0 copied · 1 a finished file is gone or has another size than its copy, or something could not be read:
the rest is copied · 2 wrong arguments, or no collection is there.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copyfileobj

from crawler.collection import OPEN, Collection, Standing, collections, crawled
from crawler.disk import replaced
from crawler.warc.seal import read_manifest


@dataclass(slots=True)
class Copied:
    files: int = 0
    bytes: int = 0
    faults: list[str] = field(default_factory=list)

    def file(self, source: Path, target: Path, *, final: bool = False) -> None:
        """``final``: the copy is right for ever."""
        try:
            with source.open("rb") as stream:
                now = os.fstat(stream.fileno())
                if target.exists():
                    then = target.stat()
                    if final and then.st_size != now.st_size:
                        self.faults.append(f"{source}: finished, and now of another size; its copy stays")
                    if final or (then.st_size, then.st_mtime_ns) == (now.st_size, now.st_mtime_ns):
                        return
                with replaced(target) as copy:
                    copyfileobj(stream, copy, 1 << 20)
                os.utime(target, ns=(now.st_atime_ns, now.st_mtime_ns))
        except FileNotFoundError:
            return  # it got its final name just now, and is looked for under that
        except OSError as error:
            self.faults.append(f"{source}: not copied: {error}")
            return
        self._count(target)

    def database(self, source: Path, target: Path) -> None:
        """A moment of a database that may be written to. Its file alone would lack what stands in -wal."""
        new = target.with_name(f"{target.name}.new")
        try:
            if not source.exists():
                return
            target.parent.mkdir(parents=True, exist_ok=True)
            new.unlink(missing_ok=True)
            with (
                closing(sqlite3.connect(f"{source.as_uri()}?mode=ro", uri=True, timeout=60)) as now,
                closing(sqlite3.connect(new)) as copy,
            ):
                now.backup(copy)
            for beside in ("-wal", "-shm"):  # of a copy that somebody looked into: not of the one that comes
                target.with_name(target.name + beside).unlink(missing_ok=True)
            new.replace(target)
        except (sqlite3.Error, OSError) as error:
            with suppress(OSError):
                new.unlink(missing_ok=True)
            self.faults.append(
                f"{source}: not copied: {error}; the copy of the last time stays, if there is one"
            )
            return
        self._count(target)

    def _count(self, target: Path) -> None:
        self.files += 1
        self.bytes += target.stat().st_size


def found_in(archives: Path) -> list[Collection]:
    return list({one.name: one for one in [*crawled(archives), *collections(archives)]}.values())


def back_up(archives: Path, found: list[Collection], target: Path) -> Copied:
    copied = Copied()
    for collection in found:
        try:
            _collection(collection, Collection(target, collection.name), copied)
        except OSError as error:
            copied.faults.append(f"{collection.folder}: not copied to its end: {error}")
    here, there = Standing(archives), Standing(target)
    for source, copy in ((here.schedule, there.schedule), (here.notices, there.notices)):
        copied.database(source, copy)
    return copied


def _collection(here: Collection, there: Collection, copied: Copied) -> None:
    final = read_manifest(there.manifest).keys()  # of the last time: each file that it names was copied then

    def copy(paths: Iterator[Path] | list[Path]) -> None:
        for path in paths:
            name = here.relative(path)
            copied.file(path, there.folder / name, final=name in final)

    copied.database(here.ledger, there.ledger)
    copy([here.manifest, here.index])
    copy(_files(here.runs))
    copy(_files(here.articles))
    while True:  # till no file has got its final name meanwhile
        before = _files(here.warc)
        copy(before)
        if [path.name for path in _files(here.warc)] == [path.name for path in before]:
            break
    for name in sorted(read_manifest(here.manifest)):
        if not (here.folder / name).exists():
            copied.faults.append(f"{here.folder / name}: the manifest names it, and it is gone")
    for path in there.warc.glob(f"*{OPEN}"):
        if path.with_name(path.name.removesuffix(OPEN)).exists():
            path.unlink()
    copy([here.latest])  # before the releases: the one that it names is there
    made_again = (here.search.name, here.ledger.name, here.lock.name)
    known = (here.warc, here.runs, here.articles)
    copy(
        path
        for path in _files(here.folder)
        if not path.name.startswith(made_again)
        and not any(part.startswith(".") for part in path.relative_to(here.folder).parts)
        and not any(path.is_relative_to(folder) for folder in known)
        and path not in (here.manifest, here.index, here.latest)
    )


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix != ".new")


def main(arguments: list[str]) -> int:
    if len(arguments) != 2 or not Path(arguments[0]).is_dir():
        print("error: python -m scripts.backup ARCHIVES TARGET: two folders", file=sys.stderr)
        return 2
    archives, target = (Path(word).resolve() for word in arguments)
    if target.is_relative_to(archives):
        print(f"error: {target} lies in {archives}; choose another disk", file=sys.stderr)
        return 2
    if not (found := found_in(archives)):
        print(
            f"error: no collection lies in {archives}: is it the ARCHIVES folder, and its disk there?",
            file=sys.stderr,
        )
        return 2
    copied = back_up(archives, found, target)
    print(f"{target}: {copied.files:,} files, {copied.bytes:,} bytes copied")
    for fault in copied.faults:
        print(f"error: {fault}", file=sys.stderr)
    return int(bool(copied.faults))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
