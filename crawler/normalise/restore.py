"""Half-spaces put back into text that lost them («میشود» → «می‌شود»). A guess: it never replaces the text.

A word that a dictionary has stays as it is; of any other, the rules below are asked in turn. Where a letter
does not join the next («کشورهای»), nothing was lost to the eye and nothing is put.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from crawler.normalise.lexicon import OPEN, Lexicon, lexicon
from crawler.normalise.text import ZWNJ

RULES = "ostan-restore/1"  # counts up when the same words are restored differently
_LETTERS = "آابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیأؤئءۀ"
_WORD = re.compile(f"[{_LETTERS}]+(?:{ZWNJ}[{_LETTERS}]+)*")
_TOKEN = re.compile(r"\S++")
_ADDRESS_MARK = re.compile(r"[@#_\\]|://|www\.", re.IGNORECASE)
_SHORTEST, _LONGEST = 4, 40  # letters of a word that is looked at

_VERB_SIGN = re.compile("(?:بر|در|باز|فرا|فرو|وا|ور)?ن?می")
_OBJECTS = ("ش", "شان", "مان", "تان")
_PERFECT = ("ام", "ای", "ایم", "اید", "اند", "است")
_PLURALS = ("هایشان", "هایمان", "هایتان", "هایند", "هایی", "هایم", "هایت", "هایش", "هاست", "های", "ها")
_CLITICS = ("مان", "تان", "شان", "ایم", "اید", "اند", "ای", "ام", "ات", "اش")
_DEGREES = ("ترین", "تری", "تر")
# Endings that join whatever is before them.
_JOINED = ("یی", "یان", "ان", "ین", "یم", "ید", "ند", "مان", "تان", "شان", "ست", "ی", "م", "ت", "ش")
# Corpora lose half-spaces too: up to so many solid to one spelled are theirs (tried on UD PerDT, dev).
_SOLID_TO_SPELLED = 5
# Spelled either way; solid stands in dictionaries.
_SOLID = frozenset("آنها اینها همانها همینها آنهایی اینهایی آنهاست اینهاست اینجاست آنجاست اینتر".split())
_PREFIXES = ("بی", "هم", "پیش", "پس", "نیم", "خوش", "کم", "تک", "هیچ", "فوق", "میان", "بین")
# «به» before any other noun would make compounds of names (بهنامجو).
_BEHIND_BEH = frozenset(
    "ویژه طور زودی شدت راحتی تازگی سختی خوبی دلیل عنوان منظور صورت نظر جز رغم دست کار موقع وسیله همراه گونه"
    " سرعت تدریج ندرت خصوص علاوه هنگام دنبال خاطر ناچار درستی روشنی طوری سادگی آسانی"
    " کارگیری ثمر سوی وجود نوعی نسبت حدی ترتیب کلی اختصار طورکلی یکباره ازای مدت جای".split()
)
# What makes compounds again and again; a dictionary has some of them only.
_SECOND_PARTS = frozenset(
    "گذار گذاری گذاران سازی ساز سازان پذیر پذیری آمیز انگیز انگیزی نامه کننده کنندگان دهنده دهندگان شده نشده"
    " بندی شناس شناسی شناسان گیر گیری گیران گویی گو گویان بخش بخشی یابی یاب ریزی ریز اندازی انداز نویس"
    " نویسی نویسان خوانی خوان خوانان پرداز پردازی پردازان زاده نشین نشینی نشینان گرا گرایی گرایان مند مندی"
    " مندان دهی رسانی رسان سنجی زدایی زنی زن فروش فروشی فروشان کشی کش کشان گردی گردان پژوه پژوهی پژوهان پوش"
    " پوشی داری دار داران سواری سوار سواران نگاری نگار نگاران نگری نگر ورزی خواهی خواه خواهان طلبی طلب"
    " طلبان دوستی دوست دوستان مداری مدار محوری محور واره گونه یافته یافتگی یافتگان دیده دیدگان خورده رفته"
    " برداری بردار برداران آوری آور آوران آموزی آموز آموزان جویی جو جویان شویی سوزی سوز سرایی سرا خانه خیزی"
    " خیز پزی پز ساله روزه ماهه نفره فرهنگی پیمایی پیما نوردی نورد تراشی تراش شماری شمار شکنی شکن گشایی گشا"
    " افزایی افزا زایی زا پراکنی بینی بین باره چهره".split()
)
# A plural «های» leans on what follows; before these, or at the end of a phrase, it can only be ه + «ای».
_NO_PLURAL_BEFORE = frozenset(
    "که از در به را با برای تا است بود شد نیست بودند شدند و یا اما ولی نیز هم کرد می نمی داد دارد دارند داشت"
    " قرار بر جهت مبنی بیش".split()
)
_ALONE = 0.02  # how likely a plural «های» is where nothing stands behind it to lean on
# Behind these no plural stands.
_ONE_OF = frozenset("هر یک دو سه چهار پنج شش هفت هشت نه ده صد هزار چند هیچ چنین چه عجب".split())


def restore(s: str, words: Lexicon | None = None) -> str:
    """The text with half-spaces where a word of the lexicon, or a rule, says that one was lost.

    Nothing else is changed, and a word that has half-spaces is left alone. Raises NoLexicon where none was
    built and none is given. How often it is right: README, "What it costs".

    >>> words = Lexicon("an example")
    >>> words.add_word("سال", 1, certain=True)
    >>> words.add_verb("شد", "شو")
    >>> restore("سالها سپری میشود", words) == "سال\u200cها سپری می\u200cشود"
    True
    """
    speller = _speller(words or lexicon())
    spans = [*_WORD.finditer(s)]
    around = ["", *(s[one.end() : two.start()] for one, two in pairwise(spans)), ""]
    addresses = _addresses(s)
    pieces, end = [], 0
    for i, span in enumerate(spans):
        pieces.append(s[end : span.start()])
        word, end = span[0], span.end()
        if ZWNJ not in word and _SHORTEST <= len(word) <= _LONGEST and span.start() not in addresses:
            before = spans[i - 1][0] if around[i] == " " else ""
            after = spans[i + 1][0] if around[i + 1] == " " else ""
            word = speller.spell(word, before in _ONE_OF or not after or after in _NO_PLURAL_BEFORE)
        pieces.append(word)
    return "".join(pieces) + s[end:]


def _addresses(s: str) -> frozenset[int]:
    """The places of all characters in addresses, hashtags and file names: nothing is guessed there."""
    if not _ADDRESS_MARK.search(s):
        return frozenset()
    tokens = (token for token in _TOKEN.finditer(s) if _ADDRESS_MARK.search(token[0]))
    return frozenset(place for token in tokens for place in range(token.start(), token.end()))


def has_lost_half_spaces(s: str, words: Lexicon | None = None) -> bool:
    """Whether a text shows signs of it: forty words or more, no half-space, and one word in fifty that cannot
    be spelled without. News has ten in a hundred; of writers who leave blanks («می شود») nothing is found.

    >>> has_lost_half_spaces("استاندار قم گفت: ساخت جاده آغاز شد.", Lexicon("an example"))
    False
    """
    count = len(_WORD.findall(s))
    if count < 40 or ZWNJ in s or not re.search("[پچژگ]", s):  # Arabic has none of these letters
        return False
    return restore(s, words).count(ZWNJ) >= count / 50


@lru_cache(maxsize=2)  # the words that it has spelled are remembered with it
def _speller(words: Lexicon) -> "_Speller":
    return _Speller(words)


class _Speller:
    """The rules, over one lexicon. Each takes a solid word and gives it with half-spaces, or None.

    ``alone``: nothing stands behind the word that a plural's «های» could lean on. ``depth``: a word may have
    two endings, each behind a half-space.
    """

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self.spell = lru_cache(maxsize=20_000)(self._spell)

    def _spell(self, word: str, alone: bool) -> str:
        # The heh of an ezafe (خانهٔ) is a heh to the dictionary.
        plain = word[:-1] + "ه" if word[-1] == "ۀ" else word
        found = self._find(plain, alone, 0)
        return found[: -1 if plain != word else None] + word[-1] * (plain != word) if found else word

    def _find(self, word: str, alone: bool, depth: int) -> str | None:
        if word in self._words.certain or word in _SOLID or len(word) < _SHORTEST:
            return None
        if found := self._verb(word) or self._listed(word):
            return found
        if self._is_plain(word) or self._is_open_plural(word, alone):
            return None
        return (
            self._perfect(word)
            or self._copula(word)
            or self._ending(word, alone, depth)
            or self._degree(word, depth)
            or self._compound(word)
        )

    def _seen(self, word: str) -> int:
        return self._words.words.get(word, 0)

    def _is_plain(self, word: str) -> bool:
        """A word of the dictionary with an ending that joins it."""
        return any(
            stem in self._words.certain and len(stem) > 2 and not (ending in _CLITICS and stem[-1] in "هی")
            for stem, ending in _split(word, _JOINED)
        )

    def _is_open_plural(self, word: str, alone: bool) -> bool:
        """«درآمدهای»: a plural of which nothing was lost, though «درآمده» is a word too."""
        stem = word.removesuffix("های")
        if stem == word or alone or stem[-1] not in OPEN or stem not in self._words.words:
            return False
        return stem + "ه" in self._words.participles or self._seen(stem) >= self._seen(stem + "ه")

    def _verb(self, word: str) -> str | None:
        """«میشود», «نمیتوانند», «برمیگردد», «میکردهاند»."""
        sign = _VERB_SIGN.match(word)
        form = self._form(word[sign.end() :]) if sign else None
        if sign is None or form is None:
            return None
        # «میدانی» may be of a square or of knowing: what the corpus has more often.
        if self._is_plain(word) and self._seen(word) >= self._words.spelled_seen(word):
            return None
        return sign[0] + ZWNJ + form

    def _form(self, form: str) -> str | None:
        if form in self._words.verbs or form in self._words.participles:
            return form
        if any(stem in self._words.verbs and len(stem) > 2 for stem, _ in _split(form, _OBJECTS)):
            return form
        return self._perfect(form)

    def _listed(self, word: str) -> str | None:
        """«شگفتانگیز», «شگفتانگیزی»: the lexicon has it with half-spaces, and not mostly without."""
        for stem, ending in ((word, ""), *_split(word, _JOINED)):
            found = self._words.spelled.get(stem)
            if found is None or stem in self._words.certain or (not ending and self._is_plain(word)):
                continue
            if found.endswith(f"ه{ZWNJ}ای") and stem.removesuffix("های") in self._words.words:
                continue  # «زمینهای»: the plural has to be weighed too
            if f"ه{ZWNJ}" in found or self._seen(stem) <= _SOLID_TO_SPELLED * self._words.spelled_seen(stem):
                return found + ending
        return None

    def _perfect(self, word: str) -> str | None:
        """«رفتهام», «نشدهاند»; «نشستهای» is rather of sessions than of having sat."""
        for stem, ending in _split(word, _PERFECT):
            if stem in self._words.participles and not (ending == "ای" and stem[:-1] in self._words.words):
                return stem + ZWNJ + ending
        return None

    def _copula(self, word: str) -> str | None:
        """«نگراناند»; not «رساند»."""
        stem = word.removesuffix("اند")
        fits = stem != word and len(stem) > 3 and stem[-1] not in OPEN and stem in self._words.certain
        return f"{stem}{ZWNJ}اند" if fits and word not in self._words.verbs else None

    def _ending(self, word: str, alone: bool, depth: int) -> str | None:
        """«سالهای», «خانهای»: a plural, or an ending behind heh or yeh; of several the likelier stem."""
        found: list[tuple[float, str]] = []
        for stem, ending in _split(word, _PLURALS):
            if stem != "هست":  # «هستهای» is nuclear
                found += self._with_stem(stem, ending, _ALONE if alone and ending == "های" else 1, depth)
        for stem, ending in _split(word, _CLITICS):
            if len(stem) > 2 and (stem[-1] == "ه" or (stem[-1] == "ی" and ending != "ای")):
                # Of stems that only a corpus has, endings make words that nobody uses (گروهه‌ای).
                known = stem in self._words.certain or stem not in self._words.words
                found += self._with_stem(stem, ending, 1 if known else _ALONE / 10, depth)
        best = max(found, default=(0, ""))[1]
        return best if ZWNJ in best else None

    def _with_stem(self, stem: str, ending: str, weight: float, depth: int) -> list[tuple[float, str]]:
        if len(stem) < 2:
            return []
        if stem in self._words.words:
            return [(weight * (self._seen(stem) + 1), _join(stem, ending))]
        if depth < 2 and (spelled := self._find(stem, True, depth + 1)):
            return [(weight * 1000, _join(spelled, ending))]
        return [(weight, stem + ending)] if stem[-1] in OPEN else []

    def _degree(self, word: str, depth: int) -> str | None:
        """«بزرگترین»."""
        for stem, ending in _split(word, _DEGREES):
            known = stem in self._words.certain or self._is_plain(stem)
            if len(stem) > 2 and stem[-1] not in OPEN and known and self._has_degrees(word, stem):
                return _join(stem, ending)
            if depth < 2 and (spelled := self._find(stem, True, depth + 1)):
                return _join(spelled, ending)
        return None

    def _has_degrees(self, word: str, stem: str) -> bool:
        """«بزرگتر» has a highest degree; «فیلتر» is no more of an elephant."""
        highest = stem + "ترین"
        return not self._seen(word) or highest in self._words.words or highest in self._words.spelled

    def _compound(self, word: str) -> str | None:
        """«دانشپژوه», «بیگناه», «پرسشوپاسخ»: two words of the dictionary, made as compounds are made."""
        if self._seen(word):
            return None
        certain = self._words.certain
        for i in range(2, len(word) - 2):
            first, second = word[:i], word[i:]
            if first[-1] in OPEN:
                continue
            if first in _PREFIXES and (second in certain or self._is_plain(second)):
                return first + ZWNJ + second
            if first == "به" and second in _BEHIND_BEH:
                return first + ZWNJ + second
            if len(first) < 3 or first not in certain:
                continue
            with_and = second[0] == "و" and len(second) > 3 and second[1:] in certain
            behind_heh = len(first) > 3 and first[-1] == "ه" and second in certain
            if second in _SECOND_PARTS or with_and or behind_heh:
                return first + ZWNJ + second
        return None


def _split(word: str, endings: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for ending in endings:
        if word.endswith(ending) and word != ending:
            yield word[: -len(ending)], ending


def _join(stem: str, ending: str) -> str:
    return stem + ("" if stem[-1] in OPEN else ZWNJ) + ending
