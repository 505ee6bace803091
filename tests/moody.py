"""A site that answers differently each time it is asked, and remembers when it was."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import formatdate
from itertools import pairwise
from typing import NamedTuple

from tests.awkward import HTML, QOM, Answer, article, feed, home, section, serving

Mood = Answer | Callable[[], Answer]
CHALLENGE: Answer = (200, HTML, "<html><title>Transferring to the website...</title></html>")
SLACK = 0.1  # seconds: a thread of the server looks at the clock a little after the request came


class Asked(NamedTuple):
    path: str
    at: float  # seconds, monotonic
    clock: float  # seconds, POSIX


class Moods(dict[str, Answer]):
    """Answers by path: the n-th of a list for the n-th request, the last of it from then on."""

    def __init__(self, moods: Mapping[str, Mood | Sequence[Mood]]) -> None:
        super().__init__()
        self._moods, self._times = moods, Counter[str]()

    def get(self, name: str, default: Answer) -> Answer:  # type: ignore[override]
        mood = self._moods.get(name, default)
        if isinstance(mood, list):
            mood = mood[min(self._times[name], len(mood) - 1)]
        self._times[name] += 1
        return mood() if callable(mood) else mood


class Log(list[str]):
    """The paths that were asked for; ``entries``: and when."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[Asked] = []

    def append(self, path: str) -> None:
        self.entries.append(Asked(path, time.monotonic(), time.time()))
        super().append(path)


@dataclass(frozen=True)
class Moody:
    url: str
    log: Log

    @property
    def host(self) -> str:
        return self.url.removeprefix("http://")

    @property
    def pauses(self) -> list[float]:
        """Seconds between each two requests."""
        times = [entry.at for entry in self.log.entries]
        return [later - earlier for earlier, later in pairwise(times)]

    def articles(self) -> list[str]:
        return [path for path in self.log if path.startswith("/fa/news/")]


@contextmanager
def moody(moods: Mapping[str, Mood | Sequence[Mood]]) -> Iterator[Moody]:
    log = Log()
    with serving(Moods(moods), log) as (url, _):
        yield Moody(url, log)


def site(count: int = 4, picture: str = "") -> dict[str, Mood | Sequence[Mood]]:
    """Qom with so many articles, from 1001 on."""
    ids = range(1001, 1001 + count)
    body = f'<img src="{picture}">' if picture else ""
    pages: dict[str, Mood | Sequence[Mood]] = {str(number): article(number, body=body) for number in ids}
    return pages | {"/": home(QOM), "/fa/rss/35": feed(*ids), "/fa/qom": section(*ids)}


def robots(rules: str) -> Answer:
    return (200, {"Content-Type": "text/plain"}, f"User-agent: *\n{rules}\n")


def refusal(status: int, after: str | None = None) -> Answer:
    return (status, HTML | ({"Retry-After": after} if after is not None else {}), "no")


def refusal_until(seconds: float) -> Callable[[], Answer]:
    """A 429 that names the date so many seconds after it is asked."""
    return lambda: refusal(429, formatdate(time.time() + seconds, usegmt=True))
