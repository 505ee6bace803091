"""What one version of a text says otherwise than the one before, word by word."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from typing import Literal

Sign = Literal["same", "went", "came"]
Changes = list[tuple[Sign, str]]
MOST_WORDS = 4_000  # beyond it lines are compared: words would take seconds
LEAST_KEPT = 0.3  # of the words: with fewer that stayed, a mixture of both cannot be read
KEPT = 12  # words around a change that are shown; of what is the same in between only the ends


def changes(before: str, after: str) -> Changes:
    """All of both, in pieces. Words that went, and what came for them, stand together; where hardly anything
    stayed, all went and all came.

    >>> changes("سد امروز باز شد", "سد دیروز باز شد")
    [('same', 'سد '), ('went', 'امروز'), ('came', 'دیروز'), ('same', ' باز شد')]
    >>> changes("یک دو", "سه چهار")
    [('went', 'یک دو'), ('came', 'سه چهار')]
    """
    old, new = _pieces(before), _pieces(after)
    if max(len(old), len(new)) > 2 * MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    blocks = [
        block for block in matcher.get_matching_blocks() if "".join(old[block.a :][: block.size]).strip()
    ]
    if 2 * sum(block.size for block in blocks) < LEAST_KEPT * (len(old) + len(new)):
        blocks = []
    found: Changes = []
    old_at = new_at = 0
    for block in [*blocks, Match(len(old), len(new), 0)]:
        found += [("went", "".join(old[old_at : block.a])), ("came", "".join(new[new_at : block.b]))]
        old_at, new_at = block.a + block.size, block.b + block.size
        found.append(("same", "".join(old[block.a : old_at])))
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
