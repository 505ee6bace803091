"""What is found by which words: of any keyboard, with half-spaces and without; and what is not."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.collection import Collection
from crawler.search.words import QueryError, read_query
from tests.search.news import answer, indexed, news, numbers

# What is asked, and a text that must be found by it.
PAIRS = [
    # letters of another keyboard
    ("آبرساني به روستاهاي", "استاندار قم از طرح آبرسانی به روستاهای کهک بازدید کرد"),
    ("كشاورزان اردكان", "خسارت سرما به باغ‌های پسته کشاورزان اردکان برآورد شد"),
    ("کشت کلزا", "سطح زير كشت كلزا در گلستان دو برابر شد"),
    ("مدرسه فیضیه", "طلاب در مدرسة فیضیه گرد هم آمدند"),
    ("خانه تاریخی بروجردیها", "مرمت خانۀ تاریخی بروجردی\u200cها در کاشان پایان یافت"),
    ("پروژه قطار", "پروژهٔ قطار شهری اهواز پس از سال\u200cها از سر گرفته شد"),
    ("هیات تجاری", "هیأت تجاری عمان وارد بندرعباس شد"),
    ("احیای تالاب", "إحیای تالاب هامون به نشست وزیران رسید"),
    ("اذربایجان", "زمین\u200cلرزه\u200cای به بزرگی چهار ریشتر آذربایجان غربی را لرزاند"),
    ("مسوول اورژانس", "مسؤول اورژانس یزد از اعزام دو بالگرد گفت"),
    # half-spaces
    ("میشود", "جادهٔ چالوس از شنبه یک\u200cطرفه می\u200cشود"),
    ("نمی توانند", "رانندگان بدون زنجیر چرخ نمی\u200cتوانند از گردنه بگذرند"),
    ("می\u200cکنند", "عشایر ایل بختیاری این روزها کوچ می کنند"),
    ("کتاب ها", "کتابهای نایاب در نمایشگاه زاهدان عرضه شد"),
    ("دانش آموزان", "مدرسه\u200cهای شش شهر برای دانش\u200cآموزان غیرحضوری شد"),
    ("نیمفاصله", "ویراستاران بر نوشتن با نیم\u200cفاصله پافشاری کردند"),
    ("گفت وگو", "فرماندار شوش در گفت\u200cوگو با خبرنگار ما از سیل گفت"),
    # figures, vowels, strokes
    ("بودجه 1404", "بودجهٔ سال ۱۴۰۴ شهرداری رشت به تصویب رسید"),
    ("۲۷ روستا", "راه ٢٧ روستا در پی بارش برف بسته ماند"),
    ("تشدید", "هواشناسی از تشدّیدِ وزش باد در سیستان خبر داد"),
    ("قطعًا برق", "برق سه محله قطعا تا عصر وصل خواهد شد"),
    ("سلامت", "خانهٔ ســــلامت در بافق گشایش یافت"),
    # beginnings, Latin, names
    ("استاندار لرستان", "در نشست استانداری لرستان بر تأمین گندم تأکید شد"),
    ("covid کیت", "کیت تشخیص COVID-19 و گوشی‌های 5G به گمرک بوشهر رسید"),
    ("فوری", "🟢فوری: پل آزادی بسته شد"),
    ("علیاکبر صالحی", "علی\u200cاکبر صالحی در دانشگاه شیراز سخن گفت"),
]
# The same word as a text may have it and as it may be typed: each way is found by each.
SPELLINGS = [
    ("می\u200cشود", "میشود", "می شود"),
    ("کتاب\u200cها", "کتابها", "کتاب ها"),
    ("نمی\u200cروند", "نمیروند", "نمی روند"),
    ("بزرگ\u200cترین", "بزرگترین", "بزرگ ترین"),
    ("خانه\u200cهایشان", "خانههایشان", "خانه هایشان"),
    ("«می\u200cآید،", "«میآید،", "«می آید،"),  # beside other signs
    ("(باغ\u200cها)", "(باغها)", "(باغ ها)"),
    ("دست\u200cفروش\u200cها", "دست\u200cفروشها", "دست\u200cفروش ها"),
]
# What is asked, and a text that must not be found by it.
NEAR_MISSES = [
    ("قم", "رقم بیمه\u200cشدگان در مقام مقایسه بالا رفت"),  # its letters stand inside other words
    ("راه", "فرمانده انتظامی همراه مردم بود"),
    ("گرگان", "بزرگان ایل در شهرکرد گرد آمدند"),
    ("140", "سال 1404 سال پرباران هرمزگان خواهد بود"),  # the beginning of a figure is another figure
    ("۱۹", "در ۱۹۵ شعبهٔ بانک رأی گرفته شد"),
    ("14", "نشانی: خیابان 14الف پلاک ۲"),
    ("2", "جمعیت شهر ۲۵ هزار نفر است"),
    ('"استاندار قم"', "قم میزبان استاندار بوشهر شد"),  # another order
    ('"مدیرکل راه"', "مدیرکل هواشناسی از راه رسید"),  # a word between
    ('"شورای شهر"', "شورای شهرستان طبس برپا شد"),  # a phrase's word is whole
    ("«نفت و گاز»", "نفت، گاز و پتروشیمی در عسلویه"),
    ("برف -گیلان", "برف سنگین در گیلان بارید"),
    ("سیل -هشدار", "سیلاب در راه است و هشدارها داده شد"),  # words under a minus are beginnings too
    ('زلزله -"ستاد بحران"', "زلزله بم و جلسهٔ ستاد بحران"),
    ("باران -می\u200cبارد", "باران در ساری میبارد"),
    ("توفان گناوه", "توفان در دیر سه لنج را غرق کرد"),  # all words must occur
    ("میشود", "می روند تا برف تمام شود"),  # its parts stand apart
    ("کتاب\u200cها", "کتاب کودک و ها"),
    ("میشود", "از می، شود نترس"),  # a sign between them
    ("کتابها", "این کتاب. ها! آن قلم"),
    ("درکتاب", "در کتاب تازه آمده است"),  # a blank between other words joins nothing
    ("دراز", "در از جا کنده شد"),
    ("و", "ورزشکاران وارد شدند"),  # one letter is a word, no beginning
    ('"سرما کوچه"', "کوچهٔ مرمت\u200cشده گشایش یافت"),  # the title's last word, the body's first
    ('"آمد میشود"', "این طرح اجرا می\u200cشود و فردا خواهد آمد"),  # joined words do not follow the text
    ("مازندران", "مازند رانندهٔ خودرو نبود"),
]


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    rows = [news(1_000 + n, text) for n, (_, text) in enumerate(PAIRS)]
    rows += [news(2_000 + n, text, title="پایان سرما") for n, (_, text) in enumerate(NEAR_MISSES)]
    for n, ways in enumerate(SPELLINGS):
        rows += [news(3_000 + 10 * n + m, f"در این جا {word} دیده شد") for m, word in enumerate(ways)]
    return indexed(tmp_path_factory.mktemp("texts"), rows)


def test_there_are_26_pairs() -> None:
    assert len(dict(PAIRS)) == len(PAIRS) == 26


@pytest.mark.parametrize("number", range(len(PAIRS)), ids=lambda n: PAIRS[n][0])
def test_found(texts: Collection, number: int) -> None:
    assert 1_000 + number in numbers(texts, PAIRS[number][0])


@pytest.mark.parametrize("number", range(len(NEAR_MISSES)), ids=lambda n: NEAR_MISSES[n][0])
def test_not_found(texts: Collection, number: int) -> None:
    assert 2_000 + number not in numbers(texts, NEAR_MISSES[number][0])


@pytest.mark.parametrize("number", range(len(SPELLINGS)), ids=lambda n: SPELLINGS[n][1])
def test_every_spelling_finds_every_spelling(texts: Collection, number: int) -> None:
    for spelling in SPELLINGS[number]:
        typed = spelling.strip("«،()")
        found = set(numbers(texts, f"{typed} دیده")) & set(range(3_000, 4_000))
        assert found == {3_000 + 10 * number + m for m in range(3)}, typed


# What must not be read as FTS5's own syntax, and what a terminal or a browser may send.
ODD = [
    '"', '""', '"""', "«", "»", "«»", "'", "برف'", "'); DROP TABLE words; --", "(", ")", "((برف", "برف)",
    "*", "برف*", "*برف", "^", "^برف", "NEAR(", "NEAR(برف قم, 2)", "برف AND قم", "AND", "OR", "NOT",
    "برف OR", "NOT برف", "title:", "title:برف", "title : برف", "{title body}: برف", "- title:برف", ":",
    "::", "-", "--", "---", "-برف", "- برف", "-*", '-"', '-""', '-"برف', "برف -", "+", "برف + قم", "\\",
    "%", "_", "\x00", "برف\x00قم", "\x00برف", "☃", "برف ☃", "\U0001f469\u200d\U0001f469\u200d\U0001f467",
    "\U0001f3f3\ufe0f\u200d\U0001f308 -\U0001f3f3\ufe0f\u200d\U0001f308", "\ud83d", "برف\udcff",
    "\udc80\udc81", "\u202eبرف\u202c", "\u200e", "\u200f\u200f", "\u200c", "\u200c\u200c برف", "برف\u200c",
    "\u200d", "\ufeff", "\u2028", "\x85", "\x1b]0;x\x07", " ", "   \t\n ", "\u3000", "\xa0", "؟", "،؛.",
    "…", "!؟!", "\u064b", "ـ", "ــــ", "ﷺ", "½", "\u0301", "a\u0301", "ß", "İ", "ﬁ", "۱٫۵", "1.5", "12:34",
    "https://www.yjc.ir/fa/news/1", "a@b.ir", "#برف", "<b>برف</b>", "?", "?1", "$x", "@x", "rank:1",
    "rowid:1", "words", "* *", '"*"', '"برف"*', '"برف" *', "برف-قم", "-برف -قم", "برف -برف", '"برف" "',
    "“برف قم”", "“", "”", "\ufdfa" * 9, "ا" * 1_000, "ا" * 100_000,
]  # fmt: skip
LONG = [
    "برف " * 2_000_000,
    "ب" * 10_000_000,
    '"' * 5_000_000,
    "\u200c" * 3_000_000,
    "-" * 10_000_000,
    " " * 10_000_000,
    "\u064b" * 5_000_000,
    "\ufdfa" * 3_000_000,
    " ".join(f"کلمه{n}" for n in range(10_000)),
    " ".join(f"-ک{n}" for n in range(10_000)),
    "می " * 10_000,
    "ک\u200cت" * 10_000,
    "a1" * 50_000,
    '"ک' * 10_000,
    "☃ " * 10_000,
]


