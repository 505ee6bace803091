"""What several files of tests stand on."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.ledger.schema import connect
from tests.crawling import NAME, Crawl, crawl
from tests.site import running
from tests.wire.warc_bytes import Record, records

ASKED = "provinces=qom,yazd"


@dataclass(frozen=True)
class Twice:
    """A crawl, a look at all its articles again that asks for whole answers, and another look once the first
    file was moved away."""

    folder: Path
    files: list[Path]
    rows: list[dict[str, Any]]
    url: str
    third: Crawl
    moved: Path

    def records(self, number: int) -> list[Record]:
        return records(self.files[number])


@pytest.fixture(scope="session")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    archives = tmp_path_factory.mktemp("archives")
    moved = tmp_path_factory.mktemp("moved") / NAME
    with running(3) as site:
        done = crawl(archives, ASKED, SITE_URL=site.url, RUN_ID="1")
        assert (done.code, done.err) == (0, "")
        again: dict[str, Any] = {"spider": "recheck", "SITE_URL": site.url, "CONDITIONAL_REQUESTS": "0"}
        done = crawl(archives, "age=all", RUN_ID="2", **again)
        assert (done.code, done.err) == (0, "")
        shutil.copytree(archives / NAME, moved)
        first, _ = sorted((moved / "warc").iterdir())
        first.unlink()
        third = crawl(moved.parent, "age=all", RUN_ID="3", **again)
    return Twice(done.folder, done.warcs, done.rows, site.url, third, moved)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with closing(connect(tmp_path / "ledger.sqlite")) as opened:
        yield opened


@pytest.fixture
def collection(twice: Twice, tmp_path: Path) -> Collection:
    shutil.copytree(twice.folder, tmp_path / NAME)
    return Collection(tmp_path, NAME)


# Files that take longest are begun first, so that no worker is left alone with one at the end.
LONGEST = (
    "test_run",
    "test_changes",
    "test_awkward",
    "test_resume",
    "test_readme",
    "test_crawl",
    "test_left_alone",
    "test_doctor",
    "test_crashes",
    "test_identity",
    "test_reextract",
    "test_progress",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONGEST.index(item.path.stem) if item.path.stem in LONGEST else len(LONGEST))
