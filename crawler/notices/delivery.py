"""What waits in the queue, on its way: one pass, or a thread that makes one every few seconds."""

from __future__ import annotations

import logging
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Event, Thread

from crawler.notices.mail import message, send
from crawler.notices.queue import Notice, Queue, QueueError
from crawler.notices.telling import text_of
from crawler.notices.webhook import Failed, post
from crawler.report.shown import shown
from crawler.schedule.file import Mail

logger = logging.getLogger(__name__)
PASS_SECONDS = 5.0
STOP_SECONDS = 5.0  # that a stopped one may take; what it was sending is due again after its lease


@dataclass(frozen=True, slots=True)
class Delivery:
    """How notices go out. ``mail``: the server, as it stands in the schedule's file when it is asked;
    ``environment``: where keys and passwords are; ``jitter``: from 0 to 1; ``say``: a line for people.
    Timeouts in seconds."""

    mail: Callable[[], Mail]
    environment: Mapping[str, str]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    jitter: Callable[[], float] = random.random
    say: Callable[[str], None] = logger.warning
    webhook_timeout: float = 10.0
    mail_timeout: float = 20.0


@dataclass(slots=True)
class Counts:
    """Of a pass."""

    delivered: int = 0
    put_off: int = 0
    given_up: int = 0


def deliver(queue: Queue, delivery: Delivery, stopped: Callable[[], bool] = lambda: False) -> Counts:
    """One pass: each notice that is due is tried once. ``stopped``: asked before each. Raises QueueError."""
    counts = Counts()
    while not stopped() and (notice := queue.due(delivery.clock())) is not None:
        try:
            _send(notice, delivery)
        except Failed as failed:
            _put_off(queue, notice, failed, delivery, counts)
        except Exception as error:  # noqa: BLE001  # an edge: one that cannot be sent must not hold the others
            fault = Failed(f"a fault of this program: {type(error).__name__}")
            _put_off(queue, notice, fault, delivery, counts)
        else:
            queue.delivered(notice)
            counts.delivered += 1
    return counts


def _send(notice: Notice, delivery: Delivery) -> None:
    """Raises Failed."""
    at = delivery.clock()
    if notice.kind == "webhook":
        key = _secret(notice.secret_env, delivery)
        body = notice.body.encode()
        post(notice.address, body, notice.id, key.encode() if key else None, at, delivery.webhook_timeout)
        return
    server = delivery.mail()
    try:
        mail = message(
            notice.id, notice.subject, text_of(notice.body), server.sender, notice.address, notice.put_at
        )
    except ValueError as error:
        raise Failed(f"no mail can be made of it: {error}", final=True) from None
    send(mail, server, _secret(server.password_env, delivery), delivery.mail_timeout)


def _secret(name: str | None, delivery: Delivery) -> str | None:
    """Never sent without the key that was asked for: who begins the schedule anew with it is served then."""
    if name is None:
        return None
    value = delivery.environment.get(name)
    if not value:
        raise Failed(f"{name} is not set where the schedule runs")
    return value


def _put_off(queue: Queue, notice: Notice, failed: Failed, delivery: Delivery, counts: Counts) -> None:
    reason = shown(failed.reason)
    again = queue.failed(
        notice,
        delivery.clock(),
        reason,
        delivery.jitter(),
        at_least=failed.at_least,
        final=failed.final,
    )
    if again is None:
        counts.given_up += 1
        delivery.say(f"error: {notice.subject}: given up for {notice.place}: {reason}")
        return
    counts.put_off += 1
    if notice.tries == 0:  # once: it may take days
        delivery.say(f"{notice.subject}: not delivered to {notice.place} yet: {reason}")


class Deliverer:
    """A thread that makes passes till it is stopped. Nothing that goes wrong in it reaches whoever began it:
    it is said, once as long as it stays the same, and the next pass tries again."""

    def __init__(self, queue: Queue, delivery: Delivery, every: float = PASS_SECONDS) -> None:
        self._queue, self._delivery, self._every = queue, delivery, every
        self._stop = Event()
        self._said = ""
        self._thread = Thread(target=self._run, name="notices", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float = STOP_SECONDS) -> bool:
        """What is being sent is finished; what waits, waits for the next start. False: it was still sending
        after so long; that notice comes again."""
        self._stop.set()
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._pass()
            self._stop.wait(self._every)

    def _pass(self) -> None:
        try:
            deliver(self._queue, self._delivery, self._stop.is_set)
            self._said = ""
        except QueueError as error:
            self._say(f"error: {error}")
        except Exception as error:  # noqa: BLE001  # an edge: a fault here must not end the schedule
            self._say(f"error: notices were not delivered: {type(error).__name__}: {error}")

    def _say(self, text: str) -> None:
        if text != self._said:
            self._said = text
            try:
                self._delivery.say(text)
            except Exception:  # noqa: BLE001  # nobody can be told
                return
