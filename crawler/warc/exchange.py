"""One request and what came back, as bytes: what the capture hands to the writer, and gets back from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from crawler.warc.pointer import WarcPointer

Truncation = Literal["length", "time", "disconnect", "unspecified"]


@dataclass(slots=True)
class Attempt:
    """One try on one connection. ``response``: without interim 1xx messages, and nothing behind its end."""

    started: datetime
    request: bytes = b""
    response: bytes = b""
    peer: str | None = None
    tls: tuple[str, str] | None = None  # version and cipher as OpenSSL names them
    complete: bool = False
    broken: bool = False  # the connection ended otherwise than by an orderly close
    reused: bool = False  # the connection had served another request before
    truncated: Truncation | None = None


@dataclass(slots=True)
class Exchange:
    """All tries at one URL; the last one is the answer that the crawl saw."""

    url: str
    attempts: list[Attempt] = field(default_factory=list)
    fresh: bool = False  # only a new connection will do
    flush: Callable[[], None] = lambda: None  # puts what has come so far into the attempt under way
    sent: Callable[[], None] = lambda: None  # told when its bytes go out


@dataclass(frozen=True, slots=True)
class Capture:
    """An answer that is in the archive.

    ``record_id`` and ``date`` are of the record that was written for it. ``pointer`` leads to the payload: to
    that record or, where the same payload was there already, to the earlier one that a revisit refers to.
    """

    record_id: str
    date: str
    pointer: WarcPointer

    @property
    def is_revisit(self) -> bool:
        return self.record_id != self.pointer.record_id
