"""Lists: the home page's menu, a section's page, and the fragments that its «بیشتر» link loads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsel import Selector

from crawler.pages.body import is_article_link
from crawler.pages.select import at_most_one, text_of

_SERVICE = re.compile(r"service_(\d+)$")


@dataclass(frozen=True, slots=True)
class MenuEntry:
    """A section as the menu names it. ``service_id`` is None where the link bears none."""

    name: str
    href: str
    service_id: int | None


class HomePage:
    """The home page, for its menu. Sister sites mark menu links ``a#service_<id>`` (seen 2018)."""

    menu_css = 'a[id^="service_"]'

    def __init__(self, root: Selector) -> None:
        self._root = root

    @property
    def menu(self) -> list[MenuEntry]:
        return [
            MenuEntry(
                name=text_of(link),
                href=link.attrib.get("href", ""),
                service_id=int(match[1]) if (match := _SERVICE.match(link.attrib["id"])) else None,
            )
            for link in self._root.css(self.menu_css)
        ]


class SectionPage:
    """A section's page or an ajax fragment of it: about 20 cards and a link to the next 20.

    The page's other blocks (most read, latest) link to articles of any section: only cards are the list.
    """

    next_css = "a.next"  # href /fa/section/ajax/<section>/<page> (yjc, 2023-07)
    # Cards: of the CMS (sister site, 2018), of «all news» and of the archive (yjc, 2019-2023).
    cards_css = "article a, h3.Htags a, div.cat_item > a, div.linear_news > a"

    def __init__(self, root: Selector, *, is_fragment: bool = False) -> None:
        self._root, self._is_fragment = root, is_fragment

    @property
    def title(self) -> str:
        """The page's own title, which names the section; empty on ajax fragments."""
        return "".join(self._root.css("head > title::text").getall()).strip()

    @property
    def cards(self) -> list[str]:
        """Hrefs of the listed articles, each once, in page order: not sorted by age, pinned ones stand first.

        A fragment is all list. A page without any card that we know has none: see ``links``.
        """
        return self._hrefs("a[href]" if self._is_fragment else self.cards_css)

    @property
    def links(self) -> list[str]:
        """Hrefs of all articles that the page links to, whatever the block."""
        return self._hrefs("a[href]")

    def _hrefs(self, css: str) -> list[str]:
        hrefs = (link.attrib.get("href", "") for link in self._root.css(css))
        return list(dict.fromkeys(href for href in hrefs if is_article_link(href)))

    @property
    def next_link(self) -> str | None:
        """Href of the next part of the list, or None at its end (the site ends after about 300 articles)."""
        link = at_most_one(self._root, self.next_css)
        return link.attrib.get("href") if link is not None else None
