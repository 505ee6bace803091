"""What a release is: the same bytes for the same rows, sorted, of the size asked for, typed, selected."""

from __future__ import annotations

import gzip
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.dump.build import Built
from crawler.dump.catalogue import Contradiction, Selection
from crawler.dump.columns import columns
from crawler.dump.duck import duckdb, lines_as_table, parquet_as_table
from crawler.provinces import BY_SLUG
from crawler.rows import as_line
from tests.dump.releases import SMALL, dumped, lines, rows, tree
from tests.dump.rows import article, edited, tombstone, written

MANY = [article(number, day=number % 3) for number in range(60)]
LATER = [edited(7), tombstone(8), article(900, place=None)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Built:
    collection = written(tmp_path_factory.mktemp("archives"), {"a": MANY, "b": LATER})
    return dumped(collection, "r1")


def test_the_same_rows_make_the_same_bytes(made: Built, tmp_path: Path) -> None:
    shuffled = {"z": LATER[::-1], "y": MANY[40:][::-1], "x": MANY[:40]}
    files = written(tmp_path / "other", shuffled)
    again = dumped(files, "r1")
    one, other = tree(made.release.folder), tree(again.release.folder)
    # The names of the files of rows stand in the manifest and nowhere else.
    assert one.pop("manifest.json") != other.pop("manifest.json")
    assert one == other
    same = dumped(written(tmp_path / "same", {"b": LATER[::-1], "a": MANY[::-1]}), "r1")
    assert tree(same.release.folder) == tree(made.release.folder)


def test_rows_are_sorted_and_shards_are_small(made: Built) -> None:
    keys = []
    for path in made.release.shards():
        found = lines(path)
        assert sum(map(len, found)) <= SMALL
        read = [json.loads(line) for line in found]
        day = path.name.removeprefix("articles-")[:10]
        keys += [(day, (r["province"] or {}).get("slug", ""), int(r["id"][4:]), r["version"]) for r in read]
    assert keys == sorted(keys)
    assert len(keys) == 63
    assert {key[0] for key in keys} == {"2026-11-01", "2026-11-02", "2026-11-03"}
    assert len(made.release.shards()) > 3


def test_rows_are_those_of_the_archive_and_one_key_more(made: Built) -> None:
    archived = {as_line(row) for row in (*MANY, *LATER)}
    ending = b',"near_dup_of":null}\n'
    found = lines(*made.release.shards())
    assert all(line.endswith(ending) for line in found)
    assert {line.removesuffix(ending) + b"}\n" for line in found} == archived
    assert list(json.loads(found[0])) == [column.name for column in columns()]
    schema = json.loads(made.release.schema.read_text(encoding="utf-8"))
    assert list(schema["properties"]) == schema["required"] == list(json.loads(found[0]))


def test_a_column_of_nulls_keeps_its_type(made: Built) -> None:
    shard = made.release.shards()[0]
    parquet = parquet_as_table(made.release.parquet_of(shard))
    typed = "typeof(kicker), typeof(warc), typeof(restored.title), typeof(tags), typeof(fetched_at)"
    with duckdb() as connection:
        for table in (lines_as_table(shard, 10**6), parquet):
            types = connection.execute(f"SELECT DISTINCT {typed} FROM {table}").fetchall()
            assert types == [
                (
                    "VARCHAR",
                    'STRUCT(file VARCHAR, "offset" BIGINT, length BIGINT, record_id VARCHAR, '
                    "payload_digest VARCHAR, date VARCHAR)",
                    "VARCHAR",
                    "VARCHAR[]",
                    "TIMESTAMP WITH TIME ZONE",
                )
            ]
        # An empty province: of both readers the same nothing.
        count = f"SELECT count(*) FROM {parquet} WHERE province.slug = 'nowhere' OR warc.file IS NOT NULL"
        assert connection.execute(count).fetchone() == (0,)


def test_the_manifest_counts(made: Built) -> None:
    told = made.manifest
    assert (told["rows"], told["articles"], told["faulty_lines"]) == (63, 61, 0)
    assert told["rows_by_status"] == {"edited": 1, "gone": 1, "new": 61}
    assert told["rows_by_province"][""] == 1
    assert told["fetched_at"]["first"] == "2026-11-01T09:00:00+00:00"
    assert told["run_ids"] == ["run0", "run1", "run2"]
    on_disk = set(tree(made.release.folder)) - {"manifest.json"}
    assert {line["path"] for line in told["files"]} == on_disk
    card = made.release.card.read_text(encoding="utf-8")
    assert card.startswith('---\nlicense: "other"\n')
    assert '- name: "near_dup_of"' in card


def test_gzip_without_name_and_time(tmp_path: Path) -> None:
    made = dumped(written(tmp_path, {"a": MANY[:3]}), "r1", gzip=True, parquet=False)
    shard = made.release.shards()[0]
    assert shard.read_bytes()[3:8] == b"\0\0\0\0\0"  # no name; no time
    assert gzip.decompress(shard.read_bytes()).count(b"\n") == 1
    assert not made.release.parquet.exists()


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({"provinces": ("fars", "kerman")}, [7, 7, 8, 8, 38, 39]),
        ({"since": date(2026, 11, 3)}, [8, 8, *range(2, 60, 3)]),
        ({"provinces": ("fars",), "until": date(2026, 11, 1)}, []),
        ({"provinces": ("kerman",), "since": date(2026, 11, 3)}, [8, 8, 38]),
    ],
)
def test_a_selection_takes_articles_with_all_their_versions(
    tmp_path: Path, asked: dict[str, Any], numbers: list[int]
) -> None:
    """Fars is the province of 7 (edited on the second day) and 38, Kerman of 8 (gone) and 39."""
    collection = written(tmp_path, {"a": MANY, "b": [edited(7), tombstone(8)]})
    slug = list(BY_SLUG)
    assert (slug[7], slug[8]) == ("fars", "kerman")
    expected = sorted(
        int(row["id"][4:])
        for row in map(json.loads, map(as_line, [*MANY, edited(7), tombstone(8)]))
        if fits(row, asked)
    )
    if not expected:
        with pytest.raises(ValueError, match="no row to dump"):
            dumped(collection, "r1", selection=Selection(**asked), parquet=False)
        return
    made = dumped(collection, "r1", selection=Selection(**asked), parquet=False)
    assert sorted(int(row["id"][4:]) for row in rows(made.release)) == expected
    assert made.manifest["selection"]["provinces"] == (
        list(asked["provinces"]) if "provinces" in asked else None
    )


