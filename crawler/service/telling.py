"""What follows when a scheduled crawl has ended: notices, and the file that watchdogs look at."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from crawler.collection import Collection, Standing
from crawler.metrics import write_all
from crawler.notices.delivery import Deliverer, Delivery, deliver
from crawler.notices.events import EndedCrawl
from crawler.notices.queue import Queue, QueueError
from crawler.notices.success import note_success
from crawler.notices.telling import report_of, tell, tell_test
from crawler.schedule.file import Crawl, Mail
from crawler.service.store import Entry


class Teller:
    """Whatever goes wrong here is said, and the schedule goes on. ``mail``: the server as the schedule's file
    names it now. Raises QueueError where the queue cannot be opened."""

    def __init__(self, archives: Path, mail: Callable[[], Mail], say: Callable[[str], None]) -> None:
        self._archives, self._standing, self._say = archives, Standing(archives), say
        self._queue = Queue(self._standing.notices)
        self._delivery = Delivery(mail=mail, environment=os.environ, say=say)
        self._deliverer = Deliverer(self._queue, self._delivery)

    def told(self, entry: Entry, crawl: Crawl | None) -> None:
        """Of an entry that has come to its end. ``crawl`` None: it left the file meanwhile."""
        try:
            if entry.outcome == "ended" and entry.exit_code == 0 and not entry.trial:
                collection = Collection(self._archives, entry.collection)
                note_success(collection, entry.name, entry.ended or datetime.now(UTC))
            if crawl is not None and crawl.notify is not None:
                tell(self._queue, self._ended(entry), crawl.notify, datetime.now(UTC))
        except (QueueError, OSError, ValueError) as error:
            self._say(f"error: {entry.name}: {error}")

    def _ended(self, entry: Entry) -> EndedCrawl:
        assert entry.outcome != "started"
        archives = self._standing.trial(entry.run_id) if entry.trial and entry.run_id else self._archives
        return EndedCrawl(
            name=entry.name,
            collection=entry.collection,
            run_id=entry.run_id,
            due=entry.due,
            started=entry.started,
            ended=entry.ended or datetime.now(UTC),
            outcome=entry.outcome,
            exit_code=entry.exit_code,
            reason=entry.reason,
            report=report_of(Collection(archives, entry.collection), entry.run_id),
            late=entry.late,
            missed=entry.missed,
        )

    def test(self, crawl: Crawl, collection: Collection) -> None:
        """A notice that it can tell. ValueError: it tells nobody."""
        if crawl.notify is None:
            raise ValueError(f"{crawl.name} tells nobody: it has no notify in the schedule")
        tell_test(self._queue, crawl.name, collection.name, crawl.notify, datetime.now(UTC))

    def metrics(self) -> None:
        write_all(self._archives, datetime.now(UTC), self._say)

    def start(self) -> None:
        """Deliver what waits, from now on, beside all else."""
        self._deliverer.start()

    def stop(self) -> None:
        self._deliverer.stop()

    def deliver_once(self) -> int:
        """One pass, now: of a crawl that was run by itself. How many notices wait on."""
        try:
            deliver(self._queue, self._delivery)
            return self._queue.counts().get("waiting", 0)
        except QueueError as error:
            self._say(f"error: {error}")
            return 1
