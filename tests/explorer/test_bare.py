"""Collections that lack something, and one that a crawl is writing while it is looked at."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from parsel import Selector

from crawler.collection import Collection
from crawler.disk import AppendFile, hold, locked
from crawler.search.update import update
from crawler.warc.seal import seal
from tests.explorer.asking import Answer, Explorer
from tests.explorer.conftest import FIRST, SECOND
from tests.replay.written import SITE, Said, http, kept, page_of

PAGES = (
    "",
    "search",
    "captures",
    "runs",
    "downloads",
    f"captures?url={SITE}/page",
    f"replay/2030/{SITE}/page",
)


@pytest.fixture
def copied(archives: Path, crawled: Collection) -> Iterator[Collection]:
    """A collection of its own, seen by the explorer, gone behind the test."""
    collection = Collection(archives, "copied")
    shutil.copytree(crawled.folder, collection.folder)
    yield collection
    shutil.rmtree(collection.folder)


def told(explorer: Explorer, step: str) -> tuple[int, str]:
    """Status, and what is said in a page and in its twin if it is not 200."""
    page = explorer.get(f"/copied/{step}")
    twin = explorer.get(f"/api/copied/{step or 'coverage'}")
    assert twin.status == page.status, step
    if page.status == 200:
        return 200, ""
    says = "".join(Selector(page.text).css("[role=alert] ::text").getall())
    assert says == twin.json["wrong"]
    return page.status, says


def test_without_a_ledger(explorer: Explorer, copied: Collection) -> None:
    copied.ledger.unlink()
    for step in ("", "search", "captures", "runs", "downloads"):
        assert told(explorer, step) == (200, ""), step
    assert "first" in explorer.get("/copied/runs").text


@pytest.mark.parametrize("damage", [b"", b"not a database", b"SQLite format 3\x00" + bytes(200)])
def test_with_a_ledger_that_is_none(explorer: Explorer, copied: Collection, damage: bytes) -> None:
    copied.ledger.write_bytes(damage)
    for step in ("", "runs"):
        assert told(explorer, step) == (200, ""), step


@pytest.mark.parametrize("damage", [None, b"", b"not a database", b"SQLite format 3\x00" + bytes(200)])
def test_without_a_search_index(explorer: Explorer, copied: Collection, damage: bytes | None) -> None:
    copied.search.unlink()
    if damage is not None:
        copied.search.write_bytes(damage)
    url = json.loads(copied.row_files()[0].read_bytes().splitlines()[0])["url"]
    for step in ("", "search", "articles/yjc:1"):
        status, says = told(explorer, step)
        assert status == 503, step
        assert "scrapy index --rebuild makes it" in says
    for step in ("captures", f"captures?url={url}", "runs", "downloads", f"replay/2030/{url}"):
        assert told(explorer, step) == (200, ""), step
    assert "scrapy index --rebuild" in explorer.get("/").text


def test_without_warc_files(explorer: Explorer, copied: Collection) -> None:
    row = json.loads(copied.row_files()[0].read_bytes().splitlines()[0])
    shutil.rmtree(copied.warc)
    for step in ("", "search", "captures", "runs", "downloads", f"articles/{row['id']}"):
        assert told(explorer, step) == (200, ""), step
    status, says = told(explorer, f"replay/2030/{row['url']}")
    assert status == 404
    assert f"{row['warc']['file']}: no such file" in says or "no such file" in says
    answer = explorer.replay(f"/copied/2030id_/{row['url']}")
    assert answer.status == 404
    assert "no such file" in answer.text
    copied.index.unlink()
    status, says = told(explorer, f"replay/2030/{row['url']}")
    assert (status, says) == (404, f"{copied.index} is not there; scrapy index makes it")


def test_without_rows(explorer: Explorer, copied: Collection) -> None:
    """Their places stand in the index still."""
    row = json.loads(copied.row_files()[0].read_bytes().splitlines()[0])
    shutil.rmtree(copied.articles)
    for step in ("", "search", "downloads"):
        assert told(explorer, step) == (200, ""), step
    status, says = told(explorer, f"articles/{row['id']}")
    assert status == 404
    assert row["id"] in says


def test_with_a_warc_file_cut_short(explorer: Explorer, copied: Collection) -> None:
    row = json.loads(copied.row_files()[0].read_bytes().splitlines()[0])
    path = copied.warc / row["warc"]["file"]
    os.truncate(path, row["warc"]["offset"] + 700)
    page = explorer.get(f"/copied/replay/{row['warc']['date'][:4]}/{row['url']}")
    assert page.status == 200
    assert "cut off: it did not come whole" in page.text
    os.truncate(path, row["warc"]["offset"] + 5)
    answer = explorer.get(f"/copied/replay/2030/{row['url']}")
    assert answer.status == 404
    assert path.name in answer.text
    assert explorer.get(f"/copied/records/{path.name}/{row['warc']['offset']}").status == 404


def test_of_nothing_but_runs(explorer: Explorer, archives: Path) -> None:
    collection = Collection(archives, "copied")
    collection.runs.mkdir(parents=True)
    assert explorer.get("/").status == 200
    for step in ("captures", "runs", "downloads"):
        assert told(explorer, step) == (200, ""), step
    for step in ("", "search", f"replay/2030/{SITE}/page", f"captures?url={SITE}/page"):
        status, says = told(explorer, step)
        assert status in (400, 404, 503)
        assert says
    shutil.rmtree(collection.folder)


def test_while_a_crawl_writes(explorer: Explorer, copied: Collection) -> None:
    def all_answer() -> list[Answer]:
        answers = [explorer.get(f"/copied/{step}") for step in PAGES[:5]]
        assert [answer.status for answer in answers] == [200] * 5
        return answers

    kept(copied, Said(f"{SITE}/page", FIRST, http(page_of("before"))))
    rows = copied.row_files()[0].read_bytes()
    lock = hold(copied.lock, "run third, process 1")
    with locked(copied.folder):
        under_way = AppendFile(copied.articles / "third.jsonl")
        under_way.append(rows[: len(rows) // 2])
        (copied.warc / "site-1.warc.gz.open").write_bytes(b"\x1f\x8b\x08")
        runs = all_answer()[3]
        assert "Under way: run third, process 1" in runs.text
        assert explorer.get(f"/copied/replay/2030/{SITE}/page").status == 200
        assert "site-1" not in explorer.get("/copied/downloads").text
        assert explorer.get("/copied/files/warc/site-1.warc.gz.open").status == 404
        part = explorer.get("/copied/files/articles/third.jsonl")
        assert part.body == rows[: len(rows) // 2]
    under_way.append(rows[len(rows) // 2 :])
    under_way.close()
    os.close(lock)
    copied.index.unlink()  # another takes its place
    kept(copied, Said(f"{SITE}/page", SECOND, http(page_of("after"))))
    seal(copied, rebuild=True)
    update(copied, rebuild=True)
    all_answer()
    assert "Under way" not in explorer.get("/copied/runs").text
    assert b"after" in explorer.replay(f"/copied/2030/{SITE}/page").body
