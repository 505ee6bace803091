"""What hangs around a body: breadcrumbs, tags, related items, comments, a foreign top story."""

from __future__ import annotations

from random import Random
from urllib.parse import quote

from .dirt import Dirt, plain
from .places import PROVINCES
from .skeletons import fill
from .truth import HITS, Article, neighbours, settled_head, thumbnail
from .words import SLOTS, Writer, persian
from .world import Slot, World, jalali


def tag_id(tag: str) -> int:
    """The number of a tag."""
    return 331 + 37 * SLOTS["tags"].index(tag)


def tag_links(article: Article, css: str, between: str) -> str:
    """Links to the lists of the article's tags."""
    klass = f' class="{css}"' if css else ""
    return between.join(
        f'<a{klass} href="/fa/tags/{tag_id(t)}/1/{quote(t)}">{plain(t)}</a>' for t in article.tags
    )


def crumbs(
    world: World, article: Article, between: str, css: tuple[str, str] = ("", ""), lead_in: str = ""
) -> str:
    """Province, and city if there is one."""
    home, city = article.slot.home, article.head.city
    links = [(world.section(home), PROVINCES[home].name)]
    if city:
        links.append((world.city_section(home, city), city))
    classes = [f' class="{c}"' if c else "" for c in css]
    written = [
        f'<a{c} href="{href}"> \t\t{name} \t</a>' for (href, name), c in zip(links, classes, strict=False)
    ]
    return lead_in + between.join(written)


def see_also(article: Article, dirt: Dirt) -> str:
    """«خبرهای مرتبط», and «اخبار پیشنهادی», which may be empty."""
    rng, found = dirt.rng, ""
    if article.see_also:
        tag = rng.choice(("h3", "h4", "div"))
        rows = []
        for head in article.see_also:
            kicker = head.kicker if head.kicker and head.kicker.endswith(":") else ""
            over = f'<span class="rel_kicker">{dirt.write(kicker)}</span>\n' if kicker else ""
            href = dirt.href(f"/fa/news/{head.slot.id}", head.slug)
            rows.append(f'<li>{over}<a href="{href}" target="_blank">{dirt.write(head.title)}</a></li>\n')
        found = (
            f'<{tag} class="rel_title">خبرهای مرتبط</{tag}>\n<ul class="rel_list">\n{"".join(rows)}</ul>\n'
        )
    offer = '<li><a href="/fa/ads/redirect/a/77" rel="nofollow">پیشنهاد ویژه</a></li>'
    offers = offer if rng.random() < 0.4 else ""
    return (
        f'<div class="related_box">{found}</div>\n'
        f'<div class="offer_box"><h3>اخبار پیشنهادی</h3><ul>{offers}</ul></div>\n'
    )


def comments(article: Article, dirt: Dirt) -> str:
    """Two readers."""
    slot = article.slot
    year, month, day = jalali(slot.at.date())
    date = "date-news-com" if article.template == "C" else "comm_info_date"
    write = Writer(dirt.rng, slot.home, article.head.city)
    rows = [
        fill(
            "comment",
            id=f"{slot.id}{n}",
            news=slot.id,
            date_class=date,
            date=persian(f"{10 + n}:41 - {year}/{month:02}/{day:02}"),
            text=dirt.write(write.one("comments")),
        )
        for n in (1, 2)
    ]
    return (
        '<div class="comm_title_box"><a href="#" class="comments_topic">نظرات بینندگان</a></div>\n'
        f'<div class="comm_container" id="comments">{"".join(rows)}</div>\n'
    )


def top_story(world: World, rng: Random) -> str:
    """Today's news, put before the text of an old article when the page is made anew."""
    head = settled_head(world, rng.choice(world.settled_newest[:10]))
    return (
        f'<div class="top_story"><a class="picLink" href="{head.path}"><img src="{thumbnail(head.slot)}" '
        f'alt="{plain(head.title)}"></a><div class="rutitr_top">{plain(head.kicker or "")}</div>'
        f'<h3 class="Htags"><a class="title_top" href="{head.path}">{plain(head.title)}</a></h3></div>\n'
    )


def most_read(world: World, slot: Slot) -> str:
    """«پربازدید» beside an article, with hits."""
    found = neighbours(world, slot, Random(f"{world.seed}:{slot.n}:read"), 4)
    rows = "".join(
        f'<li><a class="most_link" href="{h.path}">{plain(h.title)}</a> <span>{HITS}</span></li>\n'
        for h in found
    )
    return f'<div class="most_visited"><div class="side_box_title">پربازدید</div><ul>\n{rows}</ul></div>\n'
