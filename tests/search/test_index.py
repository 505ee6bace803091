"""The index follows the rows: each is taken in once, and the last version of an article counts."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from crawler.provinces import BY_SLUG
from crawler.rows import as_line
from crawler.search.update import update
from tests.dump.rows import text, tombstone, written
from tests.search.news import QUERIES, answer, edited, everything, indexed, news, numbers, rebuilt

HALF = " می\u200cشود"


class TestVersions:
    def test_the_last_one_counts(self, tmp_path: Path) -> None:
        rows = [news(1, "برف سنگین"), news(2, "باران"), edited(1, "آفتاب تابان", title="خبر تازه")]
        collection = indexed(tmp_path, rows)
        assert numbers(collection, "برف") == []
        assert numbers(collection, "آفتاب") == [1]
        assert sorted(numbers(collection)) == [1, 2]
        (hit,) = answer(collection, "آفتاب").hits
        assert (hit.status, hit.versions, hit.row["version"]) == ("edited", 2, 2)
        assert numbers(collection, status="edited") == [1]

    def test_of_what_is_gone_the_last_text_is_found(self, tmp_path: Path) -> None:
        place = BY_SLUG["qom"]
        first, last = news(1, "برف", place=place, tags=["هوا"]), edited(1, "باران", place=place, tags=["هوا"])
        collection = indexed(tmp_path, [first, last, tombstone(1, 3, 3), news(2, "باران", place=place)])
        asked: dict[str, Any] = {"provinces": ("qom",), "tag": "هوا"}
        (hit,) = answer(collection, "باران", **asked).hits
        assert (hit.status, hit.versions, hit.row["version"]) == ("gone", 3, 2)
        assert numbers(collection, "برف") == []
        assert numbers(collection, "باران", status="gone") == [1]
        assert numbers(collection, "باران", status="there") == [2]

    def test_what_comes_back_is_there_again(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, [news(1, "برف"), tombstone(1), edited(1, "برف و باران", 3)])
        assert numbers(collection, "برف", status="there") == [1]
        assert numbers(collection, status="gone") == []
        assert answer(collection, "باران").hits[0].status == "edited"

    def test_gone_before_it_was_seen(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, [tombstone(1, 1), news(2, "برف")])
        assert numbers(collection, status="gone") == [1]
        assert answer(collection, status="gone").hits[0].title == []

    @pytest.mark.parametrize("order", list(permutations("abc")), ids="".join)
    def test_in_whatever_order_runs_are_taken_in(self, tmp_path: Path, order: tuple[str, ...]) -> None:
        """Run ids may be given by hand: the later run's file need not be the later one by name."""
        runs = {"a": news(1, "برف"), "b": edited(1, "باران", place=BY_SLUG["yazd"]), "c": tombstone(1, 3)}
        collection = written(tmp_path, {})
        for run in order:
            collection.rows_of(run).write_bytes(as_line(runs[run]))
            update(collection)
        (hit,) = answer(collection, "باران", provinces=("yazd",)).hits
        assert (hit.status, hit.versions, hit.row["version"]) == ("gone", 3, 2)
        assert everything(collection, QUERIES) == everything(rebuilt(collection, tmp_path / "2"), QUERIES)


class TestUpdates:
    def test_only_what_came_is_taken_in(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, [news(1, "برف")])
        with collection.rows_of("run1").open("ab") as rows:
            rows.write(as_line(news(2, "برف")))
        collection.rows_of("run2").write_bytes(as_line(news(3, "برف")))
        updated = update(collection)
        assert (updated.rows, updated.anew) == (2, False)
        assert sorted(numbers(collection, "برف")) == [1, 2, 3]
        updated = update(collection)
        assert (updated.rows, updated.anew) == (0, False)

    def test_a_torn_end_waits_until_it_is_whole(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, [news(1, "برف")])
        line = as_line(news(2, "برف"))
        for torn in (line[:40], line[40:-1]):
            with collection.rows_of("run1").open("ab") as rows:
                rows.write(torn)
            updated = update(collection)
            assert (updated.rows, updated.passed_over) == (0, 0)
            assert numbers(collection, "برف") == [1]
        with collection.rows_of("run1").open("ab") as rows:
            rows.write(b"\n")
        assert update(collection).rows == 1
        assert sorted(numbers(collection, "برف")) == [1, 2]
        assert [hit.row["id"] for hit in answer(collection, "برف", order="oldest").hits] == ["yjc:1", "yjc:2"]

    def test_an_updated_index_is_as_a_rebuilt_one(self, tmp_path: Path) -> None:
        collection = written(tmp_path, {})
        for run in range(5):
            rows = [news(n, f"برف {text(n, 20)} {HALF * (n % 3)}") for n in range(run, 60, 5)]
            rows += [edited(n, f"باران {text(-n, 20)}") for n in range(run, 40, 10)]
            rows += [tombstone(n, 2) for n in range(45 + run, 60, 10)]
            half = len(rows) // 2
            for part in (rows[:half], rows[half:]):
                with collection.rows_of(f"run{run}").open("ab") as file:
                    file.writelines(map(as_line, part))
                update(collection)
        whole = rebuilt(collection, tmp_path / "2")
        assert everything(collection, QUERIES) == everything(whole, QUERIES)
        assert update(collection, rebuild=True).anew
        assert everything(collection, QUERIES) == everything(whole, QUERIES)

    def test_a_version_that_stands_twice_is_found_once(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, {"run1": [news(1, "برف")] * 2, "run2": [news(1, "برف")]})
        assert numbers(collection, "برف") == [1]
        assert answer(collection, "برف").total == 1
        other = [news(2, "تگرگ"), news(1, "باران")]
        collection.rows_of("run3").write_bytes(b"".join(map(as_line, other)))
        update(collection)
        assert (numbers(collection, "برف"), numbers(collection, "باران")) == ([1], [])  # the first counts

    def test_rows_that_were_taken_away(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, {"run1": [news(1, "برف")], "run2": [news(2, "برف"), news(3, "برف")]})
        collection.rows_of("run1").unlink()
        assert update(collection).anew
        assert sorted(numbers(collection, "برف")) == [2, 3]
        collection.rows_of("run2").write_bytes(as_line(news(4, "برف")))
        assert update(collection).anew
        assert numbers(collection, "برف") == [4]
