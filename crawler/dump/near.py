"""Near duplicates: the same story of an agency under several provinces.

An article is like another where at least half of all word triples of the two bodies are shared (Jaccard).
In the order of publication, each article that is like an earlier one gets the earliest such; only articles
that are like none before them are compared with. So ``near_dup_of`` always names an article that was
measured against the row itself, never one at the end of a chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from crawler.dump.catalogue import Catalogue
from crawler.dump.packages import package

ALIKE = 0.5  # Jaccard of word triples
PERMUTATIONS = 128
SEED = 1
SCHEME = "affine32"  # datasketch's own default may change; this decides which pairs are looked at
WORDS = 3  # a shingle
# Last version with a text of each article, oldest first; one without a date behind those that have one.
_ARTICLES = """
SELECT id, file, offset, length FROM row
WHERE (id, version) IN (SELECT id, max(version) FROM row WHERE status != 'gone' GROUP BY id)
ORDER BY coalesce(published, '9999'), first_seen, number, id
"""
_TABLES = """
CREATE TEMP TABLE article (place INTEGER PRIMARY KEY, id TEXT, file, offset, length, near INTEGER);
CREATE TEMP TABLE band (place INTEGER, key BLOB, PRIMARY KEY (place, key)) WITHOUT ROWID;
CREATE TEMP TABLE head (key BLOB, place INTEGER, PRIMARY KEY (key, place)) WITHOUT ROWID;
CREATE TEMP TABLE text (digest BLOB PRIMARY KEY, place INTEGER) WITHOUT ROWID;
"""
# Most keys are of one text alone: those need no further look.
_SHARED = """
CREATE TEMP TABLE shared AS SELECT place, key FROM band
WHERE key IN (SELECT key FROM band GROUP BY key HAVING count(*) > 1) ORDER BY place
"""
# Only heads are asked for: among a thousand copies of one text each is measured once, against the first.
_EARLIER_HEADS = """
SELECT DISTINCT head.place FROM shared JOIN head ON head.key = shared.key
WHERE shared.place = ? ORDER BY head.place
"""


def shingles(text: str) -> frozenset[str]:
    """Its word triples; of a shorter text all of it.

    >>> sorted(shingles("الف ب پ ت"))
    ['الف ب پ', 'ب پ ت']
    """
    words = text.split()
    if not words:
        return frozenset()
    last = max(1, len(words) - WORDS + 1)
    return frozenset(" ".join(words[i : i + WORDS]) for i in range(last))


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    """What two sets share, 0 to 1; 0 for two empty ones."""
    return len(one & other) / len(one | other) if one or other else 0.0


def body_key(line: bytes) -> str:
    """The part of a row's search key that was made of the body; "" where it has none."""
    row: dict[str, Any] = json.loads(line)
    return str(row["search_key"]).rpartition("\n")[2] if row.get("search_key") and row.get("body") else ""


class _Sketch:
    """Text → keys, of which two texts that are alike very probably share one."""

    def __init__(self) -> None:
        library = package("datasketch")
        self._new: Callable[..., Any] = lambda **more: library.MinHash(
            num_perm=PERMUTATIONS, seed=SEED, scheme=SCHEME, **more
        )
        self._permutations = self._new().permutations
        self._ranges = library.MinHashLSH(threshold=ALIKE, num_perm=PERMUTATIONS).hashranges

    def keys(self, found: frozenset[str]) -> list[bytes]:
        sketch = self._new(permutations=self._permutations)
        sketch.update_batch([shingle.encode() for shingle in sorted(found)])
        values = sketch.hashvalues.astype("<u8")
        return [
            hashlib.blake2b(values[start:end].tobytes(), digest_size=8, salt=bytes([number])).digest()
            for number, (start, end) in enumerate(self._ranges)
        ]


def mark_near_duplicates(catalogue: Catalogue) -> None:
    """Fill ``near_dup_of`` of every row: all versions of an article bear what its last text is like."""
    database = catalogue.database
    database.executescript("PRAGMA temp_store = FILE;" + _TABLES)
    for place, values in enumerate(database.execute(_ARTICLES)):
        database.execute("INSERT INTO article VALUES (?, ?, ?, ?, ?, NULL)", (place, *values))
    _sketch_all(catalogue)
    _settle_all(catalogue)
    # Equal texts got the place of the first of them, which may itself be like an earlier article.
    database.execute(
        "UPDATE article SET near = (SELECT first.near FROM article first WHERE first.place = article.near) "
        "WHERE near IN (SELECT place FROM article WHERE near IS NOT NULL)"
    )
    database.execute(
        "UPDATE row SET near_dup_of = head.id FROM article JOIN article head ON head.place = article.near "
        "WHERE row.id = article.id"
    )


def _sketch_all(catalogue: Catalogue) -> None:
    """Keys of every different text; an equal text is like the first without being measured."""
    database, sketch = catalogue.database, _Sketch()
    for place, file, offset, length in database.execute("SELECT place, file, offset, length FROM article"):
        text = body_key(catalogue.line(file, offset, length))
        if not text:
            continue
        digest = hashlib.sha256(text.encode()).digest()
        if database.execute("INSERT OR IGNORE INTO text VALUES (?, ?)", (digest, place)).rowcount:
            database.executemany(
                "INSERT INTO band VALUES (?, ?)", [(place, key) for key in sketch.keys(shingles(text))]
            )
        else:
            database.execute(
                "UPDATE article SET near = (SELECT place FROM text WHERE digest = ?) WHERE place = ?",
                (digest, place),
            )


def _settle_all(catalogue: Catalogue) -> None:
    """Measure each article against the earlier ones that share a key with it, the earliest first."""

    @lru_cache(maxsize=512)
    def triples(place: int) -> frozenset[str]:
        where = catalogue.database.execute(
            "SELECT file, offset, length FROM article WHERE place = ?", (place,)
        ).fetchone()
        return shingles(body_key(catalogue.line(*where)))

    database = catalogue.database
    database.execute(_SHARED)
    database.execute("CREATE INDEX shared_place ON shared (place)")
    places = database.execute("SELECT DISTINCT place FROM shared ORDER BY place").fetchall()
    for (place,) in places:
        earlier = database.execute(_EARLIER_HEADS, (place,)).fetchall()
        like = next((head for (head,) in earlier if jaccard(triples(head), triples(place)) >= ALIKE), None)
        if like is None:
            database.execute("INSERT INTO head SELECT key, place FROM shared WHERE place = ?", (place,))
        else:
            database.execute("UPDATE article SET near = ? WHERE place = ?", (like, place))
