"""What article pages need is asked for with them: before the next article, each once a run, read no further
than style sheets. Nothing of it is an article or a list, and none of it changes how a crawl ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from scrapy import Request
from scrapy.http import Response, TextResponse
from scrapy.settings import BaseSettings

from crawler.account import RequisiteCount
from crawler.arguments import read_requisites
from crawler.items import Article
from crawler.ledger.files import Files
from crawler.pages.css import Kind
from crawler.pages.requisites import MOST_STEPS, Requisite, css_requisites, page_requisites
from crawler.pages.templates import says_missing
from crawler.sites import Site
from crawler.sites.urls import absolute
from crawler.spiders.failures import pointer_of, reason_of
from crawler.warc.exchange import Capture
from crawler.warc.http1 import REDIRECTS

BEFORE_ARTICLES = 100  # so that few requests wait, and an interrupted crawl leaves whole pages
MOST_A_PAGE = 2_000  # an album has some hundred
FOR_GOOD = ("HTTP 404", "HTTP 410", "forbidden by robots.txt", "not a host", "larger than")  # of reasons
STAYS_THE_SAME: frozenset[Kind] = frozenset(("image", "font", "film"))  # what an address once named, it names


class Requisites:
    """Asks for the requisites of one run's pages, and counts them.

    ``holds``: whether the collection has an address from an earlier run. It is asked once a run for each
    picture, font and film of the site; style sheets and scripts change, and are asked for in every run.
    """

    holds: Callable[[str], bool]
    files: Files  # what is asked for, until it is answered

    def __init__(self, settings: BaseSettings, site: Site, count: RequisiteCount) -> None:
        kept_nowhere = settings["REPLAY_FROM"] or not settings.getbool("WARC_ENABLED")
        count.mode = "none" if kept_nowhere else read_requisites(settings["REQUISITES"])
        self.holds = frozenset[str]().__contains__
        self._site, self._count = site, count
        self._most_bytes = settings.getint("REQUISITE_MAXSIZE")
        self._longest = settings.getint("URLLENGTH_LIMIT") or float("inf")
        # Hashes of 64 bits, salted anew each run: a crawl has 100,000 pictures, and no site can forge one.
        self._known: set[int] = set()

    def of_page(self, response: Response, also: Iterable[Requisite] = ()) -> Iterator[Request]:
        """Requests for what a page needs, if it is one. ``also``: files that its article names."""
        if self._count.mode == "none" or not isinstance(response, TextResponse):
            return
        if response.selector.type == "html" and not says_missing(response.selector):
            films = self._count.mode == "all"
            yield from self._ask(page_requisites(response.selector, response.url, video=films), 0)
            yield from self._ask((one for one in also if films or one.kind != "film"), 0)

    def left(self) -> Iterator[Request]:
        """Files of pages that an earlier run had read when it was cut off."""
        if self._count.mode != "none":
            yield from self._ask((Requisite(url, kind) for url, kind in self.files.left()), 1)

    def _ask(self, wanted: Iterable[Requisite], steps: int) -> Iterator[Request]:
        for number, (url, kind) in enumerate(wanted):
            if (key := hash(url)) in self._known:
                continue
            self._count.found += 1
            if steps > MOST_STEPS or number >= MOST_A_PAGE:  # not remembered: another page may be nearer
                self._count.fail(url, f"beyond {MOST_STEPS} steps from a page, or {MOST_A_PAGE:,} on it")
                continue
            self._known.add(key)
            if refused := self._refused(url):
                self._count.fail(url, refused)
            elif kind in STAYS_THE_SAME and self.holds(url):
                self._count.held += 1
                self.files.had(url)
            else:
                self._count.asked += 1
                yield self._request(url, kind, steps)

    def _refused(self, url: str) -> str | None:
        if not self._site.may_ask(url):
            return "not a host of the site"
        if len(url) > self._longest:
            return "an address longer than URLLENGTH_LIMIT"  # Scrapy would drop it without a word
        return None

    def _request(self, url: str, kind: Kind, steps: int) -> Request:
        # Redirects are followed here: their targets too are asked for once, and counted.
        meta: dict[str, Any] = {"handle_httpstatus_list": list(REDIRECTS)}
        if kind != "film":
            meta["download_maxsize"] = self._most_bytes
        request = Request(
            url,
            self.answered,
            errback=self.failed,
            priority=BEFORE_ARTICLES,
            meta=meta,
            cb_kwargs={"kind": kind, "steps": steps},
        )
        self.files.want(request.url, kind)  # as it will be answered: escaped as Scrapy does
        return request

    def answered(self, response: Response, kind: Kind, steps: int) -> Iterator[Request]:
        needed = _needed(response, kind)
        self.files.had(response.url)
        capture: Capture | None = response.meta.get("capture")
        self._count.keep(capture.pointer.length if capture and not capture.is_revisit else 0)
        yield from self._ask(needed, steps + 1)

    def failed(self, failure: Any) -> None:  # a Failure, to which Scrapy adds its request
        request, reason = failure.request, reason_of(failure)
        if "download_maxsize" in request.meta:
            reason = reason.replace("DOWNLOAD_MAXSIZE", "REQUISITE_MAXSIZE")
        if reason.startswith(FOR_GOOD):
            self.files.had(request.url)
        else:
            self.files.missed(request.url)
        self._count.fail(request.url, reason, pointer_of(request))

    def broke(self, asked: Request, reason: str) -> None:
        """A fault of this program, met in an answer: before it was counted as kept."""
        self.files.had(asked.url)
        self._count.fail(asked.url, reason, pointer_of(asked))


def _needed(response: Response, kind: Kind) -> list[Requisite]:
    """What an answer leads to: the target of a redirect, the files of a style sheet."""
    if response.status in REDIRECTS:
        location = response.headers.get("Location", b"") or b""
        url = absolute(response.url, location.decode("utf-8", "replace"))
        return [Requisite(url.partition("#")[0], kind)] if url else []
    content_type = (response.headers.get("Content-Type") or b"").lower()
    if isinstance(response, TextResponse) and content_type.startswith(b"text/css"):
        return css_requisites(response.text, response.url)
    return []


def files_of(article: Article) -> Iterator[Requisite]:
    """What a row names is captured, though the page may show only a smaller one, or none before a click."""
    for image in article.raw.images if article.raw else ():
        yield Requisite(image.url.partition("#")[0], "image")
    for video in article.videos:
        yield Requisite(video.url.partition("#")[0], "film")
