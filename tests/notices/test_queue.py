"""The queue's file: back-off, giving up, two processes, kills, a full disk."""

from __future__ import annotations

import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.notices.queue import GIVEN_UP_AFTER, KEPT, LEASE, Notice, Queue, QueueError
from tests.notices.receivers import AT

MINUTE = timedelta(minutes=1)


def notice(number: int = 1) -> Notice:
    return Notice(f"id{number}", "webhook", "http://127.0.0.1:1/", None, "yjc", "Ostan: daily", "{}", AT)


@pytest.fixture
def queue(tmp_path: Path) -> Queue:
    return Queue(tmp_path / "notices.sqlite")


def test_what_was_put_is_there_for_another_process(queue: Queue) -> None:
    assert queue.put(notice())
    assert not queue.put(notice())
    assert Queue(queue.path).due(AT) == notice()


def test_nobody_else_may_read_it(queue: Queue) -> None:
    queue.put(notice())
    assert stat.S_IMODE(queue.path.stat().st_mode) == 0o600


def test_one_that_is_taken_comes_again_only_after_its_lease(queue: Queue) -> None:
    queue.put(notice())
    assert queue.due(AT)
    assert queue.due(AT + LEASE - MINUTE) is None
    again = queue.due(AT + LEASE)
    assert again
    queue.delivered(again)
    assert queue.due(AT + 10 * LEASE) is None
    assert queue.counts() == {"delivered": 1}


def test_the_pause_doubles_up_to_six_hours_and_then_for_seven_days(queue: Queue) -> None:
    queue.put(notice())
    now, pauses = AT, []
    for _ in range(60):
        taken = queue.due(now)
        assert taken
        again = queue.failed(taken, now, "HTTP 500", 0.0)
        if again is None:
            break
        pauses.append(again - now)
        assert queue.due(again - MINUTE / 60) is None, "not before its time"
        now = again
    minutes = [pause / MINUTE for pause in pauses]
    assert minutes[:10] == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360]
    assert set(minutes[10:]) == {360}
    assert GIVEN_UP_AFTER - timedelta(hours=6) < now - AT <= GIVEN_UP_AFTER
    assert queue.counts() == {"given up": 1}, "kept"
    assert queue.due(now + 100 * GIVEN_UP_AFTER) is None
    with closing(sqlite3.connect(queue.path)) as file:
        assert file.execute("SELECT reason FROM notices").fetchone() == ("HTTP 500",)


def test_jitter_and_what_the_receiver_asks_for_make_it_longer(queue: Queue) -> None:
    for number in (1, 2, 3):
        queue.put(notice(number))
    waits = []
    for jitter, asked in ((1.0, 0), (0.0, 600), (0.0, 86_400)):
        taken = queue.due(AT)
        assert taken
        again = queue.failed(taken, AT, "HTTP 429", jitter, at_least=timedelta(seconds=asked))
        assert again
        waits.append((again - AT).total_seconds())
    assert waits == [75, 600, 6 * 3600]


def test_a_double_that_fails_does_not_wake_what_was_delivered(queue: Queue) -> None:
    queue.put(notice())
    first = queue.due(AT)
    second = queue.due(AT + LEASE)
    assert first
    assert second
    queue.delivered(second)
    queue.failed(first, AT + LEASE, "late", 0.0)
    assert queue.counts() == {"delivered": 1}


def test_old_ones_go_what_waits_stays(queue: Queue) -> None:
    for number in (1, 2):
        queue.put(notice(number))
    taken = queue.due(AT)
    assert taken
    queue.delivered(taken)
    later = AT + KEPT + MINUTE
    queue.put(Notice("new", "mail", "a@example.org", None, "yjc", "", "{}", later))
    assert queue.counts() == {"waiting": 2}


def test_a_full_disk_is_said_and_costs_nothing_that_is_there(queue: Queue) -> None:
    queue.put(notice())
    full = "SELECT RAISE(ABORT, 'database or disk is full')"
    with closing(sqlite3.connect(queue.path)) as file:
        file.execute(f"CREATE TRIGGER full BEFORE INSERT ON notices BEGIN {full}; END")
        file.execute(f"CREATE TRIGGER also BEFORE UPDATE ON notices BEGIN {full}; END")
        file.commit()
    for change in (lambda: queue.put(notice(2)), lambda: queue.due(AT)):
        with pytest.raises(QueueError, match=r"notices\.sqlite: database or disk is full; make room"):
            change()
    with closing(sqlite3.connect(queue.path)) as file:
        file.executescript("DROP TRIGGER full; DROP TRIGGER also")
    assert queue.due(AT) == notice()


@pytest.mark.parametrize(
    "content", [b"no database at all, but longer than a header" * 9, b"SQLite format 3\0bad" * 99]
)
def test_a_damaged_file_is_named_with_its_cure(queue: Queue, content: bytes) -> None:
    queue.path.write_bytes(content)
    with pytest.raises(QueueError, match=r"notices\.sqlite: .*move it away"):
        queue.put(notice())


def test_a_file_of_a_newer_program_is_left_alone(queue: Queue) -> None:
    queue.put(notice())
    with closing(sqlite3.connect(queue.path)) as file:
        file.execute("PRAGMA user_version = 99")
    with pytest.raises(QueueError, match="newer"):
        queue.due(AT)


def test_counting_makes_no_file(queue: Queue) -> None:
    assert queue.counts() == {}
    assert not queue.path.exists()
