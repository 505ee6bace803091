"""The runs of a collection: what was asked, with what, how it went."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_COLUMNS = "number, run_id, spider, started, ended, reason, exit_code, arguments, summary"


@dataclass(frozen=True, slots=True)
class Run:
    """``ended`` None: under way, or killed. ``summary``: the head of its report. Times in ISO 8601."""

    number: int
    run_id: str
    spider: str
    started: str
    ended: str | None
    reason: str | None
    exit_code: int | None
    arguments: dict[str, str]
    summary: dict[str, Any]


def begin_run(
    ledger: sqlite3.Connection,
    run_id: str,
    spider: str,
    started: str,
    arguments: Mapping[str, str],
    settings: Mapping[str, object],
    software: str,
) -> int:
    """Note a run that begins; its number."""
    cursor = ledger.execute(
        "INSERT INTO runs (run_id, spider, started, arguments, settings, software) VALUES (?, ?, ?, ?, ?, ?)",
        (
            run_id,
            spider,
            started,
            json.dumps(arguments, ensure_ascii=False),
            json.dumps(settings, default=str, ensure_ascii=False),
            software,
        ),
    )
    ledger.commit()
    assert cursor.lastrowid is not None
    return cursor.lastrowid


def end_run(
    ledger: sqlite3.Connection,
    number: int,
    ended: str,
    reason: str,
    exit_code: int,
    summary: Mapping[str, Any],
) -> None:
    """It ended by itself, whatever it brought."""
    ledger.execute(
        "UPDATE runs SET ended = ?, reason = ?, exit_code = ?, summary = ? WHERE number = ?",
        (ended, reason, exit_code, json.dumps(summary, ensure_ascii=False), number),
    )
    ledger.commit()


def give_up_run(ledger: sqlite3.Connection, number: int, ended: str, reason: str = "killed") -> None:
    """It was killed, and what it left is taken up."""
    ledger.execute(
        "UPDATE runs SET ended = ?, reason = ? WHERE number = ? AND ended IS NULL", (ended, reason, number)
    )


def has_run(ledger: sqlite3.Connection, run_id: str) -> bool:
    return ledger.execute("SELECT 1 FROM runs WHERE run_id = ?", (run_id,)).fetchone() is not None


def all_runs(ledger: sqlite3.Connection) -> list[Run]:
    """Oldest first."""
    rows = ledger.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY number").fetchall()
    return [_run(row) for row in rows]


def last_ended(ledger: sqlite3.Connection) -> Run | None:
    """The last run that is over, by itself or killed."""
    row = ledger.execute(
        f"SELECT {_COLUMNS} FROM runs WHERE ended IS NOT NULL ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return _run(row) if row else None


def _run(row: tuple[Any, ...]) -> Run:
    return Run(*row[:7], arguments=json.loads(row[7]), summary=json.loads(row[8] or "{}"))  # type: ignore[misc]  # seven
