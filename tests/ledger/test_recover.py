"""After a crash: what the ledger knows is what the rows say."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest

from crawler.collection import Collection
from crawler.items import Article, Http
from crawler.ledger.endings import Endings
from crawler.ledger.facts import written_of
from crawler.ledger.found import Wanted
from crawler.ledger.frontier import Frontier
from crawler.ledger.history import row_of
from crawler.ledger.recover import recover
from crawler.ledger.runs import all_runs, begin_run, end_run
from crawler.ledger.schema import MIGRATIONS, LedgerError, connect, connect_to_read
from crawler.provinces import BY_SLUG
from crawler.rows import as_line

AT = datetime(2026, 11, 25, 6, tzinfo=UTC)


def row(
    news_id: int, version: int = 1, status: Literal["new", "edited", "gone"] = "new", run: str = "a"
) -> Article:
    return Article(
        id=f"yjc:{news_id}",
        version=version,
        status=status,
        site="yjc",
        url=f"https://www.yjc.ir/fa/news/{news_id}/x",
        canonical_url="",
        short_url="",
        province=None,
        province_from=None,
        sections=["قم"],
        city=None,
        title=f"تیتر {version}",
        videos=[],
        template="C",
        extractor="x/1",
        text_sha256=f"{news_id}-{version}",
        fetched_at=AT + timedelta(hours=version),
        first_seen=AT,
        http=Http(status=200, etag=None, last_modified=None),
        run_id=run,
        warc=None,
    )


class Crashed:
    """A collection whose run was killed: rows in its file, and what the ledger had noted of them."""

    def __init__(self, folder: Path) -> None:
        self.collection = Collection(folder, "sample")
        self.ledger: sqlite3.Connection = connect(self.collection.ledger)

    def run(self, run_id: str, rows: list[Article], noted: list[Article], *, ended: bool = False) -> None:
        number = begin_run(self.ledger, run_id, "provinces", AT.isoformat(), {}, {}, "")
        path = self.collection.rows_of(run_id)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"".join(map(as_line, rows)))
        places, at = {}, 0
        for one in [*rows, *(n for n in noted if n not in rows)]:
            places[one.id, one.version] = at
            at += len(as_line(one))
        for one in noted:
            self.ledger.execute(
                "INSERT OR IGNORE INTO articles (news_id, path, queue, state, outcome, reason, run,"
                " found_run, found_at, tries, version)"
                " VALUES (?, '/', 'qom', 'fetching', '', '', ?, ?, 0, 0, 0)",
                (one.news_id, number, number),
            )
            Endings(self.ledger, number).written(written_of(one, places[one.id, one.version]))
        if ended:
            end_run(self.ledger, number, AT.isoformat(), "finished", 0, {})
        self.ledger.commit()

    def articles(self) -> dict[int, tuple[Any, ...]]:
        rows = self.ledger.execute("SELECT news_id, state, version, text_sha256 FROM articles")
        return {news_id: said for news_id, *said in ((r[0], *r[1:]) for r in rows)}  # type: ignore[misc]


@pytest.fixture
def crashed(tmp_path: Path) -> Iterator[Crashed]:
    made = Crashed(tmp_path)
    yield made
    made.ledger.close()


def test_a_row_that_was_not_noted_is(crashed: Crashed) -> None:
    crashed.run("a", [row(1), row(2)], [row(1)])
    assert recover(crashed.ledger, crashed.collection, AT) == ["a"]
    assert crashed.articles() == {1: ["done", 1, "1-1"], 2: ["done", 1, "2-1"]}
    found = row_of(crashed.ledger, crashed.collection, 2, 1)
    assert found is not None
    assert found.title == "تیتر 1"


def test_a_note_whose_row_is_lost_is_taken_back(crashed: Crashed) -> None:
    """A power cut keeps the ledger's last seconds and loses those of the rows."""
    crashed.run("a", [row(1)], [row(1), row(2)])
    recover(crashed.ledger, crashed.collection, AT)
    assert crashed.articles() == {1: ["done", 1, "1-1"], 2: ["discovered", 0, None]}


@pytest.mark.parametrize("status", ["edited", "gone"])
def test_a_later_version_whose_row_is_lost_leaves_the_one_before(status: Any, crashed: Crashed) -> None:
    crashed.run("a", [row(1)], [row(1)], ended=True)
    crashed.run("b", [], [row(1, 2, status, "b")])
    recover(crashed.ledger, crashed.collection, AT)
    assert crashed.articles() == {1: ["done", 1, "1-1"]}


def test_a_tombstone_that_was_not_noted_is(crashed: Crashed) -> None:
    crashed.run("a", [row(1)], [row(1)], ended=True)
    crashed.run("b", [row(1, 2, "gone", "b")], [])
    recover(crashed.ledger, crashed.collection, AT)
    assert crashed.articles()[1][:2] == ["gone", 2]


def test_a_run_that_ended_is_not_looked_at_again_and_one_that_was_cut_off_only_once(crashed: Crashed) -> None:
    crashed.run("a", [row(1)], [], ended=True)
    crashed.run("b", [], [])
    assert recover(crashed.ledger, crashed.collection, AT) == ["b"]
    assert recover(crashed.ledger, crashed.collection, AT) == []
    assert crashed.articles() == {}
    assert [(run.run_id, run.reason) for run in all_runs(crashed.ledger)] == [
        ("a", "finished"),
        ("b", "killed"),
    ]


def test_lines_that_are_no_rows_cost_nothing(crashed: Crashed) -> None:
    crashed.run("a", [row(1)], [])
    path = crashed.collection.rows_of("a")
    path.write_bytes(b'{"other": 1}\n' + path.read_bytes())
    recover(crashed.ledger, crashed.collection, AT)
    assert crashed.articles() == {1: ["done", 1, "1-1"]}


def test_a_ledger_of_the_first_version_is_brought_up_to_date(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "ledger.sqlite")
    old.executescript(f"{MIGRATIONS[0]} PRAGMA user_version = 1;")
    old.close()
    with pytest.raises(LedgerError, match="the next crawl brings it up to date"):
        connect_to_read(tmp_path / "ledger.sqlite")
    ledger = connect(tmp_path / "ledger.sqlite")
    frontier = Frontier(ledger, 1, Wanted(provinces=(BY_SLUG["qom"],)))
    frontier.add(7, "/fa/news/7", "feed", BY_SLUG["qom"], BY_SLUG["qom"])
    frontier.dated(7, "2026-11-01", "1 Nov 2026 10:00:00 +0330")
    assert frontier[7].feed_date == "1 Nov 2026 10:00:00 +0330"
    (found,) = frontier.take(1)  # it is at hand now
    frontier.dated(7, "2026-11-02", "2 Nov 2026 10:00:00 +0330")
    assert frontier[found.news_id].feed_date == "2 Nov 2026 10:00:00 +0330"
    ledger.close()


def test_a_ledger_of_another_version_is_named(crashed: Crashed) -> None:
    crashed.ledger.execute("PRAGMA user_version = 99")
    crashed.ledger.close()
    with pytest.raises(LedgerError, match="is of version 99, this program knows 2: use a newer Ostan"):
        connect(crashed.collection.ledger)
    with pytest.raises(LedgerError, match="is of version 99"):
        connect_to_read(crashed.collection.ledger)
    with pytest.raises(LedgerError, match="nothing was crawled"):
        connect_to_read(crashed.collection.folder / "no.sqlite")
