"""kill -9 in a crawl, again and again: every whole record stays, what was torn is cut and said."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.disk import AppendFile
from crawler.warc.members import TornMember, members
from crawler.warc.mend import Mended, mend, mend_collection
from crawler.warc.seal import seal
from crawler.warc.verify import verify_collection
from tests.wire.writing import others_agree, page, writer


def whole(path: Path) -> int:
    return sum(1 for _ in members(path))


def finished(folder: Path) -> Path:
    """A file of one warcinfo and four exchanges."""
    target = writer(folder)
    for number in range(4):
        target.write(page(number))
    target.close()
    (path,) = folder.iterdir()
    return path


def test_a_file_cut_at_any_place_keeps_what_is_whole_before_it(tmp_path: Path) -> None:
    path = finished(tmp_path / "whole")
    data = path.read_bytes()
    ends = [member.offset + member.length for member in members(path)]
    assert len(ends) == 9
    for size in sorted(random.Random(1404).sample(range(1, len(data)), 60)):
        torn = tmp_path / f"{size}.warc.gz.open"
        torn.write_bytes(data[:size])
        done = mend(torn)
        assert done.kept == sum(end <= size for end in ends)
        assert done.cut == size - max([end for end in ends if end <= size], default=0)
        assert not torn.exists()
        assert done.path.exists() == bool(done.kept)
        aside = tmp_path / f"{size}.torn"
        assert (aside.read_bytes() if aside.exists() else b"") == data[size - done.cut : size]
        if done.kept:
            assert whole(done.path) == done.kept
            assert done.path.read_bytes() == data[: size - done.cut]


@pytest.mark.parametrize("damage", ["junk behind", "a flipped byte", "an old torn member in the middle"])
def test_nothing_behind_a_damaged_place_is_trusted(damage: str, tmp_path: Path) -> None:
    path = finished(tmp_path / "whole")
    data = path.read_bytes()
    third = list(members(path))[2]
    end = third.offset + third.length
    torn = tmp_path / (path.name + ".open")
    torn.write_bytes(
        {
            "junk behind": data[:end] + b"junk",
            "a flipped byte": data[: end + 30] + bytes([data[end + 30] ^ 255]) + data[end + 31 :],
            "an old torn member in the middle": data[:end] + data[:100] + data[end:],
        }[damage]
    )
    with pytest.raises(TornMember):
        whole(torn)
    assert mend(torn).kept == 3
    others_agree(tmp_path / path.name)


def test_a_file_that_a_crawl_is_writing_is_left_alone(tmp_path: Path) -> None:
    collection = Collection(tmp_path, "c")
    file = AppendFile(collection.warc / "x.warc.gz.open")
    file.append(b"half")
    assert list(mend_collection(collection)) == []
    with pytest.raises(ValueError, match="a crawl is writing it"):
        mend(file.path)
    file.close()


def test_a_finished_file_is_never_written_over(tmp_path: Path) -> None:
    path = finished(tmp_path)
    torn = path.with_name(path.name + ".open")
    torn.write_bytes(path.read_bytes()[:700])
    before = path.read_bytes()
    with pytest.raises(ValueError, match="exists"):
        mend(torn)
    assert path.read_bytes() == before


def test_a_torn_row_is_cut(tmp_path: Path) -> None:
    rows = tmp_path / "run.jsonl"
    rows.write_bytes(b'{"warc": null}\n{"warc": null}\n{"c')
    assert str(mend(rows)).endswith("2 rows kept, 3 bytes put aside as .torn (a torn line)")
    assert (tmp_path / "run.torn").read_bytes() == b'{"c'
    assert rows.read_bytes() == b'{"warc": null}\n' * 2


@pytest.mark.parametrize("lost", ["the end of the file", "all of the file"])
def test_a_power_cut_takes_records_and_their_rows_go_too(lost: str, tmp_path: Path) -> None:
    """The disk may have kept the rows and lost the records, whichever was written first."""
    collection = Collection(tmp_path, "c")
    target = writer(collection.warc)
    pointers = [capture.pointer for n in range(4) if (capture := target.write(page(n)))]
    rows = AppendFile(collection.articles / "run.jsonl")
    for number, pointer in enumerate(pointers):
        row = {"id": f"yjc:{number}", "url": page(number).url, "warc": pointer.model_dump()}
        rows.append(json.dumps(row).encode() + b"\n")
    rows.close()
    target.close()
    (path,) = collection.warc.iterdir()
    torn = path.rename(f"{path}.open")
    os.truncate(torn, 20 if lost == "all of the file" else pointers[2].offset + 30)
    done = [(file.path.suffix, file.kept) for file in mend_collection(collection) if isinstance(file, Mended)]
    assert done == ([(".gz", 0), (".jsonl", 0)] if lost == "all of the file" else [(".gz", 5), (".jsonl", 2)])
    seal(collection)
    assert verify_collection(collection).faults == []
    aside = (collection.articles / "run.torn").read_bytes()
    assert aside.count(b"\n") == (4 if lost == "all of the file" else 2)


@pytest.mark.parametrize("name", ["README.md", "finished.warc.gz", "run.torn"])
def test_what_no_crash_left_is_never_touched(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(b"somebody's only copy")
    with pytest.raises(ValueError, match="it is as it was"):
        mend(path)
    assert [file.read_bytes() for file in tmp_path.iterdir()] == [b"somebody's only copy"]
