"""``scrapy schedule once``: a crawl here and now, as timers, cron and people begin it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread
from zoneinfo import ZoneInfo

from crawler.collection import Standing
from crawler.disk import hold, holder
from crawler.ledger.runs import all_runs
from crawler.ledger.schema import connect_to_read
from crawler.service.store import Store
from tests.crawling import ROOT
from tests.service.conftest import FILE, Typed
from tests.site import running


def until_it_waits(standing: Standing) -> None:
    end = time.monotonic() + 20
    while not holder(standing.turn("kept")):
        assert time.monotonic() < end, "it does not wait"
        time.sleep(0.05)


def now_on_the_clock(ago: timedelta) -> str:
    return f"{datetime.now(ZoneInfo('Asia/Tehran')) - ago:%H:%M}"


def test_once_runs_here_and_a_trial_keeps_nothing(typed: Typed, tmp_path: Path) -> None:
    assert typed("history").returncode == 1
    with running(2) as site:
        tried = typed("once", "trial", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=kept")
        assert (tried.returncode, tried.stderr) == (0, "")
        assert "1 written" in tried.stdout
        assert sorted(path.name for path in (tmp_path / "archives").iterdir()) == [
            "notices.sqlite",
            "schedule.sqlite",
        ]
        kept = typed("once", "few", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=kept")
        assert kept.returncode == 0
        not_due = typed("once", "few", "--if-due", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=kept")
        assert (not_due.returncode, not_due.stdout) == (0, "")
    gone = typed("once", "few", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=kept")
    assert gone.returncode == 1, "as the crawl: nothing could be reached"
    history = [json.loads(line) for line in typed("history", "--json").stdout.splitlines()]
    assert [(one["name"], one["outcome"], one["exit_code"], one["trial"]) for one in history] == [
        ("trial", "ended", 0, True),
        ("few", "ended", 0, False),
        ("few", "ended", 1, False),
    ]
    assert history[1]["articles"]["written"] == 1
    assert history[1]["bytes"] > 1000
    assert (tmp_path / "archives" / "kept" / "last-success" / "few").exists()


def test_the_first_look_of_a_timer_runs_what_came_within_the_day(typed: Typed, tmp_path: Path) -> None:
    """A line of cron comes at its moment, or a little later, and nobody has looked at the crawl before."""
    path = tmp_path / "schedule.toml"
    path.write_text(FILE.replace("daily 06:00", f"daily {now_on_the_clock(timedelta(minutes=3))}"))
    with running(1) as site:
        looks = [typed("once", "few", "--if-due", "-s", f"SITE_URL={site.url}") for _ in range(2)]
    assert [look.returncode for look in looks] == [0, 0]
    assert [look.stdout.count(": ended: finished") for look in looks] == [1, 0]


def test_what_is_paused_is_not_run_by_a_timer_either(typed: Typed) -> None:
    typed("pause", "few")
    for words in ([], ["--if-due"]):
        done = typed("once", "few", *words, "-s", "SITE_URL=http://127.0.0.1:9")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "few is paused: it does not run until scrapy schedule resume few\n"
    assert typed("history").returncode == 1


def test_once_waits_for_its_collection_as_long_as_it_is_told_to(typed: Typed, tmp_path: Path) -> None:
    words = ["once", "few", "-s", "SITE_URL=http://127.0.0.1:9", "-s", "COLLECTION=kept"]
    lock = hold(tmp_path / "archives" / "kept" / "lock", "a crawl that goes on")
    held = typed(*words, "--wait", "1")
    assert held.returncode == 4
    assert "skipped, a crawl that goes on holds kept" in held.stdout
    standing, waits = Standing(tmp_path / "archives"), []

    def let_go() -> None:
        until_it_waits(standing)
        waits.append(holder(standing.turn("kept")))
        os.close(lock)

    (letting := Thread(target=let_go)).start()
    assert typed(*words, "--wait", "30").returncode == 1, "it was tried"
    letting.join()
    assert waits == ["scrapy schedule once few"]


def test_what_is_paused_or_ended_while_it_waits_is_not_run(typed: Typed, tmp_path: Path) -> None:
    standing = Standing(tmp_path / "archives")
    lock = hold(tmp_path / "archives" / "kept" / "lock", "a crawl that goes on")
    words = [sys.executable, "-m", "scrapy", "schedule", "once", "few", "--wait", "60"]
    for given in (f"SCHEDULE={tmp_path}/schedule.toml", f"ARCHIVES={tmp_path}/archives", "COLLECTION=kept"):
        words += ["-s", given]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as waiting:
        until_it_waits(standing)
        waiting.terminate()
        assert waiting.wait(20) == 3
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE) as waiting:
        until_it_waits(standing)
        assert typed("pause", "few").returncode == 0
        os.close(lock)
        told, _ = waiting.communicate(timeout=20)
    assert (waiting.returncode, b"few is paused" in told) == (0, True)
    assert typed("history").returncode == 1, "nothing was run"


def test_why_the_first_crawl_of_a_collection_could_not_begin_is_kept_too(
    typed: Typed, tmp_path: Path
) -> None:
    nowhere = ["-s", "SITE_URL=http://127.0.0.1:9", "-s", "COLLECTION=new"]
    assert typed("once", "few", *nowhere).returncode == 1
    (entry,) = (json.loads(line) for line in typed("history", "--json").stdout.splitlines())
    assert entry["reason"].startswith("unreachable: cannot reach http://127.0.0.1:9: ")
    figures = (tmp_path / "archives" / "new" / "metrics.prom").read_text()
    assert 'ostan_last_run_exit_code{collection="new"} 1.0' in figures
    with running(1) as site:
        again = typed("once", "few", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=new")
    assert again.returncode == 0


def test_two_timers_that_come_at_once_take_turns(typed: Typed, tmp_path: Path) -> None:
    (tmp_path / "schedule.toml").write_text(FILE.replace("test = true\n", "").replace('"trial"', '"other"'))
    with running(2) as site, ThreadPoolExecutor(2) as timers:
        site.change(slow=0.1)
        words = ["--wait", "60", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=kept"]
        done = list(timers.map(lambda name: typed("once", name, *words), ["few", "other"]))
    assert [one.returncode for one in done] == [0, 0]
    first, second = (json.loads(line) for line in typed("history", "--json").stdout.splitlines())
    assert first["ended"] < second["started"]


def test_why_a_crawl_could_not_begin_is_in_history_ledger_and_figures(typed: Typed, tmp_path: Path) -> None:
    into = ["-s", "COLLECTION=kept"]
    with running(1) as site:
        typed("once", "few", "-s", f"SITE_URL={site.url}", *into)
    figures = tmp_path / "archives" / "kept" / "metrics.prom"
    assert 'ostan_last_success_timestamp_seconds{collection="kept",crawl="few"}' in figures.read_text()
    assert 'ostan_last_run_exit_code{collection="kept"} 0.0' in figures.read_text()
    assert typed("once", "few", "-s", "SITE_URL=http://127.0.0.1:9", *into).returncode == 1
    assert 'ostan_last_run_exit_code{collection="kept"} 1.0' in figures.read_text()
    assert typed("once", "few", "-s", "REQUISITES=nine", *into).returncode == 2
    _, unreachable, wrong = (json.loads(line) for line in typed("history", "--json").stdout.splitlines())
    assert unreachable["reason"].startswith("unreachable: cannot reach http://127.0.0.1:9: ")
    assert wrong["reason"].startswith("wrong arguments or settings: REQUISITES=nine: must be one of ")
    with closing(connect_to_read(tmp_path / "archives" / "kept" / "ledger.sqlite")) as ledger:
        assert unreachable["run_id"] in [run.run_id for run in all_runs(ledger)]


def test_once_notes_what_a_killed_one_left_and_leaves_what_goes_on(typed: Typed, tmp_path: Path) -> None:
    standing = Standing(tmp_path / "archives")
    at = datetime(2025, 9, 24, 8, 30, tzinfo=UTC)
    gone = subprocess.Popen(["true"])
    gone.wait()
    with subprocess.Popen([sys.executable, "-c", "input()", "RUN_ID=on"], stdin=subprocess.PIPE) as going:
        store = Store(standing.schedule)
        for run_id, process, trial in (("off", gone.pid, True), ("on", going.pid, False)):
            number = store.begin(
                "few", "x", at, late=False, missed=0, started=at, run_id=run_id, trial=trial
            )  # fmt: skip
            store.note_process(number, process)
        store.close()
        standing.trial("off").mkdir(parents=True)
        typed("once", "few", "-s", "SITE_URL=http://127.0.0.1:9", "-s", "COLLECTION=kept")
        going.communicate(b"\n")
    history = [json.loads(line) for line in typed("history", "--json").stdout.splitlines()]
    assert [(one["outcome"], one["reason"]) for one in history[:2]] == [
        ("killed", "it left no word"),
        ("started", ""),
    ]
    assert not standing.trial("off").exists()
