"""Prints the table. Sizes: articles a province of the small and the large site."""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
from pathlib import Path

from tests.bench.measure import Usage, crawl, timed
from tests.site import Site, running

BARE = "(a) bare Scrapy, same spider"
FULL = "(b) the crawl, all written"
WGET = "(c) wget --warc-file"
GZIP = "(d) the same, asking for gzip"


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--small", type=int, default=65, help="articles a province (31 × 65 = 2,015)")
    parser.add_argument("--large", type=int, default=645, help="for memory (31 × 645 = 19,995); 0: leave out")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="ostan-bench-") as folder:
        small = compare(options.small, options.runs, Path(folder))
        if options.large:
            memory(options.large, small, Path(folder))


def compare(articles: int, runs: int, folder: Path) -> Usage:
    """Bare, full and wget in turn, so that a machine whose speed drifts is the same for all three."""
    with running(articles) as site:
        pages, urls = warm(site, folder)
        rows: dict[str, list[Usage]] = {BARE: [], FULL: []} | (
            {WGET: [], GZIP: []} if shutil.which("wget") else {}
        )
        for _ in range(runs):
            rows[BARE].append(crawl(site.url, folder / "bare", settings="tests.bench.bare"))
            rows[FULL].append(crawl(site.url, folder / "full"))
            shutil.rmtree(folder / "full")
            if WGET in rows:
                rows[WGET].append(fetch_with_wget(urls, folder))
                rows[GZIP].append(fetch_with_wget(urls, folder, "--header=Accept-Encoding: gzip"))
    for name, usages in rows.items():
        for usage in usages:
            print(usage.row(name, pages))
    full = rows[FULL]
    print("medians of the pairs (least to most):")
    print(f"CPU a page, (b) / (a): {ratio([b.cpu / a.cpu for b, a in zip(full, rows[BARE], strict=True)])}")
    for name in [name for name in rows if name not in (BARE, FULL)]:
        pairs = [c.wall / b.wall for b, c in zip(full, rows[name], strict=True)]
        print(f"pages/s, (b) / {name}: {ratio(pairs)}")
    return max(full, key=lambda usage: usage.memory)


def ratio(values: list[float]) -> str:
    return f"{statistics.median(values):.2f}  ({min(values):.2f} to {max(values):.2f})"


def warm(site: Site, folder: Path) -> tuple[int, Path]:
    """One crawl that is not counted fills the server's cache; what it asked for is what wget asks for."""
    crawl(site.url, folder / "warm")
    shutil.rmtree(folder / "warm")
    paths = [entry["path"] for entry in site.log()]
    urls = folder / "urls"
    urls.write_text("".join(f"{site.url}{path}\n" for path in paths), encoding="utf-8")
    return len(paths), urls


def fetch_with_wget(urls: Path, folder: Path, *more: str) -> Usage:
    """The same list of addresses, one after the other on one connection; no page is read."""
    target = folder / "wget"
    target.mkdir()
    options = ["--quiet", "--no-proxy", "--delete-after", f"--directory-prefix={target}", "--no-directories"]
    usage = timed(["wget", *options, *more, f"--warc-file={target}/wget", f"--input-file={urls}"])
    shutil.rmtree(target)
    return usage


def memory(articles: int, small: Usage, folder: Path) -> None:
    """Peak memory of a crawl ten times as long."""
    with running(articles) as site:
        large = crawl(site.url, folder / "large")
        pages = len(site.log())
    print(large.row("(b) a long crawl", pages))
    print(f"peak memory, long / short: {large.memory / small.memory:.2f}")


if __name__ == "__main__":
    main()
