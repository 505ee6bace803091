"""How good the rows of a release are, by province: counted as they are written, thresholds in one place."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from crawler.dump.catalogue import Catalogue, Entry
from crawler.normalise.text import ZWNJ
from crawler.provinces import BY_SLUG

UNKNOWN = "unknown"  # rows without a province
# A province that crosses one of these is named at the head of the page. Shares, 0 to 1.
LEAST_FILLED = {"title": 1.0, "body": 0.9, "published": 0.98, "text_sha256": 1.0}
MOST_DISAGREEING = 0.05  # of rows with two dates or more
MOST_WITHOUT_ZWNJ = 0.2  # of long texts: their source lost half-spaces
MOST_ODD_LETTERS = 0.001  # of the letters of title, lead and body
MOST_NEAR_DUPLICATES = 0.3  # of articles
LONG_TEXT = 100  # words; a shorter text may well need no half-space
MOST_LETTERS_NAMED = 30

# Filled means neither null nor empty. Keys that every row has by its nature say nothing here.
FIELDS = """
province city sections kicker title lead body paragraphs dateline author source tags related images videos
restored search_key raw published modified text_sha256 warc
""".split()
# Persian letters with those Arabic ones that canon leaves in names, digits, common punctuation, Latin.
_EXPECTED = re.compile(
    f"[ -~\\n«»؟،؛٪٫٬…–—‘’“”•°×{ZWNJ}ءآأؤإئابپتثجچحخدذرزژسشصضطظعغفقکگلمنوهیۀة\u064b-\u0652\u0654۰-۹À-ɏ]++"
)


@dataclass
class _Tally:
    """One province's counts."""

    rows: int = 0
    versions: int = 0  # beyond each article's first
    tombstones: int = 0
    filled: Counter[str] = field(default_factory=Counter)
    lengths: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    rules: Counter[str] = field(default_factory=Counter)
    origins: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    compared: int = 0
    disagreeing: int = 0
    long_texts: int = 0
    without_zwnj: int = 0
    letters: int = 0
    odd: Counter[str] = field(default_factory=Counter)


class Quality:
    """Shown every row, whatever the order; ``document`` says what was seen."""

    def __init__(self) -> None:
        self._provinces: dict[str, _Tally] = defaultdict(_Tally)

    def see(self, entry: Entry, line: bytes) -> None:
        tally = self._provinces[entry.province or UNKNOWN]
        tally.rows += 1
        tally.versions += entry.version > 1
        if entry.status == "gone":
            tally.tombstones += 1
            return
        row = json.loads(line)
        _see_fields(tally, row)
        _see_dates(tally, row)
        _see_texts(tally, row)

    def document(self, catalogue: Catalogue) -> dict[str, Any]:
        """What ``quality.json`` holds; ``catalogue``: of the same rows."""
        articles = catalogue.articles_by_province("1")
        alike = catalogue.articles_by_province("near_dup_of IS NOT NULL")
        provinces = {}
        for slug in [*BY_SLUG, UNKNOWN]:
            if slug in self._provinces:
                key = "" if slug == UNKNOWN else slug
                provinces[slug] = _told(self._provinces[slug], articles[key], alike.get(key, 0))
        return {
            "thresholds": thresholds(),
            "crossed": [line for slug, told in provinces.items() for line in _crossed(slug, told)],
            "provinces": provinces,
        }


def thresholds() -> dict[str, Any]:
    return {
        "least_filled": LEAST_FILLED,
        "most_disagreeing": MOST_DISAGREEING,
        "most_without_zwnj": MOST_WITHOUT_ZWNJ,
        "most_odd_letters": MOST_ODD_LETTERS,
        "most_near_duplicates": MOST_NEAR_DUPLICATES,
        "long_text_words": LONG_TEXT,
    }


def _see_fields(tally: _Tally, row: dict[str, Any]) -> None:
    for name in FIELDS:
        value = row.get(name)
        if value in (None, "", []) or (name in ("published", "modified") and value["at"] is None):
            continue
        tally.filled[name] += 1
        if isinstance(value, str | list):
            tally.lengths[name][len(value)] += 1


