"""``python -m tests.bench.dump [ROWS]``: so many made-up rows (100,000) made into a release twice, each by a
process of its own: the same bytes? how long? how much memory?"""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from crawler.collection import Collection
from crawler.items import Article
from crawler.report.units import size, took
from crawler.rows import as_line
from tests.bench.measure import Usage, timed
from tests.dump.releases import tree
from tests.dump.rows import article, changed, edited, text, tombstone

WORDS = 250  # of a body, as many as an article of the site has
FILES = 10


def row(number: int) -> Article:
    """Of a hundred: ten copies with 3 % of their words changed, five edits, a tombstone."""
    kind, before = number % 100, number - number % 100
    if kind < 10:
        body = changed(text(before + 50 + kind, WORDS), 0.03, number)
        return article(number, body, day=number % 30)
    if kind < 15:
        return edited(before + 20 + kind, day=number % 30)
    if kind == 15:
        return tombstone(before + 60, day=number % 30)
    return article(number, text(number, WORDS), day=number % 30)


def make(archives: Path, rows: int) -> Collection:
    collection = Collection(archives, "yjc")
    collection.articles.mkdir(parents=True)
    collection.runs.mkdir()
    for file in range(FILES):
        with collection.rows_of(f"run{file}").open("wb") as stream:
            for number in range(file, rows, FILES):
                stream.write(as_line(row(number)))
    return collection


def dumped(archives: Path) -> Usage:
    """``scrapy dump`` as a user runs it."""
    return timed([sys.executable, "-m", "scrapy", "dump", "r1", "-s", f"ARCHIVES={archives}"])


def main(rows: int) -> None:
    with TemporaryDirectory(prefix="ostan-bench-") as folder:
        trees = []
        collection = make(Path(folder), rows)
        given = sum(path.stat().st_size for path in collection.row_files())
        print(f"{rows:,} rows in {FILES} files, {size(given)}")
        for turn in ("first", "second"):
            usage = dumped(Path(folder))
            trees.append(tree(collection.release("r1").folder))
            made = sum(path.stat().st_size for path in collection.dumps.rglob("*") if path.is_file())
            print(
                f"{turn}: {took(usage.wall)}, {took(usage.cpu)} of processor, {size(usage.memory)} at the "
                f"peak, {len(trees[-1])} files, {size(made)}"
            )
            collection.dumps.rename(collection.folder / f"dumps-{turn}")
        print("the same bytes" if trees[0] == trees[1] and trees[0] else "OTHER BYTES")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