@pytest.fixture(scope="module")
def snow(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    rows = [
        news(1, "برف در قم و گیلان"),
        news(2, "برف شیراز NOT AND OR NEAR title words نیم\u200cروز"),
        news(3, "1.5 قم-گیلان نیمروز"),
    ]
    return indexed(tmp_path_factory.mktemp("snow"), rows)


def is_answered(collection: Collection, typed: str) -> bool:
    """Or refused in a line."""
    try:
        return answer(collection, typed).total in (0, 1, 2, 3)
    except QueryError as error:
        return 0 < len(str(error)) < 200 and "\n" not in str(error)


@pytest.mark.parametrize("number", range(len(ODD)), ids=lambda n: ascii(ODD[n][:20]))
def test_odd_queries_are_answered_or_refused_in_a_line(snow: Collection, number: int) -> None:
    assert is_answered(snow, ODD[number])


@pytest.mark.parametrize("number", range(len(LONG)), ids=lambda n: ascii(LONG[n][:9]))
def test_long_queries_are_answered_or_refused_soon(snow: Collection, number: int) -> None:
    began = time.process_time()
    assert is_answered(snow, LONG[number])
    assert time.process_time() - began < 1


@given(st.text(alphabet="بمی‌ها ۱a*:^-\"«»'(){}+,.\0\u200c\ud800\u202e☃\u064bـ", max_size=30))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_whatever_is_typed(snow: Collection, text: str) -> None:
    assert is_answered(snow, text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("برف", {1, 2}),
        ("برف AND", {2}),  # a word as others are
        ("NOT برف", {2}),
        ("near", {2}),
        ("title:برف", set()),  # no column, but words that must stand together …
        ("قم-گیلان", {3}),  # … as these do; and no minus
        ("برف*", {1, 2}),
        ("^برف", {1, 2}),
        ("(برف) {قم}", {1}),
        ("برف -قم", {2}),
        ('برف -"در قم"', {2}),
        ('"نیم\u200cروز"', {2, 3}),  # a single word, with a half-space: split or joined, …
        ('"نیم\u200cرو"', set()),  # … and whole
        ('"برف در قم', {1}),  # a quote that is not closed
        ("“برف در”", {1}),
        ("در\0قم", {1}),
        ("برف ☃", {1, 2}),
        ("\u202eبرف\u202c \u200eقم", {1}),
        ("1.5", {3}),
        ("   ", {1, 2, 3}),
        ("", {1, 2, 3}),
    ],
    ids=ascii,
)
def test_signs_are_signs(snow: Collection, typed: str, found: set[int]) -> None:
    assert set(numbers(snow, typed)) == found


def test_so_many_words_and_no_more() -> None:
    assert read_query("برف " * 32).match
    with pytest.raises(QueryError, match="32"):
        read_query("برف " * 33)
    with pytest.raises(QueryError, match="32"):
        read_query("برف " * 16 + "-باران " * 17)


@pytest.mark.parametrize("typed", ["؟", "*", '""', "-", "☃", "\u064b", "\0", "-برف", '-"برف قم"'], ids=ascii)
def test_what_has_no_word_is_refused(typed: str) -> None:
    with pytest.raises(QueryError):
        read_query(typed)
