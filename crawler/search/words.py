"""What of a text is looked for, and what is asked: words as the index has them.

A word with a half-space stands in the index split and joined («می‌شود»: می, شود, میشود), so that it is found
however it is typed. Half-spaces that a text has lost to a blank («می شود», «کتاب ها») are joined too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from crawler.normalise.text import ZWNJ, search_key

MOST_LETTERS = 1_000  # of a query
MOST_WORDS = 32
_WORD = re.compile(r"[^\W_]+")  # as FTS5's unicode61 takes a text apart
_BEFORE = frozenset(("می", "نمی"))  # written with a half-space before the next word …
_BEHIND = frozenset(("ها", "های", "هایی", "هایش", "هایشان", "تر", "ترین", "تری"))  # … or behind the last one
_PIECE = re.compile(r"""(-?)(?:"([^"]*)"?|«([^»]*)»?|“([^”]*)”?|([^\s"«“]+))""")


class QueryError(ValueError):
    """What was asked cannot be looked for; the message says why."""


def index_text(key: str) -> str:
    """The words of a ``search_key`` as they go into the index: the text, then its joined words.

    >>> index_text("کتاب\\u200cها می شود")
    'کتاب\\u200cها می شود\\nکتابها میشود'
    """
    words = key.split()
    joined = [word.replace(ZWNJ, "") for word in words if ZWNJ in word]
    joined += [first + second for first, second in pairwise(words) if _belong(first, second)]
    return f"{key}\n{' '.join(joined)}" if joined else key


def _belong(first: str, second: str) -> bool:
    return first in _BEFORE or second in _BEHIND


@dataclass(frozen=True, slots=True)
class Term:
    """A word to be found, in the index's form. ``open``: longer words that begin so are meant too."""

    text: str
    open: bool

    def fits(self, word: str) -> bool:
        return word.startswith(self.text) if self.open else word == self.text


@dataclass(frozen=True, slots=True)
class Query:
    """``match``: an FTS5 expression, in which what the user typed stands quoted only; ``terms``: its words,
    for marking them in a text."""

    match: str
    terms: tuple[Term, ...]


def read_query(text: str) -> Query:
    """What a person typed: words that must all occur, "phrases", -words that must not. Words of two letters
    and more stand for all that begin so; figures and phrases for themselves. Raises QueryError.

    >>> read_query("استاندار -قم").match
    '("استاندار"*) NOT ("قم"*)'
    >>> read_query('"استاندار قم"').match
    '("استاندار قم")'
    """
    if len(text) > MOST_LETTERS:
        raise QueryError(f"a query of {len(text):,} letters; at most {MOST_LETTERS:,} are looked for")
    wanted, unwanted = _groups(text)
    if len(wanted) + len(unwanted) > MOST_WORDS:
        raise QueryError(f"more than {MOST_WORDS} words; leave some out")
    if not wanted:
        raise QueryError("no word to look for: letters or figures, at least one without a minus before it")
    match = " AND ".join(f"({group.match})" for group in wanted)
    without = "".join(f" NOT ({group.match})" for group in unwanted)
    return Query(match + without, tuple(term for group in wanted for term in group.terms))


def _groups(text: str) -> tuple[list[Query], list[Query]]:
    wanted: list[Query] = []
    unwanted: list[Query] = []
    before: str | None = None  # the plain word before, which this one may belong to
    for minus, *quoted, plain in _PIECE.findall(text):
        phrase = next((part for part in quoted if part), "")
        key = search_key(phrase or plain)
        if not _WORD.search(key):
            before = None
            continue
        group = _phrase(key) if phrase else _word(key)
        if minus:
            unwanted.append(group)
        elif not phrase and before is not None and _belong(before, key):
            wanted[-1] = _either(wanted[-1], group, _word(before + key))
        else:
            wanted.append(group)
        before = None if minus or phrase else key
    return wanted, unwanted


def _phrase(key: str) -> Query:
    parts = _WORD.findall(key)
    return Query(_quoted(parts), tuple(Term(part, open=False) for part in parts))


def _word(key: str) -> Query:
    """A word as typed: with a half-space, or anything else that parts it, split or joined."""
    parts = _WORD.findall(key)
    if len(parts) == 1:
        return _one(parts[0])
    joined = "".join(parts)
    match = f'{_quoted(parts)}{_star(parts[-1])} OR "{joined}"{_star(joined)}'
    return Query(match, (*(Term(part, open=False) for part in parts), Term(joined, _is_open(joined))))


def _one(word: str) -> Query:
    """Whole words count for more than such as only begin so."""
    return Query(f'"{word}"{_star(word)}', (Term(word, _is_open(word)),))


def _either(first: Query, second: Query, joined: Query) -> Query:
    match = f"(({first.match}) AND ({second.match})) OR ({joined.match})"
    return Query(match, first.terms + second.terms + joined.terms)


def _is_open(word: str) -> bool:
    return len(word) > 1 and not word.isdecimal()


def _star(word: str) -> str:
    return "*" * _is_open(word)


def _quoted(parts: Iterable[str]) -> str:
    return f'"{" ".join(parts)}"'  # letters and figures alone: no quote can stand in them


def words_of(key: str) -> Iterator[str]:
    """The forms under which one written word stands in the index."""
    parts = _WORD.findall(key)
    yield from parts
    if len(parts) > 1:
        yield "".join(parts)
