"""What stands beside the JSON when a crawl has ended."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from parsel import Selector

from crawler.extensions import closing
from tests.conftest import Twice
from tests.report.example import report


def test_each_crawl_leaves_a_page_that_says_what_its_report_says(twice: Twice) -> None:
    for run in ("1", "2"):
        told = json.loads((twice.folder / f"runs/{run}.json").read_text(encoding="utf-8"))
        page = Selector((twice.folder / f"runs/{run}.html").read_text(encoding="utf-8"))
        numbers = page.css("dl.numbers dd::text").getall()
        assert numbers[:2] == [str(told["articles"]["discovered"]), str(told["articles"]["written"])]
        for name in told["warc"]["files"]:
            assert told["warc"]["sha256"][name] in page.css("#files code::text").getall()
        links = page.css("a::attr(href)").getall()
        assert all(link.startswith(("http://", "https://", "#")) for link in links)


def test_a_page_that_cannot_be_made_costs_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs" / "1.html"
    closing.write_page(path, {})
    assert "1.html could not be written: KeyError: " in capsys.readouterr().err
    assert not path.exists()
    path.parent.write_text("no folder", encoding="utf-8")
    closing.write_page(path, report())
    assert "1.html could not be written: FileExistsError: " in capsys.readouterr().err
