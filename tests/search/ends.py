"""Updates in processes of their own, that end as they should not: killed, or out of room."""

from __future__ import annotations

import io
import os
import resource
import signal
import sys
from collections.abc import Callable
from multiprocessing import get_context
from typing import Any

import crawler.search.update as updating
from crawler.collection import Collection
from crawler.extensions.closing import say_search
from tests import forked

assert forked.PRELOADED  # by the same server of processes


def ended(work: Callable[..., None], *arguments: object) -> int:
    """The exit code of a process that does it; below zero: the signal that ended it."""
    process = get_context("forkserver").Process(target=work, args=arguments)
    process.start()
    process.join(60)
    assert process.exitcode is not None
    return process.exitcode


def with_room(collection: Collection, room: int) -> None:
    """No file may grow over so many bytes."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    sys.stderr = io.StringIO()
    say_search(collection)


def killed_after(collection: Collection, rows: int, rebuild: bool) -> None:
    """Killed when so many rows were taken in."""
    key, left = updating.index_text, iter(range(4 * rows))

    def counted(text: str) -> str:
        if next(left, None) is None:
            os.kill(os.getpid(), signal.SIGKILL)
        return key(text)

    updating.index_text = counted
    updating.update(collection, rebuild=rebuild)


def killed_at_rename(collection: Collection) -> None:
    """Killed when the new index is whole and not yet in its place."""

    def watch(event: str, _: Any) -> None:
        if event == "os.rename":
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)
    updating.update(collection, rebuild=True)


def killed_writing(collection: Collection, room: int, rebuild: bool) -> None:
    """Killed by the write that would let a file grow over so many bytes: in the midst of a commit."""
    signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
    updating.update(collection, rebuild=rebuild)
