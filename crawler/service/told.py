"""The history of a schedule, joined with what each run wrote into its collection's ledger."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from crawler.collection import Collection
from crawler.ledger.runs import Run, all_runs
from crawler.ledger.schema import LedgerError, connect_to_read
from crawler.normalise.dates.spoken import jalali_day
from crawler.schedule.file import Crawl
from crawler.secret import without_secrets
from crawler.service.launch import words_of
from crawler.service.store import Entry


def with_counts(entries: Iterable[Entry], folder: str) -> Iterator[dict[str, Any]]:
    """Each entry, with ``articles`` (counts by outcome) and ``bytes`` where its run has ended. ``folder``:
    ARCHIVES."""
    ledgers: dict[str, Mapping[str, Run]] = {}
    for entry in entries:
        if entry.collection not in ledgers:
            ledgers[entry.collection] = _runs(Collection(folder, entry.collection))
        run = ledgers[entry.collection].get(entry.run_id or "")
        summary = run.summary if run else {}
        counts = {"articles": summary.get("articles"), "bytes": summary.get("warc", {}).get("bytes")}
        yield asdict(entry) | counts


def _runs(collection: Collection) -> dict[str, Run]:
    try:
        ledger = connect_to_read(collection.ledger)
    except LedgerError:
        return {}
    found = {run.run_id: run for run in all_runs(ledger)}
    ledger.close()
    return found


def as_json(told: Mapping[str, Any]) -> str:
    """One line; times as ISO 8601 has them.

    >>> from datetime import UTC
    >>> as_json({"at": datetime(2026, 11, 27, 6, tzinfo=UTC), "name": "قم"})
    '{"at": "2026-11-27T06:00:00+00:00", "name": "قم"}'
    """
    return json.dumps(told, default=datetime.isoformat, ensure_ascii=False)


def line_of(entry: Mapping[str, Any]) -> str:
    """One entry for people."""
    due: datetime = entry["due"]
    words = [f"{due:%Y-%m-%d %H:%M}Z", entry["name"], entry["outcome"]]
    if entry["reason"]:
        words[-1] += f": {entry['reason']}"
    if entry["exit_code"] is not None:
        words.append(f"exit {entry['exit_code']}")
    counts = [f"{number:,} {name}" for name, number in (entry["articles"] or {}).items() if number]
    words += [" ".join(counts)] * bool(counts)
    if entry["bytes"]:
        words.append(f"{entry['bytes']:,} bytes")
    words += ["late"] * entry["late"] + [f"{entry['missed']:,} missed before it"] * bool(entry["missed"])
    words += ["trial"] * entry["trial"] + [f"run {entry['run_id']}"] * bool(entry["run_id"])
    return ", ".join(words)


def coming(moment: datetime, crawl: Crawl) -> str:
    """A run that comes, for people.

    >>> from datetime import UTC
    >>> from crawler.schedule.file import parse_schedule
    >>> one = parse_schedule('[[crawl]]\\nname="a"\\nwhen="hourly"\\nprovinces="qom"', "x").crawl[0]
    >>> coming(datetime(2026, 11, 26, 20, 30, tzinfo=UTC), one)
    '2026-11-27 00:00 +0330  1405-09-06  a  scrapy crawl provinces -a provinces=qom'
    """
    local = moment.astimezone(ZoneInfo(crawl.timezone))
    into = {"COLLECTION": crawl.collection} if crawl.collection else {}
    command = without_secrets(shlex.join(["scrapy", *words_of(crawl, into)[3:]]))
    what = command + ", keeping nothing" * crawl.test
    return f"{local:%Y-%m-%d %H:%M %z}  {jalali_day(local.date())}  {crawl.name}  {what}"
