"""``scrapy wacz``: a collection, a run, some articles as one file: whole, right, the same each time."""

from __future__ import annotations

import gzip
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.wacz import index, pages
from crawler.wacz.build import build_whole
from crawler.wacz.originals import Holdings
from crawler.wacz.selection import Requisites
from crawler.warc.verify import Proof
from tests.crawling import NAME, ROOT
from tests.wacz.opened import Opened, faults_in, rows_of, wacz
from tests.wire.warc_bytes import Record, entity

JUDGES = ROOT / ".judges" / "bin"
RUNS = ("first", "second", "third")


# -- any of them ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["whole", "run", "articles"])
def test_digests_index_and_revisits_are_right(opened: dict[str, Opened], name: str) -> None:
    assert faults_in(opened[name]) == []
    kinds = [record["WARC-Type"] for record in opened[name].records()]
    assert kinds.count("revisit") >= 2


def test_py_wacz_finds_nothing_wrong(made: dict[str, Path]) -> None:
    program = (
        "import sys; from wacz.main import main; [main(['validate', '-f', one]) for one in sys.argv[1:]]"
    )
    command = [JUDGES / "python", "-W", "ignore", "-c", program, *made.values()]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.stdout.count("Validation succeeded, the passed WACZ is valid") == len(made), done.stdout


@pytest.mark.parametrize("name", ["run", "articles"])
def test_warc_files_that_were_made_prove_themselves(
    opened: dict[str, Opened], name: str, tmp_path: Path
) -> None:
    proof = Proof()
    for archive in opened[name].archives:
        path = tmp_path / archive.removeprefix("archive/")
        path.write_bytes(opened[name].files[archive])
        proof.file(path)
    assert [str(fault) for fault in proof.verdict.faults] == []


def test_the_same_again_is_the_same_bytes(
    collection: Collection, made: dict[str, Path], tmp_path: Path
) -> None:
    elsewhere = Path(shutil.copytree(collection.folder, tmp_path / "other" / NAME))
    done = wacz(Collection(elsewhere.parent, NAME), "--provinces=qom", f"{tmp_path}/articles.wacz")
    assert done.returncode == 0
    assert (tmp_path / "articles.wacz").read_bytes() != made["articles"].read_bytes()  # asked otherwise
    words = ("--provinces=قم", "--since=2001-03-21")
    assert wacz(Collection(elsewhere.parent, NAME), *words, f"{tmp_path}/again.wacz").returncode == 0
    assert (tmp_path / "again.wacz").read_bytes() == made["articles"].read_bytes()
    assert wacz(Collection(elsewhere.parent, NAME), f"{tmp_path}/whole.wacz").returncode == 0
    assert (tmp_path / "whole.wacz").read_bytes() == made["whole"].read_bytes()


def test_what_must_be_stored_is(opened: dict[str, Opened]) -> None:
    stored = opened["whole"].stored
    assert {name for name, is_stored in stored.items() if is_stored} == {
        *opened["whole"].archives,
        "indexes/index.cdx.gz",
    }


# -- whole files ---------------------------------------------------------------------------------------


def test_all_of_a_collection_is_its_files_byte_for_byte(
    collection: Collection, opened: dict[str, Opened]
) -> None:
    there = {f"archive/{path.name}": path.read_bytes() for path in collection.warc.iterdir()}
    assert {name: opened["whole"].files[name] for name in opened["whole"].archives} == there
    lines = b"".join(block for _, block in opened["whole"].blocks())
    assert re.sub(rb" (\d{14})\d{3} \{", rb" \1 {", lines) == collection.index.read_bytes()
    reports = {f"logs/{run}.json": collection.report_of(run).read_bytes() for run in RUNS}
    assert {name: opened["whole"].files[name] for name in reports} == reports
    told = opened["whole"].json("datapackage.json")
    assert (told["profile"], told["wacz_version"]) == ("data-package", "1.1.1")
    assert told["title"] == f"Ostan: {NAME}"
    assert told["software"].startswith("ostan ")
    newest = opened["whole"].lines("pages/pages.jsonl")[0]
    assert (told["mainPageUrl"], told["mainPageDate"]) == (newest["url"], newest["ts"])


def test_a_run_has_its_files_and_what_they_refer_to(
    collection: Collection, opened: dict[str, Opened]
) -> None:
    *own, copies = opened["run"].archives
    assert own
    assert all((collection.warc / name.removeprefix("archive/")).exists() for name in own)
    assert copies == f"archive/{NAME}-originals-00000.warc.gz"
    info, *records = opened["run"].records(copies)
    assert info["WARC-Type"] == "warcinfo"
    assert b"copied-from: sample-" in info.block
    kinds = [record["WARC-Type"] for record in records]
    assert kinds.count("response") == kinds.count("request") >= 4
    members = b"".join(path.read_bytes() for path in collection.warc.iterdir())
    data = opened["run"].files[copies]
    assert all(data[one.offset :][: one.length] in members for one in records), "not copied as they lie"
    assert b"\r\narticle: " in b"".join(one.block for one in records), "without the rows beside them"
    assert {name for name in opened["run"].files if name.startswith("logs/")} == {
        "logs/first.json",
        "logs/second.json",
    }


