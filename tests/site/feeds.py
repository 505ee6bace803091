"""XML and plain text for machines: feeds, sitemaps, robots.txt."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from persiantools.jdatetime import JalaliDate

from .chrome import SITE
from .dirt import Dirt, plain
from .edits import head_of
from .places import NATIONAL, PROVINCES
from .world import NOW, Slot, World

_ENGLISH = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_WEEK = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_XML = '<?xml version="1.0" encoding="utf-8"?>\n'
_SITEMAP = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
ITEMS = 20


def _stamp(at: datetime) -> str:
    """The site's feed dates bear no weekday."""
    return f"{at.day:02} {_ENGLISH[at.month - 1]} {at:%Y %H:%M:%S %z}"


def feed(world: World, service: int | None) -> str | None:
    """The feed of a province (by the id it is served under), of all news (None); None: no such feed."""
    if service is None:
        name, slots = "همه اخبار", world.newest[:ITEMS]
    elif service in world.services:
        province = world.services.index(service)
        name, slots = PROVINCES[province].name, world.rosters[province][:ITEMS]
    elif national := [n for i, _, n in NATIONAL if i == service]:
        name, slots = national[0], world.newest[:ITEMS]
    else:
        return None
    raw = service is not None and service % 4 == 1
    built = slots[0].at if slots else NOW
    return (
        f'{_XML}<rss version="2.0">\n   <channel>\n      <title>{SITE} | {name}</title>\n'
        f"      <link>{world.base}</link>\n      <description>{SITE} | {name}</description>\n"
        "      <managingEditor>info@yjc.ir</managingEditor>\n"
        "      <webMaster>info@iransamaneh.com</webMaster>\n"
        f"      <lastBuildDate>{_WEEK[built.weekday()]}, {_stamp(built)}</lastBuildDate>\n"
        "      <generator>SepehrFeed V1.2</generator>\n"
        f"{''.join(_item(world, slot, raw) for slot in slots)}   </channel>\n</rss>\n"
    )


def _item(world: World, slot: Slot, raw: bool) -> str:
    head = head_of(world, slot)
    dirt = Dirt(Random(f"{world.seed}:{slot.n}:feed"))
    link = f"{world.base}/fa/news/{slot.id}/{head.slug}" if raw else world.base + head.path
    lead = f"         <description>{plain(dirt.spell(head.lead))}</description>\n" if head.lead else ""
    return (
        f"      <item>\n         <title>{plain(dirt.spell(head.title))}</title>\n"
        f"         <link>{plain(link)}</link>\n{lead}         <author>info@yjc.ir</author>\n"
        f"         <pubDate>{_stamp(slot.at)}</pubDate>\n      </item>\n"
    )


def directory(world: World) -> str:
    """The content of the page that names the feeds."""
    rows = [(i, name) for i, _, name in NATIONAL]
    rows += [(world.services[p], PROVINCES[p].name) for p in range(len(PROVINCES)) if world.in_menu(p)]
    links = "".join(f'<li><a class="rss_link" href="/fa/rss/{i}">{name}</a></li>\n' for i, name in rows)
    return (
        f'<div class="rss_list"><ul>\n<li><a href="/fa/rss/allnews">همه اخبار</a></li>\n{links}</ul></div>\n'
    )


def sitemap_index(world: World) -> str:
    """A sitemap for each Jalali month; the date is the month's last day, even if that is yet to come."""
    rows = []
    for month in world.months:
        year, number = map(int, month.split("-"))
        following = JalaliDate(year + number // 12, number % 12 + 1, 1).to_gregorian()
        last = following - timedelta(days=1)
        loc = f"{world.base}/fa-sitemap-newsarchive-{month}.xml"
        rows.append(f" <sitemap><loc>{loc}</loc><lastmod>{last}</lastmod></sitemap>\n")
    return f"{_XML}<sitemapindex {_SITEMAP}>\n{''.join(rows)}</sitemapindex>\n"


def sitemap_month(world: World, month: str) -> str | None:
    """The articles of one Jalali month."""
    slots = world.months.get(month)
    return _urlset(world, slots) if slots else None


def sitemap_recent(world: World) -> str:
    """The articles of the last two days."""
    return _urlset(world, [s for s in world.newest if NOW - s.at < timedelta(days=2)])


def _urlset(world: World, slots: list[Slot]) -> str:
    rows = [
        f" <url><loc>{world.base}{head_of(world, s).path}</loc><lastmod>{s.at.isoformat()}</lastmod></url>\n"
        for s in slots
    ]
    return f"{_XML}<urlset {_SITEMAP}>\n{''.join(rows)}</urlset>\n"


def robots(world: World) -> str:
    """What the content system forbids by default."""
    closed = ["save", "print", "send", "report", "ajax", "archive", "news/play"]
    rules = "".join(f"Disallow: /fa/{path}\n" for path in closed)
    weather = world.weather
    if weather.disallow:
        rules += f"Disallow: {weather.disallow}\n"
    if weather.crawl_delay:
        rules += f"Crawl-delay: {weather.crawl_delay:g}\n"
    return f"User-agent: *\n{rules}Sitemap: {world.base}/fa-sitemap-newsarchive\n"
