"""``scrapy report``: which run, which collection, and what is said where there is none."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.collection import Collection
from crawler.commands.report import Command
from crawler.disk import AppendFile
from crawler.ledger.runs import begin_run, end_run, give_up_run
from crawler.ledger.schema import connect
from tests.report.example import report

STARTED = "2026-11-25T14:13:53+00:00"


def crawled(archives: Path, name: str, *runs: str, killed: tuple[str, ...] = ()) -> Collection:
    """A collection with these runs, the oldest first."""
    collection = Collection(archives, name)
    collection.runs.mkdir(parents=True)
    ledger = connect(collection.ledger)
    for run_id in (*runs, *killed):
        number = begin_run(ledger, run_id, "provinces", STARTED, {"provinces": "qom"}, {}, "")
        if run_id not in killed:
            end_run(ledger, number, STARTED, "finished", 0, {})
            collection.report_of(run_id).write_text(json.dumps(report(run_id=run_id)), encoding="utf-8")
    ledger.close()
    return collection


def said(archives: Path, *arguments: str, **settings: str) -> int:
    """The exit code of ``scrapy report``; what it prints: capsys."""
    command = Command()
    command.settings = Settings({"ARCHIVES": str(archives), "COLLECTION": "", **settings})
    parser = argparse.ArgumentParser()
    parser.add_argument("args", nargs="*")
    command.add_options(parser)
    options = parser.parse_args(arguments)
    command.run(options.args, options)
    return command.exitcode


def test_the_last_run_of_the_only_collection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = crawled(tmp_path, "x", "b", "a")
    assert said(tmp_path) == 0
    out, err = capsys.readouterr()
    assert "12 discovered = 12 written" in out
    assert out.endswith(f"run a, finished\nin {collection.folder}\n")
    assert err == ""


def test_a_run_by_its_beginning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crawled(tmp_path, "x", "2026a", "2026b", "2026", "2027")
    assert said(tmp_path, "2027"[:4], "--json") == 0
    assert json.loads(capsys.readouterr().out)["run_id"] == "2027"
    assert said(tmp_path, "2026", "--json") == 0  # the whole name of one, the beginning of others
    assert json.loads(capsys.readouterr().out)["run_id"] == "2026"
    assert said(tmp_path, "202") == 2
    out, err = capsys.readouterr()
    assert (out, err) == ("", "error: 4 runs begin with '202' in x; the last are: 2026a, 2026b, 2026, 2027\n")


def test_a_run_that_is_not_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crawled(tmp_path, "x", "run1", "run2")
    assert said(tmp_path, "../run1") == 2
    assert capsys.readouterr().err == "error: no run begins with '../run1' in x; the last are: run1, run2\n"
    crawled(tmp_path / "other", "y")
    assert said(tmp_path / "other") == 2
    assert capsys.readouterr().err == "error: y has no runs\n"


def test_several_collections(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    crawled(tmp_path, "x", "run1")
    crawled(tmp_path, "y", "run2")
    (tmp_path / ".hidden").mkdir()
    (tmp_path / "no collection").mkdir()
    assert said(tmp_path) == 2
    assert capsys.readouterr().err.endswith(": x, y; choose one with --collection NAME\n")
    assert said(tmp_path, "--collection", "y") == 0
    assert "run run2" in capsys.readouterr().out
    assert said(tmp_path, COLLECTION="x") == 0
    assert "run run1" in capsys.readouterr().out
    assert said(tmp_path, "--collection", "../x") == 2
    assert capsys.readouterr().err.endswith("there are: x, y\n")


def test_no_collection(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(tmp_path) == 2
    assert f"no collection lies in {tmp_path}" in capsys.readouterr().err
    assert said(tmp_path / "nowhere") == 2


def test_the_page(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where the crawl could not write it, it is made."""
    page = crawled(tmp_path, "x", "run1").page_of("run1")
    assert said(tmp_path, "--html") == 0
    assert capsys.readouterr().out == f"{page}\n"
    assert "12 of 12 articles written." in page.read_text(encoding="utf-8")
    page.write_text("as it was", encoding="utf-8")
    assert said(tmp_path, "--html") == 0
    assert page.read_text(encoding="utf-8") == "as it was"


def test_a_run_that_was_killed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = crawled(tmp_path, "x", "run1", killed=("run2",))
    assert said(tmp_path) == 1
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        "run run2 has no report and gets none: it was killed",
        f"began {STARTED}: scrapy crawl provinces -a provinces=qom",
        "0 rows, 0 answers of articles and lists so far",
        "0 articles wait; the next crawl of x takes up what it left",
    ]
    ledger = connect(collection.ledger)
    give_up_run(ledger, 2, "2026-11-25T15:00:00+00:00")
    ledger.commit()
    ledger.close()
    assert said(tmp_path, "run2") == 1
    assert "what it left was taken up at 2026-11-25T15:00:00+00:00" in capsys.readouterr().out
    assert said(tmp_path, "run1") == 0


def test_a_run_that_asked_for_nothing_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ledger = connect(crawled(tmp_path, "x", "run1").ledger)
    number = begin_run(ledger, "run2", "provinces", STARTED, {}, {}, "")
    end_run(ledger, number, STARTED, "unreachable: timed out", 1, {})
    ledger.close()
    assert said(tmp_path) == 1
    assert capsys.readouterr().out.splitlines() == [
        "run run2 has no report for it asked for nothing: unreachable: timed out",
        f"began {STARTED}: scrapy crawl provinces",
    ]


def test_a_run_that_is_under_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = crawled(tmp_path, "x", killed=("run1",))
    rows = AppendFile(collection.rows_of("run1"))
    assert said(tmp_path) == 1
    assert "run run1 has no report yet: it is under way" in capsys.readouterr().out
    rows.close()


def test_without_a_ledger_the_reports_are_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = crawled(tmp_path, "x", "run1")
    collection.ledger.write_bytes(b"no database at all, but long enough to look like a damaged one" * 99)
    assert said(tmp_path) == 0
    assert "run run1, finished" in capsys.readouterr().out


def test_what_is_no_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = crawled(tmp_path, "x", "run1").report_of("run1")
    for wrong in ("{", "{}", "[]", "\ufffd"):
        path.write_text(wrong, encoding="utf-8")
        assert said(tmp_path) == 2
        assert f"{path} is no report that this program reads" in capsys.readouterr().err


def test_a_terminal_is_told_nothing_that_moves_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    troubles = {"counts": {"list: \x1b]0;owned\x07\u202e": 1}, "first": []}
    path = crawled(tmp_path, "x", "run1").report_of("run1")
    path.write_text(json.dumps(report(troubles=troubles)), encoding="utf-8")
    assert said(tmp_path) == 0
    assert r"list: \x1b]0;owned\x07\u202e" in capsys.readouterr().out
