"""Lists: the home page's menu, a section's page, and the fragments that its «بیشتر» link loads."""

from __future__ import annotations

import re
from dataclasses import dataclass

from parsel import Selector, SelectorList

from crawler.pages.body import is_article_link
from crawler.pages.select import PageChanged, some, text_of

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
        """Raises PageChanged where there is no menu: a redesign, or a page that blocks us."""
        return [
            MenuEntry(
                name=text_of(link),
                href=link.attrib.get("href", ""),
                service_id=int(match[1]) if (match := _SERVICE.match(link.attrib["id"])) else None,
            )
            for link in some(self._root, self.menu_css)
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

        A fragment is all list. A page without any card that we know has none: see ``others``.
        Raises PageChanged where a page links to no article at all, or a fragment is a page.
        """
        if self._is_fragment and self.title:
            raise PageChanged("'head > title': a whole page where a part of a list was expected")
        if self._is_fragment:
            return self._hrefs(self._root.css("a[href]"))
        if not self._hrefs(some(self._root, "a[href]")):
            raise PageChanged("'a[href]': no link to an article")
        return self._hrefs(self._root.css(self.cards_css))

    @property
    def others(self) -> list[str]:
        """Hrefs of other articles, where they are as many as cards: the list may not be of our cards."""
        cards = set(self.cards)
        others = [href for href in self._hrefs(self._root.css("a[href]")) if href not in cards]
        return others if len(others) >= len(cards) else []

    def _hrefs(self, links: SelectorList[Selector]) -> list[str]:
        hrefs = (link.attrib.get("href", "") for link in links)
        return list(dict.fromkeys(href for href in hrefs if is_article_link(href)))

    @property
    def next_link(self) -> str | None:
        """Href of the next part of the list, or None at its end (the site ends after about 300 articles)."""
        hrefs = {link.attrib.get("href", "") for link in self._root.css(self.next_css)} - {"", "#"}
        if len(hrefs) > 1:
            hrefs = {href for href in hrefs if "/ajax/" in href}  # a slider has a "next" too
        if len(hrefs) > 1:
            raise PageChanged(f"{self.next_css!r}: expected at most 1 address, got {len(hrefs)}")
        return hrefs.pop() if hrefs else None
