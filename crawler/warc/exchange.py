"""One request and what came back, as bytes: what the capture hands to the writer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

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

    @property
    def answered(self) -> list[Attempt]:
        """The tries that brought any byte."""
        return [attempt for attempt in self.attempts if attempt.response]
