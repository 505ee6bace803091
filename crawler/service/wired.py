"""A keeper with real hands: processes, the clock, files."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from crawler.arguments import read_site
from crawler.collection import Collection, Standing, collection_name
from crawler.disk import holder
from crawler.schedule.due import Due, due_now
from crawler.schedule.file import Crawl, read_schedule
from crawler.service.keeper import Hands, Keeper
from crawler.service.launch import Running, is_alive, launch, words_of
from crawler.service.loop import Loop
from crawler.service.store import Store
from crawler.service.telling import Teller

METRICS_SECONDS = 60


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
    """Raises StoreError, QueueError, ScheduleError."""

    def __init__(self, here: Here, say: Callable[[str], None]) -> None:
        self._here, self._standing = here, Standing(here.archives)
        self.store = Store(self._standing.schedule)
        self._teller = Teller(here.archives, lambda: self.keeper.schedule.mail, say)
        hands = Hands(
            clock=lambda: datetime.now(UTC),
            begin=self._begin,
            adopt=lambda number, run_id: Running(number) if is_alive(number, run_id) else None,
            place=here.collection,
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
        self._teller.start()
        try:
            Loop(self.keeper, grace, {self._teller.metrics: METRICS_SECONDS}).run()
        finally:
            self._teller.stop()

    def once(self, name: str, *, if_due: bool) -> int:
        """Run one crawl here and now; its exit code. 0: it is not due; 4: its collection is held."""
        self.keeper.schedule = read_schedule(self._here.schedule)
        crawl = self.keeper.schedule.named(name)
        if holder(self._standing.lock) is None:  # a running schedule notes what ends by itself
            self.keeper.settle()
        now = datetime.now(UTC)
        due = Due(crawl, now, 0, late=False)
        if if_due:
            handled = self.store.handled()
            if name not in handled:
                self.store.handle(name, now)
            found = due_now([crawl], handled, now)
            if not found:
                return 0
            due = found[0]
        for number in (signal.SIGINT, signal.SIGTERM):  # passed on: once in order, twice at once
            signal.signal(number, lambda *_: self.keeper.ask_all_to_end())
        place = self.keeper.deal(due, now)
        while self.keeper.under_way:
            time.sleep(0.2)
            self.keeper.note_ended()
        self._teller.deliver_once()
        entry = self.store.entry(place)
        if entry.outcome == "skipped":
            return 4
        return entry.exit_code if entry.exit_code is not None and entry.exit_code >= 0 else 1

    def _begin(self, crawl: Crawl, run_id: str) -> Running:
        """A trial crawls into a folder of its own, which is thrown away when it is over."""
        archives = self._standing.trial(run_id) if crawl.test else self._here.archives
        settings = {**self._here.given, "ARCHIVES": str(archives), "RUN_ID": run_id}
        if crawl.collection:
            settings["COLLECTION"] = crawl.collection
        return launch(words_of(crawl, settings), self._here.project)
