"""Province × day, with its holes."""

from __future__ import annotations

from datetime import date

from crawler.report.days import Cell, Column, day_table
from tests.report.example import report


def test_columns_are_the_newest_days_with_both_calendars() -> None:
    days = {"qom": {f"2026-11-{day:02}": day for day in range(1, 21)}}
    columns = day_table(report(days=days)).columns
    assert [column.day for column in columns] == [date(2026, 11, day) for day in range(20, 6, -1)]
    assert (columns[0].jalali, columns[0].jalali_fa, columns[0].gregorian) == (
        "1405-08-29",
        "۲۹ آبان",
        "20 Nov",
    )


def test_days_that_are_missing_everywhere_are_one_column() -> None:
    table = day_table(report(days={"qom": {"2026-11-20": 2, "2026-11-16": 1}}))
    assert table.columns == [Column(date(2026, 11, 20)), Column(None, 3), Column(date(2026, 11, 16))]
    kinds = {row.slug: [cell.kind for cell in row.cells] for row in table.rows}
    assert kinds == {"qom": ["some", "nowhere", "some"], "yazd": ["none", "nowhere", "none"]}


def test_an_empty_day_between_two_is_a_gap_and_one_beyond_is_not() -> None:
    days = {
        "qom": {"2026-11-18": 10, "2026-11-16": 1},
        "yazd": {"2026-11-15": 1, "2026-11-17": 2},
        "gilan": {f"2026-11-{day}": 1 for day in range(14, 20)},
    }
    gaps = {"yazd": {"silent_days": 9, "usual_days": 2}}
    table = day_table(report(days=days, gaps=gaps))
    cells = {row.slug: [cell.kind for cell in row.cells] for row in table.rows}
    assert cells == {
        "gilan": ["some"] * 6,
        "yazd": ["silent", "silent", "some", "gap", "some", "none"],
        "qom": ["none", "some", "gap", "some", "none", "none"],
    }
    assert table.rows[2].cells[1:4] == [Cell(10, "some", 5), Cell(0, "gap"), Cell(1, "some", 1)]
    assert table.sums == [1, 11, 3, 2, 2, 1]


def test_rows_are_in_the_provinces_order_with_what_the_run_wrote() -> None:
    days = {"(sitemap)": {"2026-11-18": 4}, "alborz": {"2026-11-18": 1, "2026-09-30": 2}}
    rows = day_table(report(days=days)).rows
    assert [(row.slug, row.this_run, row.total) for row in rows] == [
        ("yazd", 5, 0),
        ("qom", 7, 0),
        ("alborz", None, 3),
        ("(sitemap)", None, 4),
    ]


def test_without_days_there_is_no_column() -> None:
    assert day_table(report()).columns == []
