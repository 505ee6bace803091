"""A crawl that is killed again and again ends as one that was never disturbed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

from crawler.collection import Collection
from crawler.warc.members import members
from crawler.warc.verify import verify_collection
from tests.crawling import NAME, ROOT, command, crawl
from tests.site import running
from tests.wire.warc_bytes import members as gzip_members
from tests.wire.writing import others_agree

# ``make drill`` asks for the whole: 30 kills over 1,240 articles.
KILLS, ARTICLES = (30, 40) if os.environ.get("OSTAN_DRILL") else (6, 8)
OF_THE_MOMENT = ("run_id", "fetched_at", "first_seen", "warc")


def said(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What rows say of the articles, without what belongs to the moment of the capture."""
    return {row["id"]: {k: v for k, v in row.items() if k not in OF_THE_MOMENT} for row in rows}


def opened(collection: Collection) -> set[Path]:
    return set(collection.warc.glob("*.open"))


def killed_while_writing(words: list[str], collection: Collection, seconds: float) -> set[bytes]:
    """Begin a crawl, kill it so long after it began to write; the whole records that it left."""
    before = opened(collection)
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not opened(collection) - before:  # its own file
        assert process.poll() is None
        time.sleep(0.01)
    with suppress(subprocess.TimeoutExpired):
        process.wait(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return {record for path in opened(collection) for _, record in gzip_members(path.read_bytes())[0]}


def test_kills_at_random_moments_lose_nothing_and_bring_nothing_twice(tmp_path: Path) -> None:
    chance, collection = random.Random(1404), Collection(tmp_path / "b", NAME)
    whole_records: set[bytes] = set()
    with running(ARTICLES) as site:
        settings = {"SITE_URL": site.url, "REQUISITES": "none"}
        undisturbed = crawl(tmp_path / "a", **settings)
        assert undisturbed.code == 0
        site.change(slow=0.1)  # so that there is still something to do when the last kill comes
        words = command(tmp_path / "b", **settings)
        for _ in range(KILLS):
            whole_records |= killed_while_writing(words, collection, chance.uniform(0, 1.5))
        site.change(slow=0)
        done = crawl(tmp_path / "b", **settings)
    assert done.code == 0
    files = sorted(collection.articles.glob("*.jsonl"))
    assert len(files) > KILLS / 8, "some of the kills met a crawl that was writing rows"
    assert all(path.read_bytes().endswith(b"\n") for path in files)
    times = Counter(row["id"] for row in done.rows)
    assert [news_id for news_id, number in times.items() if number > 1] == []
    assert said(done.rows) == said(undisturbed.rows)
    assert len(done.rows) == 31 * ARTICLES
    assert done.report["articles"]["open"] == 0
    assert all(path.suffix in (".gz", ".torn") for path in done.warcs)
    kept = {member.record for path in collection.warc.glob("*.gz") for member in members(path)}
    assert len(whole_records) > 10 * KILLS
    assert whole_records - kept == set()
    assert verify_collection(collection).faults == []
    for path in collection.warc.glob("*.gz"):
        others_agree(path)


def test_files_of_pages_are_not_forgotten_in_a_crash(tmp_path: Path) -> None:
    """What a page needs is asked for after the page: a kill between the two must not cost it."""
    with running(4) as small:
        whole = crawl(tmp_path / "a", "provinces=qom,yazd,ilam", SITE_URL=small.url)
        words = command(tmp_path / "b", "provinces=qom,yazd,ilam", SITE_URL=small.url)
        small.change(slow=0.1)
        for seconds in (0.5, 0.6, 0.7):
            killed_while_writing(words, Collection(tmp_path / "b", NAME), seconds)
        small.change(slow=0)
        done = crawl(tmp_path / "b", "provinces=qom,yazd,ilam", SITE_URL=small.url)
    assert captured(done.folder) == captured(whole.folder)


def captured(folder: Path) -> set[str]:
    """Addresses in the index, without the site's root."""
    lines = (folder / "index.cdxj").read_text(encoding="utf-8").splitlines()
    urls = (json.loads(line.split(" ", 2)[2])["url"] for line in lines)
    return {url.split("/", 3)[3] for url in urls}


def test_a_second_crawl_is_told_who_holds_the_collection(tmp_path: Path) -> None:
    with running(3, slow=0.5) as slow:
        first = subprocess.Popen(
            command(tmp_path, "provinces=qom", SITE_URL=slow.url), cwd=ROOT, stdout=subprocess.PIPE
        )
        while not (tmp_path / NAME / "ledger.sqlite").exists():
            time.sleep(0.05)
        second = crawl(tmp_path, "provinces=yazd", SITE_URL=slow.url)
        first.communicate(timeout=60)
    assert second.code == 4
    assert f"is in use: process {first.pid} on " in second.err
    assert "scrapy crawl provinces -a provinces=qom" in second.err
    assert first.returncode == 0
    assert {row["province"]["slug"] for row in second.rows} == {"qom"}


def test_a_lost_ledger_is_made_again_from_the_rows(tmp_path: Path) -> None:
    with running(3) as small:
        first = crawl(tmp_path, "provinces=qom,yazd", SITE_URL=small.url, REQUISITES="none")
        for path in first.folder.glob("ledger.sqlite*"):
            path.unlink()
        small.forget()
        again = crawl(tmp_path, "provinces=qom,yazd", SITE_URL=small.url, REQUISITES="none")
        asked = [entry["path"] for entry in small.log() if entry["path"].startswith("/fa/news/")]
    assert again.code == 0
    articles = first.report["articles"]
    assert len(asked) == articles["skipped"] + articles["failed"] < len(first.rows) * 3, (
        "what no row tells of"
    )
    assert len(again.rows) == len(first.rows)


def test_a_damaged_ledger_is_named_with_its_cure(tmp_path: Path) -> None:
    with running(3) as small:
        first = crawl(tmp_path, "provinces=qom", SITE_URL=small.url, REQUISITES="none")
        (first.folder / "ledger.sqlite").write_bytes(b"nonsense" * 1000)
        again = crawl(tmp_path, "provinces=qom", SITE_URL=small.url)
    assert again.code == 1
    assert "ledger.sqlite: file is not a database; if it is damaged, move it" in again.err


def test_a_run_that_reached_nothing_is_a_run(tmp_path: Path) -> None:
    with running(2) as small:
        crawl(tmp_path, "provinces=qom", SITE_URL=small.url, REQUISITES="none")
        url = small.url
    assert crawl(tmp_path, "provinces=qom", SITE_URL=url).code == 1
    status = subprocess.run(
        [*command(tmp_path)[:3], "status", "-s", f"ARCHIVES={tmp_path}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert "unreachable: cannot reach" in status.stdout
