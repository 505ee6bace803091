"""A second crawl of an unchanged site: nothing is written twice, and everything is found again."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.disk import replace_file
from crawler.warc.cdxj import Index, read_line
from crawler.warc.members import members
from crawler.warc.playback import Playback
from crawler.warc.seal import read_manifest, seal
from crawler.warc.verify import verify_collection
from tests.crawling import NAME, Crawl, crawl
from tests.site import running
from tests.wire.warc_bytes import Record, entity, records
from tests.wire.writing import others_agree

ASKED = "provinces=qom,yazd"


@dataclass(frozen=True)
class Twice:
    """Two crawls of the same pages into one collection, and a third once the first file was moved away."""

    folder: Path
    files: list[Path]
    rows: list[list[dict[str, Any]]]
    url: str
    third: Crawl
    moved: Path

    def records(self, number: int) -> list[Record]:
        return records(self.files[number])


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    archives = tmp_path_factory.mktemp("archives")
    moved = tmp_path_factory.mktemp("moved") / NAME
    with running(3) as site:
        for run in ("1", "2"):
            done = crawl(archives, ASKED, SITE_URL=site.url, RUN_ID=run)
            assert (done.code, done.err) == (0, "")
        shutil.copytree(archives / NAME, moved)
        first, _ = sorted((moved / "warc").iterdir())
        first.unlink()
        third = crawl(moved.parent, ASKED, SITE_URL=site.url, RUN_ID="3")
    rows = [_rows(done.folder, run) for run in ("1", "2")]
    return Twice(done.folder, done.warcs, rows, site.url, third, moved)


def _rows(folder: Path, run: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "articles" / f"{run}.jsonl").read_bytes().splitlines()]


def test_no_payload_is_written_a_second_time(twice: Twice) -> None:
    kinds = Counter(record["WARC-Type"] for record in twice.records(1))
    assert kinds["revisit"] > 20
    assert kinds["revisit"] == kinds["request"]
    assert kinds.keys() == {"warcinfo", "revisit", "request"}, "nor is what was read out of it"
    assert twice.files[1].stat().st_size < twice.files[0].stat().st_size / 3


def test_a_revisit_has_its_own_head_and_leads_to_the_payload(twice: Twice) -> None:
    first = {
        (r["WARC-Target-URI"], r["WARC-Date"]): r for r in twice.records(0) if r["WARC-Type"] == "response"
    }
    for record in [r for r in twice.records(1) if r["WARC-Type"] == "revisit"]:
        original = first[record["WARC-Refers-To-Target-URI"], record["WARC-Refers-To-Date"]]
        assert original["WARC-Record-ID"] == record["WARC-Refers-To"]
        assert original["WARC-Target-URI"] == record["WARC-Target-URI"]
        assert original["WARC-Payload-Digest"] == record["WARC-Payload-Digest"]
        assert record["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
        assert record.block.startswith(b"HTTP/1.1 ")
        assert entity(record.block) == b""


def test_rows_of_the_second_crawl_point_at_the_bytes_and_bear_their_own_time(twice: Twice) -> None:
    first, second = ({row["id"]: row for row in rows} for rows in twice.rows)
    assert first.keys() == second.keys()
    for number, row in second.items():
        assert row["warc"] == first[number]["warc"]
        assert row["fetched_at"] > first[number]["fetched_at"]


def test_the_collection_proves_itself(twice: Twice) -> None:
    verdict = verify_collection(Collection(twice.folder.parent, NAME))
    assert verdict.faults == []
    assert verdict.revisits > 20
    for path in twice.files:
        others_agree(path)


def test_both_crawls_can_be_replayed(twice: Twice, tmp_path: Path) -> None:
    """The newest answers, whose payload lies in the older file."""
    replayed = crawl(tmp_path, ASKED, REPLAY_FROM=str(twice.folder), RUN_ID="2")
    assert (replayed.code, replayed.err) == (0, "")
    assert {row["id"]: row for row in replayed.rows} == {row["id"]: row for row in twice.rows[1]}
    assert verify_collection(Collection(tmp_path, NAME)).faults == []


def test_a_revisit_without_its_original_does_not_answer(twice: Twice, tmp_path: Path) -> None:
    alone = tmp_path / twice.files[1].name
    shutil.copy(twice.files[1], alone)
    assert Playback(alone).answer(twice.url + "/fa/rss/35") is None


def test_what_was_moved_away_is_written_again(twice: Twice) -> None:
    """The index still names it; but only what is on disk counts."""
    assert (twice.third.code, twice.third.err) == (0, "")
    newest = records(twice.third.warcs[-1])
    assert {r["WARC-Type"] for r in newest} == {"warcinfo", "response", "request", "metadata"}
    collection = Collection(twice.moved.parent, NAME)
    said = {fault.what for fault in verify_collection(collection).faults}
    assert f"warc/{twice.files[0].name} is not there" in said
    assert "it refers to no response with this payload" in said


# -- index and manifest ----------------------------------------------------------------------------


def test_the_index_is_what_another_indexer_makes(twice: Twice) -> None:
    theirs = subprocess.run(
        [str(Path(sys.executable).with_name("cdxj-indexer")), "--sort", *map(str, twice.files)],
        capture_output=True,
        check=True,
    ).stdout
    assert (twice.folder / "index.cdxj").read_bytes() == theirs


def test_every_capture_of_an_address_is_found(twice: Twice) -> None:
    index = Index(twice.folder / "index.cdxj")
    for line in (twice.folder / "index.cdxj").read_bytes().splitlines():
        entry = read_line(line)
        assert entry in index.captures(entry.url)
    assert [entry.filename for entry in index.captures(f"{twice.url}/")] == [
        path.name for path in twice.files
    ]
    for unknown in (f"{twice.url}/nowhere", f"{twice.url}//", "http://a.ir/", "http://zz.zz/", twice.url):
        assert index.captures(unknown) == []


def test_another_hand_can_check_the_manifest(twice: Twice) -> None:
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt"],
        cwd=twice.folder,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")
    files = [p.relative_to(twice.folder).as_posix() for p in twice.folder.rglob("*/*") if p.is_file()]
    assert sorted(files) == sorted(read_manifest(twice.folder / "manifest-sha256.txt"))


@pytest.fixture
def collection(twice: Twice, tmp_path: Path) -> Collection:
    shutil.copytree(twice.folder, tmp_path / NAME)
    return Collection(tmp_path, NAME)


def test_the_index_is_made_again_from_the_files_alone(collection: Collection) -> None:
    index, manifest = collection.index.read_bytes(), collection.manifest.read_bytes()
    collection.index.unlink()
    collection.manifest.unlink()
    seal(collection)
    assert (collection.index.read_bytes(), collection.manifest.read_bytes()) == (index, manifest)
    replace_file(collection.index, "nonsense\n")
    seal(collection, rebuild=True)
    assert (collection.index.read_bytes(), collection.manifest.read_bytes()) == (index, manifest)


def test_a_crash_between_index_and_manifest_costs_nothing(collection: Collection) -> None:
    index, manifest = collection.index.read_bytes(), collection.manifest.read_bytes()
    first, *others = manifest.splitlines(keepends=True)
    collection.manifest.write_bytes(b"".join(line for line in (first, *others) if b"warc/" not in line))
    seal(collection)
    assert (collection.index.read_bytes(), collection.manifest.read_bytes()) == (index, manifest)


def test_a_torn_file_keeps_the_others_from_nothing(collection: Collection) -> None:
    torn = collection.warc / "a.warc.gz"
    torn.write_bytes(next(iter(sorted(collection.warc.iterdir()))).read_bytes()[:5000])
    sealed = seal(collection)
    assert list(sealed.torn) == [torn]
    assert b"a.warc.gz" not in collection.index.read_bytes() + collection.manifest.read_bytes()


def changed_record(old: bytes, new: bytes) -> Callable[[Collection], None]:
    def plant(collection: Collection) -> None:
        path = sorted(collection.warc.iterdir())[1]
        found = [member.record for member in members(path)]
        at = next(n for n, record in enumerate(found) if old in record)
        found[at] = found[at].replace(old, new, 1)
        path.write_bytes(b"".join(zlib.compress(record, 6, 31) for record in found))

    return plant


def changed_line(
    change: Callable[[list[bytes]], list[bytes]], name: str = "index"
) -> Callable[[Collection], None]:
    def plant(collection: Collection) -> None:
        path: Path = getattr(collection, name)
        path.write_bytes(b"".join(change(path.read_bytes().splitlines(keepends=True))))

    return plant


FAULTS: dict[str, tuple[Callable[[Collection], None], str]] = {
    "a revisit of another time": (
        changed_record(b"Refers-To-Date: 2", b"Refers-To-Date: 1"),
        "it refers to no response with this payload",
    ),
    "a revisit of another payload": (
        changed_record(b"Payload-Digest: sha1:", b"Payload-Digest: sha1:X"),
        "it refers to no response with this payload",
    ),
    "a revisit that refers to nothing": (
        changed_record(b"WARC-Refers-To-Date", b"X"),
        "no warc-refers-to-date",
    ),
    "a line of the index is lost": (changed_line(lambda lines: lines[1:]), "not in the index"),
    "a line of the index stands twice": (
        changed_line(lambda lines: [lines[0], *lines]),
        "not sorted, or twice",
    ),
    "the index is not sorted": (changed_line(lambda lines: [*lines[1:], lines[0]]), "not sorted"),
    "the index has a wrong offset": (
        changed_line(lambda lines: [lines[0].replace(b'"offset": "', b'"offset": "9'), *lines[1:]]),
        "it is not what",
    ),
    "the index has a wrong status": (
        changed_line(lambda lines: [lines[0].replace(b'"200"', b'"404"'), *lines[1:]]),
        "it is not what",
    ),
    "the index is no index": (changed_line(lambda lines: [b"x\n" for _ in lines]), "no CDXJ"),
    "there is no index": (lambda collection: collection.index.unlink(), "not in the index"),
    "there is no manifest": (lambda collection: collection.manifest.unlink(), "not in the manifest"),
    "the manifest has another digest": (
        changed_line(lambda lines: [b"0" + lines[0][1:], *lines[1:]], "manifest"),
        "it is not the file that the manifest knows",
    ),
    "a report was changed": (
        lambda collection: replace_file(collection.report_of("1"), "{}"),
        "it is not the file that the manifest knows",
    ),
    "a row file is gone": (
        lambda collection: collection.rows_of("1").unlink(),
        "articles/1.jsonl is not there",
    ),
    "a file nobody knows of": (
        lambda collection: replace_file(collection.report_of("9"), "{}"),
        "not in the manifest",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, collection: Collection) -> None:
    plant, said = FAULTS[fault]
    plant(collection)
    faults = verify_collection(collection).faults
    assert [found for found in faults if said in found.what], faults
