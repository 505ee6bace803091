"""Persian words and verbs, for telling where a half-space was lost. ``make lexicon`` builds the list.

The words come from two packages under the MIT licence (see scripts/lexicon.py). Lines of the file, a tab
between the columns: ``#, number of lines, made of``; ``past stem, present stem, verb``; ``word, frequency,
certain`` for words that a dictionary has; ``word, frequency, seen`` for those that a corpus had. A word may
hold half-spaces.
"""

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from crawler.normalise.text import ZWNJ

# Letters that do not join the next: behind them a half-space shows nothing, and editors write none.
OPEN = "اآأإدذرزژوؤ"
_PRESENT = ("م", "ی", "د", "یم", "ید", "ند")
_PAST = ("م", "ی", "", "یم", "ید", "ند")
LEXICON = Path(sys.prefix, "share", "ostan", "lexicon.tsv")


class NoLexicon(Exception):
    """The lexicon has not been built on this machine."""


@dataclass(eq=False)
class Lexicon:
    """``name``: what it was made of; ``words``: solid word → frequency; ``certain``: those of a dictionary.

    ``spelled``: letters without half-spaces → the word with them. ``verbs``: forms that stand behind «می‌»;
    ``participles``: «رفته», «شده».
    """

    name: str = ""
    words: dict[str, int] = field(default_factory=dict)
    certain: set[str] = field(default_factory=set)
    spelled: dict[str, str] = field(default_factory=dict)
    verbs: set[str] = field(default_factory=set)
    participles: set[str] = field(default_factory=set)
    _spelled_seen: dict[str, int] = field(default_factory=dict)

    def spelled_seen(self, solid: str) -> int:
        """How often the corpus had it with half-spaces."""
        return self._spelled_seen.get(solid, 0)

    def add_word(self, word: str, frequency: int, certain: bool) -> None:
        shown = visible(word)
        if ZWNJ in shown:
            solid = shown.replace(ZWNJ, "")
            if frequency >= self._spelled_seen.get(solid, -1):
                self.spelled[solid], self._spelled_seen[solid] = shown, frequency
            return
        self.words[shown] = max(frequency, self.words.get(shown, 0))
        if certain:
            self.certain.add(shown)

    def add_verb(self, past: str, present: str) -> None:
        self.participles.update((past + "ه", _negated(past) + "ه"))
        self.verbs.update(past + ending for ending in _PAST)
        self.verbs.update(_present(present))
        if present == "توان":
            self.verbs.update(("توان", "بایست", "بایستی", "باید"))  # forms without person


def _negated(past: str) -> str:
    """Behind the ن of negation, آ and ا are spelled with a yeh."""
    return {"آ": "نیا", "ا": "نی"}.get(past[0], "ن" + past[0]) + past[1:]


def visible(word: str) -> str:
    """The word without half-spaces that show nothing, because the letter before them does not join.

    >>> visible("کار\\u200cآفرین\\u200cها") == "کارآفرین\\u200cها"
    True
    """
    first, *parts = word.split(ZWNJ)
    for part in parts:
        first += part if first[-1:] in OPEN else ZWNJ + part
    return first


def _present(stem: str) -> Iterator[str]:
    yield from (stem + ending for ending in _PRESENT)
    if stem.endswith(("ای", "وی")):  # گوی: می‌گوید, and می‌گو… in no written form
        yield stem[:-1] + "ید"


@cache
def lexicon(path: Path = LEXICON) -> Lexicon:
    """Raises NoLexicon where there is none, or a damaged one."""
    try:
        with path.open(encoding="utf-8") as lines:
            return read(lines)
    except FileNotFoundError:
        raise NoLexicon(f"no lexicon at {path}: `make lexicon` builds it") from None
    except (OSError, ValueError, IndexError) as error:
        raise NoLexicon(
            f"{path} is no whole lexicon ({error}): remove it, `make lexicon` builds it"
        ) from None


def read(lines: Iterable[str]) -> Lexicon:
    """A lexicon out of the lines of its file. The first says how many follow, and what they were made of.

    Raises ValueError or IndexError where the file is no such, or was cut off."""
    head, *rest = lines
    sign, count, name = head.rstrip("\n").split("\t")
    if (sign, int(count)) != ("#", len(rest)):
        raise ValueError(f"{len(rest)} lines, not {count}")
    found = Lexicon(name)
    for line in rest:
        first, second, kind = line.rstrip("\n").split("\t")
        if kind == "verb":
            found.add_verb(first, second)
        else:
            found.add_word(first, int(second), kind == "certain")
    return found
