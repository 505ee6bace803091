"""Which events an ended crawl is, and what is said of them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import pytest

from crawler.collection import Collection
from crawler.notices.events import coverage, events_of
from crawler.notices.queue import Queue
from crawler.notices.telling import report_of, tell
from crawler.schedule.file import Event, Notify
from tests.notices.receivers import AT, FAILED, ended
from tests.report.example import report

EVERY = Notify(on=list(get_args(Event)), email="a@example.org")
BLOCKED = "blocked: HTTP 403 5 times in a row from www.yjc.ir"
NO_ROOM = "5 bytes are free, less than MIN_FREE_BYTES=200,000,000"


def articles(**counts: int) -> dict[str, int]:
    return {"discovered": sum(counts.values()), "written": 0} | counts


def of(lists: dict[str, int], **counts: int) -> dict[str, Any]:
    return report(articles=articles(**counts), outcomes_by_list={"qom": lists})


def silent(days: int) -> dict[str, Any]:
    return report(gaps={"qom": {"silent_days": days, "usual_days": 2}, "yazd": {"days_without_any": ["x"]}})


NOT_WELL = {"exit_code": 1, "reason": "unreachable: timed out"}
DRIFT = report(layout_drift=[{"field": "lead"}, {"field": "lead"}, {"field": "body\x1b[2J"}])
CASES = {
    "well": (ended(), []),
    "without a report": (ended(report=None), []),
    "unreachable": (FAILED, ["failed"]),
    "wrong arguments": (ended(exit_code=2, reason="wrong arguments", report=None), ["failed"]),
    "interrupted by somebody": (ended(exit_code=3, reason="shutdown"), []),
    "killed": (ended(outcome="killed", exit_code=-9, reason="signal 9", report=None), ["failed"]),
    "killed, nobody knows how": (ended(outcome="killed", exit_code=None, report=None), ["failed"]),
    "skipped": (ended(outcome="skipped", exit_code=None, run_id=None, report=None), ["skipped"]),
    "held by another": (ended(exit_code=4, reason="another", report=None), ["skipped"]),
    "blocked": (ended(exit_code=1, reason=BLOCKED), ["failed", "blocked"]),
    "blocked is how it begins": (ended(exit_code=1, reason="not blocked"), ["failed"]),
    "no room": (ended(exit_code=1, reason=NO_ROOM), ["failed", "space"]),
    "cannot write": (
        ended(exit_code=1, reason="cannot write the archive: No space left on device"),
        ["failed", "space"],
    ),
    "told to stop": (ended(exit_code=3, reason="shutdown", report=of({}, written=1, open=9)), []),
    "not whole": (ended(exit_code=1, report=of({}, written=19, open=1)), ["failed"]),
    "the report knows better": (ended(exit_code=1, report=report(ended_by=BLOCKED)), ["failed", "blocked"]),
    "late": (ended(late=True, missed=2), ["late"]),
    "under the threshold": (ended(report=of({}, written=8, failed=2)), ["coverage"]),
    "at the threshold": (ended(report=of({}, written=9, failed=1)), []),
    "drift": (ended(exit_code=1, report=DRIFT), ["failed", "drift"]),
    "silent": (ended(report=silent(7)), ["silent"]),
    "silent, not for long enough": (ended(report=silent(6)), []),
}


@pytest.mark.parametrize("name", CASES)
def test_which_events_it_is(name: str) -> None:
    crawl, events = CASES[name]
    assert [one.event for one in events_of(crawl, EVERY)] == events


COVERAGE = {
    "written and unchanged are had": (of({}, written=3, unchanged=4), (7, 7)),
    "nothing was found": (of({}), (0, 0)),
    "failed is missing": (of({"failed: HTTP 503": 2}, written=1, failed=2), (1, 3)),
    "open is missing": (of({}, written=1, open=2), (1, 3)),
    "open after a limit is not": (of({}, written=1, open=2) | {"finish_reason": "limit: 1 pages"}, (1, 1)),
    "404 is not": (of({"failed: HTTP 404": 2, "failed: HTTP 410": 1}, written=1, failed=3), (1, 1)),
    "gone, missing and skipped are not": (of({}, written=1, gone=2, missing=3, skipped=4), (1, 1)),
    "soft 404 is not": (
        of({"failed: the page says that the article does not exist (soft 404)": 2}, written=1, failed=2),
        (1, 1),
    ),
}


@pytest.mark.parametrize("name", COVERAGE)
def test_what_the_site_took_away_is_not_missing(name: str) -> None:
    told, expected = COVERAGE[name]
    assert coverage(told) == expected


SENTENCES = {
    "unreachable": (
        "Crawl daily of yjc failed with exit code 1: unreachable: timed out. See yjc/runs/run1.json."
    ),
    "not whole": (
        "Crawl daily of yjc failed with exit code 1: 1 articles are still open. See yjc/runs/run1.json."
    ),
    "skipped": "Crawl daily of yjc, due 2026-11-25 06:00 UTC, was skipped: finished.",
    "under the threshold": (
        "Crawl daily of yjc had 8 of 10 articles (80.0%), less than 90.0%. See yjc/runs/run1.json."
    ),
    "silent": ("Crawl daily of yjc: no new article of qom for 7 days (usual: 2). See yjc/runs/run1.json."),
    "late": (
        "Crawl daily of yjc was due 2026-11-25 06:00 UTC, began 2026-11-25 06:00 UTC; 2 times before that "
        "came to nothing. See yjc/runs/run1.json."
    ),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_what_is_said_of_it(name: str) -> None:
    assert events_of(CASES[name][0], EVERY)[0].sentence == SENTENCES[name]


def test_nothing_said_can_move_a_terminal_or_is_endless() -> None:
    drift = events_of(CASES["drift"][0], EVERY)[1].sentence
    assert "lead, body\\x1b[2J." in drift
    long = events_of(ended(exit_code=1, reason="a\nb " * 500), EVERY)[0].sentence
    assert len(long) < 400
    assert "\n" not in long


def test_only_what_was_asked_for_is_said(tmp_path: Any) -> None:
    notify = Notify(on=["blocked"], webhook="http://127.0.0.1:1/", secret_env="KEY", email="a@example.org")
    queue = Queue(tmp_path / "notices.sqlite")
    assert tell(queue, FAILED, notify, AT) == []
    assert not queue.path.exists()
    said = tell(queue, ended(exit_code=1, reason=BLOCKED), notify, AT)
    assert [one.event for one in said] == ["blocked"]
    assert queue.counts() == {"waiting": 2}, "one to each, not one an event"


def test_a_province_that_stays_silent_is_not_told_each_time(tmp_path: Any) -> None:
    queue = Queue(tmp_path / "notices.sqlite")
    notify = Notify(email="a@example.org", silent_days=7)

    def told(run: int, days: int, **more: dict[str, Any]) -> list[str]:
        gaps = report(gaps={"qom": {"silent_days": days, "usual_days": 2}} | more)
        at = AT + timedelta(days=days)
        crawl = ended(run_id=f"run{run}", due=at, report=gaps, **NOT_WELL if run in (2, 3) else {})
        return [one.event for one in tell(queue, crawl, notify, at)]

    assert told(1, 7) == ["silent"]
    assert told(2, 8) == ["failed"], "the rest is told"
    assert told(3, 13) == ["failed"], "and told each time"
    assert told(6, 13) == []
    assert told(4, 14) == ["silent"], "still, after seven days more"
    assert told(5, 15, yazd={"silent_days": 7, "usual_days": 2}) == ["silent"], "another one"
    assert queue.counts() == {"waiting": 5}


def test_a_crawl_is_told_once_however_often_it_is_put(tmp_path: Any) -> None:
    queue = Queue(tmp_path / "notices.sqlite")
    for _ in range(2):
        tell(queue, FAILED, EVERY, AT)
    tell(queue, ended(exit_code=1, run_id="run2"), EVERY, AT)
    assert queue.counts("yjc") == {"waiting": 2}
    assert queue.counts("other") == {}


def test_a_report_is_read_where_there_is_one(tmp_path: Path) -> None:
    collection = Collection(tmp_path, "yjc")
    assert report_of(collection, "run1") is None
    assert report_of(collection, None) is None
    collection.runs.mkdir(parents=True)
    for text in ("{ torn", "[]"):
        collection.report_of("run1").write_text(text, encoding="utf-8")
        assert report_of(collection, "run1") is None
    collection.report_of("run1").write_text(json.dumps(report()), encoding="utf-8")
    assert report_of(collection, "run1") == report()


def test_the_body_has_what_a_program_asks_for(tmp_path: Any) -> None:
    queue = Queue(tmp_path / "notices.sqlite")
    tell(queue, FAILED, EVERY, AT)
    notice = queue.due(AT)
    assert notice
    told = json.loads(notice.body)
    assert told["id"] == notice.id
    assert told["report"] == "yjc/runs/run1.json"
    assert told["events"] == [{"event": "failed", "sentence": SENTENCES["unreachable"]}]
    assert (told["crawl"], told["exit_code"], told["due"]) == ("daily", 1, AT.isoformat())
    assert notice.subject == "Ostan: daily of yjc: failed"
