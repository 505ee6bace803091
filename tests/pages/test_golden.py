"""Golden pages: each folder under fixtures/pages/<kind>/ holds one page and what a reader says it carries.

A new case is a new folder with a page in it. Its expectation is generated once, as ``expected.json.new``, and
the test fails until somebody has read it against the page and renamed it.
"""

from __future__ import annotations

import difflib
import json
from pathlib import Path

import pytest

from .golden import KINDS, as_json, read

PAGES = Path(__file__).parent.parent / "fixtures" / "pages"
CASES = sorted(folder for folder in PAGES.glob("*/*") if folder.is_dir())


def the_page_in(case: Path) -> Path:
    (page,) = (file for file in case.iterdir() if not file.name.startswith("expected.json"))
    return page


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}/{case.name}")
def test_reads_as_expected(case: Path) -> None:
    said = read(case.parent.name, the_page_in(case))
    expected = case / "expected.json"
    if not expected.exists():
        new = case / "expected.json.new"
        new.write_text(as_json(said), encoding="utf-8")
        pytest.fail(f"{case.name} has no expectation: read {new} against the page, then rename it")
    true = json.loads(expected.read_text(encoding="utf-8"))
    difference = difflib.unified_diff(
        as_json(true).splitlines(), as_json(said).splitlines(), "expected", "read", n=1, lineterm=""
    )
    assert said == true, "\n" + "\n".join(difference)


def test_every_kind_of_page_has_cases() -> None:
    assert {case.parent.name for case in CASES} == set(KINDS)


def test_a_case_without_expectation_fails_until_someone_has_read_it(tmp_path: Path) -> None:
    case = tmp_path / "home" / "fresh"
    case.mkdir(parents=True)
    (case / "page.html").write_text('<a id="service_41" href="/fa/services/41">گیلان</a>', encoding="utf-8")
    with pytest.raises(pytest.fail.Exception, match="rename it"):
        test_reads_as_expected(case)
    (case / "expected.json.new").rename(case / "expected.json")
    test_reads_as_expected(case)
