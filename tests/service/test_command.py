"""``scrapy schedule`` as it is typed: what is told, what is refused."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from crawler.collection import Standing
from crawler.disk import hold
from tests.notices.receivers import Web, serving
from tests.service.conftest import FILE, Typed

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
def test_what_is_wrong_is_said(typed: Typed, words: list[str], says: str) -> None:
    done = typed(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody")
def test_root_exports_units_for_whoever_owns_the_archives(typed: Typed, tmp_path: Path) -> None:
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


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give a folder to somebody")
def test_what_root_types_makes_no_file_that_the_owner_of_the_archives_cannot_use(
    typed: Typed, tmp_path: Path
) -> None:
    (archives := tmp_path / "archives").mkdir()
    shutil.chown(archives, "daemon")
    typed("pause", "few")
    typed("deliver")
    hold(Standing(archives).turn("kept"), "root")
    assert {path.name: path.owner() for path in archives.iterdir()} == dict.fromkeys(
        ("schedule.sqlite", "notices.sqlite", "turn-kept.lock"), "daemon"
    )


def test_secrets_of_settings_are_not_told(typed: Typed, tmp_path: Path) -> None:
    secret = 'AWS_SECRET_ACCESS_KEY = "opensesame"'
    (tmp_path / "schedule.toml").write_text(FILE.replace('REQUISITES = "none"', secret, 1), encoding="utf-8")
    told = typed("next").stdout
    assert "AWS_SECRET_ACCESS_KEY=***" in told
    assert "opensesame" not in told


def test_what_comes_is_told_in_order_and_what_is_paused(typed: Typed) -> None:
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


def test_a_test_notice_arrives_or_it_is_said_why_not(typed: Typed, tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    with serving(Web()) as web:
        notify = f'notify = {{ on = ["blocked"], webhook = "{web.url}" }}\nsettings'
        path.write_text(FILE.replace("settings", notify, 1), encoding="utf-8")
        done = typed("deliver", "--test", "few")
        assert (done.returncode, done.stdout) == (0, "no notice waits\n")
        assert typed("deliver").stdout == "", "cron mails whatever is said"
        told = json.loads(web.got[0][2])
        assert [event["event"] for event in told["events"]] == ["test"]
    done = typed("deliver", "--test", "few")
    assert done.returncode == 1
    assert "not delivered to webhook at 127.0.0.1 yet" in done.stdout
    assert done.stdout.endswith("1 notices wait\n")
    assert "trial tells nobody: it has no notify" in typed("deliver", "--test", "trial").stderr


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
    says: str,
) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(FILE.replace('REQUISITES = "none"', setting, 1), encoding="utf-8")
    for words in (["next"], ["run"], ["export", f"{tmp_path}/units", "--systemd"]):
        done = typed(*words)
        assert done.returncode == 2, words
        assert 'crawl "few": ' in done.stderr
        assert says in done.stderr
    assert not (tmp_path / "units").exists()


def test_a_crawl_of_no_site_is_named_before_anything_runs(typed: Typed, tmp_path: Path) -> None:
    path = tmp_path / "schedule.toml"
    path.write_text(FILE.replace('REQUISITES = "none"', 'SITE = "nope"'), encoding="utf-8")
    for words in (["run"], ["once", "few"]):
        done = typed(*words)
        assert done.returncode == 2
        assert "nope" in done.stderr
        assert "Traceback" not in done.stderr
