"""Near duplicates: all that are meant are found, no other, whatever the order."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from crawler.dump.catalogue import Catalogue
from crawler.dump.near import jaccard, mark_near_duplicates, shingles
from crawler.items import Article
from tests.dump.rows import article, changed, edited, text, tombstone, written


def marked(folder: Path, rows: list[Article]) -> dict[str, str | None]:
    """Id and version → what the row is called a near duplicate of."""
    folder.mkdir(parents=True, exist_ok=True)
    collection = written(folder, {"a": rows[::2], "b": rows[1::2]})
    catalogue = Catalogue(folder / "catalogue", collection.row_files())
    catalogue.fill()
    mark_near_duplicates(catalogue)
    found = {f"{entry.id}/{entry.version}": entry.near_dup_of for entry in catalogue.entries()}
    catalogue.close()
    return found


def test_recall_and_false_pairs(tmp_path: Path) -> None:
    """100 pairs with 3 % of the words changed: all found. 1,900 unrelated texts beside them: none named."""
    rows = [article(number, text(number, 150)) for number in range(2000)]
    rows += [article(5000 + number, changed(text(number, 150), 0.03, number), day=1) for number in range(100)]
    expected = {f"yjc:{number}/1": None for number in range(2000)}
    expected |= {f"yjc:{5000 + number}/1": f"yjc:{number}" for number in range(100)}
    assert marked(tmp_path, rows) == expected


def test_whatever_the_order(tmp_path: Path) -> None:
    one = text(1, 100)
    rows = [article(number, changed(one, 0.01 * number, number), day=9 - number) for number in range(9)]
    rows.append(article(70, one, day=20))
    found = marked(tmp_path / "x", rows)
    assert found["yjc:8/1"] is None  # published first
    assert found["yjc:0/1"] == found["yjc:70/1"]
    for seed in range(3):
        random.Random(seed).shuffle(rows)
        assert marked(tmp_path / str(seed), rows) == found


def test_the_last_text_of_an_article_decides_for_all_its_versions(tmp_path: Path) -> None:
    copy = article(3, str(edited(2).body), day=5)
    rows = [article(1), article(2), edited(2), copy, tombstone(3), article(4, text(2), day=6)]
    found = marked(tmp_path, rows)
    assert found["yjc:3/1"] == found["yjc:3/2"] == "yjc:2"
    assert found["yjc:4/1"] is None  # like the first version of 2, which is no more what 2 says


def test_rows_without_text(tmp_path: Path) -> None:
    rows = [article(1, ""), article(2, ""), article(3, "یک"), article(4, "یک", day=1)]
    assert marked(tmp_path, rows) == {"yjc:1/1": None, "yjc:2/1": None, "yjc:3/1": None, "yjc:4/1": "yjc:3"}


def test_jaccard() -> None:
    assert jaccard(shingles("a b c d"), shingles("a b c e")) == pytest.approx(1 / 3)
    assert jaccard(frozenset(), frozenset()) == 0
