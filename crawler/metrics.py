"""A collection's figures as Prometheus reads them: ``<collection>/metrics.prom``, for a textfile collector.

Every figure bears its collection, so that the files of several can be read together. What cannot be told is
left out, never 0.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from datetime import date, datetime, time, timedelta
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.arguments import AGES, read_plan
from crawler.collection import Collection, Standing, crawled
from crawler.disk import free_bytes, locked, replace_file
from crawler.ledger.figures import Figures, figures
from crawler.ledger.runs import Run, last_ended
from crawler.ledger.schema import LedgerError, connect_to_read
from crawler.normalise.dates import TEHRAN
from crawler.notices.queue import Queue, QueueError
from crawler.notices.success import read_successes
from crawler.provinces import PROVINCES

MOST_REASONS = 20  # of a run's failures, the most frequent; the head of its report has as many
MOST_LETTERS = 80  # of a reason
KILLED = -1  # the exit code of a run that left none
_STATES = {"discovered": "waiting", "fetching": "waiting", "done": "archived"}
A_DAY = timedelta(days=1)


def as_text(collection: Collection, now: datetime) -> bytes:
    """In Prometheus' text format. A ledger that cannot be read costs its figures, not the others."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(collection, now))
    return generate_latest(registry)


def write(collection: Collection, now: datetime) -> None:
    """The file is there whole or as it was, also where a schedule and a crawl write it at once. Raises
    OSError."""
    text = as_text(collection, now).decode()
    with locked(collection.folder):
        replace_file(collection.metrics, text)


def write_all(archives: str | Path, now: datetime, say: Callable[[str], None]) -> int:
    """Of every collection in a folder, for whoever does so each minute; how many were written. Whatever goes
    wrong with one is said, and the others are written."""
    written = 0
    for collection in crawled(archives):
        try:
            write(collection, now)
            written += 1
        except Exception as error:  # noqa: BLE001  # an edge: figures must not end a schedule
            say(f"error: {collection.metrics} could not be written: {type(error).__name__}: {error}")
    return written


