"""A month of 1401 with all that befalls a schedule: what ran is known to the last run."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from crawler.service.store import Entry
from tests.service.worked import World

FILE = """
[[crawl]]
name = "daily"
when = "daily 06:00"

[[crawl]]
name = "half-hourly"
when = "every 30 minutes"
provinces = "qom"

[[crawl]]
name = "weekly"
when = "fri 22:15"
collection = "other"

[[crawl]]
name = "monthly"
when = "1st of jalali month 00:00"
collection = "other"
"""
MINUTES = {"daily": 90, "half-hourly": 10, "weekly": 20, "monthly": 30}
DAY, HALF_HOUR = timedelta(days=1), timedelta(minutes=30)
# From 10 September 2022 on, 00:10 in Tehran. Clocks are put back at 24:00 of the 21st.
START = datetime(2022, 9, 9, 19, 40, tzinfo=UTC)
BACK = datetime(2022, 9, 21, 19, 30, tzinfo=UTC)
CRASH = datetime(2022, 9, 15, 1, 30, tzinfo=UTC)  # the daily crawl of that day is killed after 20 minutes
OUTAGE = datetime(2022, 9, 25, 12, 5, tzinfo=UTC), datetime(2022, 9, 27, 12, 5, tzinfo=UTC)
END = START + 31 * DAY


def crash(name: str, at: datetime) -> tuple[int, int | None]:
    return (-9, 20) if (name, at) == ("daily", CRASH) else (0, None)


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Entry]]:
    world = World(tmp_path_factory.mktemp("month"), FILE, START, MINUTES, crash)
    world.pass_time(OUTAGE[0])
    world.pass_time(OUTAGE[1], asleep=True)  # the machine stood still: killed, nothing was said
    world.start()
    world.keeper.tick()
    world.pass_time(END)
    found: dict[str, list[Entry]] = {}
    for entry in world.store.history():
        found.setdefault(entry.name, []).append(entry)
    return found


def six_in_the_morning() -> list[datetime]:
    """Of each day, in UTC: an hour later from the 22nd on."""
    first = datetime(2022, 9, 10, 1, 30, tzinfo=UTC)
    days = (first + n * DAY for n in range(31))
    return [day if day < BACK else day + timedelta(hours=1) for day in days]


def in_outage(moment: datetime) -> bool:
    return OUTAGE[0] < moment <= OUTAGE[1]


def test_the_daily_crawl_runs_at_six_of_tehrans_clocks(month: dict[str, list[Entry]]) -> None:
    dues = [due for due in six_in_the_morning() if not in_outage(due)]
    late = max(due for due in six_in_the_morning() if in_outage(due))
    assert [entry.due for entry in month["daily"]] == sorted([*dues, late])
    assert [entry.due for entry in month["daily"] if entry.late] == [late]
    assert [entry.missed for entry in month["daily"] if entry.due == late] == [1], (
        "of two days one is caught up"
    )
    killed = [entry for entry in month["daily"] if entry.outcome == "killed"]
    assert [(entry.due, entry.exit_code, entry.reason) for entry in killed] == [(CRASH, -9, "signal 9")]
    assert Counter(entry.outcome for entry in month["daily"]) == {"ended": len(dues), "killed": 1}


def test_the_half_hourly_one_runs_but_where_the_daily_one_is_at_work(month: dict[str, list[Entry]]) -> None:
    first = START + timedelta(minutes=20)  # 20:00
    every = [first + n * HALF_HOUR for n in range(31 * 48)]
    at_work = {due + n * HALF_HOUR for due in six_in_the_morning() for n in range(3)}
    at_work -= {CRASH + HALF_HOUR, CRASH + 2 * HALF_HOUR}  # it was killed after 20 minutes
    missed = [due for due in every if in_outage(due)]
    busy = datetime(2022, 9, 27, 12, 30, tzinfo=UTC)  # the late daily one is at work until 13:35
    at_work |= {missed[-1], busy, busy + HALF_HOUR, busy + 2 * HALF_HOUR}
    expected = [due for due in every if not in_outage(due) or due == missed[-1]]
    entries = month["half-hourly"]
    assert [entry.due for entry in entries] == expected
    skipped = [entry for entry in entries if entry.outcome == "skipped"]
    assert [entry.due for entry in skipped] == [due for due in expected if due in at_work]
    assert {entry.reason.partition(" (")[0] for entry in skipped} == {"daily"}
    assert [entry.missed for entry in entries if entry.missed] == [len(missed) - 1]
    under_way = datetime(2022, 9, 25, 12, 0, tzinfo=UTC)  # when the machine stood still
    assert [entry.due for entry in entries if entry.outcome == "killed"] == [under_way]


def test_the_weekly_and_the_monthly_one(month: dict[str, list[Entry]]) -> None:
    fridays = ["2022-09-16T17:45", "2022-09-23T18:45", "2022-09-30T18:45", "2022-10-07T18:45"]
    assert [entry.due.isoformat()[:16] for entry in month["weekly"]] == fridays
    assert [entry.due.isoformat()[:16] for entry in month["monthly"]] == ["2022-09-22T20:30"], "1 Mehr, 00:00"
    assert {entry.outcome for name in ("weekly", "monthly") for entry in month[name]} == {"ended"}


def test_every_run_has_a_name_of_its_own(month: dict[str, list[Entry]]) -> None:
    runs = [
        (entry.collection, entry.run_id) for entries in month.values() for entry in entries if entry.run_id
    ]
    assert len(runs) == len(set(runs)) > 1300
