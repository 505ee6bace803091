"""What of a text is looked for, and what is asked: words as the index has them.

A word with a half-space stands in the index split and joined («می‌شود»: می, شود, میشود), so that it is found
however it is typed. Half-spaces that a text has lost to a blank («می شود», «کتاب ها») are joined too.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from crawler.normalise.text import ZWNJ, search_key

MOST_LETTERS = 1_000  # of a query
MOST_WORDS = 32
_WORD = re.compile(r"[^\W_]+")  # as FTS5's unicode61 takes a text apart
_WRITTEN = re.compile(f"[^\\W_]+(?:{ZWNJ}+[^\\W_]+)*")
_APART = "\ue000"  # a word of its own to FTS5, and none that can be asked for
_BEFORE = frozenset(("می", "نمی"))  # written with a half-space before the next word …
_BEHIND = frozenset(("ها", "های", "هایی", "هایش", "هایشان", "تر", "ترین", "تری"))  # … or behind the last one
_PIECE = re.compile(r"""(-?)(?:"([^"]*)"?|«([^»]*)»?|“([^”]*)”?|([^\s"«“]+))""")


class QueryError(ValueError):
    """What was asked cannot be looked for; the message says why."""


def index_text(key: str) -> str:
    """The words of a ``search_key`` as they go into the index: the text's, then its joined words, each set
    apart, so that no phrase runs from one into another. No other sign: FTS5 takes newer emoji for letters.

    >>> index_text("کتاب\\u200cها می شود").replace(_APART, "|")
    'کتاب ها می شود | کتابها | میشود'
    """
    return f" {_APART} ".join((" ".join(_WORD.findall(key)), *(word for _, _, word in joined_words(key))))


def joined_words(key: str) -> Iterator[tuple[int, int, str]]:
    """Words that stand in a key with half-spaces, or with a blank in a half-space's place: (first letter,
    end, the word without).

    >>> [word for _, _, word in joined_words("«کتاب\\u200cخانه ها»، می رود")]
    ['کتابخانه', 'کتابخانهها', 'میرود']
    """
    before: re.Match[str] | None = None
    for word in _WRITTEN.finditer(key):
        plain = word[0].replace(ZWNJ, "")
        if plain != word[0]:
            yield word.start(), word.end(), plain
        if before and word.start() == before.end() + 1 and key[before.end()] == " ":
            first = before[0].replace(ZWNJ, "")
            if belong(first, plain):
                yield before.start(), word.end(), first + plain
        before = word


def belong(first: str, second: str) -> bool:
    """Whether a blank between these words stands for a half-space."""
    return first in _BEFORE or second in _BEHIND


@dataclass(frozen=True, slots=True)
class Term:
    """A word to be found, or several in a row, in the index's form. ``open``: the last one may be longer."""

    parts: tuple[str, ...]
    open: bool

    def fits(self, words: tuple[str, ...]) -> bool:
        """As many words as there are parts."""
        if self.open:
            return words[-1].startswith(self.parts[-1]) and words[:-1] == self.parts[:-1]
        return words == self.parts


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
        key = key if phrase else _bare(key)
        group = _phrase(key) if phrase else _word(key)
        if minus:
            unwanted.append(group)
        elif not phrase and before is not None and belong(before, key):
            wanted[-1] = _either(wanted[-1], group, _word(before + key))
        else:
            wanted.append(group)
        before = None if minus or phrase else key
    return wanted, unwanted


def _bare(key: str) -> str:
    """A typed word without the signs around it."""
    words = list(_WORD.finditer(key))
    return key[words[0].start() : words[-1].end()]


def _phrase(key: str) -> Query:
    parts = tuple(_WORD.findall(key))
    whole = Query(_quoted(parts), (Term(parts, open=False),))
    if len(parts) > 1 and _WRITTEN.fullmatch(_bare(key)):  # a single word, with half-spaces
        joined = ("".join(parts),)
        return Query(f"{whole.match} OR {_quoted(joined)}", (*whole.terms, Term(joined, open=False)))
    return whole


def _word(key: str) -> Query:
    """A word as typed: with a half-space, or anything else that parts it, split or joined. Split, «ها» stands
    for itself: looking for all words that begin so takes long, and «هایی» is found joined."""
    parts = tuple(_WORD.findall(key))
    terms = [Term(parts, _is_open(parts[-1]) and parts[-1] not in _BEHIND)]
    if len(parts) > 1:
        joined = "".join(parts)
        terms.append(Term((joined,), _is_open(joined)))
    return Query(" OR ".join(_quoted(term.parts) + "*" * term.open for term in terms), tuple(terms))


def _either(first: Query, second: Query, joined: Query) -> Query:
    match = f"(({first.match}) AND ({second.match})) OR ({joined.match})"
    return Query(match, first.terms + second.terms + joined.terms)


def _is_open(word: str) -> bool:
    return len(word) > 1 and not word.isdecimal()


def _quoted(parts: Iterable[str]) -> str:
    return f'"{" ".join(parts)}"'  # letters and figures alone: no quote can stand in them


def words_of(key: str) -> Iterator[str]:
    """The forms under which one written word stands in the index."""
    parts = _WORD.findall(key)
    yield from parts
    if len(parts) > 1:
        yield "".join(parts)