def _see_dates(tally: _Tally, row: dict[str, Any]) -> None:
    if (published := row.get("published")) and published["at"]:
        tally.rules[published["rule"] or "not told"] += 1
        tally.origins[published["from"]] += 1
    dates = [*row.get("dates", []), *([row["modified"]] if row.get("modified") else [])]
    tally.refused.update(f"{date['from']}: {date['refused']}" for date in dates if date["refused"])
    if row.get("dates_disagree") is not None:
        tally.compared += 1
        tally.disagreeing += row["dates_disagree"]


def _see_texts(tally: _Tally, row: dict[str, Any]) -> None:
    for name in ("title", "lead", "body"):
        text = row.get(name) or ""
        tally.letters += len(text)
        tally.odd.update(_EXPECTED.sub("", text))
    body = row.get("body") or ""
    if len(body.split()) > LONG_TEXT:
        tally.long_texts += 1
        tally.without_zwnj += ZWNJ not in body


def _told(tally: _Tally, articles: int, alike: int) -> dict[str, Any]:
    texts = tally.rows - tally.tombstones
    return {
        "rows": tally.rows,
        "articles": articles,
        "later_versions": tally.versions,
        "tombstones": tally.tombstones,
        "near_duplicates": alike,
        "rows_with_text": texts,
        "fields": {
            name: {"filled": tally.filled[name], "of": texts, "length": _lengths(tally.lengths.get(name))}
            for name in FIELDS
        },
        "dates": {
            "rules": _sorted(tally.rules),
            "origins": _sorted(tally.origins),
            "refused": _sorted(tally.refused),
            "compared": tally.compared,
            "disagreeing": tally.disagreeing,
        },
        "letters": tally.letters,
        "odd_letters": sum(tally.odd.values()),
        "odd_letters_first": [_letter(letter, number) for letter, number in _most(tally.odd)],
        "long_texts": tally.long_texts,
        "long_texts_without_zwnj": tally.without_zwnj,
    }


def _lengths(counted: Counter[int] | None) -> dict[str, int] | None:
    """Letters of a text, or members of a list, where it is filled. The median is the lower of the two."""
    if not counted:
        return None
    found = sorted(counted)
    half = (counted.total() + 1) // 2
    sums = accumulate(counted[length] for length in found)
    median = next(length for length, sum_ in zip(found, sums, strict=True) if sum_ >= half)
    return {"min": found[0], "median": median, "max": found[-1]}


def _most(counted: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counted.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_LETTERS_NAMED]


def _sorted(counted: Counter[str]) -> dict[str, int]:
    return dict(sorted(counted.items()))


def _letter(letter: str, number: int) -> dict[str, Any]:
    """By code point and name: what cannot be seen, or moves what is seen, is told apart so."""
    return {"code": f"U+{ord(letter):04X}", "name": unicodedata.name(letter, "no name"), "number": number}


def _crossed(slug: str, told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    fields = told["fields"]
    for name, least in LEAST_FILLED.items():
        share = _share(fields[name]["filled"], fields[name]["of"])
        if share is not None and share < least:
            yield _line(slug, f"{name} filled", share, least)
    for what, part, of, most in (
        ("dates that disagree", told["dates"]["disagreeing"], told["dates"]["compared"], MOST_DISAGREEING),
        (
            "long texts without a half-space",
            told["long_texts_without_zwnj"],
            told["long_texts"],
            MOST_WITHOUT_ZWNJ,
        ),
        ("letters outside the alphabet", told["odd_letters"], told["letters"], MOST_ODD_LETTERS),
        ("near duplicates", told["near_duplicates"], told["articles"], MOST_NEAR_DUPLICATES),
    ):
        share = _share(part, of)
        if share is not None and share > most:
            yield _line(slug, what, share, most)


def _share(part: int, of: int) -> float | None:
    return part / of if of else None


def _line(slug: str, what: str, share: float, threshold: float) -> dict[str, Any]:
    return {"province": slug, "what": what, "share": round(share, 6), "threshold": threshold}
