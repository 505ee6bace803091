"""A collection that has been released twice, for uploads."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dump.releases import dumped
from tests.dump.rows import article, written


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with r1 and r2, the later one with a delta: some fifteen files each."""
    archives = tmp_path_factory.mktemp("archives")
    rows = [article(number, day=number % 3) for number in range(12)]
    collection = written(archives, {"a": rows})
    collection.runs.mkdir()
    dumped(collection, "r1")
    written(archives, {"b": [article(100, day=9)]})
    dumped(collection, "r2", delta_from="r1")
    return archives
