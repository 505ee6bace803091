"""Province × day, or × month: how many articles the collection has, where it has holes, what failed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby, pairwise
from math import ceil, log
from typing import Literal

from persiantools.jdatetime import JalaliDate

from crawler.ledger.missed import last_found, missed
from crawler.normalise.dates import TEHRAN
from crawler.normalise.dates.spoken import MONTHS, jalali_day, persian_digits
from crawler.provinces import PROVINCES

TINTS = 5
SPANS = (30, 60, 120)  # days that one picture shows
MOST_MONTHS = 60
MOST_MONTHS_MISSING = 6
Unit = Literal["day", "month"]
Kind = Literal["some", "gap", "none"]


@dataclass(frozen=True, slots=True)
class Column:
    """A day, or a Jalali month: its first and last day, and its Jalali name (1405-09-04, 1405-09)."""

    first: date
    last: date
    jalali: str

    @property
    def short(self) -> str:
        """What stands above a cell, in figures: the day of its month, or the month of its year."""
        return persian_digits(str(int(self.jalali.split("-")[-1])))

    @property
    def within(self) -> str:
        """What stands above that: آذر ۱۴۰۵; of a month ۱۴۰۵."""
        year, month, *day = self.jalali.split("-")
        return persian_digits(f"{MONTHS[int(month) - 1]} {year}" if day else year)


@dataclass(frozen=True, slots=True)
class Cell:
    """``number``: articles published then that the collection has; ``gone``: of them, taken away since;
    ``missed``: found then and not had. ``kind``: gap: none between days with some. ``tint``: 0 to 5."""

    number: int
    gone: int
    missed: int
    kind: Kind
    tint: int


@dataclass(frozen=True, slots=True)
class Row:
    province: str  # slug; "" where none is known
    total: int
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Picture:
    """``older``, ``newer``: the last day of the picture before and after; None where nothing is."""

    unit: Unit
    columns: list[Column]
    groups: list[tuple[str, int]]  # of columns: what they lie within, and how many
    rows: list[Row]
    articles: int
    gone: int
    undated: int
    missed: int
    older: date | None
    newer: date | None


def picture(
    index: sqlite3.Connection, ledger: sqlite3.Connection | None, unit: Unit, span: int, until: date | None
) -> Picture:
    """``span``: days shown; of months MOST_MONTHS. ``until``: the last day shown; None: the last there is."""
    first, last = _bounds(index, ledger)
    last_shown = max(first, min(until or last, last))
    columns = _days(last_shown, span) if unit == "day" else _months(first, last_shown)
    counts = _counts(index, columns)
    lost = _missed(ledger, columns)
    rows = _rows(columns, counts, lost)
    total, gone, undated = index.execute(
        "SELECT count(*), coalesce(sum(status = 'gone'), 0), coalesce(sum(day IS NULL), 0) FROM articles"
    ).fetchone()
    start, shown = columns[0].first, columns[-1].last
    newer = min(shown + (shown - start), last)
    return Picture(
        unit=unit,
        columns=columns,
        groups=[(name, len(list(inside))) for name, inside in groupby(columns, lambda one: one.within)],
        rows=rows,
        articles=total,
        gone=gone,
        undated=undated,
        missed=sum(lost.values()),
        older=start - timedelta(days=1) if first < start else None,
        newer=newer if shown < last else None,
    )


def _bounds(index: sqlite3.Connection, ledger: sqlite3.Connection | None) -> tuple[date, date]:
    """Of what is known: days of publication, and the last on which something was found."""
    first, last = index.execute("SELECT min(day), max(day) FROM articles").fetchone()
    days = [date.fromisoformat(day) for day in (first, last) if day]
    if ledger and (found := last_found(ledger)):
        days.append(found)
    days = days or [datetime.now(TEHRAN).date()]
    return min(days), max(days)


def _days(last: date, span: int) -> list[Column]:
    days = (last - timedelta(days=back) for back in reversed(range(span)))
    return [Column(day, day, jalali_day(day)) for day in days]


def _months(first: date, last: date) -> list[Column]:
    columns: list[Column] = []
    end = last
    while len(columns) < MOST_MONTHS and (end >= first or not columns):
        name = jalali_day(end)[:7]
        start = end - timedelta(days=int(jalali_day(end)[8:]) - 1)
        columns.append(Column(start, start + timedelta(days=_length(start) - 1), name))
        end = start - timedelta(days=1)
    return columns[::-1]


def _length(start: date) -> int:
    day = JalaliDate(start)  # type: ignore[no-untyped-call]  # its __init__ has no types
    return int(JalaliDate.days_in_month(day.month, day.year))


_Counts = dict[tuple[str, int], tuple[int, int]]  # (slug, column) → (articles, of them gone)


def _counts(index: sqlite3.Connection, columns: list[Column]) -> _Counts:
    found: _Counts = {}
    place = _places(columns)
    for slug, day, number, gone in index.execute(
        "SELECT province, day, count(*), sum(status = 'gone') FROM articles"
        " WHERE day BETWEEN ? AND ? GROUP BY province, day",
        (str(columns[0].first), str(columns[-1].last)),
    ):
        key = (slug, place[day])
        before = found.get(key, (0, 0))
        found[key] = (before[0] + number, before[1] + gone)
    return found


def _places(columns: list[Column]) -> dict[str, int]:
    """Day → its column."""
    return {
        str(column.first + timedelta(days=n)): at
        for at, column in enumerate(columns)
        for n in range((column.last - column.first).days + 1)
    }


def _missed(ledger: sqlite3.Connection | None, columns: list[Column]) -> Counter[tuple[str, int]]:
    if ledger is None:
        return Counter()
    place = _places(columns)
    lost = missed(ledger, columns[0].first, columns[-1].last)
    return Counter((one.province, place[str(one.day)]) for one in lost)


def _rows(columns: list[Column], counts: _Counts, lost: Mapping[tuple[str, int], int]) -> list[Row]:
    """All provinces, in their own order; then what is of none, where there is any."""
    names = {slug for slug, _ in [*counts, *lost]}
    known = [province.slug for province in PROVINCES]
    highest = max((number for number, _ in counts.values()), default=0)
    return [_row(slug, columns, counts, lost, highest) for slug in [*known, *sorted(names - set(known))]]


def _row(
    slug: str, columns: list[Column], counts: _Counts, lost: Mapping[tuple[str, int], int], highest: int
) -> Row:
    numbers = [counts.get((slug, at), (0, 0)) for at in range(len(columns))]
    longest = MOST_MONTHS_MISSING if columns[0].first != columns[0].last else len(columns)
    holes = _holes([at for at, (number, _) in enumerate(numbers) if number], longest)
    cells = [
        Cell(number, gone, lost.get((slug, at), 0), _kind(number, at in holes), tint(number, highest))
        for at, (number, gone) in enumerate(numbers)
    ]
    return Row(slug, sum(number for number, _ in numbers), cells)


def _holes(with_some: Sequence[int], longest: int) -> set[int]:
    """Columns without any between columns with some, not more than ``longest`` in a row: an old article or
    two, and nothing for years, is no hole."""
    return {
        at
        for before, behind in pairwise(with_some)
        if behind - before <= longest + 1
        for at in range(before + 1, behind)
    }


def _kind(number: int, is_hole: bool) -> Kind:
    if number:
        return "some"
    return "gap" if is_hole else "none"


def tint(number: int, highest: int) -> int:
    """By size, not by share: one day of 400 must not make all others look empty.

    >>> [tint(number, 400) for number in (0, 1, 5, 40, 400)]
    [0, 1, 2, 4, 5]
    """
    if not number:
        return 0
    return max(1, ceil(TINTS * log(number + 1) / log(highest + 1)))
