"""A keeper with real hands: processes, the clock, files."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from crawler.arguments import read_site
from crawler.collection import Collection, Standing, collection_name
from crawler.disk import Held, hold, holder
from crawler.schedule.due import Due, due_now, next_runs
from crawler.schedule.file import Crawl, read_schedule
from crawler.service.keeper import Hands, Keeper
from crawler.service.launch import Running, is_alive, launch, words_of
from crawler.service.loop import Loop
from crawler.service.store import Entry, Store
from crawler.service.telling import Teller

METRICS_SECONDS = 60
A_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Here:
    """Where a schedule works. ``given``: settings of the command line, which stand over the file's;
    ``project``: the folder in which crawls are begun."""

    archives: Path
    schedule: Path
    given: Mapping[str, str]
    project: Path

    def collection(self, crawl: Crawl) -> Collection:
        """Raises ValueError where the settings name no site."""
        told = crawl.settings | dict(self.given)
        if name := crawl.collection or str(told.get("COLLECTION", "")):
            return Collection(self.archives, name)
        site = read_site(str(told.get("SITE", "yjc")), str(told.get("SITE_URL", "")), "")
        return Collection(self.archives, collection_name(site.name, site.base_url, site.elsewhere))


class Wired:
    """Raises StoreError, QueueError, ScheduleError. ``check``: as Hands has it."""

    def __init__(self, here: Here, say: Callable[[str], None], check: Callable[[Crawl], None]) -> None:
        self._here, self._standing, self._say = here, Standing(here.archives), say
        self._told_to_end = False
        self.store = Store(self._standing.schedule)
        self._teller = Teller(here.archives, lambda: self.keeper.schedule.mail, say)
        hands = Hands(
            clock=lambda: datetime.now(UTC),
            begin=self._begin,
            adopt=lambda number, run_id: Running(number) if is_alive(number, run_id) else None,
            place=here.collection,
            collection=self._collection,
            check=check,
            trial_over=lambda run_id: shutil.rmtree(self._standing.trial(run_id), ignore_errors=True),
            told=self._teller.told,
            say=say,
        )
        self.keeper = Keeper(here.schedule, self.store, hands)

    def close(self) -> None:
        self.store.close()

    def run(self, grace: float) -> None:
        """Until told to stop."""
        self.keeper.begin()
        self._say(self._what_comes())
        self._teller.start()
        try:
            Loop(self.keeper, grace, {self._teller.metrics: METRICS_SECONDS}).run()
        finally:
            self._teller.stop()

    def _collection(self, entry: Entry) -> Collection:
        archives = self._standing.trial(entry.run_id or "") if entry.trial else self._here.archives
        return Collection(archives, entry.collection)

    def _what_comes(self) -> str:
        """That it runs, and for what: the first crawl may be hours away."""
        now, crawls, paused = datetime.now(UTC), self.keeper.schedule.crawl, self.store.paused()
        running = [one for one in crawls if one.name not in paused]
        what = f"{self._here.schedule}: {len(crawls)} crawls"
        for moment, crawl in next_runs(running, now, now + 366 * A_DAY):
            return f"{what}; the first to come is {crawl.name}, {moment:%Y-%m-%d %H:%M} UTC"
        return f"{what}; none comes"

    def deliver(self, test: str) -> int:
        """Each notice that is due is tried once; how many wait on. ``test``: of that crawl a test, first."""
        self.keeper.schedule = read_schedule(self._here.schedule)
        if test:
            crawl = self.keeper.schedule.named(test)
            self._teller.test(crawl, self._here.collection(crawl))
        return self._teller.deliver_once()

    def once(self, name: str, *, if_due: bool, wait: float) -> int:
        """Run one crawl here and now; its exit code. 0: it is not due, or paused; 3: we were told to end; 4:
        its collection is held, and was for ``wait`` seconds."""
        self.keeper.schedule = read_schedule(self._here.schedule)
        crawl = self.keeper.schedule.named(name)
        if holder(self._standing.lock) is None:  # a running schedule notes what ends by itself
            self.keeper.settle()
        if self._due(crawl, if_due) is None:
            return 0
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._end)
        held = self._wait(crawl, wait)
        due = self._due(crawl, if_due)  # again: it may have been paused meanwhile, or run
        if self._told_to_end or due is None:
            return 3 if self._told_to_end else 0
        place = self.keeper.deal(due, datetime.now(UTC), held)
        if self._told_to_end:  # before there was a crawl to tell
            self.keeper.ask_all_to_end()
        while self.keeper.under_way:
            time.sleep(0.2)
            self.keeper.note_ended()
        self._teller.deliver_once()
        self._teller.metrics()  # again: the crawl's own came before its end was noted
        entry = self.store.entry(place)
        if entry.outcome == "skipped":
            return 4
        return entry.exit_code if entry.exit_code is not None and entry.exit_code >= 0 else 1

    def _due(self, crawl: Crawl, if_due: bool) -> Due | None:
        now = datetime.now(UTC)
        if crawl.name in self.store.paused():
            self._say(f"{crawl.name} is paused: it does not run until scrapy schedule resume {crawl.name}")
            return None
        if not if_due:
            return Due(crawl, now, 0, late=False)
        self.store.handle(crawl.name, now - A_DAY)  # at the first look of a timer its moment is just over
        return next(iter(due_now([crawl], self.store.handled(), now)), None)

    def _end(self, *_: object) -> None:
        """A signal is passed on: once in order, twice at once."""
        self._told_to_end = True
        self.keeper.ask_all_to_end()

    def _wait(self, crawl: Crawl, seconds: float) -> str | None:
        """Until it is its turn, or told to end; who was in the way to the last. The turn is ours till this
        process ends: two timers come at the same second, long before a crawl holds its collection."""
        collection, end = self._here.collection(crawl), time.monotonic() + seconds
        turn, who = None, None
        while seconds and not self._told_to_end:
            try:
                turn = turn or hold(
                    self._standing.turn(collection.name), f"scrapy schedule once {crawl.name}"
                )
                who = holder(collection.lock)
            except Held as error:
                who = str(error)
            if who is None or time.monotonic() >= end:
                break
            time.sleep(1)
        return f"{who} holds {collection.name}" if who else None

    def _begin(self, crawl: Crawl, run_id: str) -> Running:
        """A trial crawls into a folder of its own, which is thrown away when it is over."""
        archives = self._standing.trial(run_id) if crawl.test else self._here.archives
        settings = {**self._here.given, "ARCHIVES": str(archives), "RUN_ID": run_id}
        if crawl.collection:
            settings["COLLECTION"] = crawl.collection
        return launch(words_of(crawl, settings), self._here.project)
