"""Deliverers as they run: a thread, two processes at once, one that is killed while it sends."""

from __future__ import annotations

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from crawler.notices.delivery import Counts, Deliverer, Delivery, deliver
from crawler.notices.queue import LEASE, Queue
from crawler.notices.telling import tell
from crawler.schedule.file import Mail, Notify
from tests.forked import context
from tests.notices.receivers import AT, FAILED, Web, ended, free_port, serving


def until(condition: Callable[[], object], seconds: float = 10) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it never came"
        time.sleep(0.01)


def filled(folder: Path, web: Web, number: int = 1) -> Queue:
    queue = Queue(folder / "notices.sqlite")
    for run in range(number):
        tell(queue, ended(exit_code=1, run_id=f"run{run}"), Notify(webhook=web.url), AT)
    return queue


def delivery(said: list[str] | None = None) -> Delivery:
    return Delivery(Mail, {}, lambda: AT, lambda: 0.0, (said if said is not None else []).append)


def _deliver(path: Path) -> None:
    deliver(Queue(path), delivery())


def test_a_thread_delivers_and_stops(tmp_path: Path) -> None:
    with serving(Web()) as web:
        queue = filled(tmp_path, web, 3)
        thread = Deliverer(queue, delivery(), every=0.02)
        thread.start()
        until(lambda: len(web.got) == 3)
        tell(queue, ended(exit_code=1, run_id="later"), Notify(webhook=web.url), AT)
        until(lambda: len(web.got) == 4)
        assert thread.stop()
    assert queue.counts() == {"delivered": 4}


def test_a_stopped_one_finishes_what_it_sends_and_begins_nothing(tmp_path: Path) -> None:
    with serving(Web(answers=["hang"])) as web:
        queue = filled(tmp_path, web, 3)
        thread = Deliverer(queue, delivery(), every=0.02)
        thread.start()
        assert web.asked.wait(5)
        assert not thread.stop(0.05), "it says that it is not through"
        web.release.set()
        assert thread.stop()
    assert len(web.got) == 1
    assert queue.counts() == {"delivered": 1, "waiting": 2}


def test_nothing_that_goes_wrong_reaches_whoever_began_it(tmp_path: Path) -> None:
    (tmp_path / "notices.sqlite").write_bytes(b"no database, and longer than a header of one" * 99)
    said: list[str] = []
    thread = Deliverer(Queue(tmp_path / "notices.sqlite"), delivery(said), every=0.01)
    thread.start()
    until(lambda: said)
    time.sleep(0.1)
    assert len(said) == 1, "the same is said once"
    (tmp_path / "notices.sqlite").unlink()
    with serving(Web()) as web:
        filled(tmp_path, web)
        until(lambda: web.got)
        assert thread.stop()


def test_one_notice_that_breaks_the_program_does_not_hold_the_others(tmp_path: Path) -> None:
    with serving(Web()) as web:
        queue = filled(tmp_path, web)
        tell(queue, FAILED, Notify(email="a@example.org"), AT)

        def broken() -> Mail:
            raise RuntimeError("a fault")

        said: list[str] = []
        counts = deliver(queue, Delivery(broken, {}, lambda: AT, lambda: 0.0, said.append))
    assert counts == Counts(delivered=1, put_off=1)
    assert said[0].endswith("yet: a fault of this program: RuntimeError")


def test_a_process_that_is_killed_while_it_sends_loses_nothing(tmp_path: Path) -> None:
    with serving(Web(answers=["hang"])) as web:
        queue = filled(tmp_path, web, 3)
        process = context.Process(target=_deliver, args=(queue.path,))
        process.start()
        assert web.asked.wait(10)
        assert process.pid
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        web.release.set()
        sent = web.ids[0]
        assert queue.counts() == {"waiting": 3}
        assert deliver(queue, delivery()) == Counts(delivered=2), "the one that was taken has its lease"
        later = Delivery(Mail, {}, lambda: AT + LEASE, lambda: 0.0)
        assert deliver(queue, later) == Counts(delivered=1)
    assert Counter(web.ids)[sent] == 2
    assert len(set(web.ids)) == 3


def test_two_processes_at_once_lose_nothing(tmp_path: Path) -> None:
    with serving(Web()) as web:
        queue = filled(tmp_path, web, 12)
        both = [context.Process(target=_deliver, args=(queue.path,)) for _ in range(2)]
        for process in both:
            process.start()
        for process in both:
            process.join(20)
            assert process.exitcode == 0
    assert Counter(web.ids) == dict.fromkeys(set(web.ids), 1), "while both live, not even doubled"
    assert len(web.ids) == 12
    assert queue.counts() == {"delivered": 12}


def test_a_queue_that_outlives_its_process_is_delivered_by_the_next(tmp_path: Path) -> None:
    port = free_port()
    filled(tmp_path, Web(port=port))
    _deliver(tmp_path / "notices.sqlite")
    with serving(Web(port=port)) as web:
        again = Delivery(Mail, {}, lambda: AT + timedelta(minutes=1), lambda: 0.0)
        assert deliver(Queue(tmp_path / "notices.sqlite"), again) == Counts(delivered=1)
    assert len(web.got) == 1
