"""Which answers the archive holds of articles and lists. All captures: ``index.cdxj``."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from crawler.ledger.schema import stamp
from crawler.warc.exchange import Capture


def note_capture(
    ledger: sqlite3.Connection, run: int, path: str, news_id: int | None, status: int, capture: Capture
) -> None:
    """``news_id`` None: a list. ``status`` 0: no whole answer came. Committed with what it led to."""
    where = capture.pointer
    ledger.execute(
        "INSERT INTO captures VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            path,
            news_id,
            run,
            stamp(datetime.fromisoformat(capture.date)),
            status,
            capture.is_revisit,
            where.file,
            where.offset,
            where.length,
            where.payload_digest,
        ),
    )
