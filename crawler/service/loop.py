"""The schedule in the foreground: wakes once a second, ends in order when it is told to."""

from __future__ import annotations

import logging
import signal
import time
from collections.abc import Callable
from types import FrameType

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.blocking import BlockingScheduler

from crawler.service.keeper import Keeper

TICK_SECONDS = 1
Jobs = dict[Callable[[], None], int]  # what else is to be done, and every how many seconds


class Loop:
    """``grace``: seconds that crawls under way get to end in order; then they are asked once more, which ends
    them at once, and ten seconds later they are killed. What was begun stands in the store in any case."""

    def __init__(self, keeper: Keeper, grace: float, jobs: Jobs) -> None:
        self._keeper, self._grace = keeper, grace
        self._reload = False
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        # One thread: no two jobs touch the keeper at once.
        self._scheduler = BlockingScheduler(
            executors={"default": ThreadPoolExecutor(1)},
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )
        self._scheduler.add_job(self._tick, "interval", seconds=TICK_SECONDS)
        for job, seconds in jobs.items():
            self._scheduler.add_job(job, "interval", seconds=seconds)

    def run(self) -> None:
        """Until SIGTERM or SIGINT. SIGHUP reads the file again."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        signal.signal(signal.SIGHUP, self._hang_up)
        self._scheduler.start()
        self._end()

    def _tick(self) -> None:
        if self._reload:
            self._reload = False
            self._keeper.reload()
        self._keeper.tick()

    def _stop(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # signal's
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    def _hang_up(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002  # signal's
        self._reload = True

    def _end(self) -> None:
        """In order, then at once, then by force."""
        for ask, seconds in (
            (self._keeper.ask_all_to_end, self._grace),
            (self._keeper.ask_all_to_end, 10.0),
            (self._keeper.kill_all, 10.0),
        ):
            if not self._keeper.under_way:
                return
            ask()
            self._wait(seconds)

    def _wait(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self._keeper.under_way and time.monotonic() < end:
            time.sleep(0.1)
            self._keeper.note_ended()
