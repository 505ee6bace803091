"""Persian text: the archive's one reading form, and the keys made from it for searching and matching names.

Four forms of a text are kept apart: `raw` (as the page says it), the text of `canon`, a restored text
(half-spaces guessed back, made elsewhere) and the key of `search_key`. `canon` joins and splits no words, so
a text can always be held against its raw form. Patterns are possessive or of fixed width: their time grows
with the length of the text alone.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from operator import methodcaller

ZWNJ = "\u200c"
_Table = dict[str, str | int | None]  # as str.maketrans wants it

# Letters of the Arabic script without tatweel (U+0640), which is a stroke between letters, no letter.
_LETTER = (
    "\u0620-\u063f\u0641-\u064a\u066e\u066f\u0671-\u06d3\u06d5\u06ee\u06ef\u06fa-\u06fc\u06ff\u0750-\u077f"
)
# Vowel signs: they ride on a letter, so a letter with its vowels still is "a letter" to its neighbour.
_VOWEL = "\u064b-\u0652\u0670"

_ARABIC_LETTERS: _Table = {"ي": "ی", "ى": "ی", "ك": "ک"}
_ARABIC_DIGITS: _Table = {chr(0x660 + i): chr(0x6F0 + i) for i in range(10)}
# Direction marks, embeddings and isolates and the byte order mark say how to draw, not what is written.
# ZWNJ and ZWJ stand among them in Unicode and are part of Persian spelling: hence single characters here
# and no range.
_DROPPED: _Table = dict.fromkeys(
    "\ufeff\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069", ""
)
_BLANKS: _Table = dict.fromkeys(
    "\t\f\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))), " "
)


def _presentation_forms() -> _Table:
    """Shaped letters of old desktop publishing → letters, each code point for itself.

    Whole-string NFKC would also rewrite Latin, fractions and the like. Left alone: forms that NFKC spells
    with a blank (they would split a word; the blessing is one of them), and the sign of the rial.
    """
    table: _Table = {}
    for point in (*range(0xFB50, 0xFE00), *range(0xFE70, 0xFEFD)):
        form = chr(point)
        plain = unicodedata.normalize("NFKC", form)
        if plain != form and " " not in plain and form != "\ufdfc":
            table[form] = plain.translate(str.maketrans(_ARABIC_LETTERS))
    return table


# Rule → what it puts for a single character; canon does them all in one go.
_CHARACTERS: dict[str, _Table] = {
    "shaped letters": _presentation_forms(),
    "Arabic letters": _ARABIC_LETTERS,
    "Arabic digits": _ARABIC_DIGITS,
    "signs for drawing": _DROPPED,
    "odd blanks": _BLANKS,
}
_TABLE = str.maketrans({old: new for table in _CHARACTERS.values() for old, new in table.items()})
_IN_TABLE = re.compile("[" + "".join(map(chr, _TABLE)) + "]")

# Letters sent as letter + sign, and the one letter each pair is. The heh with a hamza (خانهٔ) has two
# spellings that look the same; the archive writes the single one (U+06C0), as Unicode composes the other
# pairs too.
_PAIRS = (
    ("ا\u0653", "آ"),
    ("ا\u0654", "أ"),
    ("ا\u0655", "إ"),
    ("و\u0654", "ؤ"),
    ("ی\u0654", "ئ"),
    ("ه\u0654", "\u06c0"),
    ("\u06d5\u0654", "\u06c0"),  # how U+06C0 itself decomposes
)

# Addresses are left as they stand, whatever they contain: a changed letter is another address. Direction
# marks and Persian punctuation end one; half-spaces may stand inside (wiki titles), not at its end.
_URL_CHARACTER = r"[^\s<>\"«»؟،؛\u061c\u200b\u200c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]"
_URL = re.compile(
    # With a scheme or www; or a domain and a path (t.me/…).
    rf"((?:(?:[a-z][a-z0-9+.-]{{1,9}}://|www\.){_URL_CHARACTER}++"
    rf"|(?:[a-z0-9-]{{1,63}}\.){{1,4}}[a-z]{{2,12}}/{_URL_CHARACTER}*+)(?:{ZWNJ}++{_URL_CHARACTER}++)*+)",
    re.IGNORECASE,
)
_MAY_HOLD_URL = re.compile(r"://|www\.|\.[a-z]{2,12}/", re.IGNORECASE)

# Sites that drew the ligature without its alef wrote the alef before it (آیت اﷲ): two would be wrong.
_ALLAH = re.compile("[ا\ufe8d\ufe8e]\ufdf2")
# A vowel may sit on the stroke. Other marks may not: a hamza on a stroke stands for a letter of its own.
_STRETCHED = re.compile(f"(?<=[{_LETTER}])[\u0640{_VOWEL}]++(?=[{_LETTER}])")
# The not sign and the soft hyphen stood for the half-space in code pages that had none.
_OLD_HALF_SPACE = re.compile(f"(?<=[{_LETTER}{_VOWEL}])[\xac\xad{ZWNJ}]++(?=[{_LETTER}])")
_MANY_ZWNJ = re.compile(f"{ZWNJ}{{2,}}+")
_PUNCTUATION = "".join(
    re.escape(chr(point))
    for point in (*range(0x3100), 0xFD3E, 0xFD3F, *range(0xFE10, 0xFE70), *range(0xFF00, 0xFF66))
    if unicodedata.category(chr(point)).startswith("P")
)
# A half-space at an edge parts nothing. "Not followed by something that is no blank" also means the end of
# the text.
_IDLE_ZWNJ = re.compile(rf"{ZWNJ}(?:(?![^\s{_PUNCTUATION}])|(?<![^\s{_PUNCTUATION}]{ZWNJ}))")


def canon(s: str) -> str:
    """The text in the archive's reading form: one code point for one letter, half-spaces kept, same words.

    Latin, addresses, ASCII digits, signs, line ends and the number of blanks stay as they are. For every str,
    `canon(canon(s)) == canon(s)`. Each rule has an example of its own below.

    >>> canon("كتاب\u200cهاي ايراني") == "کتاب\u200cهای ایرانی"
    True
    >>> canon("٢٤ ساعت https://www.yjc.ir/fa/news/1 12:34")
    '۲۴ ساعت https://www.yjc.ir/fa/news/1 12:34'
    """
    if not _MAY_HOLD_URL.search(s):
        return _settle(s)
    return _between_addresses(_URL.split(s), _settle)


def explain(s: str) -> list[tuple[str, str, str]]:
    """The rules of `canon` that change something, in their order: (rule, the text before, the text after).

    >>> [rule for rule, _, _ in explain("سـلام علي")]
    ['Arabic letters', 'tatweel']
    """
    found = []
    parts = _URL.split(s)
    for rule, apply in _RULES:
        before = "".join(parts)
        after = _between_addresses(parts, apply)
        if after != before:
            found.append((rule, before, after))
    return found


def _between_addresses(parts: list[str], apply: Callable[[str], str]) -> str:
    """Changes ``parts`` (text, address, text …) where they are text. There a letter stands in an address's
    place, so that a half-space beside it counts as standing between letters."""
    last = len(parts) - 1
    for i in range(0, last + 1, 2):
        before, after = "x" if i else "", "x" if i < last else ""
        settled = apply(before + parts[i] + after)
        parts[i] = settled[len(before) : len(settled) - len(after)]
    return "".join(parts)


def _settle(s: str) -> str:
    """One round is enough, for no rule makes work for an earlier one; most texts pass most rules by."""
    s = _spell_allah(s)
    if _IN_TABLE.search(s):
        s = s.translate(_TABLE)
    for _, apply in _SEQUENCES:
        s = apply(s)
    return s


def _spell_allah(s: str) -> str:
    """
    >>> _spell_allah("آیت ا\ufdf2")
    'آیت الله'
    """
    return _ALLAH.sub("الله", s) if "\ufdf2" in s else s


def _compose(s: str) -> str:
    """
    >>> _compose("را\u0654ی") == "رأی", _compose("خانه\u0654") == "خان\u06c0"
    (True, True)
    """
    if "\u0654" in s or "\u0653" in s or "\u0655" in s:
        for pair, letter in _PAIRS:
            s = s.replace(pair, letter)
    return s


def _unstretch(s: str) -> str:
    """
    >>> _unstretch("ســـلام الف ـ ب")
    'سلام الف ـ ب'
    """
    return _STRETCHED.sub(lambda run: run[0].replace("\u0640", ""), s) if "\u0640" in s else s


def _renew_half_spaces(s: str) -> str:
    """
    >>> _renew_half_spaces("می\xadشود x \xac y") == "می\u200cشود x \xac y"
    True
    """
    return _OLD_HALF_SPACE.sub(ZWNJ, s) if "\xac" in s or "\xad" in s else s


def _tidy_half_spaces(s: str) -> str:
    """
    >>> _tidy_half_spaces("می\u200c\u200cشود\u200c، \u200cقم") == "می\u200cشود، قم"
    True
    """
    if ZWNJ not in s:
        return s
    if ZWNJ + ZWNJ in s:
        s = _MANY_ZWNJ.sub(ZWNJ, s)
    return _IDLE_ZWNJ.sub("", s)


_Rule = tuple[str, Callable[[str], str]]
_SEQUENCES: tuple[_Rule, ...] = (
    ("letters sent apart", _compose),
    ("tatweel", _unstretch),
    ("old half-spaces", _renew_half_spaces),
    ("idle half-spaces", _tidy_half_spaces),
)
_RULES: tuple[_Rule, ...] = (
    ("Allah in one sign", _spell_allah),
    *((rule, methodcaller("translate", str.maketrans(table))) for rule, table in _CHARACTERS.items()),
    *_SEQUENCES,
)


def _key_table() -> _Table:
    """What a reader typing a query leaves out or writes otherwise: vowels, hamzas, tatweel, digits."""
    table: _Table = _ARABIC_LETTERS | dict.fromkeys("أإآ\u0671", "ا") | {"ؤ": "و", "\u06d2": "ی"}
    table |= dict.fromkeys("ة\u06c0\u06d5\u06c1\u06c2\u06be", "ه")  # of Kurdish and Urdu keyboards too
    table |= {chr(zero + i): str(i) for zero in (0x660, 0x6F0) for i in range(10)}
    marks = (*range(0x610, 0x61B), *range(0x64B, 0x660), 0x670, *range(0x6D6, 0x6DD), *range(0x6DF, 0x6E5))
    marks += (0x6E7, 0x6E8, *range(0x6EA, 0x6EE), *range(0x8D3, 0x8E2), *range(0x8E3, 0x900))
    # Variation selectors and the zero-width joiner choose a glyph, the soft hyphen a line break: never typed.
    table |= dict.fromkeys(
        map(chr, (*marks, 0x640, 0xAD, 0x200B, 0x200D, 0x2060, *range(0xFE00, 0xFE10))), ""
    )
    return table | _DROPPED


_KEY_TABLE = str.maketrans(_key_table())


def search_key(s: str) -> str:
    """The text folded for looking things up, on one line: never shown, never stored as the text.

    Half-spaces stay: an index takes the word both split and joined there. Letter case stays too: the index
    folds it.

    >>> search_key("آیة مؤمنی، خانهٔ ۱۲")
    'ایه مومنی، خانه 12'
    >>> search_key("أُستانِ قُم ٢")
    'استان قم 2'
    """
    key = unicodedata.normalize("NFKC", canon(s)).translate(_KEY_TABLE)
    # Marks gone, letters apart may compose, and NFKC spells some signs with blanks: settle both once more.
    return one_line(unicodedata.normalize("NFKC", key).translate(_KEY_TABLE))


@lru_cache(maxsize=1024)  # the same few names and headings are asked for on every page
def name_key(s: str) -> str:
    """`search_key` without blanks and half-spaces: writers disagree on where a name's parts are set apart.

    >>> name_key("چهار محال و بختیاری") == name_key("چهار\u200cمحال وبختیاری") == "چهارمحالوبختیاری"
    True
    """
    return "".join(search_key(s).replace(ZWNJ, "").split())


@lru_cache(maxsize=256)  # a paragraph is read twice: to tell what it is, and to write it
def one_line(text: str) -> str:
    """Canon of a text that the page's author broke only in the source: a title, a name, a paragraph.

    >>> one_line("\\n\\t\\tگفت\\u200cوگو\\n با سفير ")
    'گفت\\u200cوگو با سفیر'
    """
    return " ".join(canon(text).split())
