"""What the page of runs says of the schedule."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crawler.collection import Collection
from crawler.explorer.keeping import runs
from crawler.explorer.render import page
from crawler.explorer.shelf import MOST_COMING, Shelf
from crawler.explorer.views import Question

NOW = datetime(2025, 9, 24, 8, 30, tzinfo=UTC)
FILE = """
[[crawl]]
name = "daily"
when = "daily 06:00"

[[crawl]]
name = "elsewhere"
when = "hourly"
collection = "other"
"""


def shown(folder: Path, text: str | None) -> tuple[Shelf, str]:
    Collection(folder, "here").runs.mkdir(parents=True)
    file = folder / "schedule.toml"
    if text is not None:
        file.write_text(text, encoding="utf-8")
    shelf = Shelf(folder, file)
    told = runs(Question(shelf, {"collection": "here"}, {}))
    return shelf, page("runs.html", told | {"path": "", "words": {}, "twin": None, "replay_origin": ""})


def test_the_next_runs_of_a_collection_are_told(tmp_path: Path) -> None:
    shelf, html = shown(tmp_path, FILE)
    found = shelf.coming("here", NOW)
    assert [name for _, name in found] == ["daily"] * MOST_COMING, html
    assert found[0][0] == datetime(2025, 9, 25, 2, 30, tzinfo=UTC)
    assert {name for _, name in shelf.coming("other", NOW)} == {"elsewhere"}, "the next ones"
    assert "Next, by the schedule" in html


def test_a_broken_schedule_is_named_and_without_one_nothing_is_said(tmp_path: Path) -> None:
    _, html = shown(tmp_path / "a", FILE.replace("daily 06", "daily 66"))
    assert "line 4" in html
    _, html = shown(tmp_path / "b", None)
    assert "schedule" not in html
