"""Rows as bytes: one line, one article."""

from __future__ import annotations

from collections.abc import Iterable

from crawler.items import Article
from crawler.ledger.found import Found

# Legal in JSON, but taken for line ends by some readers of JSON Lines.
_LINE_ENDS = (("\u2028", "\\u2028"), ("\u2029", "\\u2029"), ("\x85", "\\u0085"))


def as_line(article: Article) -> bytes:
    """UTF-8 with Persian as letters, every key, one ``\\n`` at the end and nowhere else."""
    line = article.model_dump_json(by_alias=True)
    for letter, escape in _LINE_ENDS:
        line = line.replace(letter, escape)
    return line.encode() + b"\n"


def metadata_fields(
    line: bytes | None, found: Found, outlinks: Iterable[str], skipped: str = ""
) -> list[tuple[str, str]]:
    """What the archive keeps beside an article's capture: where it was listed, the date that a feed gave it,
    where it links to (as Heritrix writes it), and its row, if it became one, or why it was not wanted.
    With these rows can be made again from the archive."""
    return [
        *(("listed-in", f"{lane} {province.slug}") for lane, province in found.listed_in),
        *([("feed-date", found.feed_date)] if found.feed_date else []),
        *(("outlink", f"{url} L a/@href") for url in outlinks),
        *([("skipped", skipped)] if skipped else []),
        *([("article", line.decode().rstrip("\n"))] if line else []),
    ]
