"""A few words around what was looked for, from the text itself, not from its key."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from crawler.normalise.text import search_key
from crawler.search.words import Term, belong, words_of

Pieces = list[tuple[str, bool]]  # text, and whether it is what was looked for
WORDS = 36  # of a snippet
_BEFORE = 8  # of them before the first that was looked for
_WORD = re.compile(r"\S+")


@lru_cache(50_000)  # a page of results repeats most of its words
def _forms(word: str) -> tuple[str, ...]:
    """Its parts, and behind them, where there are several, the word without half-spaces."""
    return tuple(form.casefold() for form in words_of(search_key(word)))


def marked(text: str, terms: Sequence[Term]) -> Pieces:
    """The whole text.

    >>> marked("استاندارِ قم گفت", (Term(("استاندار",), True),))
    [('استاندارِ', True), (' قم گفت', False)]
    """
    words = list(_WORD.finditer(text))
    meant = _meant([word[0] for word in words], terms)
    pieces: Pieces = []
    at = 0
    for number in sorted(meant):
        word = words[number]
        pieces += [(text[at : word.start()], False), (word[0], True)]
        at = word.end()
    pieces.append((text[at:], False))
    return [(piece, meant) for piece, meant in pieces if piece]


def snippet(text: str, terms: Sequence[Term]) -> Pieces:
    """The WORDS in which most different terms occur; the beginning where none does.

    >>> snippet("یک دو سه", ())
    [('یک دو سه', False)]
    """
    words = _WORD.findall(text)
    start = _best(words, terms)
    part = " ".join(words[start : start + WORDS])
    ends = [("… ", False)] if start else []
    more = [(" …", False)] if start + WORDS < len(words) else []
    return [*ends, *marked(part, terms), *more]


def _best(words: Sequence[str], terms: Sequence[Term]) -> int:
    meant = _meant(words, terms)
    starts = [max(0, at - _BEFORE) for at in sorted(meant)]

    def worth(start: int) -> int:
        return len(set().union(*(meant.get(at, ()) for at in range(start, start + WORDS))))

    return max(starts, key=lambda start: (worth(start), -start), default=0)


def _meant(words: Sequence[str], terms: Sequence[Term]) -> dict[int, set[Term]]:
    """Which of the words are meant, as the index finds them: number → the terms that it is, or is part of."""
    found: defaultdict[int, set[Term]] = defaultdict(set)
    folded = [Term(tuple(part.casefold() for part in term.parts), term.open) for term in terms]
    singles, runs = ([term for term in folded if (len(term.parts) > 1) is many] for many in (False, True))
    wholes = {term.parts[0] for term in singles}
    beginnings = tuple(term.parts[0] for term in singles if term.open)

    def note(form: str, *places: int) -> None:
        if form in wholes or form.startswith(beginnings):
            for term in singles:
                if term.fits((form,)):
                    for at in places:
                        found[at].add(term)

    forms = [_forms(word) for word in words] if terms else []
    for at, of_word in enumerate(forms):
        for form in of_word:
            note(form, at)
    for at, (first, second) in enumerate(pairwise(forms)):
        if first and second and belong(first[-1], second[-1]):  # a half-space was lost to a blank
            note(first[-1] + second[-1], at, at + 1)
    if runs:
        parts = [(part, at) for at, of_word in enumerate(forms) for part in of_word[: len(of_word) - 1 or 1]]
        for start, (part, _) in enumerate(parts):
            for term in runs:
                run = parts[start : start + len(term.parts)] if part == term.parts[0] else []
                if len(run) == len(term.parts) and term.fits(tuple(part for part, _ in run)):
                    for _, at in run:
                        found[at].add(term)
    return found
