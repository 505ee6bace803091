"""Rows that are no rows, an index that is damaged, updates that are killed, disks that are full."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.extensions.closing import say_search
from crawler.rows import as_line
from crawler.search.schema import NoIndex, connect_to_read
from crawler.search.update import Updated, update
from tests.dump.rows import text, written
from tests.search.ends import ended, killed_after, killed_at_rename, killed_writing, with_room
from tests.search.news import answer, edited, everything, indexed, news, numbers, rebuilt

WRONG: dict[str, list[object]] = {
    "id": [None, ["yjc:9"], {}],
    "version": [None, "x", [], 10**30],
    "status": [None, 7, ["new"], "lost"],
    "title": [["برف"], {"a": 1}, "نیمهٔ \ud83d"],
    "body": [5],
    "tags": [None, 5, [5], [None], ["\ud83d"]],
    "province": ["qom", {"slug": ["qom"]}, {"slug": "\ud83d"}],
    "published": ["2026", {"at": "yesterday"}, {"at": 5}, {"at": "0001-01-01T00:00:00+14:00"}],
    "source": [5, ["x"], "\ud83d"],
    "fetched_at": [None, "noon"],
    "canonical_url": [None, {}],
    "search_key": [5],
}
NO_ROWS = [
    *(b"{", b"", b"  ", b"\0" * 50, b"\xff\xfe", b"[]", b"5", b"null", b"{}", b"1" * 5_000),
    b'{"id":' + b"[" * 100_000,  # nested deeper than a reader goes
]
BAD_FIELDS = [(key, value) for key, values in WRONG.items() for value in values]


class TestNoRows:
    def test_are_passed_over_and_counted(self, tmp_path: Path) -> None:
        """And leave nothing: the whole row of the same article, behind each, is taken in."""
        collection = written(tmp_path, {"run1": [news(1, "برف")]})
        with collection.rows_of("run1").open("ab") as rows:
            rows.writelines(line + b"\n" for line in NO_ROWS)
            for number, (key, value) in enumerate(BAD_FIELDS, 100):
                row = news(number, f"برف {number}")
                rows.write(
                    json.dumps(json.loads(as_line(row)) | {key: value}).encode() + b"\n" + as_line(row)
                )
        updated = update(collection)
        wholes = [number for number in range(100, 100 + len(BAD_FIELDS)) if numbers(collection, str(number))]
        missing = [
            BAD_FIELDS[number - 100] for number in range(100, 100 + len(BAD_FIELDS)) if number not in wholes
        ]
        assert missing == []
        assert (updated.rows, updated.passed_over) == (1 + len(BAD_FIELDS), len(NO_ROWS) + len(BAD_FIELDS))
        assert answer(collection, "برف").total == 1 + len(BAD_FIELDS)
        assert update(collection) == Updated(0, 0, False)

    def test_rows_of_an_older_schema_are_rows(self, tmp_path: Path) -> None:
        collection = written(tmp_path, {})
        later = ("search_key", "kicker", "lead", "restored", "restored_by", "source", "published")
        old = {key: value for key, value in json.loads(as_line(news(9, "برف"))).items() if key not in later}
        collection.rows_of("run1").write_text(json.dumps(old) + "\n", encoding="utf-8")
        update(collection)
        assert numbers(collection, "برف") == [9]


def zeros(path: Path, share: float, length: int) -> None:
    """So many bytes of zeros written over it, from that share of it on."""
    with path.open("r+b") as file:
        file.seek(int(path.stat().st_size * share) // 4096 * 4096)
        file.write(bytes(length))


def cut(path: Path, share: float) -> None:
    os.truncate(path, int(path.stat().st_size * share))


def foreign(path: Path, statements: str) -> None:
    index = sqlite3.connect(path)
    index.executescript(statements)
    index.close()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.unlink(),
    "empty": lambda path: path.write_bytes(b""),
    "a byte": lambda path: path.write_bytes(b"S"),
    "text": lambda path: path.write_bytes(b"no database, but long enough to look like one " * 300),
    "cut to its head": lambda path: os.truncate(path, 100),
    "cut in the middle": lambda path: cut(path, 0.5),
    "cut at the end": lambda path: cut(path, 0.98),
    "zeros at the head": lambda path: zeros(path, 0, 4096),
    "zeros behind the head": lambda path: zeros(path, 0.03, 8192),
    "zeros in the middle": lambda path: zeros(path, 0.5, 8192),
    "zeros at the end": lambda path: zeros(path, 0.9, 16384),
    "all zeros": lambda path: path.write_bytes(bytes(path.stat().st_size)),
    "of a later version": lambda path: foreign(path, "PRAGMA user_version = 99"),
    "of an earlier version": lambda path: foreign(path, "PRAGMA user_version = 0"),
    "without a table": lambda path: foreign(path, "DROP TABLE tags"),
    "without its words": lambda path: foreign(path, "DROP TABLE words"),
    "half of another one beside it": lambda path: path.with_name(path.name + ".new").write_bytes(b"half"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return indexed(tmp_path_factory.mktemp("sound"), [news(n, f"برف {text(n, 60)}") for n in range(120)])


class TestDamage:
    @pytest.mark.parametrize("kind", DAMAGES)
    def test_is_mended_by_the_next_run(self, sound: Collection, tmp_path: Path, kind: str) -> None:
        shutil.copytree(sound.folder, tmp_path / "yjc")
        collection = Collection(tmp_path, "yjc")
        DAMAGES[kind](collection.search)
        updated = update(collection)
        if not kind.startswith("half"):
            assert updated.anew
        assert everything(collection) == everything(sound)
        assert sorted(path.name for path in collection.folder.iterdir()) == ["articles", "search.sqlite"]

    def test_there_is_none(self, tmp_path: Path) -> None:
        collection = written(tmp_path, {})
        with pytest.raises(NoIndex, match="scrapy index"):
            connect_to_read(collection.search)
        collection.search.write_bytes(b"x" * 5_000)
        with pytest.raises(NoIndex, match="scrapy index"):
            connect_to_read(collection.search)

    def test_a_crawl_never_fails_for_it(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        collection = written(tmp_path, {"run1": [news(1, "برف")]})
        collection.search.mkdir()
        say_search(collection)
        err = capsys.readouterr().err
        assert err.startswith("error: ")
        assert err.count("\n") == 1
        assert str(collection.search) in err
        collection.search.rmdir()
        say_search(collection)
        assert capsys.readouterr() == ("", "")
        assert numbers(collection, "برف") == [1]

    @pytest.mark.parametrize("room", [0, 4_096, 100_000])
    def test_nor_for_a_full_disk(self, sound: Collection, tmp_path: Path, room: int) -> None:
        shutil.copytree(sound.articles, tmp_path / "yjc/articles")
        collection = Collection(tmp_path, "yjc")
        assert ended(with_room, collection, room) == 0
        assert [path.name for path in collection.folder.iterdir()] == ["articles"]  # nothing half is left
        update(collection)
        assert everything(collection) == everything(sound)

    def test_nor_does_a_full_disk_harm_what_is_there(self, sound: Collection, tmp_path: Path) -> None:
        shutil.copytree(sound.folder, tmp_path / "yjc")
        collection = Collection(tmp_path, "yjc")
        collection.rows_of("run2").write_bytes(
            b"".join(as_line(news(n, text(n, 300))) for n in range(500, 600))
        )
        assert ended(with_room, collection, collection.search.stat().st_size) == 0
        assert numbers(collection, "برف") == numbers(sound, "برف")
        update(collection)
        assert everything(collection) == everything(rebuilt(collection, tmp_path / "2"))


class TestKills:
    @pytest.mark.parametrize(
        ("at", "doing", "then"),
        [
            ("the first row", "update", "update"),
            ("row 71", "update", "rebuild"),
            ("row 71", "rebuild", "update"),
            ("the commit", "update", "update"),
            ("the commit", "update", "rebuild"),
            ("the commit", "rebuild", "update"),
        ],
    )
    def test_the_next_one_completes_it(
        self, sound: Collection, tmp_path: Path, at: str, doing: str, then: str
    ) -> None:
        shutil.copytree(sound.folder, tmp_path / "yjc")
        collection = Collection(tmp_path, "yjc")
        more = [edited(n, f"توفان {text(n, 150)}") for n in range(80)]
        collection.rows_of("run2").write_bytes(b"".join(map(as_line, more)))
        if at == "the commit":
            room = collection.search.stat().st_size if doing == "update" else 100_000
            assert ended(killed_writing, collection, room, doing == "rebuild") == -signal.SIGXFSZ
            journals = [path.read_bytes() for path in collection.folder.glob("*-journal")]
            assert any(journal.startswith(b"\xd9\xd5\x05\xf9") for journal in journals)  # to be played back
        else:
            rows = 70 if at == "row 71" else 0
            assert ended(killed_after, collection, rows, doing == "rebuild") == -signal.SIGKILL
        update(collection, rebuild=then == "rebuild")
        assert everything(collection) == everything(rebuilt(collection, tmp_path / "2"))
        assert answer(collection, "توفان").total == 80
        assert sorted(path.name for path in collection.folder.iterdir()) == ["articles", "search.sqlite"]

    def test_before_it_is_put_in_its_place(self, sound: Collection, tmp_path: Path) -> None:
        shutil.copytree(sound.folder, tmp_path / "yjc")
        collection = Collection(tmp_path, "yjc")
        assert ended(killed_at_rename, collection) == -signal.SIGKILL
        assert everything(collection) == everything(sound)
        update(collection)
        assert sorted(path.name for path in collection.folder.iterdir()) == ["articles", "search.sqlite"]