def test_pages_have_title_and_text_of_their_time(collection: Collection, opened: dict[str, Opened]) -> None:
    found = opened["whole"].lines("pages/pages.jsonl")
    assert "pages/extraPages.jsonl" not in opened["whole"].files, "they are few"
    rows: dict[str, list[dict[str, Any]]] = {}
    for row in rows_of(collection):
        rows.setdefault(row["url"], []).append(row)
    assert {len(versions) for versions in rows.values()} == {2}
    captured = {
        (entry["url"], entry["timestamp"][:14])
        for entry in opened["whole"].index()
        if entry["url"] in rows and entry["status"] == "200"
    }
    assert {(page["url"], re.sub(r"\D", "", page["ts"])) for page in found} == captured
    assert len(captured) == 3 * len(rows), "each article, again as a revisit, and edited"
    assert [page["ts"] for page in found] == sorted((page["ts"] for page in found), reverse=True)
    for page in found:
        row = [row for row in rows[page["url"]] if row["fetched_at"][:19] <= page["ts"][:19]][-1]
        assert page["title"] == row["title"]
        assert page["text"].endswith(row["body"])
        assert row["lead"] is None or row["lead"] in page["text"]
    assert len({page["id"] for page in found}) == len(found)


def test_where_pages_are_many_the_first_list_is_short_and_the_other_has_all(
    collection: Collection, tmp_path: Path
) -> None:
    files = sorted(collection.warc.glob("*"))
    build_whole(collection, tmp_path / "many.wacz", files, "many", lists=pages.Lists(3))
    many = Opened(tmp_path / "many.wacz")
    assert faults_in(many) == []
    first, every = many.lines("pages/pages.jsonl"), many.lines("pages/extraPages.jsonl")
    assert len(first) == 3
    assert len(every) >= 8
    assert [page | {"text": more["text"]} for page, more in zip(first, every, strict=False)] == every[:3]


# -- articles ------------------------------------------------------------------------------------------


def body(record: Record) -> str:
    data = entity(record.block)
    return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8", "replace")


def test_a_selection_has_the_articles_and_what_their_pages_need_and_nothing_else(
    collection: Collection, opened: dict[str, Opened]
) -> None:
    articles = {row["url"] for row in rows_of(collection) if row["province"]["slug"] == "qom"}
    others = {row["url"] for row in rows_of(collection)} - articles
    assert len(articles) >= 2
    assert others
    every = opened["whole"].index()
    addresses = articles | {entry["url"] for entry in every if entry["status"] == "301"}
    assert len(addresses) == len(articles) + 1
    found = opened["articles"].index()

    def captures(of: list[dict[str, str]]) -> set[tuple[str, str]]:
        return {(entry["url"], entry["timestamp"]) for entry in of if entry["url"] in addresses}

    assert captures(found) == captures(every)
    files = {entry["url"] for entry in found} - addresses
    bodies = [
        body(opened["articles"].at(entry))
        for entry in found
        if entry["mime"] in ("text/html", "text/css") and entry["status"] == "200"
    ]
    unasked = [url for url in files if not any(url.rpartition("/")[2] in text for text in bodies)]
    assert unasked == []
    named = {path for text in bodies for path in re.findall(r"[\w./%-]+\.(?:jpg|css|js|ico|woff2)", text)}
    held = {entry["url"] for entry in every}
    root = re.match(r"http://[^/]+", min(articles))
    assert root
    needed = {root[0] + path for path in named if path.startswith("/")} & held
    assert len(needed) > 10
    assert needed <= files
    assert {page["url"] for page in opened["articles"].lines("pages/pages.jsonl")} == articles


def test_what_a_row_names_is_taken_though_no_page_needs_it(collection: Collection) -> None:
    holdings = Holdings(collection.warc, collection.index)
    page, other, *_ = sorted({row["url"] for row in rows_of(collection)})
    (first, *_), (extra, *_) = holdings.captures(page), holdings.captures(other)
    requisites = Requisites(holdings)
    assert extra not in list(requisites.of(first))
    assert extra in list(requisites.of(first, also=[other]))
    times = [entry.timestamp for entry in requisites.of(first)]
    assert len(times) == len(set(requisites.of(first))) > 10


def test_an_index_of_many_blocks(
    collection: Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index, "LINES", 7)
    build_whole(collection, tmp_path / "x.wacz", sorted(collection.warc.iterdir()), "many blocks")
    many = Opened(tmp_path / "x.wacz")
    assert len(list(many.blocks())) > 10
    assert faults_in(many) == []
