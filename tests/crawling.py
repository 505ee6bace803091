"""Running the real command, as a user would, and reading what it left."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.forked import scrapy

ROOT = Path(__file__).parents[1]
NAME = "sample"


@dataclass(frozen=True)
class Crawl:
    """A ``scrapy crawl provinces`` that has ended, and its collection."""

    code: int
    out: str
    err: str
    folder: Path

    @property
    def rows(self) -> list[dict[str, Any]]:
        files = sorted(self.folder.glob("articles/*.jsonl"))
        return [json.loads(line) for file in files for line in file.read_bytes().splitlines()]

    @property
    def report(self) -> dict[str, Any]:
        """Of the last run."""
        path = max(self.folder.glob("runs/*.json"), key=lambda path: path.stat().st_mtime_ns)
        return dict(json.loads(path.read_text(encoding="utf-8")))

    @property
    def warcs(self) -> list[Path]:
        return sorted(self.folder.glob("warc/*"))


def command(archives: Path, *arguments: str, spider: str = "provinces", **settings: str) -> list[str]:
    """The words of a crawl, as ``crawl`` takes them."""
    words = [sys.executable, "-m", "scrapy", "crawl", spider]
    for argument in arguments:
        words += ["-a", argument]
    for name, value in ({"ARCHIVES": str(archives), "COLLECTION": NAME} | settings).items():
        words += ["-s", f"{name}={value}"]
    return words


def crawl(
    archives: Path,
    *arguments: str,
    spider: str = "provinces",
    environment: dict[str, str] | None = None,
    **settings: str,
) -> Crawl:
    """``arguments``: ``name=value`` for ``-a``; ``settings``: for ``-s``. No proxy but ``environment``'s."""
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    words = command(archives, *arguments, spider=spider, **settings)[3:]
    done = scrapy(words, ROOT, own | (environment or {}), 240)
    return Crawl(done.returncode, done.stdout, done.stderr, archives / NAME)
