"""The index and the manifest: made from finished files alone, and held against them."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
import zlib
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.disk import replace_file
from crawler.warc.cdxj import Index, read_line
from crawler.warc.members import members
from crawler.warc.seal import read_manifest, seal
from crawler.warc.verify import verify_collection
from tests.conftest import Twice
from tests.crawling import ROOT
from tests.forked import scrapy


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
    article = twice.rows[0]["url"]
    assert [entry.filename for entry in index.captures(article)] == [path.name for path in twice.files]
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
    files = [name for name in files if not name.endswith(".html")]  # made of the report, at any time anew
    assert sorted(files) == sorted(read_manifest(twice.folder / "manifest-sha256.txt"))


def test_the_index_is_made_again_from_the_files_alone(collection: Collection) -> None:
    index, manifest = collection.index.read_bytes(), collection.manifest.read_bytes()
    collection.index.unlink()
    collection.manifest.unlink()
    seal(collection)
    assert (collection.index.read_bytes(), collection.manifest.read_bytes()) == (index, manifest)
    collection.index.unlink()
    assert seal(collection).new == [], "the manifest is there, the index is not"
    assert collection.index.read_bytes() == index
    replace_file(collection.index, "nonsense\n")
    seal(collection, rebuild=True)
    assert (collection.index.read_bytes(), collection.manifest.read_bytes()) == (index, manifest)


def test_a_crash_between_index_and_manifest_costs_nothing(collection: Collection) -> None:
    index, manifest = collection.index.read_bytes(), collection.manifest.read_bytes()
    first, *others = manifest.splitlines(keepends=True)
    collection.manifest.write_bytes(b"".join(line for line in (first, *others) if b"warc/" not in line))
    seal(collection)
    assert (collection.index.read_bytes(), collection.manifest.read_bytes()) == (index, manifest)


def test_a_file_that_was_damaged_is_never_called_whole(collection: Collection) -> None:
    replace_file(collection.report_of("1"), "{}")
    before = collection.manifest.read_bytes()
    seal(collection, rebuild=True)
    assert collection.manifest.read_bytes() == before
    assert [fault.file for fault in verify_collection(collection).faults] == ["runs/1.json"]


def test_a_damaged_index_costs_revisits_and_no_crawl(collection: Collection) -> None:
    """Cut at any place, or with lines that are none: every question is answered, with what is left."""
    whole = collection.index.read_bytes()
    urls = [read_line(line).url for line in whole.splitlines()]
    for size in range(0, len(whole), 997):
        collection.index.write_bytes(whole[:size])
        found = Index(collection.index)
        assert sum(len(found.captures(url)) for url in urls[:3]) <= 6
        assert found.captures(urls[-1]) == []
    collection.index.write_bytes(whole.replace(b'"url"', b'"URL'))
    found = Index(collection.index)
    assert [found.captures(url) for url in urls] == [[] for _ in urls]


def test_a_torn_file_keeps_the_others_from_nothing(collection: Collection) -> None:
    torn = collection.warc / "a.warc.gz"
    torn.write_bytes(next(iter(sorted(collection.warc.iterdir()))).read_bytes()[:-1])  # within a member
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
        changed_line(
            lambda lines: [(b"1" if lines[0][:1] == b"0" else b"0") + lines[0][1:], *lines[1:]], "manifest"
        ),
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


# -- the command -----------------------------------------------------------------------------------


def index(archives: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "index", "-s", f"ARCHIVES={archives}", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_index_of_a_file_is_printed_sorted(twice: Twice) -> None:
    done = index(twice.folder.parent, str(twice.files[1]))
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines(keepends=True)
    assert lines == sorted(lines)
    whole = (twice.folder / "index.cdxj").read_text().splitlines(keepends=True)
    assert lines == [line for line in whole if twice.files[1].name in line]


def test_index_brings_what_lies_beside_up_to_date(collection: Collection) -> None:
    before = collection.index.read_bytes()
    collection.index.unlink()
    collection.manifest.unlink()
    done = index(collection.folder.parent)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = done.stdout.splitlines()
    assert first == f"{collection.index}: {before.count(b'{'):,} captures, 5 new files"
    assert second == f"{collection.search}: 0 rows taken in", "the crawl had done so"
    assert collection.index.read_bytes() == before
    assert ", 0 new files\n" in index(collection.folder.parent).stdout


@pytest.mark.parametrize(
    ("words", "said"), [(["nowhere.warc.gz"], "No such file"), (["README.md"], "not gzip")]
)
def test_index_of_what_is_no_warc_file(words: list[str], said: str, tmp_path: Path) -> None:
    done = index(tmp_path, *words)
    assert done.returncode == 1
    assert said in done.stderr


def test_nothing_to_index(tmp_path: Path) -> None:
    assert index(tmp_path).stdout == "no collection to index\n"


def test_a_file_that_is_gone_is_named(collection: Collection) -> None:
    """What it held would be in no index made now, and nobody would know."""
    gone, *_ = sorted(collection.warc.glob("*.warc.gz"))
    gone.unlink()
    words = ["index", "--rebuild", "-s", f"ARCHIVES={collection.folder.parent}"]
    done = scrapy(words, ROOT, dict(os.environ), 60)
    assert done.returncode == 1
    assert f"error: {gone} is not there, though the manifest names it\n" in done.stderr


def interrupted(process: subprocess.Popen[str], then: Callable[[], None]) -> None:
    process.send_signal(signal.SIGINT)
    then()
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (3, "interrupted\n")


def begun(collection: Collection, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "scrapy", *words, "-s", f"ARCHIVES={collection.folder.parent}"]
    return subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )  # fmt: skip


@pytest.mark.parametrize("words", [["index"], ["wacz", "out.wacz"]], ids=" ".join)
def test_ctrl_c_ends_in_a_line(collection: Collection, words: list[str], tmp_path: Path) -> None:
    """Here it waits for a pipe in place of the manifest, which it reads first."""
    collection.manifest.unlink()
    os.mkfifo(collection.manifest)
    process = begun(collection, words[0], *(str(tmp_path / word) for word in words[1:]))
    writer = os.open(collection.manifest, os.O_WRONLY)  # once it has opened it to read
    interrupted(process, lambda: os.close(writer))
    assert list(tmp_path.glob("*.wacz*")) == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="what a process has open is asked of /proc")
def test_ctrl_c_ends_a_search_in_a_line(collection: Collection) -> None:
    """Here it waits for whoever has the index locked."""
    with closing(sqlite3.connect(collection.search, isolation_level=None)) as index:
        index.execute("PRAGMA locking_mode = EXCLUSIVE")
        index.execute("BEGIN EXCLUSIVE")
        process = begun(collection, "search", "x")
        while str(collection.search) not in open_files(process.pid):
            assert process.poll() is None
            time.sleep(0.01)
        interrupted(process, index.close)


def open_files(process: int) -> set[str]:
    found = set()
    for path in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            found.add(str(path.readlink()))
    return found
