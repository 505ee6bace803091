"""One verb each: items in, items on."""

from __future__ import annotations

from typing import Self

from scrapy.crawler import Crawler
from scrapy.exceptions import DropItem

from crawler.arguments import Plan
from crawler.clean import clean
from crawler.frontier import Frontier
from crawler.items import Article
from crawler.normalise.dates import tehran_day
from crawler.provinces import named


class Unwanted(DropItem):
    """A good article that was not asked for; its bytes are kept, it becomes no row."""


class Normalise:
    """Clean text and dates beside the raw ones."""

    def process_item(self, item: Article) -> Article:
        return clean(item)


class Validate:
    """A row with nothing to read in it is no row: a title, and text, pictures or films."""

    def process_item(self, item: Article) -> Article:
        if not item.title:
            raise DropItem("the title is empty once it is cleaned")
        if not (item.body or item.images or item.videos):
            raise DropItem("the body is empty once it is cleaned, and there is no picture or film")
        return item


class Select:
    """Only the days, provinces and numbers that the crawl's arguments ask for."""

    def __init__(self, plan: Plan, frontier: Frontier) -> None:
        self._plan, self._frontier = plan, frontier

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        return cls(crawler.spider.plan, crawler.spider.frontier)  # type: ignore[union-attr]  # our spiders

    def process_item(self, item: Article) -> Article:
        day = tehran_day(item.published.at) if item.published and item.published.at else None
        if not self._plan.covers(day):
            raise Unwanted("outside since..until", log_level="DEBUG")
        home = named(item.province.slug) if item.province else None
        stands_in = [home, *map(named, item.sections)]
        asked = [province for province in stands_in if province in self._plan.provinces]
        if not asked:
            raise Unwanted("of no province that was asked for", log_level="DEBUG")
        if not self._frontier.claim(item.news_id, asked[0]):
            raise Unwanted("beyond the limit of its province", log_level="DEBUG")
        return item
