"""Kills, power cuts and full disks between any two steps."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.awkward import HTML, Answer, article, serving
from tests.crawling import NAME, ROOT, command, crawl
from tests.moody import moody
from tests.moody import site as moody_site
from tests.sequences import ALL, FIRST, LATER, ROBOTS, Site, ids, old_section
from tests.site import running


def test_what_only_the_section_names_is_not_missed_after_a_kill_between_feed_and_section(
    tmp_path: Path,
) -> None:
    hang = [False]

    def slow_section() -> Answer:
        if hang[0]:
            time.sleep(3)
        return pages["the section"]

    pages: dict[str, Any] = dict(FIRST) | {"the section": FIRST["/fa/qom"]}

    class Pages(dict[str, Any]):
        def get(self, name: str, default: Any) -> Any:  # type: ignore[override]
            return slow_section() if name == "/fa/qom" else pages.get(name, default)

    with serving(Pages()) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        pages.update(LATER)
        pages["the section"] = LATER["/fa/qom"]
        hang[0] = True
        asked.clear()
        process = subprocess.Popen(command(tmp_path, "provinces=qom", SITE_URL=url), cwd=ROOT)
        while "/fa/qom" not in asked:
            time.sleep(0.01)
        process.kill()
        process.wait()
        hang[0] = False
        site.run("provinces=qom")
        old_section(tmp_path)
        done = site.run("provinces=qom")
    assert set(ids(done)) == ALL


def test_files_of_a_page_whose_row_is_written_are_asked_for_after_a_kill(tmp_path: Path) -> None:
    slow = [True]

    def picture() -> Answer:
        if slow[0]:
            time.sleep(4)
        return (200, {"Content-Type": "image/jpeg"}, "x")

    names = [f"/{number}.jpg" for number in range(8)]
    body = "".join(f'<img src="{name}">' for name in names)
    pages = moody_site(1) | {"1001": article(1001, body=body), "/robots.txt": ROBOTS}
    with moody(pages | dict.fromkeys(names, picture)) as asked:
        words = command(tmp_path, "provinces=qom", SITE_URL=asked.url, CONCURRENT_REQUESTS="1")
        process = subprocess.Popen(words, cwd=ROOT)
        while not set(names) & set(asked.log):
            time.sleep(0.01)
        time.sleep(0.5)
        process.kill()
        process.wait()
        slow[0] = False
        done = crawl(tmp_path, "provinces=qom", SITE_URL=asked.url)
    assert len(done.rows) == 1
    index = (done.folder / "index.cdxj").read_text(encoding="utf-8")
    assert [name for name in names if name not in index] == []


def test_an_edit_whose_row_a_power_cut_took_is_written_by_the_next_recheck(tmp_path: Path) -> None:
    with running(4) as site:
        settings: dict[str, str] = {"SITE_URL": site.url, "REQUISITES": "none"}
        crawl(tmp_path, "provinces=qom", **settings)
        site.change(edits=124, slow=0.2)  # all of them
        words = command(
            tmp_path, "age=all", spider="recheck", RUN_ID="zz", CONCURRENT_REQUESTS="1", **settings
        )
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        rows = tmp_path / NAME / "articles" / "zz.jsonl"
        while not rows.exists() or rows.read_bytes().count(b"\n") < 2:
            assert process.poll() is None
            time.sleep(0.01)
        time.sleep(0.05)
        process.kill()
        process.wait()
        lines = rows.read_bytes().splitlines(keepends=True)
        rows.write_bytes(b"".join(lines[:-1]))  # what was not synced yet
        site.change(slow=0)
        done = crawl(tmp_path, "age=all", spider="recheck", **settings)
    versions = Counter(row["version"] for row in done.rows)
    assert versions[2] == versions[1]


def test_a_row_whose_note_in_the_ledger_failed_is_not_written_twice(tmp_path: Path) -> None:
    """The disk is full for a moment, between the row and its note."""
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom", "pages=1")
        with closing(sqlite3.connect(tmp_path / NAME / "ledger.sqlite")) as ledger, ledger:
            ledger.execute(
                "CREATE TRIGGER full BEFORE INSERT ON versions BEGIN"
                " SELECT RAISE(ABORT, 'database or disk is full'); END"
            )
        cut = site.run("provinces=qom")
        assert cut.code == 1
        with closing(sqlite3.connect(tmp_path / NAME / "ledger.sqlite")) as ledger, ledger:
            ledger.execute("DROP TRIGGER full")
        done = site.run("provinces=qom")
    assert [number for number, times in ids(done).items() if times > 1] == []


def test_a_ledger_made_again_from_rows_knows_the_last_version_whatever_runs_are_called(
    tmp_path: Path,
) -> None:
    pages = dict(FIRST)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom", RUN_ID="first")
        pages["1001"] = str(pages["1001"]).replace("متن خبر", "متن دیگر")
        site.run("age=all", spider="recheck", RUN_ID="again")
        for path in (tmp_path / NAME).glob("ledger.sqlite*"):
            path.unlink()
        done = site.run("age=all", spider="recheck")
    versions = Counter((row["id"], row["version"]) for row in done.rows)
    assert [version for version, times in versions.items() if times > 1] == []


def test_files_that_were_had_wait_no_more(tmp_path: Path) -> None:
    pages: dict[str, Any] = dict(FIRST)
    body = '<img src="/تصویر یک.jpg"><img src="/a.jpg?x=[1]"><img src="/b.jpg?q=a|b">'
    pages["1001"] = article(1001, body=body)
    with serving(pages) as (url, asked):
        site = Site(tmp_path, url, pages, asked)
        site.run("provinces=qom")
        assert len([path for path in asked if path.endswith(".jpg")]) == 3
        site.run("provinces=qom")
        again = [path for path in asked if path.endswith(".jpg")]
    with closing(sqlite3.connect(tmp_path / NAME / "ledger.sqlite")) as ledger, ledger:
        waiting = ledger.execute("SELECT url FROM files").fetchall()
    assert (waiting, again) == ([], [])


def test_a_mend_that_was_killed_is_finished_by_the_next_crawl(tmp_path: Path) -> None:
    """Between the copy of a torn end and the cut."""
    with running(4, slow=0.2) as site:
        words = command(
            tmp_path, "provinces=qom", SITE_URL=site.url, REQUISITES="none", CONCURRENT_REQUESTS="1"
        )
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        folder = tmp_path / NAME
        while not [path for path in folder.glob("articles/*") if path.read_bytes().count(b"\n") > 1]:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        (rows,) = folder.glob("articles/*.jsonl")
        before = rows.read_bytes()
        (left,) = folder.glob("warc/*.open")
        with left.open("ab") as stream:
            stream.write(b"\x1f\x8b\x08torn")
        left.with_name(left.name.removesuffix(".warc.gz.open") + ".torn").write_bytes(b"\x1f\x8b")
        site.change(slow=0)
        done = crawl(tmp_path, "provinces=qom", SITE_URL=site.url, REQUISITES="none")
    assert not list(folder.glob("warc/*.open")), done.err
    assert rows.read_bytes() == before


def test_a_picture_that_could_not_be_had_is_asked_for_in_the_next_run(tmp_path: Path) -> None:
    jpeg: Answer = (200, {"Content-Type": "image/jpeg"}, "x")
    broken: Answer = (500, HTML, "no")
    with moody(moody_site(1, picture="/a.jpg") | {"/a.jpg": [broken, jpeg], "/robots.txt": ROBOTS}) as asked:
        for _ in range(2):
            crawl(tmp_path, "provinces=qom", SITE_URL=asked.url, RETRY_ENABLED="0")
    assert asked.log.count("/a.jpg") == 2


def test_the_same_command_with_a_run_id_goes_on_after_a_kill_before_any_row(tmp_path: Path) -> None:
    with running(3, slow=0.5) as site:
        words = command(tmp_path, "provinces=qom", SITE_URL=site.url, RUN_ID="mine", REQUISITES="none")
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not list((tmp_path / NAME).glob("warc/*.open")):
            time.sleep(0.01)
        process.kill()
        process.wait()
        site.change(slow=0)
        again = crawl(tmp_path, "provinces=qom", SITE_URL=site.url, RUN_ID="mine", REQUISITES="none")
    assert "Traceback" not in again.err
    assert again.code in (0, 2)


def test_ctrl_c_before_the_spider_is_opened_is_an_interruption(tmp_path: Path) -> None:
    """Between the lock and the first request."""
    codes = []
    with running(2) as site:
        for number in range(4, 9):
            folder = tmp_path / str(number)
            process = subprocess.Popen(
                command(folder, "provinces=qom", SITE_URL=site.url),
                cwd=ROOT,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while not (folder / NAME / "lock").exists():
                time.sleep(0.005)
            time.sleep(0.03 * number)
            process.send_signal(signal.SIGINT)
            codes.append(process.wait(60))
    assert [code for code in codes if code == 1] == []


def test_a_file_that_is_held_waits_no_more(tmp_path: Path) -> None:
    """Captured, and then the crawl was killed before that was noted."""
    jpeg: Answer = (200, {"Content-Type": "image/jpeg"}, "x")
    with moody(moody_site(1, picture="/a.jpg") | {"/a.jpg": jpeg, "/robots.txt": ROBOTS}) as asked:
        crawl(tmp_path, "provinces=qom", SITE_URL=asked.url)
        path = tmp_path / NAME / "ledger.sqlite"
        with closing(sqlite3.connect(path)) as ledger, ledger:
            ledger.execute("INSERT INTO files (url, kind) VALUES (?, 'image')", (f"{asked.url}/a.jpg",))
        crawl(tmp_path, "provinces=qom", SITE_URL=asked.url)
        with closing(sqlite3.connect(path)) as ledger, ledger:
            assert ledger.execute("SELECT url FROM files").fetchall() == []


def test_a_picture_whose_record_a_power_cut_took_is_asked_for_again(tmp_path: Path) -> None:
    """The ledger outlived the last seconds of the WARC file, as it may: neither is synced with the other."""
    from crawler.warc.members import members

    jpeg: Answer = (200, {"Content-Type": "image/jpeg"}, "x")
    slow = [True]

    def last() -> Answer:
        if slow[0]:
            time.sleep(4)
        return article(1001)

    pages = moody_site(3) | {
        "1003": article(1003, body='<img src="/a.jpg">'),
        "/a.jpg": jpeg,
        "1001": last,
        "/robots.txt": ROBOTS,
    }
    with moody(pages) as asked:
        words = command(tmp_path, "provinces=qom", SITE_URL=asked.url, CONCURRENT_REQUESTS="1")
        process = subprocess.Popen(words, cwd=ROOT)
        while "/fa/news/1001/x" not in asked.log:
            time.sleep(0.01)
        time.sleep(0.5)
        process.kill()
        process.wait()
        (warc,) = (tmp_path / NAME).glob("warc/*.open")
        end = next(member.offset for member in members(warc) if b"/a.jpg\r\n" in member.record[:400])
        with warc.open("r+b") as stream:
            stream.truncate(end)
        slow[0] = False
        done = crawl(tmp_path, "provinces=qom", SITE_URL=asked.url)
    assert set(ids(done)) == {1001, 1002, 1003}
    assert "/a.jpg" in (done.folder / "index.cdxj").read_text(encoding="utf-8")


def test_a_disk_that_is_full_for_a_while_costs_nothing_and_brings_nothing_twice(tmp_path: Path) -> None:
    """A limit on the size of files stands for it: the ledger meets it first."""
    import resource

    def limited(size: int) -> Any:
        return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    with running(15) as site:
        settings = {
            "SITE_URL": site.url,
            "REQUISITES": "none",
            "MIN_FREE_BYTES": "0",
            "WARC_MAX_BYTES": "100000",
        }
        asked = "provinces=qom,yazd,ilam,gilan"
        for size in range(150_000, 260_000, 35_000):
            subprocess.run(
                command(tmp_path, asked, **settings),
                cwd=ROOT,
                capture_output=True,
                preexec_fn=limited(size),
                timeout=120,
            )
        done = crawl(tmp_path, asked, **settings)
    assert [number for number, times in ids(done).items() if times > 1] == []
