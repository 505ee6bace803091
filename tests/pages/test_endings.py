"""How a report ends: each spelling of the sign-off, alone and glued, and endings that only look like one."""

from __future__ import annotations

import pytest

from .golden import row_of

SIGN_OFFS = (
    "انتهای پیام/ن",
    "انتهای پیام / ف",
    "انتهای پيام/",
    "انتهاي پيام / ك",
    "انتهای پیام/.",
    "انتهای پیام",
    "انتهای خبر / ز",
    "انتهای خبر/",
    "/س",
)
SENTENCE = "باران تا فردا در گیلان می‌بارد."

# A sentence and what is glued to it. The blank between them may be any.
GLUED = [
    f"{SENTENCE}{between}{sign_off}"
    for sign_off in SIGN_OFFS
    for between in ("", " ", "&nbsp;", "<br>", "\n\t", "<br/>&nbsp;")
]
# In markup of its own.
DRESSED = (
    f"{SENTENCE}<span style='color:#888'> انتهای پیام/ن</span>",
    f"{SENTENCE} <strong>انتهای</strong> پیام / <em>ف</em>",
    f"{SENTENCE}<b> انتهای&nbsp;پیام/</b>&nbsp;",
)
# Sentences that end like this are no sign-off, or not wholly one.
SENTENCES = (
    "خودرو با سرعت ۸۰ کیلومتر/ساعت می‌رفت",
    "فرم‌ها را زن و/یا شوهر پر می‌کنند",
    "متن نامه در انتهای پیام آمده است.",
    "این قطعه با شماره ۹۸/ب در انبار است.",
    "نشانی ما https://www.example.ir/a است.",
    "دست‌اندرکاران می‌گویند: آغاز از انتهای خبر بود.",
)


def page(*paragraphs: str, after: str = "") -> str:
    text = "".join(f"<p>{paragraph}</p>\n" for paragraph in paragraphs)
    return (
        '<html><body><div class="title"><h1 class="Htags"><a class="title" href="/fa/news/1/x">عنوان</a>'
        f'</h1></div><div class="body">{text}{after}</div></body></html>'
    )


def paragraphs_of(html: str) -> list[str]:
    found: list[str] = row_of(html)["paragraphs"]
    return found


@pytest.mark.parametrize("sign_off", SIGN_OFFS)
def test_a_sign_off_alone_is_no_paragraph(sign_off: str) -> None:
    assert paragraphs_of(page("آغاز.", SENTENCE, sign_off)) == ["آغاز.", SENTENCE]
    assert paragraphs_of(page("آغاز.", SENTENCE, f"&nbsp;{sign_off} ", "&nbsp;")) == ["آغاز.", SENTENCE]


@pytest.mark.parametrize("paragraph", [*GLUED, *DRESSED])
def test_a_sign_off_glued_to_the_last_sentence_is_cut_off(paragraph: str) -> None:
    assert paragraphs_of(page("آغاز.", paragraph)) == ["آغاز.", SENTENCE]


@pytest.mark.parametrize(
    ("ending", "kept"),
    [
        ("شهردار از مردم «سپاسگزاری کرد»/س", "شهردار از مردم «سپاسگزاری کرد»"),
        ("شهردار خبر داد /س", "شهردار خبر داد"),
        ("شهردار خبر داد انتهای پیام/ ن", "شهردار خبر داد"),
        ("آیا باران می‌بارد؟ انتهای پیام/ع", "آیا باران می‌بارد؟"),
        ("روز ۱۲/۵ می‌آید. انتهای پیام/ن", "روز ۱۲/۵ می‌آید."),
        ("كتاب‌هاي تازه رسيد.&nbsp;انتهاي پيام/م", "کتاب‌های تازه رسید."),
    ],
)
def test_what_stands_before_the_sign_off_stays_as_it_was(ending: str, kept: str) -> None:
    assert paragraphs_of(page(ending)) == [kept]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_endings_that_only_look_like_one(sentence: str) -> None:
    assert paragraphs_of(page("آغاز.", sentence)) == ["آغاز.", sentence]


def test_only_the_last_paragraph_is_cut() -> None:
    first = "«انتهای پیام/ن» نشانه پایان است./س"
    assert paragraphs_of(page(first, SENTENCE)) == [first, SENTENCE]


def test_source_and_related_links_may_follow_the_sign_off() -> None:
    after = '<p>منبع: ایسنا</p><p>بیشتر بخوانید</p><ul><li><a href="/fa/news/9100002/x">دیگر</a></li></ul>'
    row = row_of(page("آغاز.", f"{SENTENCE} انتهای پیام/ن", after=after))
    assert row["paragraphs"] == ["آغاز.", SENTENCE]
    assert row["source"] == "ایسنا"
    assert [link["title"] for link in row["related"]] == ["دیگر"]
