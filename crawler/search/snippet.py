"""A few words around what was looked for, from the text itself, not from its key."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from crawler.normalise.text import search_key
from crawler.search.words import Term, words_of

Pieces = list[tuple[str, bool]]  # text, and whether it is what was looked for
WORDS = 36  # of a snippet
_BEFORE = 8  # of them before the first that was looked for
_WORD = re.compile(r"\S+")


@lru_cache(50_000)  # a page of results repeats most of its words
def _forms(word: str) -> tuple[str, ...]:
    return tuple(form.casefold() for form in words_of(search_key(word)))


def marked(text: str, terms: Sequence[Term]) -> Pieces:
    """The whole text.

    >>> marked("استاندارِ قم گفت", (Term("استاندار", True),))
    [('استاندارِ', True), (' قم گفت', False)]
    """
    pieces: Pieces = []
    at = 0
    for word in _WORD.finditer(text):
        if _is_meant(word[0], terms):
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
    hits = [at for at, word in enumerate(words) if _is_meant(word, terms)]
    if not hits:
        return 0
    starts = [max(0, at - _BEFORE) for at in hits]
    return max(starts, key=lambda start: (_worth(words[start : start + WORDS], terms), -start))


def _worth(words: Sequence[str], terms: Sequence[Term]) -> int:
    forms = {form for word in words for form in _forms(word)}
    return sum(any(_folded(term).fits(form) for form in forms) for term in terms)


def _is_meant(word: str, terms: Sequence[Term]) -> bool:
    return bool(terms) and any(_folded(term).fits(form) for form in _forms(word) for term in terms)


@lru_cache(1000)
def _folded(term: Term) -> Term:
    return Term(term.text.casefold(), term.open)
