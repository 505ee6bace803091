"""``scrapy schedule`` as it is typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from zoneinfo import ZoneInfo

import pytest

from crawler.collection import Standing
from crawler.disk import hold
from crawler.ledger.runs import all_runs
from crawler.ledger.schema import connect_to_read
from crawler.service.store import Store
from tests import forked
from tests.crawling import ROOT
from tests.notices.receivers import Web, serving
from tests.site import running

FILE = """
[[crawl]]
name = "few"
when = "daily 06:00"
provinces = "qom"
limit = 1
settings = { REQUISITES = "none", KEEP_ALIVE = true }

[[crawl]]
name = "trial"
when = "1st of jalali month 03:00"
provinces = "qom"
limit = 1
settings = { REQUISITES = "none" }
test = true
"""


@pytest.fixture
def typed(tmp_path: Path):  # type: ignore[no-untyped-def]  # a function
    (tmp_path / "schedule.toml").write_text(FILE, encoding="utf-8")

    def type_it(*words: str) -> subprocess.CompletedProcess[str]:
        given = ("SCHEDULE={0}/schedule.toml", "ARCHIVES={0}/archives", "CONTACT=you@example.org")
        settings = [word for one in given for word in ("-s", one.format(tmp_path))]
        own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return forked.scrapy(["schedule", *words, *settings], ROOT, own, 60)

    return type_it


WRONG = [
    ([], "one of: next, run, once"),
    (["often"], "one of: next, run, once"),
    (["next", "few"], "next takes no name"),
    (["pause"], "pause takes the name of a crawl"),
    (["pause", "none"], "no crawl is named 'none'; there are: few, trial"),
    (["now", "few"], "no schedule runs that could begin it; scrapy schedule once few runs it here"),
    (["export", "x"], "export takes --systemd or --cron"),
    (["export", "--cron"], "export takes a folder"),
]


@pytest.mark.parametrize(("words", "says"), WRONG, ids=str)
def test_what_is_wrong_is_said(typed, words: list[str], says: str) -> None:  # type: ignore[no-untyped-def]  # above
    done = typed(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody")
def test_root_exports_units_for_whoever_owns_the_archives(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
    typed("export", f"{tmp_path}/before", "--systemd")
    (tmp_path / "archives").mkdir(exist_ok=True)
    shutil.chown(tmp_path / "archives", "daemon")
    typed("export", f"{tmp_path}/owned", "--systemd")
    typed("export", f"{tmp_path}/named", "--systemd", "--user", "games")
    units = [tmp_path / folder / "ostan-few.service" for folder in ("before", "owned", "named")]
    users = [re.findall("^User=(.*)$", unit.read_text(), re.MULTILINE) for unit in units]
    assert users == [["root"], ["daemon"], ["games"]]
    os.chown(tmp_path / "archives", 54321, -1)
    assert (
        "belongs to no user of this machine; say who runs the crawls with --user"
        in typed("export", f"{tmp_path}/nobodys", "--systemd").stderr
    )


def test_what_comes_is_told_in_order_and_what_is_paused(typed) -> None:  # type: ignore[no-untyped-def]  # above
    assert typed("pause", "few").returncode == 0
    done = typed("next", "--days", "40", "--json")
    coming = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["at"] for one in coming] == sorted(one["at"] for one in coming)
    assert {(one["name"], one["paused"], one["test"]) for one in coming} == {
        ("few", True, False),
        ("trial", False, True),
    }
    assert "it will not run" in typed("next").stdout
    assert "runs again" in typed("resume", "few").stdout
    assert "it will not run" not in typed("next").stdout


def test_once_runs_here_and_a_trial_keeps_nothing(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
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


def now_on_the_clock(ago: timedelta) -> str:
    return f"{datetime.now(ZoneInfo('Asia/Tehran')) - ago:%H:%M}"


def test_a_test_notice_arrives_or_it_is_said_why_not(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
    path = tmp_path / "schedule.toml"
    with serving(Web()) as web:
        notify = f'notify = {{ on = ["blocked"], webhook = "{web.url}" }}\nsettings'
        path.write_text(FILE.replace("settings", notify, 1), encoding="utf-8")
        done = typed("deliver", "--test", "few")
        assert (done.returncode, done.stdout) == (0, "no notice waits\n")
        told = json.loads(web.got[0][2])
        assert [event["event"] for event in told["events"]] == ["test"]
    done = typed("deliver", "--test", "few")
    assert done.returncode == 1
    assert "not delivered to webhook at 127.0.0.1 yet" in done.stdout
    assert done.stdout.endswith("1 notices wait\n")
    assert "trial tells nobody: it has no notify" in typed("deliver", "--test", "trial").stderr


def test_the_first_look_of_a_timer_runs_what_came_within_the_day(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
    """A line of cron comes at its moment, or a little later, and nobody has looked at the crawl before."""
    path = tmp_path / "schedule.toml"
    path.write_text(FILE.replace("daily 06:00", f"daily {now_on_the_clock(timedelta(minutes=3))}"))
    with running(1) as site:
        looks = [typed("once", "few", "--if-due", "-s", f"SITE_URL={site.url}") for _ in range(2)]
    assert [look.returncode for look in looks] == [0, 0]
    assert [look.stdout.count(": ended: finished") for look in looks] == [1, 0]


def test_what_is_paused_is_not_run_by_a_timer_either(typed) -> None:  # type: ignore[no-untyped-def]  # above
    typed("pause", "few")
    for words in ([], ["--if-due"]):
        done = typed("once", "few", *words, "-s", "SITE_URL=http://127.0.0.1:9")
        assert (done.returncode, done.stderr) == (0, "")
        assert done.stdout == "few is paused: it does not run until scrapy schedule resume few\n"
    assert typed("history").returncode == 1


def test_once_waits_for_its_collection_as_long_as_it_is_told_to(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
    words = ["once", "few", "-s", "SITE_URL=http://127.0.0.1:9", "-s", "COLLECTION=kept"]
    lock = hold(tmp_path / "archives" / "kept" / "lock", "a crawl that goes on")
    held = typed(*words, "--wait", "1")
    assert held.returncode == 4
    assert "skipped, a crawl that goes on holds kept" in held.stdout
    Timer(1.5, os.close, [lock]).start()
    assert typed(*words, "--wait", "30").returncode == 1, "it was tried"


def test_two_timers_that_come_at_once_take_turns(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
    (tmp_path / "schedule.toml").write_text(FILE.replace("test = true\n", "").replace('"trial"', '"other"'))
    with running(2) as site, ThreadPoolExecutor(2) as timers:
        site.change(slow=0.1)
        words = ["--wait", "60", "-s", f"SITE_URL={site.url}", "-s", "COLLECTION=kept"]
        done = list(timers.map(lambda name: typed("once", name, *words), ["few", "other"]))
    assert [one.returncode for one in done] == [0, 0]
    first, second = (json.loads(line) for line in typed("history", "--json").stdout.splitlines())
    assert first["ended"] < second["started"]


def test_why_a_crawl_could_not_begin_is_in_history_ledger_and_figures(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
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


NIGHTLY = [  # found out by day
    ('REQUISITES = "nine"', "REQUISITES=nine: must be one of none, page, all"),
    ('REQUISITE = "none"', "no setting is called REQUISITE; meant is REQUISITES?"),
    ('DOWNLOAD_DELAY = "abc"', "DOWNLOAD_DELAY=abc: must be a number"),
]


@pytest.mark.parametrize(("setting", "says"), NIGHTLY, ids=[setting for setting, _ in NIGHTLY])
def test_a_setting_that_would_stop_a_crawl_at_night_is_named_by_day(
    typed,
    tmp_path: Path,
    setting: str,
    says: str,  # type: ignore[no-untyped-def]  # above
) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(FILE.replace('REQUISITES = "none"', setting, 1), encoding="utf-8")
    for words in (["next"], ["run"], ["export", f"{tmp_path}/units", "--systemd"]):
        done = typed(*words)
        assert done.returncode == 2, words
        assert 'crawl "few": ' in done.stderr
        assert says in done.stderr
    assert not (tmp_path / "units").exists()


def test_once_notes_what_a_killed_one_left_and_leaves_what_goes_on(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
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


def test_a_crawl_of_no_site_is_named_before_anything_runs(typed, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]  # above
    path = tmp_path / "schedule.toml"
    path.write_text(FILE.replace('REQUISITES = "none"', 'SITE = "nope"'), encoding="utf-8")
    for words in (["run"], ["once", "few"]):
        done = typed(*words)
        assert done.returncode == 2
        assert "nope" in done.stderr
        assert "Traceback" not in done.stderr
