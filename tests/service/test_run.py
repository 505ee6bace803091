"""``scrapy schedule run`` in earnest: real crawls, real kills, real receivers of notices."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.warc.verify import verify_collection
from tests.crawling import ROOT, crawl
from tests.notices.receivers import Web, free_port, serving
from tests.notices.test_mail import Mailbox, mailing
from tests.site import Site, running

FILE = """
[mail]
host = "127.0.0.1"
port = {mail}

[[crawl]]
name = "often"
when = "every {seconds} seconds"
provinces = "qom,yazd"
collection = "kept"
settings = {{ REQUISITES = "none" }}
notify = {{ on = ["failed"], webhook = "http://127.0.0.1:{web}/", email = "archivist@example.org" }}
"""
PATIENCE = 40


class Scheduled:
    """A schedule of the sample site in a folder of its own."""

    def __init__(self, folder: Path, site: Site, seconds: int, web: int, mail: int) -> None:
        self._folder, self._site = folder, site
        self.collection = Collection(folder / "archives", "kept")
        (folder / "schedule.toml").write_text(
            FILE.format(seconds=seconds, web=web, mail=mail), encoding="utf-8"
        )
        self.process: subprocess.Popen[bytes] | None = None

    def words(self, *verb: str) -> list[str]:
        settings = {
            "ARCHIVES": self._folder / "archives",
            "SCHEDULE": self._folder / "schedule.toml",
            "SITE_URL": self._site.url,
        }
        options = [word for name, value in settings.items() for word in ("-s", f"{name}={value}")]
        return [sys.executable, "-m", "scrapy", "schedule", *verb, *options]

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self.process = subprocess.Popen(self.words("run"), cwd=ROOT, stdout=log, stderr=log)

    def kill(self) -> None:
        assert self.process
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """In order, its exit code."""
        assert self.process
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def history(self) -> list[dict[str, Any]]:
        done = subprocess.run(self.words("history", "--json"), cwd=ROOT, capture_output=True, check=False)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def entries(self) -> list[dict[str, Any]]:
        """The same, as it stands in the store: a look that costs nothing."""
        path = self._folder / "archives" / "schedule.sqlite"
        if not path.exists():
            return []
        with closing(sqlite3.connect(path, timeout=30)) as store:
            if store.execute("PRAGMA user_version").fetchone() == (
                0,
            ):  # the file is there, its tables are not
                return []
            store.row_factory = sqlite3.Row
            return [dict(row) for row in store.execute("SELECT * FROM entries ORDER BY number")]

    def log(self) -> str:
        return (self._folder / "log").read_text(encoding="utf-8")

    def wait(self, until: Callable[[list[dict[str, Any]]], bool], seconds: float = PATIENCE) -> None:
        end = time.monotonic() + seconds
        while not until(self.entries()):
            assert time.monotonic() < end, f"{self.entries()}\n{self.log()}"
            time.sleep(0.05)

    def rows(self) -> list[dict[str, Any]]:
        files = self.collection.row_files()
        return [json.loads(line) for path in files for line in path.read_bytes().splitlines()]

    def check(self) -> None:
        """Whatever befell it: the archive is whole, each article stands in it once, the history is true."""
        assert [str(fault) for fault in verify_collection(self.collection).faults] == []
        rows = self.rows()
        assert len({(row["id"], row["version"]) for row in rows}) == len(rows)
        with closing(sqlite3.connect(self.collection.ledger)) as ledger:
            runs = dict(ledger.execute("SELECT run_id, exit_code FROM runs").fetchall())
        for entry in self.history():
            if entry["outcome"] == "ended":
                assert runs[entry["run_id"]] == entry["exit_code"], entry
            assert entry["outcome"] in ("ended", "killed", "skipped"), entry


def under_way(entries: list[dict[str, Any]]) -> list[int]:
    return [entry["process"] for entry in entries if entry["outcome"] == "started" and entry["process"]]


@contextmanager
def receiving(web: int, mail: int) -> Iterator[tuple[Web, Mailbox]]:
    with serving(Web(web)) as posts, mailing(Mailbox(), mail) as mails:
        yield posts, mails


@contextmanager
def scheduled(folder: Path, articles: int, seconds: int) -> Iterator[tuple[Scheduled, Site, int, int]]:
    web, mail = free_port(), free_port()
    with running(articles) as site:
        made = Scheduled(folder, site, seconds, web, mail)
        try:
            yield made, site, web, mail
        finally:
            if made.process and made.process.poll() is None:
                made.end()


def test_killed_and_started_again_it_takes_up_what_goes_on(tmp_path: Path) -> None:
    with scheduled(tmp_path, 5, 10) as (schedule, site, web, mail), receiving(web, mail) as (posts, mails):
        site.change(slow=0.8)
        schedule.start()
        schedule.wait(lambda entries: bool(under_way(entries)))
        schedule.kill()
        schedule.start()
        schedule.wait(lambda _: "goes on, begun by an earlier schedule" in schedule.log())
        schedule.wait(lambda entries: entries[0]["outcome"] == "ended")

        schedule.wait(lambda entries: bool(under_way(entries)))
        os.kill(under_way(schedule.entries())[0], signal.SIGKILL)  # a crawl
        schedule.wait(lambda entries: any(entry["outcome"] == "killed" for entry in entries))
        schedule.wait(lambda _: bool(posts.got and mails.got))
        told = json.loads(posts.got[0][2])
        assert (told["outcome"], [event["event"] for event in told["events"]]) == ("killed", ["failed"])

        site.change(slow=0)
        count = len(schedule.entries())
        schedule.wait(lambda entries: len(entries) > count and entries[-1]["outcome"] == "ended")
        assert schedule.end() == 0
    schedule.check()
    assert (schedule.collection.last_success("often")).exists()


def test_ended_it_ends_its_crawls_in_order(tmp_path: Path) -> None:
    with scheduled(tmp_path, 5, 10) as (schedule, site, _, _):
        site.change(slow=0.5)
        schedule.start()
        schedule.wait(lambda entries: bool(under_way(entries)))
        schedule.wait(lambda _: bool(schedule.collection.row_files()))  # it writes rows
        assert schedule.end() == 0
        (entry,) = schedule.entries()
        assert (entry["outcome"], entry["exit_code"], entry["reason"]) == ("ended", 3, "shutdown")
        again = subprocess.run(schedule.words("once", "often"), cwd=ROOT, capture_output=True, check=False)
        assert again.returncode in (0, 1), "the site has articles that are gone"
    schedule.check()
    assert len({row["id"] for row in schedule.rows()}) == 10


@pytest.mark.skipif(not os.environ.get("OSTAN_DRILL"), reason="takes five minutes: make drill")
def test_five_minutes_of_kills(tmp_path: Path) -> None:
    """A schedule of half a minute; its receivers are down for the first two minutes and a half."""
    chance = random.Random(1405)
    end = time.monotonic() + 300
    with scheduled(tmp_path, 20, 30) as (schedule, site, web, mail):
        undisturbed = crawl(tmp_path / "a", "provinces=qom,yazd", SITE_URL=site.url, REQUISITES="none")
        site.change(slow=0.05)
        schedule.start()
        kills = {"schedule": 0, "crawl": 0}
        while time.monotonic() < end - 150:
            time.sleep(chance.uniform(3, 12))
            if chance.random() < 0.5:
                schedule.kill()
                kills["schedule"] += 1
                time.sleep(chance.uniform(0, 3))
                schedule.start()
            else:
                schedule.wait(lambda entries: bool(under_way(entries)), 60)
                os.kill(under_way(schedule.entries())[0], signal.SIGKILL)
                kills["crawl"] += 1
        assert min(kills.values()) >= 1, kills
        site.change(slow=0)
        with receiving(web, mail) as (posts, mails):
            killed = sum(entry["outcome"] == "killed" for entry in schedule.entries())
            schedule.wait(lambda _: len(set(posts.ids)) >= killed and len(mails.got) >= killed, 170)
            while time.monotonic() < end:
                time.sleep(1)
            assert schedule.end() == 0
        print(kills, len(schedule.entries()), "entries,", len(posts.got), "posts,", len(mails.got), "mails")
        done = subprocess.run(schedule.words("once", "often"), cwd=ROOT, capture_output=True, check=False)
        assert done.returncode in (0, 1)
    schedule.check()
    assert {row["id"] for row in schedule.rows()} == {row["id"] for row in undisturbed.rows}
