import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.normalise.text import canon, explain, name_key, one_line, search_key
from tests.normalise import spec_same, spec_texts
from tests.normalise.text_cases import CHANGED, SAME

Z = "\u200c"


@pytest.mark.parametrize(("raw", "text"), [*CHANGED, *spec_texts.CHANGED], ids=lambda s: ascii(s))
def test_canon_changes(raw: str, text: str) -> None:
    assert canon(raw) == text
    assert canon(text) == text


@pytest.mark.parametrize("text", [*SAME, *spec_same.SAME], ids=lambda s: ascii(s))
def test_canon_leaves_alone(text: str) -> None:
    assert canon(text) == text


@pytest.mark.parametrize(("raw", "text"), spec_texts.ONE_LINE, ids=lambda s: ascii(s))
def test_one_line_folds_blanks(raw: str, text: str) -> None:
    assert one_line(raw) == text
    assert search_key(raw) == search_key(text)


@pytest.mark.parametrize(("raw", "text"), [*CHANGED, *spec_texts.CHANGED], ids=lambda s: ascii(s))
def test_explain_ends_where_canon_does(raw: str, text: str) -> None:
    steps = explain(raw)
    assert steps[0][1] == raw
    assert steps[-1][2] == text
    assert all(before != after for _, before, after in steps)
    assert explain(text) == []


# Everything that some rule looks at, and Latin to stand between.
ODD = (
    "اوهيیكکمىة\u06d5\u06c0آأ"
    "\ufdf2\ufdfa\ufdfc\ufef5\ufed9\ufe71\ufe76\u0653\u0654\u0655\u064e\u0670\u0640\xac\xad"
    ""
    "\u200c\u200d\u200e\u200f\u202b\u2067\ufeff\u200b\xa0\u2009"
    " \t\n\r\x0b\x85\u2028\x1c٠٤۴7/.:،«»)%+-_@#aZé\u0301\u1234"
)
PIECES = st.one_of(
    st.sampled_from(ODD), st.sampled_from(["https://", "www.", "a@b.ir", "\ufeffhttp"]), st.characters()
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


@settings(max_examples=1500, deadline=None)
@given(TEXTS)
def test_canon_once_is_enough(raw: str) -> None:
    assert canon(canon(raw)) == canon(raw)
    assert search_key(search_key(raw)) == search_key(raw) == search_key(canon(raw))


@settings(max_examples=500, deadline=None)
@given(TEXTS)
def test_canon_keeps_lines_and_words(raw: str) -> None:
    text = canon(raw)
    assert text.count("\n") == raw.count("\n")
    # Signs that are not seen make no word of their own; a word stays one whatever falls away inside it.
    seen = re.sub("[\u061c\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]", "", raw)
    assert len(text.replace(Z, "").split()) == len(seen.split())


@settings(max_examples=500, deadline=None)
@given(
    st.text(
        st.characters(max_codepoint=0x24F, exclude_categories=["Cc", "Zs"], exclude_characters="\xad\xac")
    )
)
def test_canon_leaves_latin_alone(text: str) -> None:
    assert canon(text) == text


@settings(max_examples=300, deadline=None)
@given(
    TEXTS,
    st.text("abcXYZ019-._~/?#[]@!$&'()*+=%:", min_size=1, max_size=30),
    st.sampled_from(["https://", "http://www.", "ftp://", "user@", "www."]),
)
def test_canon_leaves_addresses_alone(around: str, rest: str, start: str) -> None:
    assert start + rest in canon(f"{around} {start}{rest} {around}")


@settings(max_examples=500, deadline=None)
@given(
    st.lists(st.text("آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیئؤأ", min_size=1, max_size=6), min_size=1, max_size=6)
)
def test_canon_keeps_half_spaces_between_letters(parts: list[str]) -> None:
    word = Z.join(parts)
    assert canon(word) == word
    assert canon(f" {Z}{word}{Z}، ") == f" {word}، "


MANY = 50_000


@pytest.mark.parametrize(
    ("odd", "between", "alone"),
    [
        (" ", None, None),
        (Z, Z, ""),
        ("\u0640", "", None),
        ("\xa0", " " * MANY, " " * MANY),
        ("\u200f", "", ""),
        ("\ufeff", "", ""),
        ("\xac", Z, None),
        ("\xad", Z, None),
        ("\u064e", None, None),
        ("\u0654", None, None),
        ("\u0301", None, None),
        ("\n", None, None),
        ("٣", "۳" * MANY, "۳" * MANY),
        ("۳", None, None),
        ("/", None, None),
        (f"{Z} ", " " * MANY, " " * MANY),
        (f"\xad{Z}", Z, None),
        ("\u0640\u064e", "\u064e" * MANY, None),
        ("\u0640 ", None, None),
        (" \n", None, None),
        ("https://", None, None),
        (f"www.a{Z}", None, None),
    ],
    ids=lambda s: ascii(s)[:20],
)
def test_canon_ends_on_floods(odd: str, between: str | None, alone: str | None) -> None:
    """`None` means as it was. A pattern that goes over a run once for each of its characters hangs here."""
    flood = odd * MANY
    assert canon(f"م{flood}ن") == "م" + (flood if between is None else between) + "ن"
    assert canon(flood) == (flood.rstrip(Z) if alone is None else alone)


def test_canon_and_key_end_on_a_flood_of_any_odd_character() -> None:
    for odd in ODD:
        assert isinstance(search_key(f"م{odd * MANY}ن {odd * MANY}"), str)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("آية", "ایه"),
        ("مؤسسه", "موسسه"),
        ("قرآن", "قران"),
        ("رأی", "رای"),
        ("\u0671لله", "الله"),
        ("خان\u06c0", "خانه"),
        ("خانهٔ", "خانه"),
        ("۱۴۰۴ ١٤٠٤", "1404 1404"),
        ("مُحَمَّد", "محمد"),
        ("مـحمد", "محمد"),
        ("علي", "علی"),
        ("\u200fقم", "قم"),
        ("Ｑｏｍ", "Qom"),
        ("\ufdfa", "صلی الله علیه وسلم"),
        ("ه\u200d", "ه"),
    ],
)
def test_search_key_folds(left: str, right: str) -> None:
    assert search_key(left) == search_key(right) == right


