"""Hosts that asked to be left alone for a time: what they asked of one run counts for the next."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from crawler.ledger.schema import moment, stamp


def left_alone(ledger: sqlite3.Connection, at: datetime) -> dict[str, tuple[datetime, str]]:
    """Host → (until when, why), of those whose time is not over."""
    return {
        host: (moment(until), reason)
        for host, until, reason in ledger.execute(
            "SELECT host, until, reason FROM hosts WHERE until > ? ORDER BY host", (stamp(at),)
        )
    }


def note_hosts(
    ledger: sqlite3.Connection,
    asked: Iterable[str],
    left_alone: Mapping[str, tuple[datetime, str]],
) -> None:
    """After a run that ``asked`` some hosts: which of them are to be left alone now."""
    ledger.executemany("DELETE FROM hosts WHERE host = ?", [(host,) for host in asked])
    ledger.executemany(
        "INSERT INTO hosts VALUES (?, ?, ?)",
        [(host, stamp(until), reason) for host, (until, reason) in left_alone.items()],
    )
    ledger.commit()
