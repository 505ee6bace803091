"""verify finds what is wrong: one planted fault a case, in a collection that was right."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.warc.members import members
from crawler.warc.verify import verify_collection
from tests.crawling import NAME, ROOT, crawl
from tests.site import running


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The archives of a small crawl."""
    archives = tmp_path_factory.mktemp("right")
    with running(3) as site:
        assert crawl(archives, "provinces=qom,yazd", SITE_URL=site.url).code == 0
    return archives


@pytest.fixture
def archives(right: Path, tmp_path: Path) -> Path:
    shutil.copytree(right, tmp_path, dirs_exist_ok=True)
    return tmp_path


def warc(archives: Path) -> Path:
    (path,) = (archives / NAME / "warc").iterdir()
    return path


def rows(archives: Path) -> Path:
    (path,) = (archives / NAME / "articles").iterdir()
    return path


def records(change: Callable[[list[bytes]], list[bytes]]) -> Callable[[Path], None]:
    """A fault in the records: warcinfo, then response and request in turn."""

    def plant(archives: Path) -> None:
        path = warc(archives)
        changed = change([member.record for member in members(path)])
        path.write_bytes(b"".join(zlib.compress(record, 6, 31) for record in changed))

    return plant


def first_row(change: Callable[[dict[str, Any]], object]) -> Callable[[Path], None]:
    def plant(archives: Path) -> None:
        path = rows(archives)
        first, *others = path.read_bytes().splitlines(keepends=True)
        row = json.loads(first)
        change(row)
        path.write_bytes(b"".join([json.dumps(row).encode() + b"\n", *others]))

    return plant


def cut(path_of: Callable[[Path], Path]) -> Callable[[Path], None]:
    def plant(archives: Path) -> None:
        path_of(archives).write_bytes(path_of(archives).read_bytes()[:-9])

    return plant


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a byte of a body": (
        records(lambda r: [r[0], r[1].replace(b"Server: ", b"Sorver: ", 1), *r[2:]]),
        "the block is not what its digest says",
    ),
    "a payload digest": (
        records(
            lambda r: [r[0], r[1].replace(b"Payload-Digest: sha1:", b"Payload-Digest: sha1:A", 1), *r[2:]]
        ),
        "the payload is not what its digest says",
    ),
    "no warcinfo": (records(lambda r: r[1:]), "does not begin with its own warcinfo"),
    "another file's warcinfo": (
        records(lambda r: [r[0].replace(b"WARC-Filename: ", b"WARC-Filename: x"), *r[1:]]),
        "does not begin with its own warcinfo",
    ),
    "a record twice": (records(lambda r: [*r, r[-2]]), "a record id that another record bears"),
    "a request before its response": (
        records(lambda r: [r[0], r[2], r[1], *r[3:]]),
        "no answer of its address stands before this request",
    ),
    "no date": (records(lambda r: [r[0], r[1].replace(b"WARC-Date", b"WARC-Data"), *r[2:]]), "no warc-date"),
    "a response without its request": (
        records(lambda r: [*r[:2], *r[3:]]),
        "the answer before it has no request",
    ),
    "a wrong length": (
        records(lambda r: [r[0], r[1].replace(b"\r\nContent-Length: ", b"\r\nContent-Length: 9", 1), *r[2:]]),
        "length is not the one it declares",
    ),
    "a torn end": (cut(warc), "the file ends inside a record"),
    "never finished": (
        lambda archives: warc(archives).rename(str(warc(archives)) + ".open") and None,
        "not finished",
    ),
    "a torn row": (cut(rows), "a torn line"),
    "a row that is no JSON": (lambda archives: rows(archives).write_bytes(b"{\n") and None, "no row: JSON"),
    "an offset": (first_row(lambda row: row["warc"].update(offset=1)), "where no response begins"),
    "a length": (first_row(lambda row: row["warc"].update(length=1)), "points at another record"),
    "a row's digest": (first_row(lambda row: row["warc"].update(payload_digest="sha1:A")), "another record"),
    "a row's address": (first_row(lambda row: row.update(url="http://x/")), "points at another record"),
}


def verify(archives: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "scrapy", "verify", "-s", f"ARCHIVES={archives}", *more]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_right_collection_has_no_fault(archives: Path) -> None:
    done = verify(archives)
    assert done.returncode == 0
    assert f"{NAME}: " in done.stdout
    assert ": 0 faults" in done.stdout
    told = json.loads(verify(archives, "--json").stdout)[NAME]
    assert told["records"] > 20
    assert told["rows"] == 6
    assert told["faults"] == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_fault_is_found(fault: str, archives: Path) -> None:
    plant, said = FAULTS[fault]
    plant(archives)
    verdict = verify_collection(Collection(archives, NAME))
    assert [found for found in verdict.faults if said in found.what], verdict.faults


def test_a_fault_costs_the_exit_code_and_is_named_with_its_place(archives: Path) -> None:
    FAULTS["a byte of a body"][0](archives)
    done = verify(archives)
    assert done.returncode == 1
    assert f"{warc(archives).name} at " in done.stdout
    assert verify(archives, str(warc(archives))).returncode == 1


def test_a_file_that_is_not_there(archives: Path) -> None:
    done = verify(archives, "nowhere.warc.gz")
    assert done.returncode == 2
    assert "No such file" in done.stderr
