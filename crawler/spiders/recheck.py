"""Known articles, looked at again: edits become versions, removals tombstones."""

from __future__ import annotations

from collections.abc import Iterator

from scrapy import Request

from crawler.ledger.recheck import due_at
from crawler.spiders.articles import ArticleWalk


class RecheckSpider(ArticleWalk):
    """``scrapy crawl recheck -a age=1h,1d,7d,30d -a provinces=``: ages since an article was first seen."""

    name = "recheck"
    takes_up = False
    _due: list[int] | None = None  # ids, the newest last

    def more_articles(self, most: int) -> Iterator[Request]:
        if self._due is None:
            self._due = self.frontier.due(*due_at(self.plan.ages, self.plan.provinces, self.started))
        for _ in range(min(most, len(self._due))):
            yield self.article(self.frontier.take_again(self._due.pop()))
