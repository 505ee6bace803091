"""``last-success/<crawl>``: for watchdogs that ask nobody. The file's text, and its age, say when."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

from crawler.collection import Collection
from crawler.disk import replace_file


def note_success(collection: Collection, crawl: str, at: datetime) -> None:
    """The crawl of that name ended well. Whole or as it was before; raises OSError, ValueError for a name
    that is none."""
    text = at.astimezone(UTC).isoformat(timespec="seconds")
    replace_file(collection.last_success(crawl), f"{text}\n")


def read_successes(collection: Collection) -> dict[str, datetime]:
    """Crawl → when it last ended well; what cannot be read is left out."""
    found = {}
    for path in collection.last_successes():
        with suppress(OSError, ValueError):
            found[path.name] = datetime.fromisoformat(path.read_text(encoding="utf-8").strip())
    return found
