"""``scrapy schedule``: crawls at their times.

Exit codes: 0 done · 1 nothing is known, a file could not be read or written, or the crawl ended with it · 2
wrong arguments, a wrong schedule · 3 the crawl was interrupted · 4 another schedule runs, or another crawl is
under way.
"""

from __future__ import annotations

import argparse
import os
import pwd
import signal
import socket
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from scrapy.commands import ScrapyCommand
from scrapy.settings import SETTINGS_PRIORITIES

from crawler.collection import Standing
from crawler.commands import WithLogs
from crawler.commands.crawl import check_values
from crawler.disk import Held, hold, holder
from crawler.notices.queue import QueueError
from crawler.report.shown import shown
from crawler.schedule.due import next_runs
from crawler.schedule.file import Crawl, Schedule, ScheduleError, read_schedule
from crawler.service.export import CRONTAB, crontab, systemd_units
from crawler.service.launch import as_word
from crawler.service.place import Place, machine_zone
from crawler.service.store import Store, StoreError
from crawler.service.told import as_json, coming, line_of, with_counts
from crawler.service.wired import Here, Wired
from crawler.service.written import told, write_export

VERBS = ("next", "run", "once", "now", "pause", "resume", "history", "deliver", "export")
MOST_LINES = 200


def _say(line: str) -> None:
    print(line, flush=True)


class Wrong(ValueError):  # named for what it is
    """A wrong argument; the message says what is allowed."""


def _owner(folder: Path) -> str:
    """Who owns it: units may not write into what is somebody else's, not even as root. Who we are, where it
    is not there yet."""
    try:
        return folder.owner() if folder.exists() else pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        raise Wrong(
            f"{folder} belongs to no user of this machine; say who runs the crawls with --user"
        ) from None


