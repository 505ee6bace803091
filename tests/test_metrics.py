"""The figures of a collection: they parse, and say what report, ledger and disk say."""

from __future__ import annotations

import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copytree
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler.collection import Collection, Standing
from crawler.extensions.closing import say_metrics
from crawler.ledger.runs import begin_run, end_run, give_up_run
from crawler.ledger.schema import connect
from crawler.metrics import MOST_REASONS, as_text, failures_of, write, write_all
from crawler.notices.queue import Queue
from crawler.notices.success import note_success, read_successes
from crawler.notices.telling import tell
from crawler.schedule.file import Notify
from tests.crawling import NAME, Crawl, crawl
from tests.notices.receivers import FAILED
from tests.site import running

NOW = datetime(2026, 12, 24, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    with running(2) as site:
        done = crawl(
            tmp_path_factory.mktemp("archives"), "provinces=qom,yazd", SITE_URL=site.url, REQUISITES="none"
        )
    assert (done.code, done.err) == (0, "")
    return done


@pytest.fixture
def collection(crawled: Crawl, tmp_path: Path) -> Collection:
    copytree(crawled.folder, tmp_path / NAME)
    return Collection(tmp_path, NAME)


def read(text: bytes | str) -> dict[str, dict[tuple[str, ...], float]]:
    """Name → values of the labels beside the collection → figure. Twice the same is an error."""
    found: dict[str, dict[tuple[str, ...], float]] = {}
    for family in text_string_to_metric_families(text.decode() if isinstance(text, bytes) else text):
        assert family.documentation.endswith(".")
        for sample in family.samples:
            label, *others = sample.labels.items()
            assert label[0] == "collection"
            key = tuple(value for _, value in others)
            assert key not in found.setdefault(sample.name, {})
            found[sample.name][key] = sample.value
    return found


def one(told: dict[str, dict[tuple[str, ...], float]], name: str) -> float:
    return told[f"ostan_{name}"][()]


def test_a_crawl_leaves_figures_that_say_what_its_report_says(crawled: Crawl) -> None:
    told = read((crawled.folder / "metrics.prom").read_text(encoding="utf-8"))
    report = crawled.report
    articles = {key[0]: value for key, value in told["ostan_run_articles"].items()}
    assert articles == {name: n for name, n in report["articles"].items() if name != "discovered"}
    assert sum(articles.values()) == report["articles"]["discovered"]
    assert articles["written"] > 0
    failures = {key[0]: value for key, value in told["ostan_run_failures"].items()}
    assert failures == report["troubles"]["counts"]
    assert failures
    assert one(told, "warc_bytes_total") == sum(path.stat().st_size for path in crawled.warcs)
    assert one(told, "last_run_exit_code") == 0
    ended = datetime.fromisoformat(report["finished"]).timestamp()
    assert one(told, "last_run_timestamp_seconds") == pytest.approx(ended)
    assert one(told, "disk_free_bytes") > 0


def test_they_say_what_the_ledger_says(collection: Collection) -> None:
    told = read(as_text(collection, NOW))
    with closing(sqlite3.connect(collection.ledger)) as ledger:
        rows = ledger.execute("SELECT queue, state, day, version FROM articles").fetchall()
    words = {"done": "archived", "discovered": "waiting", "fetching": "waiting"}
    assert told["ostan_articles"] == Counter(
        (queue or "(unknown)", words.get(state, state)) for queue, state, *_ in rows
    )
    for slug in ("qom", "yazd"):
        newest = max(date.fromisoformat(day) for queue, _, day, version in rows if queue == slug and version)
        midnight = datetime(newest.year, newest.month, newest.day, tzinfo=ZoneInfo("Asia/Tehran"))
        assert (
            told["ostan_province_lag_seconds"][slug,]
            == (NOW - (midnight + timedelta(days=1))).total_seconds()
        )
    assert told["ostan_queue"]["waiting",] == sum(state == "discovered" for _, state, *_ in rows)
    assert told["ostan_queue"]["due",] == sum(state == "done" for _, state, *_ in rows), "a month later: all"
    assert told["ostan_queue"]["retries",] == sum(state == "failed" for _, state, *_ in rows)
    assert read(as_text(collection, NOW - timedelta(days=900)))["ostan_province_lag_seconds"]["qom",] == 0


def test_what_waits_and_what_succeeded_is_told(collection: Collection) -> None:
    queue = Queue(Standing(collection.folder.parent).notices)
    assert one(read(as_text(collection, NOW)), "notices_waiting") == 0
    mine = replace(FAILED, collection=NAME)
    for about in (mine, replace(mine, run_id="other"), FAILED):
        tell(queue, about, Notify(email="a@example.org"), NOW)
    taken = queue.due(NOW)
    while taken and taken.collection != NAME:
        taken = queue.due(NOW)
    assert taken
    queue.failed(taken, NOW, "no", 0.0, final=True)
    note_success(collection, "daily", NOW)
    told = read(as_text(collection, NOW))
    assert (one(told, "notices_waiting"), one(told, "notices_given_up")) == (1, 1)
    assert told["ostan_last_success_timestamp_seconds"] == {("daily",): NOW.timestamp()}


def test_a_watchdog_reads_when_a_crawl_last_ended_well(collection: Collection) -> None:
    path = collection.last_success("daily")
    for at in (NOW, NOW + timedelta(hours=1)):
        note_success(collection, "daily", at.astimezone(ZoneInfo("Asia/Tehran")))
        assert path.read_text(encoding="utf-8") == f"{at:%Y-%m-%dT%H:%M:%S}+00:00\n"
    assert [other.name for other in path.parent.iterdir()] == ["daily"], "nothing half written beside it"
    path.with_name("weekly").write_text("no time", encoding="utf-8")
    assert read_successes(collection) == {"daily": NOW + timedelta(hours=1)}
    with pytest.raises(ValueError, match="crawl="):
        note_success(collection, "../daily", NOW)


def run(collection: Collection, code: int | None, summary: dict[str, Any] | None = None) -> None:
    with closing(connect(collection.ledger)) as ledger:
        number = begin_run(ledger, f"run{code}", "provinces", NOW.isoformat(), {}, {}, "")
        if code is None:
            give_up_run(ledger, number, NOW.isoformat())
            ledger.commit()
        else:
            end_run(ledger, number, NOW.isoformat(), "x", code, summary or {})


def test_the_last_run_is_the_last_that_is_over(collection: Collection) -> None:
    run(collection, 1)
    assert one(read(as_text(collection, NOW)), "last_run_exit_code") == 1
    with closing(connect(collection.ledger)) as ledger:
        begin_run(ledger, "under way", "provinces", NOW.isoformat(), {}, {}, "")
    assert one(read(as_text(collection, NOW)), "last_run_exit_code") == 1
    run(collection, None)
    assert one(read(as_text(collection, NOW)), "last_run_exit_code") == -1, "killed"


def test_reasons_are_few_short_and_cannot_break_the_file(collection: Collection) -> None:
    evil = 'list: a"} 7\nostan_evil 1\\ http://a/?id=1 \x1b[2J' + "x" * 500
    run(collection, 1, {"missed": {evil: 99} | {f"list: reason {n}": n for n in range(1, 60)}})
    told = read(as_text(collection, NOW))
    assert "ostan_evil" not in told
    reasons = told["ostan_run_failures"]
    assert len(reasons) == MOST_REASONS
    assert max(len(reason) for (reason,) in reasons) <= 80
    assert reasons["list: reason 59",] == 59
    assert failures_of({"a: http://x/1": 1, "a: http://x/2": 2}) == {"a: …": 3}


def test_without_a_ledger_the_rest_is_told(collection: Collection) -> None:
    collection.ledger.unlink()
    told = read(as_text(collection, NOW))
    assert "ostan_articles" not in told
    assert "ostan_ledger_readable" not in told
    assert one(told, "warc_bytes_total") > 0
    collection.ledger.write_bytes(b"no database" * 99)
    told = read(as_text(collection, NOW))
    assert one(told, "ledger_readable") == 0
    assert one(told, "warc_bytes_total") > 0


def test_all_are_written_whatever_is_wrong_with_one(collection: Collection, tmp_path: Path) -> None:
    copytree(collection.folder, tmp_path / "another")
    broken = Collection(tmp_path, "broken")
    broken.metrics.mkdir(parents=True)
    broken.runs.mkdir()
    said: list[str] = []
    assert write_all(tmp_path, NOW, said.append) == 2
    assert len(said) == 1
    assert said[0].startswith(f"error: {broken.metrics} could not be written: IsADirectoryError")
    assert read((tmp_path / "another" / "metrics.prom").read_bytes())


def test_a_crawl_ends_as_it_would_whatever_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = Collection(tmp_path, "gone")
    say_metrics(gone, NOW)
    assert f"error: {gone.metrics} could not be written: FileNotFoundError" in capsys.readouterr().err


def test_two_that_write_at_once_leave_a_whole_file(collection: Collection) -> None:
    faults: list[BaseException] = []

    def again() -> None:
        try:
            for _ in range(6):
                write(collection, NOW)
                read(collection.metrics.read_bytes())
        except BaseException as error:
            faults.append(error)
            raise

    both = [Thread(target=again) for _ in range(3)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert faults == []
    assert not list(collection.folder.glob("*.new"))
