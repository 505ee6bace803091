"""``scrapy schedule`` as it is typed."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.collection import Standing
from crawler.service.store import Store
from tests import forked
from tests.crawling import ROOT
from tests.site import running

FILE = """
[[crawl]]
name = "few"
when = "daily 06:00"
provinces = "qom"
limit = 1
settings = { REQUISITES = "none" }

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
        settings = ("-s", f"SCHEDULE={tmp_path}/schedule.toml", "-s", f"ARCHIVES={tmp_path}/archives")
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
