"""A run in one sentence: the word, and why it has its exit code."""

from __future__ import annotations

from typing import Any

import pytest

from crawler.report.verdict import verdict
from tests.report.example import report, trouble, troubled

GONE = trouble("article", "https://www.yjc.ir/fa/news/1", "HTTP 404")
LOST = trouble("list", "https://www.yjc.ir/fa/qom", "HTTP 503")
SAID = "pages do not say any more what they said"
FALL = {"template": "C", "province": "(all)", "field": "lead", "before": 0.9, "now": 0.1, "articles": 99}
SHUT = {"blocked": "HTTP 429 5 times in a row", "refusals": []}
OPEN = report()["articles"] | {"written": 5, "open": 7}


@pytest.mark.parametrize(
    ("given", "kind", "word", "code", "cause"),
    [
        (report(), "good", "Finished", 0, None),
        (troubled(GONE), "good", "Finished", 0, None),
        (report(finish_reason="limit: 10 pages", articles=OPEN), "good", "Ended at its limit", 0, None),
        (troubled(LOST), "warn", "Finished, not whole", 1, "1 × list: HTTP 503"),
        (report(layout_drift=[FALL, FALL]), "warn", "Finished, not whole", 1, f"{SAID}: lead"),
        (report(articles=OPEN), "warn", "Finished, not whole", 1, "7 articles are still open"),
        (report(finish_reason="shutdown", articles=OPEN), "warn", "Interrupted", 3, "someone interrupted it"),
        (
            report(finish_reason="cannot write rows: full", ended_by="cannot write rows: full"),
            "bad",
            "Ended early",
            1,
            "it ended before it was through: cannot write rows: full",
        ),
        (
            troubled(LOST, hosts={"www.yjc.ir": SHUT}),
            "bad",
            "Blocked",
            1,
            "www.yjc.ir: HTTP 429 5 times in a row",
        ),
    ],
)  # fmt: skip
def test_the_word_and_the_cause(
    given: dict[str, Any], kind: str, word: str, code: int, cause: str | None
) -> None:
    said = verdict(given)
    assert (said.kind, said.word, said.code) == (kind, word, code)
    assert said.causes[:1] == ([cause] if cause else [])


def test_the_sentence_has_the_numbers() -> None:
    articles = report()["articles"] | {"discovered": 1_234, "written": 1_200, "gone": 4, "failed": 30}
    assert (
        "1,200 of 1,234 articles written, 4 gone, 30 failed." in verdict(report(articles=articles)).sentence
    )


def test_what_is_open_is_promised_to_the_next_crawl() -> None:
    said = verdict(report(finish_reason="shutdown", articles=OPEN)).sentence
    assert "the next crawl goes on with the 7 that are open" in said


def test_a_crawl_that_found_nothing_new_says_so() -> None:
    nothing = dict.fromkeys(report()["articles"], 0)
    assert (
        "Nothing new: 259 listed articles were known."
        in verdict(report(articles=nothing, known_before=259)).sentence
    )
    said = verdict(report(articles=nothing, lists_read=0))
    assert (said.code, said.causes) == (1, ["no list could be read"])


def test_many_causes_are_cut() -> None:
    lost = [trouble("list", "", f"HTTP {status}") for status in range(500, 510)]
    assert verdict(troubled(*lost)).causes[-1] == "4 reasons more, below"
