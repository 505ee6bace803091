"""A collection of three runs, and WACZ files made of it by the command."""

from __future__ import annotations

import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.disk import locked
from crawler.warc.exchange import Attempt, Exchange
from crawler.warc.seal import seal
from crawler.warc.writer import Rotation, WarcWriter
from tests.crawling import NAME, crawl
from tests.site import running
from tests.wacz.opened import Opened, rows_of, wacz


@pytest.fixture(scope="session")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    """The same for all workers: the first that comes makes it. Nobody writes into it."""
    archives = tmp_path_factory.mktemp("archives")
    if "PYTEST_XDIST_WORKER" in os.environ:
        archives = tmp_path_factory.getbasetemp().parent / "wacz-archives"
        archives.mkdir(exist_ok=True)
    collection = Collection(archives, NAME)
    with locked(archives):
        if not (archives / "made").exists():
            crawled(archives)
            (archives / "made").touch()
    return collection


def crawled(archives: Path) -> None:
    """A crawl, a look again that asks for whole answers, one after edits that asks whether something changed,
    and an address that leads to an article."""
    with running(2) as site:
        asked: dict[str, Any] = {"SITE_URL": site.url}
        assert crawl(archives, "provinces=qom,yazd", RUN_ID="first", **asked).code == 0
        time.sleep(1)  # an index has seconds: two captures in one are one
        asked["spider"] = "recheck"
        assert crawl(archives, "age=all", RUN_ID="second", CONDITIONAL_REQUESTS="0", **asked).code == 0
        time.sleep(1)
        site.change(edits="62")
        assert crawl(archives, "age=all", RUN_ID="third", **asked).code == 0
    collection = Collection(archives, NAME)
    row = next(row for row in rows_of(collection) if row["province"]["slug"] == "qom")
    writer = WarcWriter(collection.warc, NAME, {"run-id": "by hand"}, Rotation(10**9, timedelta(1)))
    head = f"HTTP/1.1 301 Moved\r\nLocation: {row['url']}\r\nContent-Type: text/html\r\n\r\n"
    bare = row["url"].rpartition("/")[0]
    writer.write(Exchange(bare, [Attempt(datetime.now(UTC), b"GET / HTTP/1.1\r\n\r\n", head.encode())]))
    writer.close()
    seal(collection)


@pytest.fixture(scope="session")
def made(collection: Collection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("made")
    asked = {
        "whole": (),
        "run": ("--run=sec",),
        "articles": ("--provinces=qom", "--since=1380-01-01"),
    }
    for name, words in asked.items():
        done = wacz(collection, *words, f"{folder}/{name}.wacz")
        assert (done.returncode, done.stderr) == (0, "")
        told = rf"{folder}/{name}.wacz: [\d,]+ captures, [\d,]+ pages, [\d,]+ WARC files, [\d,]+ bytes\n"
        assert re.fullmatch(told, done.stdout)
    return {name: folder / f"{name}.wacz" for name in asked}


@pytest.fixture(scope="session")
def opened(made: dict[str, Path]) -> dict[str, Opened]:
    return {name: Opened(path) for name, path in made.items()}


@pytest.fixture
def two_days(collection: Collection, tmp_path: Path) -> Collection:
    """The last runs' files are of another day."""
    folder = shutil.copytree(collection.folder, tmp_path / NAME)
    _, *others = sorted((folder / "warc").iterdir())
    moved = Collection(tmp_path, NAME)
    moved.index.unlink()
    moved.manifest.unlink()
    for path in others:
        path.rename(path.with_name(re.sub(r"-\d{8}", "-29990101", path.name, count=1)))
    return moved
