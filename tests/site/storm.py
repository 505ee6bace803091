"""What weather does to single requests: refusals, a challenge, waits, cuts. It counts, so it has a state."""

from __future__ import annotations

import gzip
import math
import time
from dataclasses import replace
from email.utils import formatdate

from .routes import HTML, Reply, text
from .truth import HITS
from .weather import Weather
from .words import persian

_CHALLENGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Transferring to the website...</title>
<noscript>Please allow JavaScript, then load the page again.</noscript></head>
<body><div class="loader"></div><p>A moment, please: we are making sure that you are a person.</p>
<p><a href="https://www.arvancloud.ir/">arvancloud</a></p>
<script>(function () {
  var sum = 0;
  for (var i = 1; i < 5000; i++) { sum = (sum * 31 + i) % 1000003; }
  document.cookie = '__arcsjs=' + sum + '; path=/';
  setTimeout(function () { location.reload(); }, 400);
})();</script></body></html>
"""


def is_page(path: str) -> bool:
    """Whether weather may touch the request."""
    return path != "/robots.txt" and not path.startswith(("/files/", "/client/"))


def counted(reply: Reply, count: int) -> Reply:
    """The reply with the number of requests so far on it."""
    body = gzip.decompress(reply.body).replace(HITS.encode(), persian(1000 + count).encode())
    return replace(reply, body=gzip.compress(body, 6, mtime=0))


class Storm:
    """One setting of the switches, and how many page requests came since it was set."""

    def __init__(self, weather: Weather) -> None:
        self.weather = weather
        self._pages = 0
        self._admitted = 0
        self._refused_until = 0.0
        self._retry_after = ""

    def instead(self) -> Reply | None:
        """Count a page request. What answers it instead of the page, if anything does."""
        self._pages += 1
        if self._refuses():
            status = self.weather.refuse_status
            body = f"<html><body><h1>{status}</h1></body></html>\n"
            return replace(text(body, status=status), retry_after=self._retry_after, refused=True)
        return text(_CHALLENGE, HTML) if self._challenges() else None

    def delivered(self, reply: Reply) -> Reply:
        """The reply to the page request just counted, with how it is sent."""
        weather = self.weather
        is_slow = self._pages % max(1, weather.slow_every) == 0
        is_cut = weather.reset_every > 0 and self._pages % weather.reset_every == 0
        return replace(reply, wait=weather.slow if is_slow else 0.0, cut=is_cut)

    def _refuses(self) -> bool:
        weather, now = self.weather, time.time()
        if now < self._refused_until:
            return True
        # Those that came while Retry-After ran are not counted: a limiter counts what it lets through.
        self._admitted += 1
        every = weather.refuse_every and self._admitted % weather.refuse_every == 0
        if not every and self._admitted > weather.refuse_first:
            return False
        if weather.retry_after:
            self._set_wait(now + weather.retry_after)
        return True

    def _set_wait(self, until: float) -> None:
        # A date has whole seconds, and who comes back at that second must be let in.
        if self.weather.retry_after_date:
            until = math.ceil(until)
            self._retry_after = formatdate(until, usegmt=True)
        else:
            self._retry_after = str(self.weather.retry_after)
        self._refused_until = until

    def _challenges(self) -> bool:
        first, count = self.weather.challenge_after, self.weather.challenge_for
        return bool(first) and first <= self._pages and (not count or self._pages < first + count)
