"""What a run can say for itself: rows, fields without value, services that were checked, troubles."""

from __future__ import annotations

import heapq
import logging
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from crawler.items import Article
from crawler.provinces import PROVINCES, Province
from crawler.warc.pointer import WarcPointer

logger = logging.getLogger(__name__)
NOTHING_ALLOWED = "nothing may be asked"  # of a host whose robots.txt could not be had (RFC 9309 2.3.1.4)
# How an article may end without any fault of the crawl: the site has taken it away, or moved it.
GONE = (
    "HTTP 404",
    "HTTP 410",
    "the page says that the article does not exist (soft 404)",
    "redirected to another page",
    "the page says that it is another article",
)

LIMIT = "limit: "  # how the reason of a run begins that ended at a limit it was given
MOST_MISSED = 1_000  # requisites that failed, by address; beyond it they are only counted
WATCHED = ("kicker", "lead", "body", "dateline", "author", "source", "city", "province", "published")
ARTICLES = "(articles)"  # beside the names of fields: how many there were
MOST_SLOW = 10
MOST_TROUBLES = 10_000  # in full; beyond it they are only counted


@dataclass(slots=True)
class RequisiteCount:
    """What became of the files that pages need: found = kept + held + failed + open."""

    mode: str = "none"  # what REQUISITES asks for
    found: int = 0
    asked: int = 0  # of the network: not those held, nor those refused unasked
    kept: int = 0
    held: int = 0  # in the collection since an earlier run
    failed: Counter[str] = field(default_factory=Counter)
    bytes: int = 0  # of the response records that were written
    missed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def open(self) -> int:
        """Asked for and not answered: the crawl was interrupted."""
        return self.found - self.kept - self.held - self.failed.total()

    def keep(self, written: int) -> None:
        """``written``: bytes of its response record; none, if it is a revisit."""
        self.kept += 1
        self.bytes += written

    def fail(self, url: str, reason: str, warc: WarcPointer | None = None) -> None:
        self.failed[reason] += 1
        if len(self.missed) < MOST_MISSED:
            self.missed.append({"url": url, "reason": reason, "warc": warc.model_dump() if warc else None})

    def as_dict(self) -> dict[str, Any]:
        """For the report; ``missed`` with addresses and, where something came, the pointer to its bytes."""
        counts = {name: getattr(self, name) for name in ("mode", "found", "asked", "kept", "held")}
        return counts | {
            "failed": dict(self.failed.most_common()),
            "open": self.open,
            "bytes": self.bytes,
            "missed": self.missed,
        }


@dataclass(slots=True)
class Account:
    """Notes of one run, taken while it goes on."""

    rows: Counter[str] = field(default_factory=Counter)  # by slug; "" where no province could be told
    templates: Counter[str] = field(default_factory=Counter)
    unread: defaultdict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    # (template, slug) → how many articles were read, under ARTICLES, and of how many each field was
    filled: defaultdict[tuple[str, str], Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    dates_disagree: list[str] = field(default_factory=list)  # addresses
    slowest: list[tuple[float, str]] = field(default_factory=list)  # a heap of (seconds, address)
    services: list[dict[str, Any]] = field(default_factory=list)
    troubles: list[dict[str, Any]] = field(default_factory=list)
    trouble_count: Counter[str] = field(default_factory=Counter)
    page_hosts: set[str] = field(default_factory=set)  # of which lists and articles were asked
    robots: dict[str, str] = field(
        default_factory=dict
    )  # host → why its robots.txt could not be had; what follows
    requisites: RequisiteCount = field(default_factory=RequisiteCount)

    def row(self, article: Article) -> None:
        """A row was written; a tombstone is no article."""
        if article.status != "gone":
            self.rows[article.province.slug if article.province else ""] += 1
            self.read(article)

    def read(self, article: Article) -> None:
        """A page was read, whether or not it says anything new: which fields have no value, and why."""
        template = article.template or ""
        self.templates[template] += 1
        if article.dates_disagree and len(self.dates_disagree) < MOST_TROUBLES:
            self.dates_disagree.append(article.url)
        filled = self.filled[template, article.province.slug if article.province else ""]
        filled[ARTICLES] += 1
        for name in WATCHED:
            if reason := _unread(article, name):
                self.unread[template][f"{name}: {reason}"] += 1
            else:
                filled[name] += 1

    def took(self, url: str, seconds: float) -> None:
        """How long an answer took; the slowest are kept."""
        heapq.heappush(self.slowest, (seconds, url))
        if len(self.slowest) > MOST_SLOW:
            heapq.heappop(self.slowest)

    def service(self, service_id: int, expected: Province, title: str, said: Province | None) -> None:
        """What a feed or section calls itself, against what the site file expects of it."""
        verdict = "unnamed" if said is None else "confirmed" if said == expected else "other province"
        self.services.append(
            {
                "service_id": service_id,
                "expected": expected.slug,
                "title": title,
                "says": said.slug if said else None,
                "verdict": verdict,
            }
        )

    def trouble(self, kind: str, url: str, reason: str, warc: WarcPointer | None, province: str = "") -> None:
        """Something that was asked for and not got, or got and not understood. ``province``: its slug, for
        the log."""
        about = {"url": url, "reason": reason, "province": province}
        logger.info("%s: %s: %s", kind, reason, url, extra=about)
        self.trouble_count[f"{kind}: {reason}"] += 1
        if len(self.troubles) < MOST_TROUBLES:
            pointer = warc.model_dump() if warc else None
            self.troubles.append({"kind": kind, "url": url, "reason": reason, "warc": pointer})

    def rows_by_province(self, asked: tuple[Province, ...]) -> dict[str, int]:
        """Rows of each province asked for, zeros too, then of the others that came along."""
        others = (province for province in PROVINCES if province not in asked and self.rows[province.slug])
        counts = {province.slug: self.rows[province.slug] for province in (*asked, *others)}
        return counts | ({"(unknown)": self.rows[""]} if self.rows[""] else {})


def _unread(article: Article, name: str) -> str | None:
    if name == "published":  # on the page: what a feed tells says nothing of templates
        dates = [date for date in article.dates if date.origin in ("meta", "printed")]
        if dates and not any(date.at for date in dates):
            return f"refused, {dates[0].refused}"
        return None if dates else "not on the page"
    return "not on the page" if getattr(article, name) is None else None
