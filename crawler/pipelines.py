"""One verb each: items in, items on."""

from __future__ import annotations

from typing import Any, Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.arguments import restores
from crawler.clean import clean, digest_today, with_half_spaces
from crawler.items import Article
from crawler.ledger.facts import day_of_publication, stands_in
from crawler.ledger.found import Found
from crawler.ledger.history import row_of
from crawler.ledger.schema import moment
from crawler.provinces import BY_SLUG


class NoRow(DropItem):
    """An article that becomes no row. ``article``: as the pipelines made it; Scrapy tells of the one that was
    put in."""

    def __init__(self, article: Article, reason: str, log_level: str = "DEBUG") -> None:
        super().__init__(reason, log_level=log_level)
        self.article = article


class Invalid(NoRow):
    """Something that every article has could not be read."""


class Unwanted(NoRow):
    """A good article that was not asked for; its bytes are kept."""


class Unchanged(NoRow):
    """A good article whose last row says the same already."""


class Normalise:
    """Clean text and dates beside the raw ones."""

    def __init__(self, restores: bool) -> None:
        self._restores = restores

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        spider: Any = crawler.spider
        return cls(restores(crawler.settings["RESTORE"], spider.site))

    def process_item(self, item: Article) -> Article:
        article = clean(item)
        return with_half_spaces(article) if self._restores else article


class Validate:
    """A row with nothing to read in it is no row: a title, a date, and text, pictures or films."""

    def process_item(self, item: Article) -> Article:
        if item.status == "gone":
            return item
        if not item.title:
            raise Invalid(item, "the title is empty once it is cleaned")
        if not (item.body or item.images or item.videos):
            raise Invalid(item, "the body is empty once it is cleaned, and there is no picture or film")
        if item.published is None:
            raise Invalid(item, "no date on the page")
        return item


class Select:
    """Only the days, provinces and numbers that the crawl's arguments ask for.

    An article that has a row is wanted whatever its page says now: it is looked at again.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        spider: Any = self._crawler.spider
        plan, frontier = spider.plan, spider.frontier
        if frontier[item.news_id].version:
            return item
        if not plan.covers(day_of_publication(item)):
            raise Unwanted(item, "outside since..until")
        asked = [BY_SLUG[slug] for slug in stands_in(item) if BY_SLUG[slug] in plan.provinces]
        if not asked:
            raise Unwanted(item, "of no province that was asked for")
        if not frontier.claim(item.news_id, asked[0]):
            raise Unwanted(item, "beyond the limit of its province")
        return item


class Version:
    """The first row of an article, or the next one where its text is not what its last row says."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler)

    def process_item(self, item: Article) -> Article:
        spider: Any = self._crawler.spider
        found: Found = spider.frontier[item.news_id]
        if not found.version or item.status == "gone":
            return item
        if item.text_sha256 == found.text_sha256:
            raise Unchanged(item, "as its last row says")
        last = row_of(spider.ledger, spider.collection, item.news_id, found.version)
        if last and last.status != "gone" and digest_today(last) == item.text_sha256:
            raise Unchanged(item, "as its last row says, but for what canon has learnt since")
        assert found.first_seen is not None
        edited = {"version": found.version + 1, "status": "edited", "supersedes": found.version}
        return item.model_copy(update=edited | {"first_seen": moment(found.first_seen)})
