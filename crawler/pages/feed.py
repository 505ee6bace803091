"""RSS feeds of a section: ``/fa/rss/<service id>``, 20 items, newest first by pubDate, ids not in order."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.pages.select import PageChanged
from crawler.pages.xml import xml_root


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item as the feed writes it; ``lead`` and ``published`` are None where the feed has none."""

    url: str
    title: str
    lead: str | None
    published: str | None


class FeedPage:
    """An RSS document. Raises PageChanged where it is none (a block page, an HTML error with status 200)."""

    def __init__(self, body: bytes) -> None:
        self._root, self.fault = xml_root(body, "rss")
        if len(self._root.xpath("/rss/channel")) != 1:
            raise PageChanged("'/rss/channel': expected 1 match: not an RSS feed")

    @property
    def title(self) -> str:
        """The channel's own title, which names the section; empty where there is none."""
        return self._root.xpath("string(/rss/channel/title)").get(default="").strip()

    @property
    def items(self) -> list[FeedItem]:
        """Raises PageChanged where there is none: a section without any news is more likely a wrong feed."""
        items = self._root.xpath("/rss/channel/item")
        if not items:
            raise PageChanged("no item in the feed")
        return [
            FeedItem(
                url=url,
                title=item.xpath("string(title)").get(default=""),
                lead=item.xpath("string(description)").get() or None,
                published=item.xpath("normalize-space(pubDate)").get() or None,
            )
            for item in items
            if (url := item.xpath("string(link)").get(default="").strip())
        ]
