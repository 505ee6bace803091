"""What people do to a schedule while it runs, and what kills do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest

from crawler.disk import hold
from crawler.schedule.file import ScheduleError
from crawler.service.store import Store
from tests.service.worked import World

START = datetime(2025, 9, 24, 8, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)
FILE = '[[crawl]]\nname = "a"\nwhen = "hourly"\n'
BOTH = FILE + '[[crawl]]\nname = "b"\nwhen = "hourly"\ncollection = "b"\n'


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path, FILE, START, {"a": 5, "b": 5})
    yield made
    made.store.close()


def dues(world: World, name: str = "") -> list[str]:
    return [f"{entry.name} {entry.due:%H:%M} {entry.outcome}" for entry in world.store.history(name)]


def rewrite(world: World, text: str) -> None:
    world.text = text
    world.path.write_text(text, encoding="utf-8")
    world.keeper.tick()


def test_a_look_into_a_store_changes_nothing(tmp_path: Path) -> None:
    """Whoever may read it, and no more, can."""
    Store(path := tmp_path / "schedule.sqlite").close()
    os.utime(path, (0, 0))
    with closing(Store(path)) as store:
        assert store.history() == []
    assert path.stat().st_mtime == 0


def test_what_is_paused_does_not_run_and_what_it_missed_is_not_caught_up(world: World) -> None:
    world.pass_time(START + HOUR)
    world.store.pause("a", world.now)
    world.pass_time(START + 3 * HOUR)
    assert world.store.resume("a", world.now)
    world.pass_time(START + 4 * HOUR)
    assert dues(world) == ["a 09:30 ended", "a 12:30 started"]
    assert [entry.missed for entry in world.store.history()] == [0, 0]


def test_commands_that_come_at_once_before_there_is_a_store_make_one(tmp_path: Path) -> None:
    for turn in range(20):
        together = Barrier(4)

        def name_a_crawl(number: int, turn: int = turn, together: Barrier = together) -> None:
            together.wait()
            with closing(Store(tmp_path / f"{turn}.sqlite")) as store:
                store.pause(str(number), START)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(name_a_crawl, range(4)))
        with closing(Store(tmp_path / f"{turn}.sqlite")) as store:
            assert sorted(store.paused()) == ["0", "1", "2", "3"]


def test_of_crawls_that_are_due_at_once_the_rarest_goes_first(world: World) -> None:
    """The others come again before long."""
    rules = {"often": "every 30 minutes", "daily": "daily 12:30", "weekly": "wed 12:30"}
    told = [f'[[crawl]]\nname = "{name}"\nwhen = "{when}"\n' for name, when in rules.items()]
    world.minutes = dict.fromkeys(rules, 5)
    rewrite(world, "".join(told))
    world.pass_time(START + timedelta(minutes=30))  # 12:30 in Tehran on a Wednesday
    assert dues(world) == ["weekly 09:00 started", "daily 09:00 skipped", "often 09:00 skipped"]


def test_a_run_that_stands_for_missed_ones_is_late_though_it_begins_on_time(world: World) -> None:
    world.pass_time(START + 4 * HOUR, asleep=True)
    world.keeper.tick()
    (entry,) = world.store.history()
    assert (f"{entry.due:%H:%M}", entry.missed, entry.late) == ("12:30", 3, True)


def test_now_runs_it_beside_its_times(world: World) -> None:
    world.pass_time(START + timedelta(minutes=10))
    world.store.ask("a", world.now)
    world.keeper.tick()
    world.pass_time(START + HOUR)
    assert dues(world) == ["a 08:40 ended", "a 09:30 started"]


@pytest.mark.parametrize("trial", [False, True], ids=["a crawl", "a trial"])
def test_what_was_killed_between_its_word_and_its_process_is_settled_a_minute_later(
    world: World, trial: bool
) -> None:
    world.store.begin(
        "a", "all", world.now, late=False, missed=0, started=world.now, run_id="1", trial=trial
    )  # fmt: skip
    world.keeper.settle()
    assert dues(world) == ["a 08:30 started"], "its process may be about to begin"
    world.now += timedelta(minutes=2)
    folder = world.folder / "trial" if trial else world.folder
    crawl = hold(folder / "all" / "lock", "a crawl of which no number was noted")
    world.keeper.settle()
    assert dues(world) == ["a 08:30 started"], "it goes on"
    os.close(crawl)
    world.keeper.settle()
    assert dues(world) == ["a 08:30 killed"]


def test_now_of_what_is_under_way_is_skipped(world: World) -> None:
    for _ in range(2):
        world.store.ask("a", world.now)
        world.keeper.tick()
    assert [entry.outcome for entry in world.store.history()] == ["started", "skipped"]
    assert "a (run " in world.store.history()[1].reason


def test_a_collection_that_someone_else_crawls_into_is_left_alone(world: World) -> None:
    hold(world.folder / "all" / "lock", "process 1 on elsewhere: scrapy crawl provinces")
    world.pass_time(START + HOUR)
    (entry,) = world.store.history()
    assert (entry.outcome, entry.reason) == (
        "skipped",
        "process 1 on elsewhere: scrapy crawl provinces holds all",
    )
    assert world.told == [entry], "whoever is to be told of it is"


def test_a_changed_file_is_read_and_a_new_crawl_is_due_from_then_on(world: World) -> None:
    world.pass_time(START + HOUR)
    rewrite(world, BOTH)
    world.pass_time(START + 2 * HOUR)
    assert len(dues(world, "b")) == 1
    assert any("was read again: 2 crawls" in line for line in world.said)


def test_a_broken_file_is_said_and_the_old_one_stays(world: World) -> None:
    rewrite(world, '[[crawl]]\nname = "a"\nwhen = "hourle"\n')
    (line,) = [line for line in world.said if line.startswith("error")]
    assert "line 3" in line
    assert "goes on as it was" in line
    world.text = FILE
    world.pass_time(START + HOUR)
    assert len(dues(world)) == 1
    before = len(world.said)
    world.keeper.tick()
    assert len(world.said) == before, "it is said once"


def test_a_broken_file_at_the_start_is_no_schedule(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match=r"line 1.*name is missing"):
        World(tmp_path, '[[crawl]]\nwhen = "hourly"\n', START, {})


NOWHERE = FILE + 'settings = { SITE = "nope" }\n'


def test_a_crawl_whose_site_is_unknown_is_no_schedule(tmp_path: Path) -> None:
    with pytest.raises(ScheduleError, match=r"schedule\.toml: crawl \"a\": no site is called 'nope'"):
        World(tmp_path, NOWHERE, START, {})


def test_a_crawl_whose_site_is_unknown_keeps_the_old_file(world: World) -> None:
    rewrite(world, NOWHERE)
    (line,) = [line for line in world.said if line.startswith("error")]
    assert "crawl \"a\": no site is called 'nope'" in line
    world.text = FILE
    world.pass_time(START + HOUR)
    assert len(dues(world)) == 1


def test_a_crawl_that_left_the_file_and_comes_back_is_new(world: World) -> None:
    rewrite(world, BOTH)
    rewrite(world, FILE)
    world.pass_time(START + 5 * HOUR)
    rewrite(world, BOTH)
    assert dues(world, "b") == []


def test_killed_between_the_word_and_the_deed_the_crawl_is_begun_after_all(world: World) -> None:
    """The store says begun, no process was."""
    world.store.begin("a", "all", START, late=False, missed=0, started=START, run_id="r1", trial=False)
    world.start()
    assert world.keeper.under_way == ["a"]
    world.pass_time(START + timedelta(minutes=20))
    world.keeper.tick()
    assert dues(world) == ["a 08:30 ended"]


def test_killed_with_a_crawl_under_way_it_is_known_as_killed(world: World) -> None:
    number = world.store.begin(
        "a", "all", START, late=False, missed=0, started=START, run_id="r1", trial=False
    )
    world.store.note_process(number, 4_194_303)
    world.start()
    (entry,) = world.store.history()
    assert (entry.outcome, entry.reason) == ("killed", "it left no word")
    assert entry.ended == world.now


def test_a_trial_is_thrown_away_when_it_is_over(tmp_path: Path) -> None:
    world = World(tmp_path, FILE + "test = true\n", START, {"a": 5})
    world.pass_time(START + 2.5 * HOUR)
    runs = [entry.run_id for entry in world.store.history()]
    assert world.trials_over == runs
    assert len(runs) == 2
    world.store.close()


def test_a_crawl_that_cannot_be_begun_is_said_and_the_schedule_goes_on(world: World) -> None:
    def fail(name: str, at: datetime) -> tuple[int, int | None]:
        if at < START + 1.5 * HOUR:
            raise OSError("no more processes")
        return 0, None

    world.code = fail
    world.pass_time(START + 3.5 * HOUR)
    assert [entry.outcome for entry in world.store.history()] == ["killed", "ended", "ended"]
    assert "no more processes" in world.store.history()[0].reason
