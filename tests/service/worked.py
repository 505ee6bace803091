"""A keeper in a world in which time passes as a test says: crawls take their minutes, and end as told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from crawler.collection import Collection
from crawler.schedule.file import Crawl, parse_schedule
from crawler.service.keeper import Hands, Keeper
from crawler.service.store import Entry, Store


@dataclass
class Pretended:
    """A crawl under way. ``ends``: when, and with which code."""

    world: World
    number: int
    ends: datetime
    code: int

    def exit_code(self, _: str) -> tuple[bool, int | None]:
        over = self.world.now >= self.ends
        return over, self.code if over else None

    def ask_to_end(self) -> None:
        self.ends, self.code = self.world.now, 3

    def kill(self) -> None:
        self.ends, self.code = self.world.now, -9


@dataclass
class World:
    """``minutes``: how long a crawl takes; ``code``: how one that is begun now ends, and after how long."""

    folder: Path
    text: str
    now: datetime
    minutes: dict[str, int]
    code: Callable[[str, datetime], tuple[int, int | None]] = lambda *_: (0, None)
    under_way: list[Pretended] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    told: list[Entry] = field(default_factory=list)
    trials_over: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.path = self.folder / "schedule.toml"
        self.path.write_text(self.text, encoding="utf-8")
        self.store = Store(self.folder / "schedule.sqlite")
        self.start()

    def start(self) -> None:
        """The schedule, as after a reboot: no process of before is there any more."""
        self.under_way.clear()
        hands = Hands(
            clock=lambda: self.now,
            begin=self._begin,
            adopt=lambda *_: None,
            place=self._place,
            collection=self._collection,
            check=lambda _: None,
            trial_over=self.trials_over.append,
            told=lambda *told: self.told.append(told[0]),
            say=self.said.append,
        )
        self.keeper = Keeper(self.path, self.store, hands)
        self.keeper.begin()

    def _place(self, crawl: Crawl) -> Collection:
        if "SITE" in crawl.settings:
            raise ValueError(f"no site is called {crawl.settings['SITE']!r}")
        return Collection(self.folder, crawl.collection or "all")

    def _collection(self, entry: Entry) -> Collection:
        return Collection(self.folder / "trial" if entry.trial else self.folder, entry.collection)

    def _begin(self, crawl: Crawl, _: str) -> Pretended:
        code, minutes = self.code(crawl.name, self.now)
        lasts = timedelta(minutes=self.minutes[crawl.name] if minutes is None else minutes)
        process = Pretended(self, 1000 + len(self.told) + len(self.under_way), self.now + lasts, code)
        self.under_way.append(process)
        return process

    def pass_time(self, until: datetime, *, asleep: bool = False) -> None:
        """Everything that happens meanwhile; ``asleep``: nothing does."""
        rules = [crawl.rule() for crawl in parse_schedule(self.text, "schedule.toml").crawl]
        while not asleep:
            coming = [moment for rule in rules if (moment := rule.after(self.now))]
            coming += [process.ends for process in self.under_way if process.ends > self.now]
            self.under_way = [process for process in self.under_way if process.ends > self.now]
            if not coming or min(coming) > until:
                break
            self.now = min(coming)
            self.keeper.tick()
        self.now = until
