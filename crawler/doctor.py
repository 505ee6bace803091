"""Is the site still as we believe? One look at each province, against the site file and past crawls."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from crawler.account import WATCHED
from crawler.provinces import PROVINCES, Province, named_in_title
from crawler.sites import Site

OK = "ok"
ALWAYS = 0.95  # share of past articles from which on a field is expected of one that is looked at
FEWEST = 20  # past articles, with fewer of which nothing is expected


@dataclass(slots=True)
class Found:
    """What a look found of one province: ``ok``, or what is wrong, for each kind of page."""

    feed: str = "not looked at"
    section: str = "not found"
    article: str = "none found"
    changed: list[str] = field(default_factory=list)  # against the site file and past crawls

    @property
    def is_well(self) -> bool:
        return self.feed == self.section == self.article == OK and not self.changed


def examine(
    look: sqlite3.Connection, past: sqlite3.Connection | None, site: Site, provinces: tuple[Province, ...]
) -> dict[str, Found]:
    """Slug → what was found. ``look``: ledger of the look; ``past``: of the collection, if there is one."""
    usual = _usual(past) if past else {}
    found = {}
    for province in provinces:
        one = Found()
        _feed(one, look, site, province)
        _section(one, look, past, province)
        _article(one, look, province, usual)
        found[province.slug] = one
    return found


def _feed(one: Found, look: sqlite3.Connection, site: Site, province: Province) -> None:
    service = site.provinces.get(province.slug)
    configured = site.path_of(site.feed_url(service.service_id)) if service else None
    for path, state, reason, title in _lists(look, "feed", province):
        if state != "done":
            one.feed = f"{path}: {reason}"
        elif named_in_title(title) not in (province, None):
            one.changed.append(f"the feed {path} calls itself {title!r}")
        else:
            one.feed = OK
            if path != configured:
                one.changed.append(f"its feed is {path}, the site file says {configured}")


def _section(
    one: Found, look: sqlite3.Connection, past: sqlite3.Connection | None, province: Province
) -> None:
    tried = list(_lists(look, "section", province))
    good = [path for path, state, _, title in tried if state == "done" and _is_of(title, province)]
    if good:
        one.section = OK
    elif tried:
        one.section = "; ".join(
            f"{path}: {reason or f'calls itself {title!r}'}" for path, _, reason, title in tried
        )
    before = (
        [path for path, state, *_ in _lists(past, "section", province) if state == "done"] if past else []
    )
    if good and before and not set(good) & set(before):
        one.changed.append(f"its section is {good[0]}, it was {before[0]}")


def _is_of(title: str, province: Province) -> bool:
    return named_in_title(title) in (province, None)


def _article(one: Found, look: sqlite3.Connection, province: Province, usual: dict[str, set[str]]) -> None:
    outcomes = look.execute(
        "SELECT outcome, reason, path FROM articles WHERE queue = ? AND outcome <> '' ORDER BY news_id DESC",
        (province.slug,),
    ).fetchall()
    failed = [f"{path}: {reason}" for outcome, reason, path in outcomes if outcome == "failed"]
    if any(outcome == "written" for outcome, *_ in outcomes):
        one.article = OK
    elif failed:
        one.article = failed[0]
    for template, name in look.execute(
        "SELECT template, field FROM fields WHERE province = ? AND filled = 0", (province.slug,)
    ):
        if name in usual.get(template, ()):
            one.changed.append(f"template {template}: no {name}, which nearly all articles had")


def _lists(ledger: sqlite3.Connection, kind: str, province: Province) -> Iterator[tuple[str, str, str, str]]:
    """(path, state, reason, title) of what was asked for as a province's."""
    yield from ledger.execute(
        "SELECT path, state, reason, coalesce(title, '') FROM lists WHERE kind = ? AND province = ?"
        " ORDER BY path",
        (kind, province.slug),
    )


def _usual(past: sqlite3.Connection) -> dict[str, set[str]]:
    """Template → fields that nearly all of its articles had in past crawls."""
    found: dict[str, set[str]] = defaultdict(set)
    for template, name, filled, articles in past.execute(
        "SELECT template, field, sum(filled), sum(articles) FROM fields GROUP BY 1, 2"
    ):
        if name in WATCHED and articles >= FEWEST and filled >= ALWAYS * articles:
            found[template].add(name)
    return found


def as_lines(found: dict[str, Found]) -> Iterator[str]:
    """A line a province, and below what is to be looked into."""
    names = {province.slug: province.name_en for province in PROVINCES}
    yield f"{'province':<26}{'feed':<8}{'section':<9}{'article':<8}"
    for slug, one in found.items():
        marks = ("ok" if said == OK else "–" for said in (one.feed, one.section, one.article))
        feed, section, article = marks
        yield f"{names[slug]:<26}{feed:<8}{section:<9}{article:<8}".rstrip()
    for slug, one in found.items():
        for kind in ("feed", "section", "article"):
            if (said := getattr(one, kind)) != OK:
                yield f"{names[slug]}: {kind}: {said}"
        yield from (f"{names[slug]}: {what}" for what in one.changed)
