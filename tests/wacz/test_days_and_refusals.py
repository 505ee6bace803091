"""``scrapy wacz``: a file a day, what is refused, what is told, and what large collections come to."""

from __future__ import annotations

import json
import os
import shutil
import zipfile
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.wacz import copied, package
from crawler.wacz.build import build_whole
from crawler.wacz.runs import run_of
from tests.crawling import NAME
from tests.wacz.opened import Opened, faults_in, wacz

# -- a file a day --------------------------------------------------------------------------------------


def test_days_are_made_once_and_listed(two_days: Collection, tmp_path: Path) -> None:
    out = tmp_path / "days"
    done = wacz(two_days, f"--daily={out}")
    assert (done.returncode, done.stderr) == (0, "")
    today, later = sorted(path.name for path in out.glob("*.wacz"))
    assert later == f"{NAME}-2999-01-01.wacz"
    assert done.stdout.splitlines()[-1] == f"{out}/{NAME}.json: 2 days made, 2 listed"
    listed = json.loads((out / f"{NAME}.json").read_text())
    assert listed["profile"] == "multi-wacz-package"
    assert [(one["name"], one["path"]) for one in listed["resources"]] == [(today, today), (later, later)]
    both = [Opened(out / name) for name in (today, later)]
    assert not any("originals" in name for day in both for name in day.archives)
    assert [fault for day in both for fault in faults_in(day) if "original" not in fault] == []

    before = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert "0 days made" in wacz(two_days, f"--daily={out}").stdout
    after = {path.name: path.stat().st_mtime_ns for path in out.iterdir()}
    assert {name for name in before if before[name] != after[name]} == {f"{NAME}.json"}
    assert json.loads((out / f"{NAME}.json").read_text()) == listed

    grown = sorted(two_days.warc.glob("*2999*"))[-1]
    shutil.copy(grown, grown.with_name(grown.name.replace("-2999", "-2998")))
    shutil.copy(grown, grown.with_name(grown.name.replace("-29990101", "-29990102")))
    grown.unlink()
    done = wacz(two_days, f"--daily={out}")
    assert [line.partition(":")[0].rpartition("/")[2] for line in done.stdout.splitlines()[:-1]] == [
        f"{NAME}-2998-01-01.wacz",
        later,
        f"{NAME}-2999-01-02.wacz",
    ]


# -- refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["x.zip"], 2, "one OUT.wacz"),
        ([], 2, "one OUT.wacz"),
        (["taken.wacz"], 2, "taken.wacz exists; choose another name"),
        (["--run=nope", "x.wacz"], 2, "no run with WARC files begins so; the last are: first, second, third"),
        (["--run=first", "--provinces=qom", "x.wacz"], 2, "--run packs whole WARC files"),
        (["--daily=days", "x.wacz"], 2, "--daily FOLDER packs all days"),
        (["--provinces=atlantis", "x.wacz"], 2, "no province is called 'atlantis'"),
        (["--since=1390-01-01", "--until=1390-01-02", "x.wacz"], 1, "no capture of an article"),
        (["--collection=none", "x.wacz"], 2, "there is no such collection"),
    ],
)
def test_refused(words: list[str], code: int, said: str, collection: Collection, tmp_path: Path) -> None:
    (tmp_path / "taken.wacz").touch()
    here = [str(tmp_path / word) if word.startswith(("x.", "taken")) else word for word in words]
    done = wacz(collection, *here)
    assert done.returncode == code
    assert said in done.stderr
    assert done.stdout == ""
    assert [path.name for path in tmp_path.iterdir()] == ["taken.wacz"]


def test_of_several_collections_one_must_be_named(collection: Collection, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name / "warc").mkdir(parents=True)
    done = wacz(Collection(tmp_path, "one"), f"{tmp_path}/x.wacz")
    assert done.returncode == 2
    assert "one, two; choose one with --collection NAME" in done.stderr
    done = wacz(Collection(tmp_path, "one"), "--collection=two", f"{tmp_path}/x.wacz")
    assert (done.returncode, done.stderr) == (1, "error: no WARC files\n")


def test_a_torn_file_is_named_and_nothing_is_left(collection: Collection, tmp_path: Path) -> None:
    copy = Collection(tmp_path, NAME)
    shutil.copytree(collection.folder, copy.folder)
    torn = sorted(copy.warc.iterdir())[0]
    os.truncate(torn, torn.stat().st_size - 20)
    done = wacz(copy, f"{tmp_path}/x.wacz")
    assert done.returncode == 1
    assert f"{torn} is not whole" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [NAME]


def test_a_line_that_is_no_row_is_told(collection: Collection, tmp_path: Path) -> None:
    copy = Collection(tmp_path, NAME)
    shutil.copytree(collection.folder, copy.folder)
    with copy.rows_of("second").open("ab") as rows:
        rows.write(b"{}\n")
    done = wacz(copy, "--provinces=yazd", f"{tmp_path}/x.wacz")
    assert done.returncode == 1
    assert "no row, left out: articles/second.jsonl at byte" in done.stderr
    assert faults_in(Opened(tmp_path / "x.wacz")) == []


def test_an_original_that_is_nowhere_is_told(collection: Collection, tmp_path: Path) -> None:
    copy = Collection(tmp_path, NAME)
    shutil.copytree(collection.folder, copy.folder)
    sorted(copy.warc.iterdir())[0].unlink()
    copy.index.unlink()
    copy.manifest.unlink()
    done = wacz(copy, "--run=second", f"{tmp_path}/x.wacz")
    assert done.returncode == 1
    assert "which a revisit refers to, is not in the collection" in done.stderr
    assert "the original of" in "".join(faults_in(Opened(tmp_path / "x.wacz")))


# -- what large collections come to ----------------------------------------------------------------------


def test_files_of_any_size_begin_where_wabac_looks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes a file without extra field in the directory to have none in front of its bytes either."""
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", 100_000)
    path = tmp_path / "sizes.zip"
    sizes = {f"{size}": size for size in (10, 94_000, 97_000, 100_000, 100_001, 250_000)}
    with path.open("wb") as stream:
        packing = package.Package(stream)
        for name, size in sizes.items():
            packing.add(name, [bytes([65]) * size], size=size)
        packing.close({})
    data = path.read_bytes()
    with zipfile.ZipFile(path) as read:
        for name, size in sizes.items():
            info = read.getinfo(name)
            at = info.header_offset + 30 + len(name)
            if info.extra:
                at += int.from_bytes(data[info.header_offset + 28 :][:2], "little")
            assert data[at - 1 : at] != b"A"
            assert data[at : at + size] == b"A" * size


def test_copies_go_into_files_of_a_measure(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copied, "MOST_BYTES", 30_000)
    files = [path for path in collection.warc.iterdir() if run_of(path) == "second"]
    build_whole(collection, tmp_path / "x.wacz", files, "small")
    small = Opened(tmp_path / "x.wacz")
    assert faults_in(small) == []
    assert sum("originals" in name for name in small.archives) > 1
