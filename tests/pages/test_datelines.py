"""How a report begins: the agency's own name, a place, a reporter, in every form seen from 2012 to 2026."""

from __future__ import annotations

import pytest

from .golden import row_of, template_c

# What the dateline is, who wrote it; the words of the report follow.
FORMS: tuple[tuple[str, str | None], ...] = (
    ("به گزارش خبرنگار اجتماعی باشگاه خبرنگاران،", None),
    ("به گزارش خبرنگار گروه استان های باشگاه خبرنگاران جوان از یزد،", None),
    ("به گزارش گروه استان‌های باشگاه خبرنگاران جوان از یزد؛", None),
    ("به گزارش باشگاه خبرنگاران جوان از کرمان،", None),
    ("باشگاه خبرنگاران جوان بوشهر -", None),
    ("باشگاه خبرنگاران جوان -", None),
    ("باشگاه خبرنگاران جوان-", None),
    ("باشگاه خبرنگاران جوان؛", None),
    ("باشگاه خبرنگاران جوان - مینا دشتی -", "مینا دشتی"),
    ("باشگاه خبرنگاران جوان؛ مینا دشتی _", "مینا دشتی"),
)
WORDS = "فرماندار گفت: باران بارید."


@pytest.mark.parametrize(("dateline", "author"), FORMS)
def test_forms(dateline: str, author: str | None) -> None:
    row = row_of(template_c(f"<p>&nbsp;{dateline} {WORDS}</p>"))
    assert (row.get("dateline"), row.get("author")) == (dateline, author)
    assert row["paragraphs"] == [f"{dateline} {WORDS}"]


@pytest.mark.parametrize(
    "sentence",
    [
        WORDS,
        "باشگاه خبرنگاران جوان فردا در قم نمایشگاه دارد.",
        "این را به گزارش باشگاه خبرنگاران جوان از کرمان، شهردار گفت.",
        "عکاس: مینا دشتی - رضا ساحلی",
    ],
)
def test_sentences_without_one(sentence: str) -> None:
    row = row_of(template_c(f"<p>{sentence}</p>"))
    assert "dateline" not in row
    assert "author" not in row


@pytest.mark.parametrize(
    "sentence",
    [
        "استاندار قم، در دیدار با مردم گفت: آب هست.",
        "آب هست - نان نیز هست.",
        "هوای ۱۲ شهر - از ری تا ورامین - پاک است.",
    ],
)
def test_a_sentence_behind_the_dash_names_no_author(sentence: str) -> None:
    row = row_of(template_c(f"<p>باشگاه خبرنگاران جوان - {sentence}</p>"))
    assert row["dateline"] == "باشگاه خبرنگاران جوان -"
    assert "author" not in row
