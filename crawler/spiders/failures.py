"""Why a request brought nothing, in words that stay the same for the same cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any

from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.pages.select import PageChanged


def reason_of(failure: Failure) -> str:
    """``HTTP 404``, ``forbidden by robots.txt``, or the error's own name and words."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    if isinstance(error, IgnoreRequest):
        return "forbidden by robots.txt" if "robots.txt" in str(error) else str(error)
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else 'no details'}"


def noting_change(parse: Callable[..., Iterable[Any] | None]) -> Callable[..., Iterator[Any]]:
    """A list page that is not built as its class believes is noted with its bytes; the crawl goes on."""

    @wraps(parse)
    def noting(self: Any, response: Response, **kwargs: Any) -> Iterator[Any]:
        if not isinstance(response, TextResponse):
            self.account.trouble("list", response.url, "not a text", response.meta.get("capture"))
            return
        try:
            yield from parse(self, response, **kwargs) or ()
        except PageChanged as error:
            self.account.trouble("list", response.url, f"unreadable: {error}", response.meta.get("capture"))

    return noting
