"""Why a request brought nothing, in words that stay the same for the same cause."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response, TextResponse
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler.account import GONE
from crawler.causes import cause_of
from crawler.ledger.endings import Failing
from crawler.ledger.lists import Kind
from crawler.pages.select import PageChanged
from crawler.pages.templates import says_missing
from crawler.sites import Site
from crawler.spiders.conditions import NOT_MODIFIED
from crawler.warc.exchange import Capture
from crawler.warc.pointer import WarcPointer

KINDS: dict[str, Kind] = {
    "parse_home": "home",
    "parse_feed": "feed",
    "parse_section": "section",
    "parse_sitemap": "sitemap",
}


def reason_of(failure: Failure) -> str:
    """``HTTP 404``, ``timed out`` …: no addresses, so that equal causes are counted together."""
    error = failure.value
    if isinstance(error, HttpError):
        return f"HTTP {error.response.status}"
    if isinstance(error, IgnoreRequest) and "during decompression" in str(error):
        return "larger than DOWNLOAD_MAXSIZE once decoded"  # Scrapy's own words hold the address
    if isinstance(error, IgnoreRequest):
        return "forbidden by robots.txt" if str(error) == "Forbidden by robots.txt" else str(error)
    assert error is not None
    return cause_of(error)


def failing_of(reason: str) -> Failing:
    """Whether a request that brought no page says that there is none, or may bring one another time."""
    return "gone" if reason in GONE else "transient"


def status_of(failure: Failure) -> int:
    """The status of the answer that a failure is about; 0 where none came whole."""
    return failure.value.response.status if isinstance(failure.value, HttpError) else 0


def pointer_of(asked: Request | Response) -> WarcPointer | None:
    """Where the payload lies that the archive holds for it; None where it holds none."""
    capture: Capture | None = asked.meta.get("capture")
    return capture.pointer if capture else None


def is_redirected(response: Response) -> bool:
    """True where the answer is of another path than the one asked for."""
    asked: str = response.meta.get("redirect_urls", [response.url])[0]
    return urlsplit(asked).path.rstrip("/") != urlsplit(response.url).path.rstrip("/")


def list_page(parse: Callable[..., Iterable[Any] | None]) -> Callable[..., Iterator[Any]]:
    """A page that is no list, or not built as its class believes, is noted; all else goes on.

    What it names and what is known of it go into the ledger together, at its end.
    """

    @wraps(parse)
    def reading(self: Any, response: Response, **kwargs: Any) -> Iterator[Any]:
        self.list_answered(response)
        self.captured(response, response.status, None)
        try:
            if response.status == NOT_MODIFIED:
                self.list_unchanged(response, **kwargs)
                return
            if is_redirected(response) and parse.__name__ != "parse_home":
                raise PageChanged("redirected to another page")
            if not isinstance(response, TextResponse):
                raise PageChanged("not a text")
            if response.selector.type == "html" and says_missing(response.selector):
                raise PageChanged("the page says that it does not exist (soft 404)")
            yield from parse(self, response, **kwargs) or ()
        except PageChanged as error:
            self.list_missed(asked_path(response), kind_of(response), kwargs, f"unreadable: {error}")
            reason = f"unreadable: {error}"
            self.account.trouble("list", response.url, reason, pointer_of(response), province_of(response))
        finally:
            self.ledger.commit()

    return reading


def asked_path(asked: Request | Response) -> str:
    """The path that a list was asked for under, before redirects."""
    return Site.path_of(asked.meta.get("redirect_urls", [asked.url])[0])


def province_of(asked: Request | Response) -> str:
    """Slug of the province that is expected in a list; "" where none is."""
    request = asked.request if isinstance(asked, Response) else asked
    return getattr(request.cb_kwargs.get("province"), "slug", "") if request else ""


def kind_of(asked: Request | Response) -> Kind:
    """What a request of a list is for, by the method that reads it."""
    request = asked.request if isinstance(asked, Response) else asked
    assert request is not None
    return KINDS[request.callback.__name__]  # type: ignore[union-attr]  # lists have callbacks
