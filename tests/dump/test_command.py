"""``scrapy dump``: exit codes, and errors that name cause and cure."""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.commands.dump import Command
from crawler.disk import hold
from tests.dump.rows import article, written


def said(archives: Path, *arguments: str) -> int:
    """The exit code of ``scrapy dump``; what it prints: capsys."""
    command = Command()
    command.settings = Settings({"ARCHIVES": str(archives), "COLLECTION": ""})
    parser = argparse.ArgumentParser()
    parser.add_argument("args", nargs="*")
    command.add_options(parser)
    options = parser.parse_args(arguments)
    command.run(options.args, options)
    return command.exitcode


@pytest.fixture
def archives(tmp_path: Path) -> Path:
    collection = written(tmp_path, {"a": [article(number) for number in range(5)]})
    collection.runs.mkdir()
    return tmp_path


def test_a_dump_and_its_check(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(archives, "r1") == 0
    assert "5 rows of 5 articles" in capsys.readouterr().out
    assert said(archives, "--check", "r1") == 0
    assert "whole, 5 rows" in capsys.readouterr().out
    (archives / "yjc" / "dumps" / "r1" / "README.md").write_text("", encoding="utf-8")
    assert said(archives, "--check", "r1") == 1
    assert "error: README.md: has 0 bytes" in capsys.readouterr().err
    assert said(archives, "r2", "--provinces", "qom,تهران") == 1
    assert "no row to dump" in capsys.readouterr().err


def test_a_torn_line(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with (archives / "yjc" / "articles" / "a.jsonl").open("ab") as stream:
        stream.write(b'{"id"')
    assert said(archives, "r1", "--no-parquet", "--gzip") == 1
    out, err = capsys.readouterr()
    assert "5 rows" in out
    assert err.startswith("error: left out: articles/a.jsonl at byte ")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "one RELEASE"),
        (("a", "b"), "one RELEASE"),
        (("a/b",), "release 'a/b'"),
        (("r1", "--provinces", "atlantis"), "no province is called 'atlantis'"),
        (("r1", "--since", "x"), "since=x"),
        (("r1", "--delta-from", "r0"), "there is no such file"),
        (("r1", "--collection", "z"), "there are: yjc"),
        (("--check", "r9"), "there is no such release"),
    ],
)
def test_bad_arguments(
    archives: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    assert said(archives, *arguments) == 2
    assert message in capsys.readouterr().err


def test_a_crawl_under_way(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hold(archives / "yjc" / "lock", "scrapy crawl provinces, process 1")
    assert said(archives, "r1") == 2
    assert "process 1; dump when it has ended" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["duckdb", "zstandard", "datasketch"])
def test_without_its_packages(
    archives: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setitem(sys.modules, name, None)
    assert said(archives, "r1") == 2
    assert capsys.readouterr().err == (
        f"error: a dump needs the package {name}, which is not installed: "
        "pip install -r requirements-dump.txt\n"
    )
    assert not (archives / "yjc" / "dumps").exists()


def test_an_article_that_was_taken_down_is_left_out_and_named_in_the_delta(archives: Path) -> None:
    assert said(archives, "r1", "--no-parquet") == 0
    gone = archives / "gone.txt"
    ids = [
        row["id"] for row in map(json.loads, (archives / "yjc/articles/a.jsonl").read_bytes().splitlines())
    ]
    gone.write_text(f"# asked for in a letter\n{ids[1]}  # first\n\n", encoding="utf-8")
    why = "taken down"
    asked = (
        "r2",
        "--no-parquet",
        "--gzip",
        "--without",
        str(gone),
        "--delta-from",
        "r1",
        "--allow-fewer",
        why,
    )
    assert said(archives, *asked) == 0
    release = archives / "yjc" / "dumps" / "r2"
    rows = b"".join(gzip.decompress(path.read_bytes()) for path in sorted(release.glob("articles-*.gz")))
    assert sorted(json.loads(line)["id"] for line in rows.splitlines()) == sorted({*ids} - {ids[1]})
    (tombstones,) = release.glob("delta-r1-r2/tombstones*")
    assert ids[1].encode() in gzip.decompress(tombstones.read_bytes())
    assert json.loads((release / "manifest.json").read_text(encoding="utf-8"))["selection"]["without"] == 1


def test_rows_that_were_made_again_are_dumped_instead(
    archives: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = archives / "yjc" / "reextracted"
    again.mkdir()
    assert said(archives, "r1", "--rows", str(again)) == 2
    assert "no rows (*.jsonl) there; `scrapy reextract` makes some" in capsys.readouterr().err
    first = (archives / "yjc/articles/a.jsonl").read_bytes().splitlines(keepends=True)[0]
    (again / "one.jsonl").write_bytes(first)
    assert said(archives, "r1", "--rows", str(again), "--no-parquet") == 0
    assert "1 rows of 1 articles" in capsys.readouterr().out


def test_an_id_that_is_none(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (archives / "gone.txt").write_text("9012345\n", encoding="utf-8")
    assert said(archives, "r1", "--without", str(archives / "gone.txt")) == 2
    assert "'9012345' is no id; write yjc:9012345" in capsys.readouterr().err
