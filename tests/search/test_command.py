"""``scrapy search`` as it is typed, and the index that crawls and ``scrapy index`` keep for it."""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from scrapy.commands import ScrapyCommand
from scrapy.settings import Settings

from crawler.collection import Collection
from crawler.commands.index import Command as IndexCommand
from crawler.commands.search import Command
from crawler.provinces import BY_SLUG
from crawler.rows import as_line
from tests import forked
from tests.crawling import NAME, ROOT, crawl
from tests.dump.rows import tombstone, written
from tests.search.news import edited, indexed, news, numbers, on
from tests.site import running

QOM = BY_SLUG["qom"]


def ran(command: ScrapyCommand, archives: Path, *arguments: str) -> int:
    """Its exit code, in this process; what it prints: capsys."""
    command.settings = Settings({"ARCHIVES": str(archives), "COLLECTION": ""})
    parser = argparse.ArgumentParser()
    parser.add_argument("args", nargs="*")
    command.add_options(parser)
    options = parser.parse_args(arguments)
    command.run(options.args, options)
    return command.exitcode


def said(archives: Path, *arguments: str) -> int:
    return ran(Command(), archives, *arguments)


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three articles; ``runs/`` is what tells a collection from another folder."""
    rows = [
        news(1, "استاندار قم گفت: می\u200cسازیم.", title="خانۀ تازه", place=QOM, published=on("2025-09-24")),
        edited(
            1, "استانداری قم گفت: می\u200cسازیم.", title="خانۀ تازه", place=QOM, published=on("2025-09-24")
        ),
        news(2, "باران", title="برف", place=None, published=None),
        tombstone(2),
        *(news(n, "تگرگ") for n in range(100, 145)),
    ]
    folder = tmp_path_factory.mktemp("archives")
    indexed(folder, rows).runs.mkdir()
    return folder


def test_for_people(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(archives, "استاندار", "قم") == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert out.splitlines() == [
        "yjc:1  no date  Qom, version 2",
        "  خانۀ تازه",
        "  استانداری قم گفت: می\u200cسازیم.",
        "  https://www.yjc.ir/fa/news/1",
        "",
        "1 articles",
    ]
    assert said(archives, "برف") == 0
    assert "yjc:2  no date  no province, version 2, gone\n" in capsys.readouterr().out


def test_for_programs(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(archives, "می سازیم", "--json") == 0
    out, _ = capsys.readouterr()
    (line,) = out.splitlines()
    one = json.loads(line)
    assert [*one] == ["id", "status", "snippet", "row"]
    assert (one["id"], one["status"]) == ("yjc:1", "edited")
    assert one["snippet"] == "استانداری قم گفت: می\u200cسازیم."
    lines = Collection(archives, "yjc").rows_of("run1").read_text("utf-8").splitlines()
    assert one["row"] == json.loads(lines[1])
    assert said(archives, "تگرگ", "--json") == 0
    assert len(capsys.readouterr().out.splitlines()) == 20


@pytest.mark.parametrize(
    ("arguments", "code", "found"),
    [
        (["استاندار", "--province", "qom", "--since", "1404-07-02", "--until", "2025-09-24"], 0, [1]),
        (["استاندار", "--province", "yazd"], 1, []),
        (["--status", "gone"], 0, [2]),
        (["برف", "--status", "there"], 1, []),
        (["برف", "--tag", "هوا"], 1, []),
        (["برف", "--source", "ایسنا"], 1, []),
        (["تگرگ -باران", "--page", "3", "--order", "oldest"], 0, [140, 141, 142, 143, 144]),
        (["تگرگ", "--page", "4"], 1, []),
        (["تگرگ", "--order", "oldest", "--all"], 0, [*range(100, 145)]),
        (["نیست"], 1, []),
        (["استاندار", "برف"], 1, []),
    ],
    ids=str,
)  # fmt: skip
def test_exit_codes(
    archives: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, found: list[int]
) -> None:
    assert said(archives, *arguments, "--json") == code
    out, err = capsys.readouterr()
    assert [int(json.loads(line)["id"].partition(":")[2]) for line in out.splitlines()] == found
    assert re.fullmatch(r"(more than )?[0-9,]+ articles(, page [0-9]+ of [0-9]+)?\n", err)


@pytest.mark.parametrize(
    "arguments",
    [
        ["*"], ["؟"], ["\0"], ["☃"], ["ب" * 100_000], ["برف " * 50], ["برف", "--province", "x"],
        ["برف", "--since", "x"], ["برف", "--until", "\udcff"], ["برف", "--page", "0"],
        ["برف", "--tag", "\udcff"], ["برف", "--source", "\ud83d"], ["برف", "--collection", "none"],
        ["برف", "--collection", "../x"],
        ["برف", "--since", "1404-02-01", "--until", "1404-01-01"],
    ],
    ids=lambda words: ascii(words)[:30],
)  # fmt: skip
def test_what_is_wrong_is_said_in_a_line(
    archives: Path, capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert said(archives, *arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.count("\n") == 1
    assert len(err) < 1_000


def test_without_an_index(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    written(tmp_path, {"run1": [news(1, "برف")]}).runs.mkdir()
    assert said(tmp_path, "برف") == 2
    assert "scrapy index" in capsys.readouterr().err


def test_an_index_that_is_damaged_within(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    collection = indexed(tmp_path, [news(n, f"برف {n}") for n in range(200)])
    collection.runs.mkdir()
    with collection.search.open("r+b") as file:
        file.seek(4096)
        file.write(bytes(collection.search.stat().st_size - 4096))
    assert said(tmp_path, "برف") == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert "scrapy index" in err


HOSTILE = "برف \x1b]0;x\x07 \x9b2J \x7f \u202e\u2066 \u200f می\u200cبارد"


@pytest.mark.parametrize("how", [[], ["--json"]], ids=["text", "json"])
def test_nothing_moves_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], how: list[str]
) -> None:
    row = news(1, "برف").model_copy(update={"title": HOSTILE, "body": HOSTILE, "canonical_url": HOSTILE})
    indexed(tmp_path, [row]).runs.mkdir()
    assert said(tmp_path, "برف", *how) == 0
    out = capsys.readouterr().out
    moving = {letter for letter in out if unicodedata.category(letter) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    assert moving == {"\n", "\u200c"}
    if how:
        assert json.loads(out)["row"]["title"] == HOSTILE
    else:
        assert r"برف \x1b]0;x\x07 \x9b2J \x7f \u202e\u2066 \u200f" in out


def test_found_words_are_bold_in_a_terminal(
    archives: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert said(archives, "قم") == 0
    assert "استانداری \x1b[1mقم\x1b[0m گفت" in capsys.readouterr().out


def test_bytes_that_are_no_text(archives: Path) -> None:
    """As a shell hands them on; in a process of its own, begun from nothing."""
    words: list[Any] = [sys.executable, "-m", "scrapy", "search", b"\xff\xfe \xed\xa0\x80 " + "برف".encode()]
    done = subprocess.run([*words, "-s", f"ARCHIVES={archives}"], cwd=ROOT, capture_output=True)
    assert done.returncode in (0, 1, 2)
    assert b"Traceback" not in done.stderr
    assert done.stderr.count(b"\n") == (done.returncode == 2)


class TestKept:
    def test_by_scrapy_index(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        collection = written(tmp_path, {"run1": [news(1, "برف")]})
        for folder in (collection.warc, collection.runs):
            folder.mkdir()
        with collection.rows_of("run1").open("ab") as rows:
            rows.write(b"{}\n" + as_line(news(2, "برف"))[:50])

        def index(*words: str) -> tuple[int, str, str]:
            code = ran(IndexCommand(), tmp_path, *words)
            return code, *capsys.readouterr()

        code, out, err = index()
        assert (code, err.count("\n")) == (1, 1)
        assert f"1 lines in {collection.articles} are no rows" in err
        assert f"{collection.search}: 1 rows taken in\n" in out
        assert numbers(collection, "برف") == [1]
        with collection.rows_of("run1").open("ab") as rows:
            rows.write(as_line(news(2, "برف"))[50:])
        code, out, err = index("--rebuild")
        assert (code, err.count("\n")) == (1, 1)
        assert f"{collection.search}: 2 rows taken in\n" in out
        assert sorted(numbers(collection, "برف")) == [1, 2]
        collection.rows_of("run1").write_bytes(as_line(news(2, "برف")) + as_line(news(3, "برف")))
        collection.search.unlink()
        for taken in (2, 0):
            code, out, err = index()
            assert (code, err) == (0, "")
            assert f"{collection.search}: {taken} rows taken in\n" in out

    def test_by_crawls(self, tmp_path: Path) -> None:
        """The first ends as it would though no index can be written; the next one makes it of all rows."""
        index = tmp_path / NAME / "search.sqlite"
        index.mkdir(parents=True)
        with running(1) as site:
            first = crawl(tmp_path, "provinces=qom", SITE_URL=site.url)
            assert first.code == 0
            assert f"error: {index} could not be written" in first.err
            assert first.report["finish_reason"] == "finished"
            index.rmdir()
            second = crawl(tmp_path, "provinces=yazd", SITE_URL=site.url)
            assert (second.code, second.err) == (0, "")
        collection = Collection(tmp_path, NAME)
        assert len(numbers(collection)) == len(second.rows) == 2
        words = ["search", second.rows[0]["title"].split()[0], "--json"]
        done = forked.scrapy([*words, "-s", f"ARCHIVES={tmp_path}"], ROOT, dict(os.environ), 60)
        assert (done.returncode, done.stderr) == (0, "1 articles\n")
        assert second.rows[0] in [json.loads(line)["row"] for line in done.stdout.splitlines()]
