"""Province × day: how many articles of each day the collection holds, as a table that shows its holes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from crawler.normalise.dates.spoken import jalali_day, spoken
from crawler.provinces import PROVINCES
from crawler.report.build import Report

MOST_DAYS = 14
TINTS = 5


@dataclass(frozen=True, slots=True)
class Column:
    """A day that occurs, or ``missing`` days in a row that occur nowhere."""

    day: date | None
    missing: int = 0

    @property
    def jalali(self) -> str:
        """1405-09-04"""
        return jalali_day(self.day) if self.day else ""

    @property
    def jalali_fa(self) -> str:
        """۴ آذر"""
        return spoken(self.day, year=False) if self.day else ""

    @property
    def gregorian(self) -> str:
        """25 Nov"""
        return f"{self.day.day} {self.day:%b}" if self.day else ""


@dataclass(frozen=True, slots=True)
class Cell:
    """``kind``: some (``tint`` 1 to 5), gap (between covered days), silent (after the last, longer than is
    usual), none."""

    number: int
    kind: str
    tint: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    slug: str
    this_run: int | None  # rows that the run wrote; None: it was not asked for this province
    total: int  # of all days that the report knows
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    columns: list[Column]
    rows: list[Row]
    sums: list[int]  # a column


def day_table(report: Report) -> Table:
    """The last days that occur, newest first. No column where no article of the collection has a day."""
    days: dict[str, dict[str, int]] = report.get("days", {})
    columns = _columns({date.fromisoformat(day) for counts in days.values() for day in counts})
    shown = [str(column.day) for column in columns if column.day]
    highest = max((counts.get(day, 0) for counts in days.values() for day in shown), default=0)
    silent = {slug for slug, gap in report.get("gaps", {}).items() if "silent_days" in gap}
    asked: dict[str, int] = report.get("rows_by_province", {})
    rows = [
        Row(
            slug,
            asked.get(slug),
            sum(days.get(slug, {}).values()),
            [_cell(days.get(slug, {}), column, highest, is_silent=slug in silent) for column in columns],
        )
        for slug in _slugs(asked.keys() | days.keys())
    ]
    sums = [sum(row.cells[at].number for row in rows) for at in range(len(columns))]
    return Table(columns, rows, sums)


def _columns(days: set[date]) -> list[Column]:
    newest = sorted(days, reverse=True)[:MOST_DAYS]
    columns = [Column(day) for day in newest[:1]]
    for later, earlier in pairwise(newest):
        if nowhere := (later - earlier).days - 1:
            columns.append(Column(None, nowhere))
        columns.append(Column(earlier))
    return columns


def _slugs(names: set[str]) -> list[str]:
    """In the provinces' own order, then what is no province."""
    known = [province.slug for province in PROVINCES if province.slug in names]
    return known + sorted(names - set(known))


def _cell(counts: dict[str, int], column: Column, highest: int, *, is_silent: bool) -> Cell:
    if column.day is None:
        return Cell(0, "nowhere")
    day = str(column.day)
    if number := counts.get(day, 0):
        return Cell(number, "some", -(-TINTS * number // highest))
    if counts and min(counts) < day < max(counts):
        return Cell(0, "gap")
    return Cell(0, "silent" if is_silent and day > max(counts) else "none")