@pytest.mark.parametrize(
    "pair", [("بار", "باز"), ("مسئول", "مسول"), (f"می{Z}شود", "می شود"), ("کرم", "گرم"), ("Qom", "qom")]
)
def test_search_key_keeps_apart(pair: tuple[str, str]) -> None:
    assert search_key(pair[0]) != search_key(pair[1])


@pytest.mark.parametrize(("query", "text"), spec_same.KEYS, ids=lambda s: ascii(s)[:30])
def test_search_key_finds(query: str, text: str) -> None:
    """Half-spaces are indexed both ways, so they count for nothing here."""
    assert search_key(query).replace(Z, "") in search_key(text).replace(Z, "")


@pytest.mark.parametrize(("one", "other"), spec_same.NOT_KEYS, ids=lambda s: ascii(s)[:30])
def test_search_key_does_not_find(one: str, other: str) -> None:
    assert search_key(one) not in search_key(other)
    assert search_key(other) not in search_key(one)


def test_name_key_forgets_where_parts_are_set_apart() -> None:
    spellings = [
        "چهارمحال و بختیاری",
        "چهار محال و بختیاری",
        "چهارمحال وبختیاری",
        f"چهار{Z}محال{Z}و{Z}بختیاری",
        "چهار\xa0محال\nو بختياري",
    ]
    assert {name_key(spelling) for spelling in spellings} == {"چهارمحالوبختیاری"}
    assert name_key("خراسان رضوی") != name_key("خراسان شمالی")


def test_the_tables_are_long_enough_and_hold_what_they_say() -> None:
    same = {*SAME, *spec_same.SAME}
    changed = {raw for raw, _ in (*CHANGED, *spec_texts.CHANGED)}
    assert len(same) + len(changed) >= 200
    assert len(same) * 3 >= len(same) + len(changed)
    assert same.isdisjoint(changed)
    # No shaped Arabic letter outlives canon, but those whose plain spelling has a blank and the rial sign.
    left = [c for c in map(chr, (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD))) if canon(c) == c]
    plain = {c: unicodedata.normalize("NFKC", c) for c in left}
    assert all(c == "\ufdfc" or " " in plain[c] or plain[c] == c for c in left)
