"""Sitemaps: an index of months, and each month's articles. Namespaces vary, so names are matched without."""

from __future__ import annotations

from dataclasses import dataclass

from crawler.pages.xml import xml_root


@dataclass(frozen=True, slots=True)
class SitemapEntry:
    """``<loc>`` and ``<lastmod>`` as written; ``modified`` is None where there is none."""

    url: str
    modified: str | None


class SitemapPage:
    """A sitemap index or a urlset. Raises PageChanged where the document is neither."""

    def __init__(self, body: bytes) -> None:
        self._root, self.fault = xml_root(body, "sitemapindex", "urlset")

    @property
    def is_index(self) -> bool:
        return self._root.xpath("local-name(/*)").get() == "sitemapindex"

    @property
    def entries(self) -> list[SitemapEntry]:
        return [
            SitemapEntry(url=url, modified=entry.xpath("*[local-name()='lastmod']/text()").get())
            for entry in self._root.xpath("/*/*")
            if (url := entry.xpath("string(*[local-name()='loc'])").get(default="").strip())
        ]
