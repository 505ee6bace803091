"""What was edited, as lines that a person reads."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff

from crawler.items import Article

FIELDS = ("kicker", "title", "lead")


def lines_of(article: Article) -> Iterator[str]:
    """What a version's digest is of: each field named, each paragraph a line."""
    for name in FIELDS:
        if text := getattr(article, name):
            yield f"{name}: {text}"
    yield from article.paragraphs


def text_diff(before: Article, after: Article) -> list[str]:
    """Lines that went, with «-» before them, and lines that came, with «+»; no others."""
    changed = unified_diff(list(lines_of(before)), list(lines_of(after)), lineterm="", n=0)
    return [line for line in list(changed)[2:] if not line.startswith("@@")]
