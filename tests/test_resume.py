"""A crawl that is killed again and again ends as one that was never disturbed."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.warc.verify import verify_collection
from tests.crawling import NAME, ROOT, command, crawl
from tests.site import Site, running

KILLS = 30
OF_THE_MOMENT = ("run_id", "fetched_at", "first_seen", "warc")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running(40) as served:
        yield served


def said(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """What rows say of the articles, without what belongs to the moment of the capture."""
    return {row["id"]: {k: v for k, v in row.items() if k not in OF_THE_MOMENT} for row in rows}


def killed_after(seconds: float, words: list[str]) -> bool:
    """Whether a crawl was under way for so long; then it is killed."""
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def test_thirty_kills_at_random_moments_lose_nothing_and_bring_nothing_twice(
    site: Site, tmp_path: Path
) -> None:
    settings = {"SITE_URL": site.url, "REQUISITES": "none"}
    undisturbed = crawl(tmp_path / "a", **settings)
    assert undisturbed.code == 0
    site.change(slow=0.1)  # so that there is still something to do when the last kill comes
    chance, kills = random.Random(1404), 0
    words = command(tmp_path / "b", **settings)
    while kills < KILLS:
        kills += killed_after(chance.uniform(0.9, 2.1), words)
    site.change(slow=0)
    done = crawl(tmp_path / "b", **settings)
    assert done.code == 0
    files = sorted((done.folder / "articles").glob("*.jsonl"))
    assert len(files) > 5, "some of the kills met a crawl that was writing"
    assert all(path.read_bytes().endswith(b"\n") for path in files)
    times = Counter(row["id"] for row in done.rows)
    assert [news_id for news_id, number in times.items() if number > 1] == []
    assert said(done.rows) == said(undisturbed.rows)
    assert verify_collection(Collection(done.folder.parent, NAME)).faults == []
    assert done.report["articles"]["open"] == 0


def test_files_of_pages_are_not_forgotten_in_a_crash(tmp_path: Path) -> None:
    """What a page needs is asked for after the page: a kill between the two must not cost it."""
    with running(4) as small:
        whole = crawl(tmp_path / "a", "provinces=qom,yazd,ilam", SITE_URL=small.url)
        words = command(tmp_path / "b", "provinces=qom,yazd,ilam", SITE_URL=small.url)
        small.change(slow=0.1)
        for seconds in (1.2, 1.3, 1.4, 1.5):
            killed_after(seconds, words)
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
