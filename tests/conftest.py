"""What several files of tests stand on."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from tests.crawling import NAME, Crawl, crawl
from tests.site import running
from tests.wire.warc_bytes import Record, records

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


@pytest.fixture(scope="session")
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


@pytest.fixture
def collection(twice: Twice, tmp_path: Path) -> Collection:
    shutil.copytree(twice.folder, tmp_path / NAME)
    return Collection(tmp_path, NAME)
