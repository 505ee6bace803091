"""Rows made again from the archive alone: the crawl's, byte for byte; other programs' files; damage."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Iterator
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.provinces import BY_SLUG
from crawler.reextract.candidates import Job, read_file
from crawler.reextract.run import Done, cluster, reextract
from crawler.sites import Site, load
from crawler.warc.members import members
from tests.crawling import NAME, ROOT, command, crawl
from tests.forked import scrapy
from tests.site import Site as Served
from tests.site import running

ARTICLES = 10
DAYS = {"REQUISITES": "none", "SECOND_LOOK_SECONDS": "0", "WARC_MAX_BYTES": "300000"}


class Here(Executor):
    """Work done at once, where it is asked for."""

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    with running(ARTICLES) as site:
        yield site


@pytest.fixture(scope="module")
def three_days(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """Edits, removals of every kind, articles that come back, some that were not wanted at first."""
    archives = tmp_path_factory.mktemp("archives")
    settings = DAYS | {"SITE_URL": served.url}
    crawl(archives, "provinces=qom,yazd,gilan", "limit=7", **settings)
    crawl(archives, "provinces=qom,yazd,gilan", **settings)
    served.change(edits="30", deletions="60", deleted_as="mixed", new="40")
    for _ in range(2):
        crawl(archives, "age=all", spider="recheck", **settings)
    served.change(edits="0", deletions="0")
    crawl(archives, "provinces=qom,yazd,gilan", "via=feeds,sections", **settings)
    for _ in range(2):
        crawl(archives, "age=all", spider="recheck", **settings)
    return Collection(archives, NAME)


@pytest.fixture(scope="module")
def site(served: Served) -> Site:
    return load().at(served.url)


@pytest.fixture(scope="module")
def again(three_days: Collection, site: Site, tmp_path_factory: pytest.TempPathFactory) -> Done:
    return made(three_days, tmp_path_factory.mktemp("again"), site, Here())


def made(collection: Collection, into: Path, site: Site, executor: Executor, **options: Any) -> Done:
    return reextract(sorted(collection.warc.glob("*.warc.gz")), into, site, executor, **options)


def lines_of(files: list[Path]) -> list[bytes]:
    return sorted(line for path in files for line in path.read_bytes().splitlines())


def rows_of(files: list[Path]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in lines_of(files)]


# -- the crawl's own files ----------------------------------------------------------------------------


def test_the_rows_are_those_of_the_crawl_byte_for_byte(three_days: Collection, again: Done) -> None:
    crawled = rows_of(sorted(three_days.articles.glob("*.jsonl")))
    statuses = [row["status"] for row in crawled]
    assert {status: statuses.count(status) > 5 for status in ("new", "edited", "gone")} == dict.fromkeys(
        ("new", "edited", "gone"), True
    )
    assert max(row["version"] for row in crawled) >= 3
    assert again.faults == []
    assert lines_of(again.shards) == lines_of(sorted(three_days.articles.glob("*.jsonl")))


def test_each_file_of_records_has_one_of_rows_that_point_into_it_or_before(
    three_days: Collection, again: Done
) -> None:
    names = [path.name.removesuffix(".warc.gz") for path in sorted(three_days.warc.glob("*.warc.gz"))]
    assert len(names) > 5
    assert [path.stem for path in again.shards] == names
    for path in again.shards:
        for row in rows_of([path]):
            assert row["warc"]["file"].removesuffix(".warc.gz") <= path.stem


def test_how_many_work_on_it_changes_nothing(
    three_days: Collection, site: Site, again: Done, tmp_path: Path
) -> None:
    with ThreadPoolExecutor(4) as threads:
        other = made(three_days, tmp_path, site, threads)
    assert digest(other) == digest(again)
    assert sorted(path.name for path in tmp_path.iterdir()) == [path.name for path in other.shards]


def digest(done: Done) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in done.shards)).hexdigest()


def test_a_cluster_whose_worker_is_killed_gives_the_same(
    three_days: Collection, site: Site, again: Done, tmp_path: Path
) -> None:
    from distributed import LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as workers,
        cluster(workers.scheduler_address) as executor,
    ):
        killed: list[int] = []

        def kill(_: object) -> None:
            if not killed:
                victim = next(iter(workers.workers.values())).process.process._process
                killed.append(victim.pid)
                victim.kill()

        other = made(three_days, tmp_path, site, executor, progress=kill)
    assert killed
    assert digest(other) == digest(again)


def test_an_article_that_was_not_wanted_is_no_row_here_either(served: Served, tmp_path: Path) -> None:
    asked = ("provinces=qom", "via=sitemaps", "since=1405-08-01")
    done = crawl(tmp_path, *asked, REQUISITES="none", SITE_URL=served.url)
    assert done.report["articles"]["skipped"] > 0
    collection = Collection(tmp_path, NAME)
    again = made(collection, tmp_path / "again", load().at(served.url), Here())
    assert lines_of(again.shards) == lines_of([collection.rows_of(done.report["run_id"])])


def test_of_pages_that_could_not_be_read_it_is_known_where_they_were_listed(tmp_path: Path) -> None:
    """A page class that is written later makes rows of them that know their province."""
    with running(ARTICLES, redesign="full") as served:
        done = crawl(tmp_path, "provinces=qom", REQUISITES="none", SITE_URL=served.url)
        site = load().at(served.url)
    assert done.report["articles"]["failed"] > 3
    (path,) = done.folder.glob("warc/*.warc.gz")
    read = read_file(Job(path, (), tmp_path / "candidates", site))
    unread = [event for event in read.events if event.kind == "unreadable"]
    assert len(unread) > 3
    assert sum(read.unread.values()) == len(unread)
    assert any(reason.startswith("no template fits") for reason in read.unread)
    listed = [event for event in unread if ("section", BY_SLUG["qom"]) in event.visit.listed_in]
    assert len(listed) > 3, "the others stood in lists beside the section's own"


# -- what another program captured -------------------------------------------------------------------


@pytest.mark.skipif(shutil.which("wget") is None, reason="wget is not here: its files are not read")
def test_what_wget_captured_gives_the_same_rows(
    served: Served, three_days: Collection, site: Site, tmp_path: Path
) -> None:
    rows = rows_of(sorted(three_days.articles.glob("*.jsonl")))
    newest = {
        row["id"]: row for row in sorted(rows, key=lambda row: row["version"]) if row["status"] != "gone"
    }
    urls = tmp_path / "urls"
    urls.write_text("".join(f"{row['url']}\n" for row in newest.values()), encoding="utf-8")
    options = [
        "--quiet",
        "--no-proxy",
        "--delete-after",
        f"--warc-file={tmp_path}/wget",
        f"--input-file={urls}",
    ]
    subprocess.run(["wget", *options], cwd=tmp_path, check=False)  # some are gone: it says so by its code
    done = reextract([tmp_path / "wget.warc.gz"], tmp_path / "rows", site, Here())
    assert done.faults == []
    again = {row["id"]: row for row in rows_of(done.shards)}
    assert len(again) > 25
    fields = ("title", "kicker", "lead", "body", "tags", "images", "city", "template", "text_sha256", "raw")
    for name, row in again.items():
        row["raw"]["published_feed"] = newest[name]["raw"]["published_feed"]
        assert {field: row[field] for field in fields} == {field: newest[name][field] for field in fields}


# -- damage -------------------------------------------------------------------------------------------


def test_a_record_that_is_damaged_is_named_and_the_rest_goes_on(
    three_days: Collection, site: Site, again: Done, tmp_path: Path
) -> None:
    path = sorted(three_days.warc.glob("*.warc.gz"))[0]
    torn = next(m for m in members(path) if b"\r\nWARC-Type: response" in m.record and b"news/" in m.record)
    data = bytearray(path.read_bytes())
    middle = torn.offset + torn.length // 2
    data[middle : middle + 8] = bytes(8)
    (tmp_path / path.name).write_bytes(data)
    done = reextract([tmp_path / path.name], tmp_path / "rows", site, Here())
    (fault,) = done.faults
    assert (fault.file, fault.at) == (path.name, torn.offset)
    whole = rows_of([shard for shard in again.shards if shard.stem == path.name.removesuffix(".warc.gz")])
    assert len(rows_of(done.shards)) >= len(whole) - 1 > 0


def test_what_a_killed_crawl_captured_and_did_not_write_is_no_row(served: Served, tmp_path: Path) -> None:
    """The next crawl fetched it again: that is the row."""
    settings = {"SITE_URL": served.url, "REQUISITES": "none"}
    words = command(tmp_path, "provinces=qom,yazd,gilan", **settings)
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    archive = Collection(tmp_path, NAME).warc
    while not any(path.stat().st_size > 300_000 for path in archive.glob("*")):
        assert process.poll() is None, "it ended before it could be killed"
    process.kill()
    process.wait()
    done = crawl(tmp_path, "provinces=qom,yazd,gilan", **settings)
    assert done.code == 0
    again = made(Collection(tmp_path, NAME), tmp_path / "again", load().at(served.url), Here())
    crawled = {(row["id"], row["version"]): row for row in done.rows}
    made_again = {(row["id"], row["version"]): row for row in rows_of(again.shards)}
    assert made_again.keys() == crawled.keys()
    differing = [key for key in crawled if crawled[key] != made_again[key]]
    assert len(differing) <= 1, "a row that was written at the last moment may lack its word in the archive"


def test_a_file_that_ends_in_a_record_is_read_so_far(
    three_days: Collection, site: Site, tmp_path: Path
) -> None:
    path = sorted(three_days.warc.glob("*.warc.gz"))[0]
    (tmp_path / path.name).write_bytes(path.read_bytes()[:-20])
    done = reextract([tmp_path / path.name], tmp_path / "rows", site, Here())
    assert [fault.what for fault in done.faults] == ["the file ends inside a record"]
    assert done.rows > 0


# -- the command --------------------------------------------------------------------------------------


def test_the_command_reads_a_collection_and_says_what_it_did(three_days: Collection, again: Done) -> None:
    archives = f"ARCHIVES={three_days.folder.parent}"
    done = scrapy(["reextract", "-s", archives, "--workers=2"], ROOT, {"PATH": "/usr/bin:/bin"}, 120)
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{again.rows:,} rows in {len(again.shards):,} files" in done.stdout
    assert lines_of(sorted(three_days.reextracted.glob("*.jsonl"))) == lines_of(again.shards)
    few = scrapy(["reextract", "-s", archives, "--workers=1", "--provinces=qom"], ROOT, {"PATH": "/bin"}, 120)
    assert few.returncode == 0
    some = rows_of(sorted(three_days.reextracted.glob("*.jsonl")))
    assert 0 < len(some) < again.rows
    assert all("قم" in row["sections"] for row in some)


def test_damage_and_pages_that_cannot_be_read_are_told_and_damage_costs_the_exit_code(
    three_days: Collection, tmp_path: Path
) -> None:
    path = sorted(three_days.warc.glob("*.warc.gz"))[0]
    (tmp_path / path.name).write_bytes(path.read_bytes()[:-20])
    words = ["reextract", f"--into={tmp_path}/rows", f"{tmp_path}/{path.name}"]
    done = scrapy(words, ROOT, {"PATH": "/bin"}, 60)
    assert done.returncode == 1
    assert done.stderr.startswith(f"error: {path.name} at ")
    assert "1 faults" in done.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["/no/such/file"], "/no/such/file: no such file"),
        (["--workers=0"], "--workers=0: must be at least 1"),
        (["--provinces=atlantis"], "no province is called 'atlantis'"),
        (["--since=yesterday"], "'yesterday' is no day"),
        (["-s", "ARCHIVES=/no/where"], "there is no such folder"),
        (["-s", "RESTORE=perhaps"], "RESTORE=perhaps: must be 0 or 1"),
    ],
)
def test_nonsense_is_told_before_any_work(words: list[str], said: str, three_days: Collection) -> None:
    archives = ["-s", f"ARCHIVES={three_days.folder.parent}"]
    done = scrapy(["reextract", *archives, *words], ROOT, {"PATH": "/bin"}, 60)
    assert done.returncode == 2
    assert said in done.stdout + done.stderr
