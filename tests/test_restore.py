"""The drill: copy, wipe, restore elsewhere. The copy proves itself; the next crawl fetches what is new."""

from __future__ import annotations

import gzip
import os
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.ledger.recover import recover
from crawler.ledger.schema import connect
from crawler.warc.members import Fault
from crawler.warc.mend import Mended, mend_collection
from crawler.warc.seal import seal
from crawler.warc.verify import verify_collection
from scripts import backup
from scripts.backup import Copied, main
from tests.crawling import NAME, ROOT, Crawl, command, crawl
from tests.forked import scrapy
from tests.site import Site, running

ASKED = "provinces=qom,yazd"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running(6) as served:
        yield served


def run(site: Site, archives: Path, spider: str = "provinces", **settings: str) -> Crawl:
    site.forget()
    return crawl(archives, ASKED, spider=spider, SITE_URL=site.url, REQUISITES="none", **settings)


def asked_for(site: Site) -> set[str]:
    """Articles, by id."""
    paths = [entry["path"].split("/") for entry in site.log()]
    return {f"yjc:{path[3]}" for path in paths if path[1:3] == ["fa", "news"]}


def told(archives: Path, *words: str) -> str:
    """What a command prints that must end well."""
    done = scrapy([*words, "-s", f"ARCHIVES={archives}"], ROOT, dict(os.environ), 60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def restored(copy: Path, archives: Path) -> Path:
    shutil.copytree(copy, archives)
    assert faults(archives) == []
    return archives


def faults(archives: Path) -> list[Fault]:
    return verify_collection(Collection(archives, NAME)).faults


def ids(rows: list[dict[str, Any]]) -> set[str]:
    return {row["id"] for row in rows}


@pytest.fixture(scope="module")
def day(site: Site, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Crawl]:
    """A copy of a collection at rest, whose place has been wiped; and the crawl that it is of."""
    archives, copy = tmp_path_factory.mktemp("archives"), tmp_path_factory.mktemp("copy")
    first = run(site, archives)
    first = Crawl(first.code, first.out, first.err, copy / NAME)
    assert main([str(archives), str(copy)]) == 0
    shutil.rmtree(archives)
    assert len(ids(first.rows)) == 12
    return copy, first


def test_a_collection_at_rest_is_restored_elsewhere(
    site: Site, day: tuple[Path, Crawl], tmp_path: Path
) -> None:
    copy, first = day
    archives = restored(copy, tmp_path / "new")
    status = told(archives, "status")
    assert "12 written" in status
    assert "cut off" not in status
    site.change(new=4, edits=3)
    again = run(site, archives)
    assert again.code == 0
    new = {row["id"] for row in again.rows if row["run_id"] == again.report["run_id"]}
    assert asked_for(site) & ids(first.rows) == set()
    assert new == ids(again.rows) - ids(first.rows)
    assert again.report["articles"]["discovered"] == len(new), "what failed waits for its time"
    versions = crawl(archives, ASKED, "age=all", spider="recheck", SITE_URL=site.url, REQUISITES="none")
    seconds = [row for row in versions.rows if row["status"] == "edited"]
    assert seconds
    assert {(row["version"], row["supersedes"]) for row in seconds} == {(2, 1)}
    assert faults(archives) == []


def test_without_its_ledger_what_the_rows_tell_is_not_fetched_again(
    site: Site, day: tuple[Path, Crawl], tmp_path: Path
) -> None:
    copy, first = day
    shutil.copytree(copy, tmp_path / "copy")
    (tmp_path / "copy" / NAME / "ledger.sqlite").unlink()
    archives = restored(tmp_path / "copy", tmp_path / "new")
    again = run(site, archives)
    assert again.code == 0
    assert asked_for(site) & ids(first.rows) == set()
    assert len(ids(again.rows)) == len(again.rows) >= 12, "each once"
    assert faults(archives) == []


def test_a_copy_made_while_a_crawl_goes_on(site: Site, day: tuple[Path, Crawl], tmp_path: Path) -> None:
    """The machine dies right behind the copy: what was written until then is held, the rest is fetched."""
    archives, copy = tmp_path / "old", tmp_path / "copy"
    collection = Collection(copy, NAME)
    site.change(slow=0.02)
    words = command(archives, ASKED, SITE_URL=site.url, REQUISITES="none")
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while sum(path.read_bytes().count(b"\n") for path in archives.glob("*/articles/*")) < 3:
            assert process.poll() is None
            time.sleep(0.01)
        site.change(slow=9)
        assert main([str(archives), str(copy)]) == 0
        assert list(collection.warc.glob("*.open")), "the crawl was going on"
        copied = ids(Crawl(0, "", "", collection.folder).rows)
        assert main([str(archives), str(copy)]) == 0
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
        site.change(slow=0)
    shutil.rmtree(archives)
    shutil.copytree(copy, archives := tmp_path / "new")
    for word in ("mend", "index"):  # as the README has it
        told(archives, word)
    assert ": 0 faults" in told(archives, "verify")
    held = ids(Crawl(0, "", "", archives / NAME).rows)
    assert copied <= held
    assert "cut off" in told(archives, "status")
    again = run(site, archives)
    assert again.code == 0
    assert asked_for(site) & held == set()
    assert len(ids(again.rows)) == len(again.rows) > len(held)
    assert faults(archives) == []
    moments = [copied_across(copy, archives, number, tmp_path / f"at-{number}") for number in range(25)]
    assert moments.index(False) > 12, "at each step"


def copied_across(before: Path, after: Path, number: int, folder: Path) -> bool:
    """Copy a collection that becomes what it is after a crawl at a certain step of the copying: the
    copy is right. Whether there were so many steps."""
    source, target = folder / "source", folder / "target"
    shutil.copytree(before, source)
    turns = count()

    def turned(does: Callable[..., Any]) -> Callable[..., Any]:
        def with_turn(*given: Any, **named: Any) -> Any:
            if next(turns) == number:
                shutil.rmtree(source)
                shutil.copytree(after, source)
            return does(*given, **named)

        return with_turn

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(backup, "_files", turned(backup._files))
        patch.setattr(Copied, "file", turned(Copied.file))
        patch.setattr(Copied, "database", turned(Copied.database))
        assert main([str(source), str(target)]) == 0
    collection = Collection(target, NAME)
    mended = [one for one in mend_collection(collection) if isinstance(one, Mended)]
    assert not [one for one in mended if one.cut and one.path.parent == collection.articles], "rows alone"
    assert seal(collection).faults == []
    assert faults(target) == [], number
    with closing(connect(collection.ledger)) as ledger:
        recover(ledger, collection, datetime.now(UTC))
        known = {f"yjc:{number}" for (number,) in ledger.execute("SELECT news_id FROM versions")}
    assert known == ids(Crawl(0, "", "", collection.folder).rows), number
    return next(turns) > number


def test_a_copy_brought_up_to_date_has_each_file_once_and_leaves_finished_ones_alone(
    day: tuple[Path, Crawl], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    archives, copy = tmp_path / "old", tmp_path / "copy"
    shutil.copytree(day[0], archives)
    (finished,) = (archives / NAME / "warc").iterdir()
    whole = finished.read_bytes()
    (collection := Collection(copy, NAME)).warc.mkdir(parents=True)
    (collection.warc / f"{finished.name}.open").write_bytes(whole[:100])  # of a copy while it was written
    assert main([str(archives), str(copy)]) == 0
    assert [path.name for path in collection.warc.iterdir()] == [finished.name]
    capsys.readouterr()
    assert main([str(archives), str(copy)]) == 0
    assert ": 1 files, " in capsys.readouterr().out, "the ledger alone"
    finished.write_bytes(whole[:-1])
    assert main([str(archives), str(copy)]) == 1
    assert f"{finished}: finished, and now of another size; its copy stays" in capsys.readouterr().err
    assert (collection.warc / finished.name).read_bytes() == whole
    finished.unlink()
    assert main([str(archives), str(copy)]) == 1
    assert f"{finished}: the manifest names it, and it is gone" in capsys.readouterr().err
    assert (collection.warc / finished.name).read_bytes() == whole
    assert not collection.search.exists()
    assert not collection.lock.exists()


@pytest.mark.parametrize("where", ["", NAME], ids=["nothing is mounted", "a collection, not ARCHIVES"])
def test_a_backup_of_nothing_is_none(
    day: tuple[Path, Crawl], where: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    archives = day[0] / where if where else tmp_path / "empty"
    assert main([str(archives), str(tmp_path / "copy")]) == 2
    assert f"no collection lies in {archives}" in capsys.readouterr().err
    assert not (tmp_path / "copy").exists()


def test_a_target_that_cannot_be_written_is_named(
    day: tuple[Path, Crawl], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "copy").write_text("a file")
    assert main([str(day[0]), str(tmp_path / "copy")]) == 1
    assert f"{day[0] / NAME / 'ledger.sqlite'}: not copied: " in capsys.readouterr().err


def test_a_ledger_is_copied_with_what_stands_beside_it(day: tuple[Path, Crawl], tmp_path: Path) -> None:
    shutil.copytree(day[0], archives := tmp_path / "old")
    with closing(sqlite3.connect(archives / NAME / "ledger.sqlite")) as ledger:
        ledger.execute("PRAGMA wal_autocheckpoint = 0")
        ledger.execute("INSERT INTO hosts VALUES ('a.example', 1, 'asked')")
        ledger.commit()
        assert main([str(archives), str(tmp_path / "copy")]) == 0
    with closing(sqlite3.connect(tmp_path / "copy" / NAME / "ledger.sqlite")) as copy:
        assert copy.execute("SELECT reason FROM hosts").fetchall() == [("asked",)]


def test_nothing_is_bound_to_where_a_collection_lies(day: tuple[Path, Crawl], tmp_path: Path) -> None:
    """ARCHIVES is recorded with the settings of a run, in the ledger and in warcinfo records; that is all."""
    (told,) = [line for line in day[1].out.splitlines() if line.startswith("in /")]
    place = str(Path(told.removeprefix("in ")).parent).encode()
    for path in (day[0] / NAME).rglob("*"):
        if path.suffix == ".gz":
            assert gzip.decompress(path.read_bytes()).count(place) == 1
        elif path.suffix == ".sqlite":
            with closing(sqlite3.connect(path)) as ledger:
                said = [line for line in ledger.iterdump() if place.decode() in line]
            assert [line.split("VALUES")[0] for line in said] == ['INSERT INTO "runs" ']
            assert said[0].count(place.decode()) == 1
        elif path.is_file():
            assert place not in path.read_bytes(), path


def test_a_damaged_ledger_costs_itself_and_no_more(
    day: tuple[Path, Crawl], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(day[0], archives := tmp_path / "old")
    shutil.copytree(day[0], copy := tmp_path / "copy")
    (archives / NAME / "ledger.sqlite").write_bytes(b"nonsense" * 1000)
    (archives / NAME / "articles" / "new.jsonl").write_bytes(b"")
    assert main([str(archives), str(copy)]) == 1
    assert "ledger.sqlite: not copied: file is not a database" in capsys.readouterr().err
    assert (copy / NAME / "articles" / "new.jsonl").exists()
    assert (copy / NAME / "ledger.sqlite").read_bytes() == (day[0] / NAME / "ledger.sqlite").read_bytes()


def test_what_stood_beside_an_older_copy_of_the_ledger_goes_with_it(
    day: tuple[Path, Crawl], tmp_path: Path
) -> None:
    shutil.copytree(day[0], copy := tmp_path / "copy")
    (copy / NAME / "ledger.sqlite-wal").write_bytes(b"of another ledger")
    assert main([str(day[0]), str(copy)]) == 0
    assert not (copy / NAME / "ledger.sqlite-wal").exists()


@pytest.mark.parametrize("words", [["nowhere", "x"], ["."], [".", "tests/x"]])
def test_wrong_folders_are_refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert capsys.readouterr().err.startswith("error: ")
