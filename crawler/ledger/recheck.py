"""Which archived articles are due to be looked at again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from crawler.ledger.schema import stamp
from crawler.provinces import PROVINCES, Province


def due_at(
    ages: Iterable[timedelta], provinces: tuple[Province, ...], at: datetime
) -> tuple[str, list[object]]:
    """A condition on the ledger's articles, and its values: those that have passed one of these ages since
    they were first seen and were not looked at since then; without ages, all, those that are gone too. Also
    those that were missing on a first look, once the second is due."""
    moment, since = stamp(at), [age // timedelta(microseconds=1) for age in ages]
    passed = " OR ".join(["first_seen + ? <= ? AND checked_at < first_seen + ?"] * len(since))
    values: list[object] = [value for age in since for value in (age, moment, age)]
    done = f"state = 'done' AND ({passed or '1'} OR (missing_since IS NOT NULL AND retry_at <= ?))"
    due = f"({done})" if since else f"({done} OR state = 'gone')"
    values.append(moment)
    if provinces != PROVINCES:
        due += f" AND queue IN ({','.join('?' * len(provinces))})"
        values += [province.slug for province in provinces]
    return due, values
