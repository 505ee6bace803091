"""Memento (RFC 7089): how a program asks an archive for an address at a time, and learns of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crawler.replay.archive import moment_of
from crawler.replay.moment import http_date
from crawler.warc.cdxj import Entry

LINK_FORMAT = "application/link-format"  # RFC 6690


class Addresses:
    """Where the archive answers for a collection. ``prefix``: ``http://host:port/<collection>``."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix

    @property
    def origin(self) -> str:
        return self.prefix.rpartition("/")[0]

    def memento(self, timestamp: str, url: str) -> str:
        return f"{self.prefix}/{timestamp}/{url}"

    def timegate(self, url: str) -> str:
        return f"{self.prefix}/timegate/{url}"

    def timemap(self, url: str) -> str:
        return f"{self.prefix}/timemap/link/{url}"


def link_header(addresses: Addresses, entries: Sequence[Entry], shown: Entry | None) -> str:
    """Section 2.2: original, time map, time gate, and the first, last, previous and next memento.

    ``shown``: the memento that is answered with; None for the time gate's own answer.
    """
    url = entries[0].url
    links = [
        f'<{url}>; rel="original"',
        f'<{addresses.timegate(url)}>; rel="timegate"',
        f'<{addresses.timemap(url)}>; rel="timemap"; type="{LINK_FORMAT}"',
    ]
    return ", ".join([*links, *_mementos(addresses, _worth_naming(entries, shown))])


def timemap(addresses: Addresses, entries: Sequence[Entry]) -> str:
    """Section 5: every capture of an address, oldest first, a line each."""
    url, first, last = entries[0].url, entries[0], entries[-1]
    span = f'from="{http_date(moment_of(first))}"; until="{http_date(moment_of(last))}"'
    lines = [
        f'<{url}>; rel="original"',
        f'<{addresses.timemap(url)}>; rel="self"; type="{LINK_FORMAT}"; {span}',
        f'<{addresses.timegate(url)}>; rel="timegate"',
    ]
    everything = [(entry, _rank(at, len(entries))) for at, entry in enumerate(entries)]
    return ",\n".join([*lines, *_mementos(addresses, everything)]) + "\n"


def _worth_naming(entries: Sequence[Entry], shown: Entry | None) -> list[tuple[Entry, str]]:
    last = len(entries) - 1
    here = entries.index(shown) if shown in entries else None
    named: dict[int, list[str]] = {0: ["first"]}
    named.setdefault(last, []).append("last")
    if here is not None:
        named.setdefault(here, [])
        if here > 0:
            named.setdefault(here - 1, []).append("prev")
        if here < last:
            named.setdefault(here + 1, []).append("next")
    return [(entries[at], " ".join([*named[at], "memento"])) for at in sorted(named)]


def _rank(at: int, of: int) -> str:
    words = ["first"] * (at == 0) + ["last"] * (at == of - 1) + ["memento"]
    return " ".join(words)


def _mementos(addresses: Addresses, named: Sequence[tuple[Entry, str]]) -> Iterator[str]:
    for entry, relation in named:
        address = addresses.memento(entry.timestamp, entry.url)
        yield f'<{address}>; rel="{relation}"; datetime="{http_date(moment_of(entry))}"'
