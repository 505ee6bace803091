"""Half-spaces put back: held against text of our own in which they are known (half_spaces.txt, proofread)."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalise.lexicon import OPEN, NoLexicon, lexicon, visible
from crawler.normalise.restore import has_lost_half_spaces, restore
from crawler.normalise.text import canon
from tests import samples
from tests.normalise.half_spaces import gold, measured

Z = "\u200c"

RESTORED = [
    ("میشود", "می|شود"),
    ("نمیتوانند", "نمی|توانند"),
    ("میتوان گفت", "می|توان گفت"),
    ("برمیگردد", "برمی|گردد"),
    ("رفتهاند", "رفته|اند"),
    ("نیاوردهاید", "نیاورده|اید"),
    ("میکردهاند", "می|کرده|اند"),
    ("ظرفیتهای استان", "ظرفیت|های استان"),
    ("سالها", "سال|ها"),
    ("محصولهای", "محصول|های"),
    ("برنامهها", "برنامه|ها"),
    ("یک برنامهای که", "یک برنامه|ای که"),
    ("هر زمینهای", "هر زمینه|ای"),
    ("کتابخانهای", "کتابخانه|ای"),
    ("بزرگترین", "بزرگ|ترین"),
    ("شگفتانگیز", "شگفت|انگیز"),
    ("سرمایهگذاریهای", "سرمایه|گذاری|های"),
    ("حملونقل", "حمل|ونقل"),
    ("بیسابقه", "بی|سابقه"),
    ("بهویژه", "به|ویژه"),
    ("دانشآموزان", "دانش|آموزان"),
    ("واژهنامۀ", "واژه|نامۀ"),
    ("زندگیشان", "زندگی|شان"),
    ("نشستهای خبری و تیمهای، برتر", "نشست|های خبری و تیم|های، برتر"),
    ("گفتهاست", "گفته|است"),
    ("مذاکرات هستهای ایران", "مذاکرات هسته|ای ایران"),
    ("(میشود)،\nمیرود", "(می|شود)،\nمی|رود"),
]
KEPT = [
    "",
    "میدان میهن میراث میلاد میانه میوه میز",
    "تنها بها رها انتها منهای بهای",
    "دفتر دختر مشتری بهتر بیشتر کمتر متر انگشتر",
    "کشورهای کارهای روزهای بازارها خبرها",  # a letter that does not join: nothing was lost to the eye
    "کردهای عراق، درآمدهای نفتی و خریدهای اینترنتی مردهای جوان",
    "صید میگوی پرورشی فیلتر پسرهای میسرند پژوهشگران",
    "info@میشود.ir https://a.ir/میشود #میشود file_میشود.txt",
    "آنها اینها اینکه همچنین کتابخانه دانشگاه همکاری",
    "نهایی جایی شناسایی دریایی",
    "بهار بهداشت بیان همسر همدان پیشه",
    "رساند خواند ماند",
    f"می{Z}شود و رفته{Z}اند و سال{Z}ها",
    "https://www.yjc.ir/fa/news/9012345/می-شود Hello 12:34 ۱۴۰۴",
]


@pytest.mark.parametrize(("lost", "found"), RESTORED)
def test_restores(lost: str, found: str) -> None:
    assert restore(lost) == found.replace("|", Z)


@pytest.mark.parametrize("text", KEPT)
def test_leaves_alone(text: str) -> None:
    assert restore(text) == text


def test_is_right_as_often_as_we_say() -> None:
    precision, recall, false = measured(gold())
    assert precision >= 0.95
    assert recall >= 0.90
    assert false <= 3  # in a thousand words that had lost nothing


def test_the_gold_is_what_it_says() -> None:
    text = gold()
    assert text.count(Z) >= 60
    assert not re.search(f"[{OPEN}]{Z}|{Z}(?![آ-ی])|(?<![آ-یأ]){Z}|[يك\u0640]", text)
    assert visible(text) == text


def test_a_text_that_lost_them_is_known_from_one_that_did_not() -> None:
    articles = gold().split("\n\n")
    assert all(has_lost_half_spaces(article.replace(Z, "")) for article in articles)
    assert not any(has_lost_half_spaces(article) for article in articles)
    # A writer who leaves blanks instead, or who has no use for any.
    assert not any(has_lost_half_spaces(article.replace(Z, " ")) for article in articles)
    assert not has_lost_half_spaces("استاندار قم از بازدید خود خبر داد. " * 20)
    assert not has_lost_half_spaces("میشود")
    arabic = "قال الوزير إن البرنامجها الجديد عنها يشمل مشاريع كثيرة في المدينة وخارجها وأكد أن العمل مستمر "
    assert not has_lost_half_spaces(arabic * 5)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.sampled_from(["میشود", "ها", "های", "ه", "ای", "ۀ", " ", "\n", Z, "س", "ا", "٣", "a", "،"]))
)
def test_only_half_spaces_are_added(bits: list[str]) -> None:
    text = "".join(bits)
    restored = restore(text)
    assert restored.replace(Z, "") == text.replace(Z, "")
    assert restored.count(Z) >= text.count(Z)
    assert restore(restored) == restored


def test_ends_on_floods() -> None:
    for odd in ("م", "می", "ها", Z, " ", "\n", "میشود "):
        assert len(restore(odd * 50_000)) >= 50_000


def test_without_a_lexicon_it_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(NoLexicon, match="make lexicon"):
        lexicon(tmp_path / "none.tsv")


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"#\t3\thazm\nword\t1\tseen\n",
        b"nothing of the kind",
        b"\xff\xfe",
        b"#\tx\ty\n",
        b"#\t1\ty\nword\n",
    ],
)
def test_a_damaged_lexicon_says_how_to_get_a_good_one(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "damaged.tsv"
    path.write_bytes(damage)
    with pytest.raises(NoLexicon, match=r"damaged.tsv is no whole lexicon .* `make lexicon` builds it"):
        lexicon(path)


@samples.needed
def test_of_the_seed_article_canon_keeps_all_and_restore_what_is_certain() -> None:
    text = samples.text("seed_article_qom_2025-09-24.txt")
    assert canon(text) == text.replace("\u00a0", " ")
    assert has_lost_half_spaces(text)
    restored = restore(text)
    assert restored.replace(Z, "") == text
    for word in ("ظرفیت|های", "شده|اند", "می|شود", "حمل|ونقل", "راه|اندازی", "شگفت|انگیز", "سرمایه|گذاران"):
        assert word.replace("|", Z) in restored
    assert "بهنامجو" in restored, "a name"
