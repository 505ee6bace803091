"""What stands behind a capture in its file: the request that brought it, and what is known of it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from crawler.warc.http1 import split_head
from crawler.warc.members import Member, TornMember, members, taken_apart

MOST_BETWEEN = 16  # records: a request, and metadata that came a little later


def with_its_own(path: Path, offset: int) -> Iterator[Member]:
    """The record at ``offset``, then those that are concurrent to it, as far as they stand close behind."""
    found = members(path, offset)
    first = next(found, None)
    if first is None:
        raise TornMember(offset, "the file ends before it")
    yield first
    name = taken_apart(first)[0].get("warc-record-id")
    try:
        for member in islice(found, MOST_BETWEEN):
            if taken_apart(member)[0].get("warc-concurrent-to") == name:
                yield member
    except TornMember:
        return


def heads_of(path: Path, offset: int) -> tuple[bytes, bytes]:
    """(request, response), each as far as its empty line; empty where the file has none."""
    response, request = b"", b""
    for number, member in enumerate(with_its_own(path, offset)):
        headers, block = taken_apart(member)
        if number == 0:
            response = split_head(block)[0]
        elif headers.get("warc-type") == "request":
            request = split_head(block)[0]
    return request, response
