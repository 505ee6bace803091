"""How often lost half-spaces are put back rightly: texts with them, without them, and what comes back."""

from pathlib import Path

from crawler.normalise.lexicon import OPEN
from crawler.normalise.restore import restore

Z = "\u200c"


def gold() -> str:
    """Sixteen news articles of our own, proofread."""
    return Path(__file__).with_name("half_spaces.txt").read_text(encoding="utf-8")


def measured(text: str) -> tuple[float, float, float]:
    """Precision, recall, and half-spaces put into a thousand words of the text that had lost none."""
    found, unharmed = restore(text.replace(Z, "")), restore(text)
    return shares(places(text), places(found), places(unharmed), len(text.split()))


def shares(wanted: set[int], found: set[int], unharmed: set[int], words: int) -> tuple[float, float, float]:
    """The same, from places."""
    right = len(wanted & found)
    return right / len(found), right / len(wanted), 1000 * len(unharmed - wanted) / words


def places(text: str) -> set[int]:
    """Where half-spaces stand, counted in letters: other programs change what stands between words.

    Those behind letters that do not join are left out: they cannot be seen.
    """
    found, count, last = set(), 0, ""
    for character in text:
        if character == Z and last not in OPEN:
            found.add(count)
        elif character.isalpha():
            count, last = count + 1, character
    return found
