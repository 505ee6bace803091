"""Writes an article in one of the four templates."""

from __future__ import annotations

import re
from random import Random

from .chrome import SITE, Chrome
from .compose import article_of
from .dirt import Dirt, plain
from .places import PROVINCES
from .redesign import redesigned
from .skeletons import fill
from .tails import comments, crumbs, most_read, see_also, tag_links, top_story
from .truth import HITS, YJC, Article, Block, Image, file_path
from .words import persian
from .world import MONTHS, Slot, World, short

_IMAGE_METAS = ('property="og:image"', 'name="twitter:image"', 'itemprop="image"')


class ArticlePage:
    """One article on its way to HTML."""

    def __init__(self, world: World, slot: Slot) -> None:
        self.world = world
        self.rng = Random(f"{world.seed}:{slot.n}:page")
        self.article: Article = article_of(world, slot)
        self.dirt = Dirt(self.rng, self.article.replaced)
        self.slot = slot

    def html(self, chrome: Chrome) -> str:
        """The page."""
        template = self.article.template
        content = {"A": self._a, "B": self._b, "C": self._c, "generic": self._generic}[template]()
        if template == "C" and self.world.weather.redesign:
            content = redesigned(content, self.world.weather.redesign)
        if self.world.weather.half_spaces_lost:
            content = re.sub("\u200c|&zwnj;|&#8204;|&#x200c;", "", content, flags=re.IGNORECASE)
        title = f"{plain(self.article.head.title)} | {SITE}"
        beside = most_read(self.world, self.slot) if self.world.weather.counters else ""
        return chrome.article(title, content, self._metas(), beside)

    def _metas(self) -> str:
        article, slot, base = self.article, self.slot, self.world.base
        name = self.rng.choices(("property", "name"), (80, 20))[0]
        year, month, day = slot.day
        metas = [
            f'<link rel="canonical" href="{YJC}/fa/news/{slot.id}">',
            f'<link rel="amphtml" href="/fa/amp/news/{slot.id}">',
            f'<meta property="og:title" content="{plain(article.head.title)}">',
            f'<meta property="og:site_name" content="{SITE}"><meta property="og:type" content="article">',
        ]
        if article.head.lead:
            metas.append(f'<meta name="description" content="{plain(article.head.lead)}">')
        if images := article.images:
            url = base + images[0].path
            metas += [f'<meta {kind} content="{url}">' for kind in _IMAGE_METAS]
        if article.template == "B":
            when = persian(f"{year}/{month:02}/{day:02} - {slot.at:%H:%M}")
            metas.append(f'<meta {name}="article:section" content="{PROVINCES[slot.home].name}">')
            metas.append(f'<meta {name}="article:published_time" content="{when}">')
            if article.tags:
                metas.append(f'<meta {name}="article:tag" content="{plain(",".join(article.tags))}">')
        elif article.template == "generic" or self._c_tells_time():
            metas.append(f'<meta {name}="article:published_time" content="{slot.at.isoformat()}">')
        return "".join(f"\t{meta}\n" for meta in metas)

    def _c_tells_time(self) -> bool:
        partial = self.world.weather.redesign == "partial"
        return self.article.template == "C" and self.article.meta and not partial

    def _printed(self, time_first: bool = False) -> str:
        year, month, day = self.slot.day
        clock = f"{self.slot.at:%H:%M}"
        if self.article.day_only:
            return self.dirt.date(persian(f"{year}/{month:02}/{day:02}"))
        date = f"{day:02} {MONTHS[month - 1]} {year}"
        return self.dirt.date(persian(f"{clock} - {date}" if time_first else f"{date} - {clock}"))

    def _toolbar(self) -> str:
        """Code, date, hits; the labels are sometimes empty."""
        number, labelled = self.slot.id, self.rng.random() < 0.75
        return fill(
            "toolbar",
            id=number,
            code=persian(number),
            code_label="کد خبر: " if labelled else " ",
            date=self._printed(),
            date_label="تاریخ انتشار: " if labelled else " ",
            hits=HITS if self.world.weather.counters else persian(number % 9973),
            short=f"{YJC}/{short(number)}",
        )

    def _shared(self) -> dict[str, str]:
        """The slots that all templates have."""
        head, dirt = self.article.head, self.dirt
        busy = self.rng.random() < 0.2
        return {
            "kicker": dirt.write(head.kicker) if head.kicker else "",
            "title": f" \t\t\t\t\t{dirt.write(head.title)} \t\t\t\t",
            "lead": dirt.write(head.lead or ""),
            "end": (comments(self.article, dirt) if busy else "") + fill("end", id=self.slot.id),
        }

    def _older(self, tag_class: str, between: str) -> dict[str, str]:
        """The slots that A, B and the generic template have."""
        return self._shared() | {
            "toolbar": self._toolbar(),
            "path": crumbs(self.world, self.article, " » "),
            "href": self.dirt.href(f"/fa/news/{self.slot.id}", self.article.head.slug),
            "top_story": self._top_story(),
            "tags": tag_links(self.article, tag_class, between),
            "see_also": see_also(self.article, self.dirt),
        }

    def _a(self) -> str:
        pieces = self.blocks()
        if self.rng.random() < 1 / 3:
            body = "".join(f'<div style="text-align: justify;">{piece}</div>\n' for piece in pieces)
        else:
            body = f'<div style="text-align: justify;">\n{"".join(pieces)}</div>\n'
        return fill("a", **self._older("tags_item", "، "), body=body)

    def _b(self) -> str:
        slots = self._older("tag_item", " ، ")
        slots["lead"] = _lead(slots["lead"]) if slots["lead"] else ""
        return fill("b", **slots, body="".join(self.blocks()))

    def _generic(self) -> str:
        return fill("generic", **self._older("tags_item", "، "), body="".join(self.blocks()))

    def _c(self) -> str:
        article, rng = self.article, self.rng
        slots = self._shared()
        # A missing lead sometimes leaves its empty element behind.
        slots["lead"] = _lead(slots["lead"]) if slots["lead"] or rng.random() < 0.5 else ""
        tags = f'<div class="tag_items_photo">برچسب ها: {tag_links(article, "", " ، ")}</div>\n'
        related = see_also(article, self.dirt)
        inside = rng.random() < 0.2
        return fill(
            "c",
            **slots,
            album_class=" col-grid-album-photo" if article.album else "",
            links=crumbs(self.world, article, " ", ("service-news time-color-news", "cat-news")),
            code=persian(self.slot.id),
            date_class=rng.choice(("photo-newspage-date", "date-color-news")),
            date=self._printed(time_first=True),
            lead_image=self._lead_image(),
            body="".join(self.blocks()),
            tail_inside=f'{tags}<div class="det-1">{related}</div>\n' if inside else "",
            tail_outside="" if inside else tags + related,
            path=crumbs(self.world, article, _DOT, lead_in=_DOT),
            album=self._album(),
            short=f"{YJC}/{short(self.slot.id)}",
        )

    def _top_story(self) -> str:
        if self.slot.old and self.rng.random() < 0.5:
            return top_story(self.world, self.rng)
        return ""

    def _lead_image(self) -> str:
        image = self.article.lead_image
        return f'<div class="parent-lead-img">{self._img(image, "img-responsive")}</div>\n' if image else ""

    def _album(self) -> str:
        pictures = [
            f'<a href="{i.path}" class="album_pic" data-lightbox="album"><img src="{i.thumb}" '
            f'alt="{self.dirt.attribute(i.alt or "")}"></a>\n'
            for i in self.article.album
        ]
        return f'<div class="news_album_main_part">\n{"".join(pictures)}</div>\n' if pictures else ""

    def _img(self, image: Image, css: str) -> str:
        title = image.caption or (image.alt or "" if self.rng.random() < 0.5 else "")
        return (
            f'<img class="{css}" src="{image.path}" alt="{self.dirt.attribute(image.alt or "")}"'
            + (f' title="{self.dirt.attribute(title)}"' if title else "")
            + ' width="550" height="330">'
        )

    def blocks(self) -> list[str]:
        """The body, piece by piece."""
        style = self.rng.choice(("", "", ' style="text-align: justify;"', ' style="text-align: right;"'))
        return [self._block(block, style) + "\n" for block in self.article.blocks]

    def _block(self, block: Block, style: str) -> str:
        dirt, rng = self.dirt, self.rng
        match block.kind:
            case "p":
                return f"<p{style}>{self._prose(block.text)}{self._glued(block)}</p>"
            case "heading":
                if self.article.template == "C":
                    tag = rng.choice(("h2", "h3"))
                    return f"<{tag}>{dirt.write(block.text)}</{tag}>"
                return f"<p{style}><strong>{dirt.write(block.text)}</strong></p>"
            case "list":
                return "<ul>\n" + "".join(f"<li>{dirt.write(item)}</li>\n" for item in block.items) + "</ul>"
            case "image":
                assert block.image
                return f'<p style="text-align: center;">{self._img(block.image, "image_btn")}</p>'
            case "video":
                return self._video(self.article.videos[0])
            case "related":
                return self._read_more(block.text)
            case "source":
                return f"<p{style}>منبع:{rng.choice(('', ' '))}{dirt.write(block.text)}</p>"
            case "empty":
                return f"<p{style}>&nbsp;</p>"
        return f"<p{style}>{dirt.write(block.text)}</p>"

    def _prose(self, text: str) -> str:
        line = self.article.dateline
        if line and text.startswith(line) and self.rng.random() < 0.35:
            tag = self.rng.choice(("strong", "span"))
            return f"<{tag}>{self.dirt.write(line)}</{tag}> {self.dirt.write(text[len(line) + 1 :])}"
        return self.dirt.paragraph(text)

    def _glued(self, block: Block) -> str:
        return self.rng.choice(("", " ", "&nbsp;")) + self.dirt.write(block.signoff) if block.signoff else ""

    def _video(self, path: str) -> str:
        poster = file_path(self.slot, self.rng)
        return (
            f'<div class="videojs-main-container"><video id="player_{self.slot.id}_{self.slot.id * 2}" '
            f'preload="metadata" class="video-js vjs-default-skin" poster="{poster}" controls>\n'
            f'<source src="{path}" type="video/mp4" label="Original" selected="">\n</video></div>'
        )

    def _read_more(self, heading: str) -> str:
        rows = [
            f'<li><a class="tag_title" title="{plain(h.lead or "")}" '
            f'href="{self.dirt.href(f"{YJC}/fa/news/{h.slot.id}", h.slug)}" target="_blank" rel="noopener">'
            f"{self.dirt.write(h.title)}</a></li>\n"
            for h in self.article.read_more
        ]
        return f"<hr>\n<p>{heading}</p>\n<ul>\n{''.join(rows)}</ul>\n<hr>"


_DOT = '\n\t\t\t\t<i class="fa fa-circle"></i>\n\t\t\t\t'


def _lead(text: str) -> str:
    return f'<h2 class="Htags_news_subtitle"><strong class="news_strong">{text}</strong></h2>\n'


def print_page(page: ArticlePage) -> str:
    """The bare version under /fa/print and /fa/amp."""
    head, number = page.article.head, page.slot.id
    return fill(
        "print",
        title=plain(head.title),
        canonical=f"{YJC}/fa/news/{number}",
        body="".join(f"<p>{plain(p)}</p>\n" for p in page.article.paragraphs),
        href=head.path,
        short=f"{YJC}/{short(number)}",
    )