def fits(row: dict[str, Any], asked: dict[str, Any]) -> bool:
    """Whether any version of the row's article is of the province, and any of the day."""
    number = int(row["id"][4:])
    days = {1 + number % 3} | ({2} if number == 7 else set())
    since, until = asked.get("since", date(2026, 1, 1)).day, asked.get("until", date(2026, 11, 30)).day
    since = since if "since" in asked else 0
    place = list(BY_SLUG)[number % 31]
    return place in asked.get("provinces", (place,)) and any(since <= day <= until for day in days)


def test_a_torn_line_is_told_and_the_rest_goes_on(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": MANY[:5]})
    path = collection.rows_of("a")
    whole = path.read_bytes()
    path.write_bytes(b'{"id": 1}\n' + whole + b"\xff\n" + whole[:50])
    made = dumped(collection, "r1")
    told = [(fault.file, fault.offset) for fault in made.faults]
    assert told == [("articles/a.jsonl", at) for at in (0, 10 + len(whole), 12 + len(whole))]
    assert "torn" in made.faults[2].why
    assert (made.manifest["rows"], made.manifest["faulty_lines"]) == (5, 3)


def test_the_same_version_twice(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": MANY[:5], "b": MANY[2:4]})
    assert dumped(collection, "r1").manifest["repeated_rows"] == 2
    assert len(rows(collection.release("r1"))) == 5
    written(tmp_path, {"c": [article(3, "other words")]})
    with pytest.raises(
        Contradiction, match=r"yjc:3 .* articles/a.jsonl at byte .* articles/c.jsonl at byte 0"
    ):
        dumped(collection, "r2")
    assert not collection.release("r2").folder.exists()
    assert collection.left_by_killed_dumps() == []


def test_the_card_names_only_what_is_there(made: Built, tmp_path: Path) -> None:
    without = dumped(written(tmp_path, {"a": MANY[:2]}), "r1", parquet=False)
    assert "parquet/*.parquet" in made.release.card.read_text(encoding="utf-8").split("---")[1]
    assert "parquet/*.parquet" not in without.release.card.read_text(encoding="utf-8").split("---")[1]
    assert Collection(tmp_path, "yjc").latest.exists()