class Command(WithLogs, ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "next | run | once NAME | now NAME | pause NAME | resume NAME | history | deliver | export DIR"

    def short_desc(self) -> str:
        return "Crawls at their times: what comes, running them, pausing, what was run"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--days", type=float, default=3, help="next: how far to look ahead (3)")
        parser.add_argument("--json", action="store_true", help="next, history: a line of JSON each")
        parser.add_argument("--if-due", action="store_true", help="once: only if it is due since it last ran")
        parser.add_argument(
            "--wait", type=float, default=0, metavar="SECONDS",
            help="once: how long to wait while another crawl holds the collection (0)",
        )  # fmt: skip
        parser.add_argument(
            "--grace", type=float, default=120, metavar="SECONDS",
            help="run: how long crawls may take to end in order, when the schedule is ended (120)",
        )  # fmt: skip

        parser.add_argument(
            "--test", default="", metavar="NAME", help="deliver: a test of what that crawl tells"
        )
        export = parser.add_argument_group("export: units or a crontab that run the same crawls")
        export.add_argument("--systemd", action="store_true", help="a service and a timer for each crawl")
        export.add_argument("--cron", action="store_true", help="a crontab")
        export.add_argument("--user", default="", help="who runs them (the owner of ARCHIVES)")
        export.add_argument("--memory", default="", metavar="1G", help="what a crawl may take at most")
        export.add_argument("--mailto", default="", help="whom cron mails what a crawl prints")
        export.add_argument("--secrets", default="", metavar="FILE", help="of NAME='value' lines")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            if not args or args[0] not in VERBS:
                raise Wrong(f"one of: {', '.join(VERBS)}")
            verb, *names = args
            takes = int(verb in ("once", "now", "pause", "resume", "export"))
            if len(names) != takes and not (verb == "history" and len(names) == 1):
                one = "a folder" if verb == "export" else "the name of a crawl"
                raise Wrong(f"{verb} takes {one if takes else 'no name'}")
            does: dict[str, Callable[[str, argparse.Namespace], int]] = {
                "next": self._next, "run": self._run, "once": self._once, "now": self._now,
                "pause": self._pause, "resume": self._resume, "history": self._history,
                "deliver": self._deliver, "export": self._export,
            }  # fmt: skip
            if verb in ("next", "history"):
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may have read enough
            self.exitcode = does[verb](names[0] if names else "", opts)
        except (StoreError, QueueError, OSError, sqlite3.Error) as error:  # of the machine: it may pass
            print(f"error: {error}", file=sys.stderr)
            self.exitcode = 1
        except (Wrong, ScheduleError, ValueError) as error:
            print(f"error: {error}", file=sys.stderr)
            self.exitcode = 2

    @property
    def _path(self) -> Path:
        assert self.settings is not None
        return Path(self.settings["SCHEDULE"]).expanduser()

    @property
    def _standing(self) -> Standing:
        assert self.settings is not None
        return Standing(self.settings["ARCHIVES"])

    def _next(self, _: str, opts: argparse.Namespace) -> int:
        now = datetime.now(UTC)
        schedule, paused = read_schedule(self._path), self._paused()
        until, number = now + timedelta(days=opts.days), -1
        for number, (moment, crawl) in enumerate(next_runs(schedule.crawl, now, until)):
            if number == MOST_LINES and not opts.json:
                print("… more; look less far ahead with --days")
                break
            is_paused = crawl.name in paused
            if opts.json:
                told = {"at": moment, "name": crawl.name, "paused": is_paused, "spider": crawl.spider}
                print(as_json(told | {"arguments": crawl.arguments(), "test": crawl.test}))
            else:
                print(shown(coming(moment, crawl)) + ", paused: it will not run" * is_paused)
        if number < 0 and not opts.json:
            print(f"nothing comes until {until:%Y-%m-%d %H:%M} UTC")
        self._check_all(schedule)
        return 0

    def _check(self, crawl: Crawl) -> None:
        """Raises ValueError for a setting of the crawl that would stop it."""
        assert self.settings is not None
        settings = self.settings.copy()
        for name in crawl.settings:
            if name not in settings:
                near = get_close_matches(name, list(settings), 1)
                meant = f"; meant is {near[0]}?" if near else ""
                raise ValueError(f"settings: no setting is called {name}{meant}")
        into = {"COLLECTION": crawl.collection} if crawl.collection else {}
        told = {**crawl.settings, **self._here().given, **into}
        settings.setdict({name: as_word(one) for name, one in told.items()}, priority="cmdline")
        check_values(settings)

    def _check_all(self, schedule: Schedule) -> None:
        for crawl in schedule.crawl:
            try:
                self._check(crawl)
            except ValueError as error:
                raise Wrong(f'{self._path}: crawl "{crawl.name}": {error}') from None

    def _paused(self) -> set[str]:
        if not self._standing.schedule.exists():
            return set()
        store = Store(self._standing.schedule)
        try:
            return set(store.paused())
        finally:
            store.close()

    def _here(self) -> Here:
        """What stands on the command line goes to every crawl."""
        assert self.settings is not None
        settings = self.settings
        given = {
            name: str(settings[name])
            for name in settings
            if settings.getpriority(name) == SETTINGS_PRIORITIES["cmdline"] and name != "SCHEDULE"
        }
        return Here(self._standing.folder, self._path.resolve(), given, Path.cwd())

    def _run(self, _: str, opts: argparse.Namespace) -> int:
        who = f"process {os.getpid()} on {socket.gethostname()}: scrapy schedule run"
        try:
            hold(self._standing.lock, who)
        except Held as error:
            print(f"error: another schedule runs: {error}", file=sys.stderr)
            return 4
        wired = Wired(self._here(), _say, self._check)
        try:
            wired.run(opts.grace)
        finally:
            wired.close()
        return 0

    def _once(self, name: str, opts: argparse.Namespace) -> int:
        wired = Wired(self._here(), _say, self._check)
        try:
            return wired.once(name, if_due=opts.if_due, wait=opts.wait)
        finally:
            wired.close()

    def _deliver(self, _: str, opts: argparse.Namespace) -> int:
        wired = Wired(self._here(), _say, self._check)
        try:
            waiting = wired.deliver(opts.test)
        finally:
            wired.close()
        if opts.test or sys.stdout.isatty():  # cron mails whatever is said
            print(f"{waiting:,} notices wait" if waiting else "no notice waits")
        return int(bool(opts.test) and waiting > 0)

    def _export(self, folder: str, opts: argparse.Namespace) -> int:
        if opts.systemd == opts.cron:
            raise Wrong("export takes --systemd or --cron")
        here = self._here()
        user = opts.user or _owner(here.archives)
        options = {"secrets": Path(opts.secrets)} if opts.secrets else {}
        program = (str(Path(sys.executable).with_name("scrapy")),)
        place = Place(
            here.project, program, here.archives, here.schedule, user,
            {name: value for name, value in here.given.items() if name != "ARCHIVES"},
            memory=opts.memory, mailto=opts.mailto, zone=machine_zone(), **options,
        )  # fmt: skip
        schedule = read_schedule(here.schedule)
        self._check_all(schedule)
        if opts.systemd:
            files = systemd_units(schedule, place)
        else:
            files = {CRONTAB: crontab(schedule, place, datetime.now(UTC))}
        print("\n".join(told(write_export(Path(folder), files), place)))
        return 0

    def _now(self, name: str, _: argparse.Namespace) -> int:
        read_schedule(self._path).named(name)
        if holder(self._standing.lock) is None:
            raise Wrong(f"no schedule runs that could begin it; scrapy schedule once {name} runs it here")
        self._store(lambda store: store.ask(name, datetime.now(UTC)))
        print(f"{name} begins within a second or two, if nothing holds its collection")
        return 0

    def _pause(self, name: str, _: argparse.Namespace) -> int:
        read_schedule(self._path).named(name)
        self._store(lambda store: store.pause(name, datetime.now(UTC)))
        print(f"{name} is paused: it does not run until scrapy schedule resume {name}")
        return 0

    def _resume(self, name: str, _: argparse.Namespace) -> int:
        read_schedule(self._path).named(name)
        was = self._store(lambda store: store.resume(name, datetime.now(UTC)))
        print(f"{name} runs again, from now on" if was else f"{name} was not paused")
        return 0

    def _history(self, name: str, opts: argparse.Namespace) -> int:
        assert self.settings is not None
        if not self._standing.schedule.exists():
            print(f"nothing was run by a schedule in {self._standing.folder} yet", file=sys.stderr)
            return 1
        entries = self._store(lambda store: store.history(name, 1_000_000 if opts.json else MOST_LINES))
        if not entries:
            print(f"nothing was run by a schedule{f' as {name}' if name else ''} yet", file=sys.stderr)
            return 1
        for entry in with_counts(entries, self.settings["ARCHIVES"]):
            print(as_json(entry) if opts.json else shown(line_of(entry)))
        return 0

    def _store(self, do: Callable[[Store], Any]) -> Any:
        store = Store(self._standing.schedule)
        try:
            return do(store)
        finally:
            store.close()
