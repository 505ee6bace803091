"""Why a request brought nothing, in words that stay the same for the same cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    IgnoreRequest,
    ResponseDataLossError,
)
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.pages.select import PageChanged
from crawler.pages.templates import says_missing
from crawler.warc.exchange import Capture
from crawler.warc.pointer import WarcPointer

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "timed out"),
    (CannotResolveHostError, "name not resolved"),
    (DownloadConnectionRefusedError, "connection refused"),
    (ResponseDataLossError, "answer cut off"),
    (DownloadCancelledError, "larger than DOWNLOAD_MAXSIZE"),
    (DownloadFailedError, "connection lost or answer not HTTP"),
)


def reason_of(failure: Failure) -> str:
    """``HTTP 404``, ``timed out`` …: no addresses, so that equal causes are counted together."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    if isinstance(error, IgnoreRequest) and "during decompression" in str(error):
        return "larger than DOWNLOAD_MAXSIZE once decoded"  # Scrapy's own words hold the address
    if isinstance(error, IgnoreRequest):
        return "forbidden by robots.txt" if str(error) == "Forbidden by robots.txt" else str(error)
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    return type(error).__name__


def pointer_of(asked: Request | Response) -> WarcPointer | None:
    """Where the payload lies that the archive holds for it; None where it holds none."""
    capture: Capture | None = asked.meta.get("capture")
    return capture.pointer if capture else None


def is_redirected(response: Response) -> bool:
    """True where the answer is of another path than the one asked for."""
    asked: str = response.meta.get("redirect_urls", [response.url])[0]
    return urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/")


def list_page(parse: Callable[..., Iterable[Any] | None]) -> Callable[..., Iterator[Any]]:
    """A page that is no list, or not built as its class believes, is noted; all else goes on."""

    @wraps(parse)
    def reading(self: Any, response: Response, **kwargs: Any) -> Iterator[Any]:
        if response.request is not None:
            self.list_answered(response.request)
        try:
            if is_redirected(response) and parse.__name__ != "parse_home":
                raise PageChanged("redirected to another page")
            if not isinstance(response, TextResponse):
                raise PageChanged("not a text")
            if response.selector.type == "html" and says_missing(response.selector):
                raise PageChanged("the page says that it does not exist (soft 404)")
            yield from parse(self, response, **kwargs) or ()
        except PageChanged as error:
            self.list_missed(kwargs)
            self.account.trouble("list", response.url, f"unreadable: {error}", pointer_of(response))

    return reading
