"""What one version of a text says otherwise than the one before, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Literal

Sign = Literal["same", "went", "came"]
Changes = list[tuple[Sign, str]]
MOST_WORDS = 4_000  # beyond it lines are compared: words would take seconds
KEPT = 12  # words around a change that are shown; of what is the same in between only the ends


def changes(before: str, after: str) -> Changes:
    """All of both, in pieces.

    >>> changes("سد امروز باز شد", "سد دیروز باز شد")
    [('same', 'سد '), ('went', 'امروز'), ('came', 'دیروز'), ('same', ' باز شد')]
    """
    old, new = _pieces(before), _pieces(after)
    if max(len(old), len(new)) > 2 * MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    found: Changes = []
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(
        None, old, new, autojunk=False
    ).get_opcodes():
        if kind == "equal":
            found.append(("same", "".join(old[old_from:old_to])))
            continue
        found += [("went", "".join(old[old_from:old_to])), ("came", "".join(new[new_from:new_to]))]
    return [(sign, text) for sign, text in found if text]


def _pieces(text: str) -> list[str]:
    """Words and what stands between them. A half-space is inside a word."""
    return re.findall(r"\s+|[^\s]+", text)


def shortened(found: Sequence[tuple[Sign, str]]) -> Changes:
    """The same with long unchanged stretches cut.

    >>> shortened([("same", "a " * 100), ("came", "b")])[0][1].count("a")
    12
    """
    last = len(found) - 1
    return [
        (sign, _cut(text, before=at > 0, behind=at < last) if sign == "same" else text)
        for at, (sign, text) in enumerate(found)
    ]


def _cut(text: str, *, before: bool, behind: bool) -> str:
    """``before``: a change comes before it, so its beginning is kept; ``behind``: its end."""
    words = _pieces(text)
    most = 2 * KEPT
    if len(words) <= most * (before + behind):
        return text
    head = "".join(words[:most]) if before else ""
    tail = "".join(words[-most:]) if behind else ""
    return f"{head} … {tail}"