class _Figures(Collector):
    def __init__(self, collection: Collection, now: datetime) -> None:
        self._collection, self._now = collection, now

    def collect(self) -> Iterator[Metric]:
        if self._collection.ledger.exists():
            told: list[Metric] = []
            with (
                suppress(LedgerError, sqlite3.Error),
                closing(connect_to_read(self._collection.ledger)) as ledger,
            ):
                told = list(self._of_the_ledger(ledger))
            yield self._one("ledger_readable", "1: the ledger could be read; 0: it could not.", bool(told))
            yield from told
        yield from self._of_the_disk()
        yield from self._of_the_schedule()

    def _gauge(self, name: str, about: str, *labels: str) -> GaugeMetricFamily:
        return GaugeMetricFamily(f"ostan_{name}", about, labels=["collection", *labels])

    def _one(self, name: str, about: str, value: float) -> GaugeMetricFamily:
        gauge = self._gauge(name, about)
        gauge.add_metric([self._collection.name], value)
        return gauge

    def _of_the_ledger(self, ledger: sqlite3.Connection) -> Iterator[Metric]:
        name = self._collection.name
        found = figures(ledger, read_plan({"age": AGES}, "recheck").ages, self._now)
        articles = self._gauge("articles", "Articles of the collection.", "province", "state")
        for (slug, state), number in sorted(_by_state(found).items()):
            articles.add_metric([name, slug or "(unknown)", state], number)
        yield articles
        lag = self._gauge(
            "province_lag_seconds",
            "Since the end (in Tehran) of the newest day of publication that is archived; 0: it is today.",
            "province",
        )
        for slug, day in sorted(found.newest.items()):
            if slug in {province.slug for province in PROVINCES}:
                ended = datetime.combine(date.fromisoformat(day) + A_DAY, time(), TEHRAN)
                behind = self._now - ended
                lag.add_metric([name, slug], max(behind.total_seconds(), 0))
        yield lag
        queue = self._gauge(
            "queue",
            "Articles that are listed and not fetched (waiting), failed and to be tried in the next crawl "
            "(retries), to be looked at again (due).",
            "kind",
        )
        for kind, number in (
            ("waiting", found.waiting),
            ("retries", found.retries),
            ("due", found.due),
        ):
            queue.add_metric([name, kind], number)
        yield queue
        if run := last_ended(ledger):
            yield from self._of_the_run(run)

    def _of_the_run(self, run: Run) -> Iterator[Metric]:
        name = self._collection.name
        yield self._one(
            "last_run_timestamp_seconds",
            "When the last run ended.",
            datetime.fromisoformat(run.ended or run.started).timestamp(),
        )
        yield self._one(
            "last_run_exit_code",
            f"Of the last run; {KILLED}: it was killed.",
            KILLED if run.exit_code is None else run.exit_code,
        )
        outcomes = self._gauge("run_articles", "What became of the articles of the last run.", "outcome")
        for outcome, number in run.summary.get("articles", {}).items():
            if outcome != "discovered":  # their sum
                outcomes.add_metric([name, outcome], number)
        yield outcomes
        failures = self._gauge(
            "run_failures",
            f"What the last run did not get, by reason; the {MOST_REASONS} most frequent.",
            "reason",
        )
        for reason, number in failures_of(run.summary.get("missed", {})).items():
            failures.add_metric([name, reason], number)
        yield failures

    def _of_the_disk(self) -> Iterator[Metric]:
        total = CounterMetricFamily(
            "ostan_warc_bytes", "Bytes of the collection's WARC files.", labels=["collection"]
        )
        total.add_metric([self._collection.name], warc_bytes(self._collection))
        yield total
        yield self._one(
            "disk_free_bytes", "Room where the collection lies.", free_bytes(self._collection.folder)
        )

    def _of_the_schedule(self) -> Iterator[Metric]:
        name = self._collection.name
        success = self._gauge(
            "last_success_timestamp_seconds", "When a scheduled crawl last ended well.", "crawl"
        )
        for crawl, at in sorted(read_successes(self._collection).items()):
            success.add_metric([name, crawl], at.timestamp())
        yield success
        try:
            counts = Queue(Standing(self._collection.folder.parent).notices).counts(name)
        except QueueError:
            return  # not known, so not told; who delivers says what is wrong
        yield self._one(
            "notices_waiting", "Notices of the collection not delivered yet.", counts.get("waiting", 0)
        )
        yield self._one(
            "notices_given_up",
            "Notices of the collection that nobody took.",
            counts.get("given up", 0),
        )


def _by_state(found: Figures) -> dict[tuple[str, str], int]:
    total: dict[tuple[str, str], int] = {}
    for (slug, state), number in found.articles.items():
        key = (slug, _STATES.get(state, state))
        total[key] = total.get(key, 0) + number
    return total


def failures_of(missed: dict[str, int]) -> dict[str, int]:
    """Reasons fit for labels: few, short, one line, without addresses. Equal ones are added up.

    >>> failures_of({"article: HTTP 404": 2, "list: not reached: http://a/x?id=1": 1, "list: \\x1b a": 1})
    {'article: HTTP 404': 2, 'list: a': 1, 'list: not reached: …': 1}
    """
    found: dict[str, int] = {}
    for reason, number in sorted(missed.items(), key=lambda one: (-one[1], one[0])):
        plain = re.sub(r"[a-z]+://\S+", "…", reason)
        plain = " ".join(re.sub(r"[^\w\s.:,;'()%/=…-]", " ", plain).split())[:MOST_LETTERS]
        if plain in found or len(found) < MOST_REASONS:
            found[plain] = found.get(plain, 0) + number
    return found


def warc_bytes(collection: Collection) -> int:
    """Also of the one that is being written. One that goes meanwhile is of no size."""
    total = 0
    for path in collection.warc.glob("*.warc.gz*"):
        try:
            total += path.stat().st_size
        except FileNotFoundError:
            continue
    return total
