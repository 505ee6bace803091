"""What can be asked beside words, in which order and on which pages it comes, and what is shown of it."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

import crawler.search.find as finding
from crawler.collection import Collection
from crawler.provinces import BY_SLUG
from crawler.search.asked import read_asked
from crawler.search.find import Answer, find
from crawler.search.schema import connect_to_read
from crawler.search.snippet import Pieces
from tests.dump.rows import text, tombstone
from tests.search.news import answer, edited, indexed, news, numbers, on

QOM, YAZD = BY_SLUG["qom"], BY_SLUG["yazd"]


@pytest.fixture(scope="module")
def some(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    rows = [
        # 20:29 and 20:31 UTC: before and after Tehran's midnight, of 1 and 2 Mehr 1404
        news(1, "برف در کهک", place=QOM, published=on("2025-09-23", "20:29"), tags=["هوا", "راه‌ها"]),
        news(
            2, "برف در مهریز", place=YAZD, published=on("2025-09-23", "20:31"), tags=["هوا"], source="ایسنا"
        ),
        news(3, "برف در راه است", place=None, published=on("2025-10-05"), source="خبرگزاری كیهان"),
        news(4, "برف بی تاریخ", place=QOM, published=None, tags=["هواشناسی"]),
        news(5, "باران در قم", place=QOM, published=on("2025-09-20"), tags=["هوا"]),
        edited(5, "برف و باران در قم", place=QOM, published=on("2025-09-20"), tags=["باران"]),
        news(6, "برف در بافق", place=YAZD, published=on("2025-10-06"), tags=["هوا"]),
        tombstone(6),
    ]
    return indexed(tmp_path_factory.mktemp("some"), rows)


def asked(collection: Collection, **words: str) -> Answer:
    """As typed on a command line or in a browser."""
    index = connect_to_read(collection.search)
    try:
        return find(index, collection, read_asked({"text": "برف"} | words))
    finally:
        index.close()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({}, {1, 2, 3, 4, 5, 6}),
        ({"province": "qom"}, {1, 4, 5}),
        ({"province": "قم"}, {1, 4, 5}),
        ({"province": QOM.code}, {1, 4, 5}),
        ({"province": "qom,yazd"}, {1, 2, 4, 5, 6}),
        ({"since": "1404-07-02"}, {2, 3, 6}),
        ({"since": "2025-09-24"}, {2, 3, 6}),
        ({"since": "۱۴۰۴/۰۷/۰۲"}, {2, 3, 6}),
        ({"until": "1404-07-01"}, {1, 5}),
        ({"until": "2025-09-23"}, {1, 5}),
        ({"since": "2025-09-23", "until": "1404-07-02"}, {1, 2}),
        ({"tag": "هوا"}, {1, 2, 6}),
        ({"tag": "راه‌ها"}, {1}),
        ({"tag": "باران"}, {5}),
        ({"tag": "راه"}, set()),
        ({"source": "ایسنا"}, {2}),
        ({"source": "خبرگزاری کیهان"}, {3}),
        ({"source": "خبرگزاري كيهان"}, {3}),
        ({"tag": "هواشناسي"}, {4}),
        ({"source": "خبرگزاری"}, set()),
        ({"status": "gone"}, {6}),
        ({"status": "there"}, {1, 2, 3, 4, 5}),
        ({"status": "edited"}, {5, 6}),
        ({"province": "yazd", "tag": "هوا", "status": "there", "since": "1404-07-01"}, {2}),
        ({"text": "", "province": "yazd"}, {2, 6}),
        ({"text": "", "tag": "باران", "until": "1404-12-29"}, {5}),
        ({"text": "باران", "tag": "هوا"}, set()),  # a tag of its first version only
    ],
    ids=str,
)
def test_filters(some: Collection, words: dict[str, str], found: set[int]) -> None:
    said = asked(some, **words)
    assert {int(hit.id.partition(":")[2]) for hit in said.hits} == found
    assert said.total == len(found)


@pytest.mark.parametrize(
    "words",
    [
        {"province": "atlantis"}, {"since": "yesterday"}, {"since": "1404-13-01"}, {"until": "1404-12-31"},
        {"since": "1404-07-02", "until": "1404-07-01"}, {"status": "lost"}, {"order": "best"}, {"page": "0"},
        {"page": "-1"}, {"page": "x"}, {"page": "۲"}, {"page": "1.5"}, {"province": "\ud83d"},
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_asked_is_named(words: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=next(iter(words))):
        read_asked(words)


@pytest.mark.parametrize("order", ["rank", "newest", "oldest"])
def test_words_are_looked_for_once(some: Collection, order: str) -> None:
    """Not once for each article of a province: at 100,000 articles that took minutes."""
    said: list[str] = []
    words = {"text": "برف", "province": "qom", "since": "1404-01-01", "until": "1404-12-29"}
    with closing(connect_to_read(some.search)) as index:
        index.set_trace_callback(said.append)
        find(index, some, read_asked(words | {"order": order}))
        index.set_trace_callback(None)
        asked = [statement for statement in said if "MATCH" in statement and not statement.startswith("--")]
        plans = [index.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall() for statement in asked]
    assert plans
    for plan in plans:
        steps = [step["detail"] for step in plan if "words" in step["detail"] or "articles" in step["detail"]]
        assert steps[0].startswith("SCAN words VIRTUAL TABLE")
        assert steps[1] == "SEARCH articles USING INDEX articles_by_doc (doc=?)"


def test_no_more_are_counted_than_can_be_asked_for(some: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, number in {"MOST_RANKED": 4, "MOST_COUNTED": 4, "PAGE": 2}.items():
        monkeypatch.setattr(finding, name, number)
    for asked in ({"order": "rank"}, {"order": "newest"}, {"page": 9}, {"text": ""}):
        said = answer(some, **({"text": "برف"} | asked))
        assert (said.total, said.pages) == (5, 2)  # 5: more than 4
    assert answer(some, "کهک").total == answer(some, "کهک", page=9).total == 1


def test_days_are_told(some: Collection) -> None:
    days = {hit.id: hit.day for hit in answer(some, "برف").hits}
    assert (days["yjc:1"], days["yjc:2"], days["yjc:4"]) == ("2025-09-23", "2025-09-24", None)


class TestOrder:
    def test_titles_count_most_then_tags_of_a_short_text(self, tmp_path: Path) -> None:
        rows = [
            news(1, f"{text(1)} برف {text(2)}"),
            news(2, text(3), title="برف"),
            news(3, text(4), lead=f"برف {text(5, 9)}"),
            news(4, text(6)),
        ]
        assert numbers(indexed(tmp_path, rows), "برف") == [2, 3, 1]

    def test_a_word_often_in_a_short_text_counts_more(self, tmp_path: Path) -> None:
        rows = [news(1, f"برف {text(1, 300)}"), news(2, f"برف برف برف {text(2, 20)}"), news(3, text(3))]
        assert numbers(indexed(tmp_path, rows), "برف") == [2, 1]

    def test_by_age(self, some: Collection) -> None:
        assert numbers(some, "برف", order="newest") == [6, 3, 2, 1, 5, 4]
        assert numbers(some, "برف", order="oldest") == [5, 1, 2, 3, 6, 4]
        assert numbers(some, order="oldest") == [5, 1, 2, 3, 6, 4]
        assert numbers(some) == [6, 3, 2, 1, 5, 4]

    def test_by_age_of_more_than_are_ranked(self, some: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(finding, "MOST_RANKED", 2)
        monkeypatch.setattr(finding, "PAGE", 2)
        assert numbers(some, "برف", order="oldest") == [5, 1]
        assert len(numbers(some, "برف")) == 2


class TestPages:
    @pytest.mark.parametrize("order", ["rank", "newest", "oldest"])
    def test_each_article_stands_on_one(self, tmp_path: Path, order: Any) -> None:
        collection = indexed(tmp_path, [news(n, f"برف {text(n, n + 5)}") for n in range(45)])
        for typed in ("برف", ""):
            pages = [numbers(collection, typed, order=order, page=page) for page in (1, 2, 3, 4)]
            assert [len(page) for page in pages] == [20, 20, 5, 0]
            assert sorted(chain(*pages)) == list(range(45))
            said = answer(collection, typed, order=order, page=2)
            assert (said.total, said.pages) == (45, 3)
            if order != "rank":
                days = [
                    said.hits[n].day for said in [answer(collection, typed, order=order)] for n in (0, -1)
                ]
                assert None not in days

    def test_behind_the_last_one_is_nothing(self, some: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
        """Also where there are more than can be asked for: who pages on until none comes must end."""
        monkeypatch.setattr(finding, "MOST_RANKED", 4)
        monkeypatch.setattr(finding, "PAGE", 2)
        for typed in ("برف", ""):
            assert [len(numbers(some, typed, page=page)) for page in (1, 2, 3, 4, 999_999_999)] == [
                2,
                2,
                0,
                0,
                0,
            ]


def meant(pieces: Pieces) -> list[str]:
    return [piece for piece, is_meant in pieces if is_meant]


BODY = f"{text(1, 80)} استاندارِ قم: خانۀ ۱۴۰۴ را می\u200cسازند و کتاب ها، می رسند. " + text(2, 80)


class TestSnippets:
    @pytest.mark.parametrize(
        ("typed", "found"),
        [
            ("استاندار", ["استاندارِ"]),
            ("خانه 1404", ["خانۀ", "۱۴۰۴"]),
            ("میسازند", ["می\u200cسازند"]),
            ("می\u200cسازند", ["می\u200cسازند"]),
            ("سازند", ["می\u200cسازند"]),
            ("کتابها", ["کتاب", "ها،"]),
            ("کتاب\u200cها", ["کتاب", "ها،"]),
            ("می\u200cرسند", ["می", "رسند."]),
            ("میرسند", ["می", "رسند."]),
            ('"قم خانه"', ["قم:", "خانۀ"]),
            ("قم -شیراز", ["قم:"]),
        ],
    )
    def test_are_of_the_text_around_what_was_found(
        self, tmp_path: Path, typed: str, found: list[str]
    ) -> None:
        (hit,) = answer(indexed(tmp_path, [news(1, BODY)]), typed).hits
        whole = "".join(piece for piece, _ in hit.text)
        assert whole.startswith("… ")
        assert whole.endswith(" …")
        assert whole.strip("… ") in str(hit.row["body"])
        assert 20 < len(whole.split()) < 50
        assert [word for word in meant(hit.text) if word in " ".join(found)] == found
        assert len(meant(hit.text)) < len(found) + 2

    def test_of_a_text_in_which_nothing_was_found_is_its_beginning(self, tmp_path: Path) -> None:
        (hit,) = answer(indexed(tmp_path, [news(1, BODY, title="برف در اهر")]), "برف").hits
        assert meant(hit.title) == ["برف"]
        assert "".join(piece for piece, _ in hit.text).startswith(BODY[:40])
        assert meant(hit.text) == []

    def test_tell_tags_and_kickers_where_they_were_meant(self, tmp_path: Path) -> None:
        row = news(1, BODY, tags=["هوای سرد", "راه"], kicker="گزارش تصویری")
        collection = indexed(tmp_path, [row])
        assert answer(collection, "استاندار").hits[0].tags == []
        assert meant(answer(collection, "سرد").hits[0].tags) == ["سرد،"]
        assert answer(collection, "استاندار").hits[0].kicker == []
        assert meant(answer(collection, "گزارش").hits[0].kicker) == ["گزارش"]

    def test_rows_that_were_moved_away_are_still_counted(self, tmp_path: Path) -> None:
        collection = indexed(tmp_path, [news(1, "برف")])
        collection.rows_of("run1").unlink()
        (hit,) = answer(collection, "برف").hits
        assert (hit.id, hit.row, hit.text) == ("yjc:1", {}, [])


def test_a_day_is_a_day() -> None:
    assert read_asked({"since": "1404-07-01"}).since == date(2025, 9, 23)
