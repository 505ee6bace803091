"""The schedule at work: what is due is begun, what has ended is noted, what a person asked for is done.

Whatever happens in between, the file (store.py) says what was begun; a schedule that was killed takes up the
crawls that it left under way, and catches up once what it missed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

from crawler.collection import Collection
from crawler.disk import holder
from crawler.ledger.runs import Run, all_runs
from crawler.ledger.schema import LedgerError, connect_to_read
from crawler.schedule.due import Due, due_now
from crawler.schedule.file import Crawl, Schedule, ScheduleError, read_schedule
from crawler.service.store import Entry, Outcome, Store

BEGINNING = timedelta(minutes=1)  # from the word that a crawl begins to its process's number: far less


class Process(Protocol):
    """What is asked of a crawl under way (launch.Running)."""

    number: int

    def exit_code(self, run_id: str) -> tuple[bool, int | None]: ...
    def ask_to_end(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Hands:
    """What the keeper does in the world. ``begin``: a crawl as the run of that id; ``adopt``: one of that
    process number that goes on, None where it does not; ``place``: of a crawl's collection, ValueError where
    its settings name no site; ``collection``: into which an entry was crawled; ``check``: ValueError for
    settings that would stop a crawl; ``told``: is told of every entry that came to its end; ``say``: a line
    for people."""

    clock: Callable[[], datetime]
    begin: Callable[[Crawl, str], Process]
    adopt: Callable[[int, str], Process | None]
    place: Callable[[Crawl], Collection]
    collection: Callable[[Entry], Collection]
    check: Callable[[Crawl], None]
    trial_over: Callable[[str], None]
    told: Callable[[Entry, Crawl | None], None]
    say: Callable[[str], None]


@dataclass(slots=True)
class Keeper:
    path: Path
    store: Store
    hands: Hands
    schedule: Schedule = field(init=False)
    _read: tuple[int, int] = (0, 0)  # of the file: when it was changed, its size
    _running: dict[int, tuple[Process, Entry]] = field(default_factory=dict)

    def begin(self) -> None:
        """Read the file, and take up what an earlier schedule left. Raises ScheduleError."""
        self._read = _mark(self.path)
        self._use(read_schedule(self.path))
        for entry in self.store.under_way():
            self._take_up(entry)

    def tick(self) -> None:
        """All that is to be done now. Called often; what is not due costs a look."""
        self.note_ended()
        self._reload()
        now = self.hands.clock()
        for name, at in self.store.take_asked():
            if crawl := self._crawl(name):
                self.deal(Due(crawl, at, 0, late=False), now)
        handled, paused = self.store.handled(), self.store.paused()
        for due in due_now([one for one in self.schedule.crawl if one.name not in paused], handled, now):
            self.deal(due, now)

    def settle(self) -> None:
        """Note what ended while nobody looked: what a killed ``once`` left. What goes on is left alone."""
        for entry in self.store.under_way():
            if self._is_over(entry):
                self._judge(entry, None)

    def _is_over(self, entry: Entry) -> bool:
        if entry.process:
            return self.hands.adopt(entry.process, entry.run_id or "") is None
        # Killed between the word and the process's number, or not there yet. A crawl that was begun all the
        # same holds its collection.
        held = holder(self.hands.collection(entry).lock) is not None
        return not held and entry.started is not None and self.hands.clock() - entry.started > BEGINNING

    @property
    def under_way(self) -> list[str]:
        return [entry.name for _, entry in self._running.values()]

    def ask_all_to_end(self) -> None:
        for process, _ in self._running.values():
            process.ask_to_end()

    def kill_all(self) -> None:
        for process, _ in self._running.values():
            process.kill()

    # -- the file

    def reload(self) -> None:
        """At a signal: read it again, changed or not."""
        self._read = (0, 0)
        self._reload()

    def _reload(self) -> None:
        mark = _mark(self.path)
        if mark == self._read:
            return
        self._read = mark
        try:
            self._use(read_schedule(self.path))
            self.hands.say(f"{self.path} was read again: {len(self.schedule.crawl)} crawls")
        except ScheduleError as error:
            self.hands.say(f"error: {error}\nthe schedule goes on as it was read before")

    def _use(self, schedule: Schedule) -> None:
        """Raises ScheduleError: a crawl that has no place could be neither begun nor skipped, and one with a
        wrong setting is better told of now than at night."""
        for crawl in schedule.crawl:
            try:
                self.hands.check(crawl)
                self.hands.place(crawl)
            except ValueError as error:
                raise ScheduleError(f'{self.path}: crawl "{crawl.name}": {error}') from None
        self.schedule = schedule
        now, handled = self.hands.clock(), self.store.handled()
        names = {one.name for one in schedule.crawl}
        for name in names - handled.keys():
            self.store.handle(name, now)
        for name in handled.keys() - names:
            self.store.forget(name)

    def _crawl(self, name: str) -> Crawl | None:
        return next((one for one in self.schedule.crawl if one.name == name), None)

    # -- what is due

    def deal(self, due: Due, now: datetime, held: str | None = None) -> int:
        """Begin it, or say why not; the number of its entry. ``held``: who holds its collection, if that is
        known."""
        collection = self.hands.place(due.crawl)
        if held := held or self._held(collection):
            number = self.store.skip(
                due.crawl.name, collection.name, due.at, late=due.late, missed=due.missed, reason=held
            )
            self.hands.told(self.store.entry(number), due.crawl)
            self.hands.say(f"{due.crawl.name}, due {due.at:%Y-%m-%d %H:%M} UTC: skipped, {held}")
            return number
        run_id = now.strftime("%Y%m%dT%H%M%S%fZ")
        number = self.store.begin(
            due.crawl.name, collection.name, due.at, late=due.late, missed=due.missed,
            started=now, run_id=run_id, trial=due.crawl.test,
        )  # fmt: skip
        self._start(due.crawl, self.store.entry(number))
        return number

    def _start(self, crawl: Crawl, entry: Entry) -> None:
        assert entry.run_id is not None
        try:
            process = self.hands.begin(crawl, entry.run_id)
        except OSError as error:
            self._ended(entry, "killed", f"could not be begun: {error}", None)
            return
        self.store.note_process(entry.number, process.number)
        self._running[entry.number] = (process, entry)
        late = ", late" if entry.late else ""
        missed = f", {entry.missed} before it were missed" if entry.missed else ""
        self.hands.say(f"{crawl.name}, due {entry.due:%Y-%m-%d %H:%M} UTC{late}{missed}: run {entry.run_id}")

    def _held(self, collection: Collection) -> str | None:
        """Who holds the collection, if anyone does."""
        for _, entry in self._running.values():
            if entry.collection == collection.name:
                return f"{entry.name} (run {entry.run_id}) holds {collection.name}"
        other = holder(collection.lock)
        return f"{other} holds {collection.name}" if other else None

    # -- what has ended

    def note_ended(self) -> None:
        for number, (process, entry) in list(self._running.items()):
            over, code = process.exit_code(entry.run_id or "")
            if over:
                del self._running[number]
                self._judge(entry, code)

    def _judge(self, entry: Entry, code: int | None) -> None:
        """By its exit code, and by what it wrote into the ledger when it ended."""
        run = None if entry.trial else self._run(entry)
        if code is None and run is not None:
            code = run.exit_code
        if code is None or code < 0:
            how = f"signal {-code}" if code else "it left no word"
            self._ended(entry, "killed", how, code)
            return
        reason = (run.reason if run else None) or self._words(entry, code)
        self._ended(entry, "ended", reason, code)

    def _words(self, entry: Entry, code: int) -> str:
        """What an exit code means, where the ledger has no word of the run: it asked for nothing."""
        words, crawl = _WORDS.get(code, f"exit code {code}"), self._crawl(entry.name)
        try:
            if code == 2 and crawl is not None:
                self.hands.check(crawl)
        except ValueError as error:
            return f"{words}: {error}"
        return words

    def _ended(self, entry: Entry, outcome: Outcome, reason: str, code: int | None) -> None:
        self.store.end(entry.number, outcome, reason, code, self.hands.clock())
        self.hands.told(self.store.entry(entry.number), self._crawl(entry.name))
        if entry.trial and entry.run_id:
            self.hands.trial_over(entry.run_id)
        tail = f", exit {code}" if code is not None else ""
        self.hands.say(f"{entry.name}, run {entry.run_id}: {outcome}: {reason}{tail}")

    def _take_up(self, entry: Entry) -> None:
        """Of an entry that a killed schedule left under way."""
        process = self.hands.adopt(entry.process, entry.run_id or "") if entry.process else None
        if process is not None:
            self._running[entry.number] = (process, entry)
            self.hands.say(f"{entry.name}, run {entry.run_id}: goes on, begun by an earlier schedule")
            return
        crawl = self._crawl(entry.name)
        if entry.process is None and crawl is not None and self._run(entry) is None:
            self._start(crawl, entry)  # killed between the word and the deed
            return
        self._judge(entry, None)

    def _run(self, entry: Entry) -> Run | None:
        """What the ledger knows of a run that has ended by itself."""
        try:
            ledger = connect_to_read(self.hands.collection(entry).ledger)
        except LedgerError:
            return None
        runs: Mapping[str, Run] = {run.run_id: run for run in all_runs(ledger)}
        ledger.close()
        found = runs.get(entry.run_id or "")
        return found if found and found.ended and found.reason != "killed" else None


_WORDS = {
    0: "finished",
    1: "could not begin, or something was not had: its lines say what",
    2: "wrong arguments or settings",
    3: "interrupted",
    4: "another crawl holds the collection",
}


def _mark(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except OSError:
        return (-1, -1)
    return about.st_mtime_ns, about.st_size
