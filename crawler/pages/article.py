"""An article page: what every template has in common. The templates themselves stand in ``templates.py``."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from lxml.etree import _Element
from parsel import Selector, SelectorList

from crawler.normalise.text import one_line
from crawler.pages.blocks import blocks
from crawler.pages.body import Body, is_article_link, read_body
from crawler.pages.select import PageChanged, one, text_of

# A card of another article inside the body: a picture or headline that links to it.
_CARDS = (
    './/*[self::div or self::article][*[self::h2 or self::h3 or self::h4]/a[contains(@href, "/news/")]'
    ' or a[contains(@class, "picLink")]]'
)
_RELATED_HEADINGS = './/text()[contains(., "مرتبط")]/parent::*'
_FRONT_PAGE = frozenset(("", "صفحه نخست", "صفحه اصلی", "خانه"))


@dataclass(frozen=True, slots=True)
class Crumb:
    """One step of the breadcrumb: a section or a category in it."""

    name: str
    href: str
    raw: str


@dataclass(frozen=True, slots=True)
class Image:
    """``href`` as written on the page."""

    href: str
    alt: str | None
    caption: str | None


class ArticlePage:
    """One article page, read by the selectors of its class. Texts are raw: decoded, not cleaned.

    Selectors are lists separated by commas, the likeliest first; a template that changed is a new subclass,
    because the archive's old pages must stay readable. ``div.x`` is four times as fast as ``.x``.
    """

    name = ""
    marks: str  # present means: this template
    kicker_css = "div.rutitr"
    title_css: str
    lead_css: str
    body_css: str
    body_drop_css = "h1, .wrapper"
    crumbs_css: str
    date_css: str
    header_crumbs_css = ""
    tags_css: str
    lead_image_css = "div.parent-lead-img img"
    # From the few images upwards: asking every element for its class takes 210 µs, this 20.
    album_xpath = (
        './/img[ancestor::*[contains(@class, "news_album_main_part") or contains(@class, "photo-grid-album")'
        ' or contains(@class, "showcase-content")]]'
    )
    video_css = "div.videojs-main-container source, video source"

    def __init__(self, root: Selector) -> None:
        self.root = root

    # -- the article's own words ---------------------------------------------------------------

    @cached_property
    def title(self) -> str:
        """Raises PageChanged unless exactly one text is found: without a title it is no article."""
        found = self._texts(self.title_css)
        if len(found) != 1:
            raise PageChanged(f"{self.title_css!r} (title): expected 1 text, got {len(found)}")
        return found[0]

    @cached_property
    def kicker(self) -> str | None:
        return self._first(self.kicker_css)

    @cached_property
    def lead(self) -> str | None:
        return self._first(self.lead_css)

    @cached_property
    def body(self) -> Body:
        """Raises PageChanged where the body's container is not on the page, or stands there twice."""
        return read_body(blocks(one(self.root, self.body_css).root, self._dropped))

    @cached_property
    def _container(self) -> SelectorList[Selector]:
        return self.root.css(self.body_css)

    @cached_property
    def _dropped(self) -> frozenset[_Element]:
        """Elements inside the body container that are not the body."""
        cards = (card.root for card in self._container.xpath(_CARDS))
        return frozenset(node.root for node in self._container.css(self.body_drop_css)) | frozenset(cards)

    # -- where it stands -----------------------------------------------------------------------

    @cached_property
    def crumbs(self) -> list[Crumb]:
        """Section, then category, without the site's own name. No breadcrumb: what the header says."""
        return self._breadcrumb or self._crumbs(self._wrapped(self.root.css(self.header_crumbs_css or "_")))

    @property
    def has_breadcrumb(self) -> bool:
        return bool(self._breadcrumb)

    @cached_property
    def _breadcrumb(self) -> list[Crumb]:
        return self._crumbs(self.root.css(self.crumbs_css))

    def _crumbs(self, links: Iterable[Selector]) -> list[Crumb]:
        texts = ((text_of(link), link.attrib.get("href", "")) for link in links)
        found = (Crumb(one_line(text), href, text) for text, href in texts)
        return [crumb for crumb in found if crumb.href not in ("", "/") and crumb.name not in _FRONT_PAGE]

    @cached_property
    def tags(self) -> list[str]:
        """From their own block, else a line of the body, other tag links around it, the meta tag."""
        return (
            _texts_of(self.root.css(self.tags_css))
            or self.body.tags
            or _texts_of(self._wrapped(self.root.css('a[href^="/fa/tags/"]')), outside=self._container)
            or [tag for tag in re.split("[,،]", self.meta.get("article:tag", "")) if one_line(tag)]
        )

    def _wrapped(self, nodes: Iterable[Selector]) -> list[Selector]:
        """Those of the nodes that stand in what holds both title and body: not beside the article."""
        title = next((node for css in self.title_css.split(",") for node in self.root.css(css)), None)
        if title is None or not self._container:
            return []
        around = set(title.root.iterancestors())
        wrapper = next((node for node in self._container[0].root.iterancestors() if node in around), None)
        return [node for node in nodes if wrapper in node.root.iterancestors()]

    @cached_property
    def own_address(self) -> str:
        """The address that the page gives as its own; empty where it gives none, or several."""
        found = {link.attrib.get("href", "") for link in self.root.css('link[rel="canonical"]')}
        found = found or {self.meta.get("og:url", "")}
        return found.pop() if len(found) == 1 else ""

    @cached_property
    def related(self) -> list[tuple[str, str]]:
        """(href, raw title) of the links in the body's «بیشتر بخوانید», then of «خبرهای مرتبط» after it."""
        return list(dict.fromkeys(self.body.related + self._related_after()))

    def _related_after(self) -> list[tuple[str, str]]:
        for heading in self.root.xpath(_RELATED_HEADINGS):
            if one_line(text_of(heading)).rstrip(":؛ ") in ("خبرهای مرتبط", "اخبار مرتبط"):
                links = heading.xpath("following-sibling::*[1]//a[@href]")
                found = [(a.attrib["href"], text_of(a)) for a in links if is_article_link(a.attrib["href"])]
                if found:
                    return found
        return []

    # -- dates ---------------------------------------------------------------------------------

    @cached_property
    def printed_date(self) -> str | None:
        """What the reader sees, with its label; the first one, because lists of other news bear dates too."""
        return self._first(self.date_css)

    @cached_property
    def meta(self) -> dict[str, str]:
        """Content of ``<meta property|name|itemprop=…>``; sister sites use each of the three."""
        found: dict[str, str] = {}
        for meta in self.root.css("meta[content]"):
            for attribute in ("property", "name", "itemprop"):
                if name := meta.attrib.get(attribute):
                    found.setdefault(name, meta.attrib["content"])
        return found

    # -- pictures and films --------------------------------------------------------------------

    @cached_property
    def images(self) -> list[Image]:
        """Lead image, images of the body, album; each address once. No advertisements, no cards."""
        found = [self._image(img) for img in self.root.css(self.lead_image_css)]
        for img in self._container.css("img"):
            if not any(ancestor in self._dropped for ancestor in img.root.iterancestors()):
                found.append(self._image(img))
        found += [self._album_image(img) for img in self.root.xpath(self.album_xpath)]
        if not found and "/files/" in (meta := self.meta.get("image", "")):  # a logo lies elsewhere
            found = [Image(meta, None, None)]
        first: dict[str, Image] = {}
        for image in found:
            if image.href and "/files/adv/" not in image.href:
                first.setdefault(image.href, image)
        return list(first.values())

    def _album_image(self, img: Selector) -> Image:
        """An album shows small pictures, each in a link to the large one."""
        shown = self._image(img)
        large = img.xpath("ancestor::a[1]/@href").get(default="")
        if re.search(r"\.(?:jpe?g|png|gif|webp)$", large, re.IGNORECASE):
            return Image(large.strip(), shown.alt, shown.caption)
        return shown

    @staticmethod
    def _image(img: Selector) -> Image:
        alt, title = img.attrib.get("alt") or None, img.attrib.get("title") or None
        caption = "".join(img.xpath("ancestor::figure[1]//figcaption//text()").getall()) or title
        # data-src: where a page loads images late, src holds a placeholder.
        href = img.attrib.get("data-src") or img.attrib.get("src") or ""
        return Image(href.strip(), alt, caption if caption != alt else None)

    @cached_property
    def videos(self) -> list[str]:
        """Hrefs of the films; from the meta tag where none is in the page."""
        found = [source.attrib.get("src", "") for source in self.root.css(self.video_css)]
        return list(dict.fromkeys(src for src in found or [self.meta.get("og:video", "")] if src))

    # -- reading -------------------------------------------------------------------------------

    def _texts(self, css: str) -> list[str]:
        """Different non-empty texts under the first selector of the list that has any."""
        for selector in css.split(","):
            found = _texts_of(self.root.css(selector))
            if found:
                return found
        return []

    def _first(self, css: str) -> str | None:
        return next(iter(self._texts(css)), None)


def _texts_of(nodes: Iterable[Selector], outside: SelectorList[Selector] | None = None) -> list[str]:
    """Different non-empty texts, in page order; of nodes that do not stand inside ``outside``."""
    around = {node.root for node in outside or ()}
    texts = (text_of(node) for node in nodes if around.isdisjoint(node.root.iterancestors()))
    return list(dict.fromkeys(text for text in texts if one_line(text)))
