"""Nothing broken, empty or smaller is given away; nothing is overwritten; a kill leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.collection import Collection, Release
from crawler.disk import Held, hold
from crawler.dump import build as building
from crawler.dump.check import faults_of
from crawler.dump.gates import Refused
from crawler.dump.manifest import as_text
from tests.dump.releases import dumped, lines, tree
from tests.dump.rows import article, edited, tombstone, written

FEW = [article(number, day=number % 2) for number in range(12)]


def latest(collection: Collection) -> str:
    return str(json.loads(collection.latest.read_text(encoding="utf-8"))["release"])


@pytest.mark.parametrize("name", ["", ".x", "a/b", "..", "a b", "خبر", "x" * 101, "latest.json", "-x"])
def test_bad_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="release"):
        dumped(written(tmp_path, {"a": FEW}), name)


def test_a_release_is_never_overwritten(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    made = dumped(collection, "r1")
    before = tree(made.release.folder)
    with pytest.raises(ValueError, match="never overwritten"):
        dumped(collection, "r1")
    assert tree(made.release.folder) == before


def test_nothing_is_no_release(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="no row"):
        dumped(written(tmp_path, {"a": []}), "r1")
    assert not Collection(tmp_path, "yjc").latest.exists()


def test_fewer_rows_need_a_reason(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    dumped(collection, "r1")
    written(tmp_path, {"a": FEW[1:], "b": [article(50), article(51)]})  # in total more
    with pytest.raises(Refused, match="markazi 0 of 1"):
        dumped(collection, "r2")
    assert latest(collection) == "r1"
    made = dumped(collection, "r2", allow_fewer="taken down: 0")
    assert made.manifest["allowed_fewer"] == "taken down: 0"
    assert made.manifest["previous"] == "r1"
    assert latest(collection) == "r2"


def test_a_last_release_that_is_gone(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    dumped(collection, "r1").release.manifest.unlink()
    with pytest.raises(ValueError, match="put it back, or remove"):
        dumped(collection, "r2")


def test_a_delta_makes_the_new_release_of_the_old(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    old = dumped(collection, "r1").release
    # 3 is gone, 4 edited, 0 taken out, 20 new; 21 came earlier and tells what 5 tells: 5's row changes.
    copy = article(21, str(FEW[5].body), published=FEW[0].published)
    written(tmp_path, {"a": FEW[1:], "b": [tombstone(3), edited(4), article(20), copy]})
    new = dumped(collection, "r2", delta_from="r1", allow_fewer="taken down").release
    folder = new.delta("r1", "r2")
    tombs = [json.loads(line) for line in lines(folder / "tombstones.jsonl.zst")]
    assert tombs == [
        {"id": "yjc:0", "version": 1, "why": "removed"},
        {"id": "yjc:3", "version": 2, "why": "gone"},
    ]
    table = {key(line): line for line in lines(*old.shards())}
    for tomb in tombs:
        if tomb["why"] == "removed":
            del table[tomb["id"], tomb["version"]]
    upserts = lines(*sorted(folder.glob("upserts-*")))
    table |= {key(line): line for line in upserts}
    assert sorted(table.values()) == sorted(lines(*new.shards()))
    assert {key(line)[0] for line in upserts} == {"yjc:3", "yjc:4", "yjc:5", "yjc:20", "yjc:21"}


def test_a_delta_from_a_broken_release(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    flip(dumped(collection, "r1").release)
    with pytest.raises(ValueError, match=r"no delta from r1: articles-.* scrapy dump --check r1"):
        dumped(collection, "r2", delta_from="r1")


def key(line: bytes) -> tuple[str, int]:
    row = json.loads(line)
    return row["id"], row["version"]


def test_a_delta_from_nowhere(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no such file"):
        dumped(written(tmp_path, {"a": FEW}), "r2", delta_from="r1")


def test_a_killed_dump_leaves_nothing(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    leftover = collection.building("r0").folder
    leftover.mkdir(parents=True)
    (leftover / "articles-x.jsonl.zst").write_bytes(b"half")
    collection.next_latest.write_text(as_text({"release": "r0"}), encoding="utf-8")
    dumped(collection, "r1")
    assert latest(collection) == "r1"
    names = sorted(path.name for path in collection.dumps.iterdir())
    assert names == [".lock", "latest.json", "r1"]


def test_killed_between_the_name_and_the_pointer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The release has its name, so it passed; the next dump makes it the last before it does anything."""
    collection = written(tmp_path, {"a": FEW})
    dumped(collection, "r1")
    with monkeypatch.context() as patch:
        patch.setattr("crawler.dump.latest.finish_move", die)
        with pytest.raises(KeyboardInterrupt):
            dumped(collection, "r2")
    assert latest(collection) == "r1"
    assert dumped(collection, "r3").manifest["previous"] == "r2"


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_what_does_not_hold_is_not_released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collection = written(tmp_path, {"a": FEW})
    write = building.write_parquet

    def lossy(connection: object, shard: Path, path: Path, longest: int) -> int:
        rows = write(connection, shard, path, longest)
        write(connection, collection.building("r1").shards()[1], path, longest)
        return rows

    monkeypatch.setattr(building, "write_parquet", lossy)
    with pytest.raises(Refused, match="other rows than"):
        dumped(collection, "r1", 10**6)
    assert not collection.latest.exists()
    assert not collection.release("r1").folder.exists()


def test_two_dumps_at_once(tmp_path: Path) -> None:
    collection = written(tmp_path, {"a": FEW})
    hold(collection.dumps_lock, "the other one")
    with pytest.raises(Held, match="the other one"):
        dumped(collection, "r1")


def flip(release: Release) -> str:
    path = release.shards()[0]
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    return f"{path.name}: other bytes than"


def remove(release: Release) -> str:
    path = next(release.parquet.iterdir())
    path.unlink()
    return f"parquet/{path.name}: No such file"


def add(release: Release) -> str:
    (release.folder / "more.txt").write_text("", encoding="utf-8")
    return "more.txt: not in the manifest"


def miscount(release: Release) -> str:
    told = json.loads(release.manifest.read_text(encoding="utf-8"))
    line = next(line for line in told["files"] if line["path"] == release.shards()[0].name)
    line["rows"] += 1
    told["rows_by_status"]["new"] += 1
    release.manifest.write_text(as_text(told), encoding="utf-8")
    return f"{release.shards()[0].name}: 6 rows, the manifest says 7"


@pytest.mark.parametrize("harm", [flip, remove, add, miscount], ids=lambda harm: harm.__name__)
def test_check_finds(tmp_path: Path, harm: Callable[[Release], str]) -> None:
    release = dumped(written(tmp_path, {"a": FEW}), "r1", 10**6).release
    assert list(faults_of(release)) == []
    expected = harm(release)
    assert any(expected in fault for fault in faults_of(release))
