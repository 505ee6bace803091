"""pywb, a player that is not ours, serves every capture of the archive, revisits too, byte for byte."""

from __future__ import annotations

import gzip
import os
import re
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest

from crawler.warc.cdxj import Entry, read_line
from tests.crawling import NAME, ROOT, crawl
from tests.site import running
from tests.wayback import JUDGES, wayback
from tests.wire.warc_bytes import entity, records

README = (ROOT / "README.md").read_text(encoding="utf-8")
direct = build_opener(ProxyHandler({}))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of a crawl and of a second look at its articles."""
    archives = tmp_path_factory.mktemp("archives")
    with running(2) as site:
        assert crawl(archives, "provinces=qom,yazd", SITE_URL=site.url).code == 0
        time.sleep(1)  # an index has seconds: two captures in one are one
        again: dict[str, Any] = {"spider": "recheck", "SITE_URL": site.url, "CONDITIONAL_REQUESTS": "0"}
        assert crawl(archives, "age=all", **again).code == 0
    return archives / NAME


@pytest.fixture(scope="module")
def player(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """pywb's address of the collection, read where it lies, with the README's configuration."""
    home = tmp_path_factory.mktemp("pywb")
    (printed,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    with wayback(home, printed.replace("archives/demo", str(folder))) as url:
        yield f"{url}/demo"


def entries(folder: Path) -> list[Entry]:
    return [read_line(line) for line in (folder / "index.cdxj").read_bytes().splitlines()]


def played(player: str, entry: Entry) -> tuple[int, bytes]:
    """Status and body that pywb gives for a capture, nothing rewritten."""
    try:
        with direct.open(f"{player}/{entry.timestamp}id_/{entry.url}") as answer:
            return answer.status, answer.read()
    except HTTPError as error:
        return error.code, error.read()


def test_pywb_plays_every_capture(folder: Path, player: str) -> None:
    blocks = {
        record["WARC-Payload-Digest"]: record.block
        for path in sorted((folder / "warc").iterdir())
        for record in records(path)
        if record["WARC-Type"] == "response"
    }
    found = entries(folder)
    assert sum(entry.is_revisit for entry in found) >= 5
    for entry in found:
        body = entity(blocks[entry.digest])
        if b"\r\nContent-Encoding: gzip\r\n" in blocks[entry.digest]:
            body = gzip.decompress(body)
        assert played(player, entry) == (entry.status, body), entry


def test_pywb_makes_the_same_index_of_our_files(folder: Path) -> None:
    """Metadata, requests and the like are no captures for it either."""
    environment = os.environ | {"PYTHONWARNINGS": "ignore"}
    files = sorted((folder / "warc").iterdir())
    done = subprocess.run(
        [JUDGES / "cdx-indexer", "--cdxj", "--sort", *files], capture_output=True, check=True, env=environment
    )
    theirs = [read_line(line) for line in done.stdout.splitlines() if not line.startswith(b" CDX")]
    places = sorted((entry.filename, entry.offset, entry.length, entry.url) for entry in theirs)
    assert places == sorted((e.filename, e.offset, e.length, e.url) for e in entries(folder))
