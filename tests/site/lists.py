"""Pages that lead to articles: home, sections, more of a section, tags."""

from __future__ import annotations

from random import Random
from urllib.parse import unquote
from zlib import crc32

from .chrome import SITE, Chrome
from .dirt import Dirt, plain
from .edits import head_of
from .places import NATIONAL, PROVINCES
from .skeletons import fill
from .truth import Head, thumbnail
from .world import Slot, World

CARDS = 20


class Lists:
    """The list pages of one world."""

    def __init__(self, world: World, chrome: Chrome) -> None:
        self.world, self.chrome = world, chrome
        self._sections = {world.section(p): p for p in range(len(PROVINCES))}
        self._cities = {
            world.city_section(p, city): (p, city)
            for p, province in enumerate(PROVINCES)
            for city in province.cities
        }
        self._more = {world.ajax(p): p for p in range(len(PROVINCES))}
        self._orders: dict[int, list[int]] = {}

    def home(self) -> str:
        """The first page: the newest of the country."""
        return self._page(SITE, self._cards(self.world.newest[:12]), "home")

    def section(self, path: str) -> str | None:
        """The page of a section, or None where there is no such section."""
        if path in self._sections:
            return self._province(self._sections[path])
        if path in self._cities:
            province, city = self._cities[path]
            found = [s for s in self._roster(province) if self._head(s).city == city]
            return self._page(f"{city} | {PROVINCES[province].name} | {SITE}", self._cards(found[:CARDS]))
        for _, national, name in NATIONAL:
            if path == national:
                return self._page(f"{name} | {SITE}", self._cards(self.world.newest[:CARDS]))
        return None

    def more(self, number: int, page: int) -> str | None:
        """A further page of a section's list: cards alone, no frame."""
        province = self._more.get(number)
        if province is None:
            return None
        ids = self._on(province, page)
        return self._listed(ids) + self._next(province, page) if ids else None

    def tag(self, number: int, page: int, tag: str) -> str:
        """The list of a tag. Which articles it shows has nothing to do with their tags."""
        rng = Random(f"{self.world.seed}:tag:{number}:{page}")
        slots = rng.sample(self.world.slots, min(CARDS, len(self.world.slots)))
        return self._page(f"{plain(unquote(tag))} | {SITE}", self._cards(slots))

    def _province(self, province: int) -> str:
        world, name = self.world, PROVINCES[province].name
        roster = world.rosters[province]
        pinned = roster[-1:]
        more_pinned = roster[-2 : -2 - world.weather.pinned : -1]
        read = Random(f"{world.seed}:read:{province}").sample(roster, min(5, len(roster)))
        rows = "".join(
            f'<li><a class="most_link" href="{h.path}">{plain(h.title)}</a></li>\n'
            for h in map(self._head, read)
        )
        listed = self._cards(more_pinned) + self._listed(self._on(province, 1))
        content = (
            f'<h1 class="section_title">{name}</h1>\n<div class="pinned_item">{self._cards(pinned)}</div>\n'
            f'<div class="section_list">\n{listed}{self._next(province, 1)}</div>\n'
            f'<div class="most_visited"><div class="side_box_title">پربازدید</div><ul>\n{rows}</ul></div>\n'
        )
        return self._page(f"{name} | {SITE}", content)

    def _order(self, province: int) -> list[int]:
        """Ids in the order of the list: newest first, here and there out of step; gone ones among them."""
        if province not in self._orders:
            rng = Random(f"{self.world.seed}:list:{province}")
            ids = [slot.id for slot in self._roster(province)]
            for at in range(0, len(ids) - 3, 3):
                if rng.random() < 0.4:
                    other = at + rng.randint(1, 3)
                    ids[at], ids[other] = ids[other], ids[at]
            for gone in self.world.gone_in(province):
                ids.insert(rng.randrange(min(15, len(ids) + 1)), gone)
            self._orders[province] = ids
        return self._orders[province]

    def _roster(self, province: int) -> list[Slot]:
        roster = self.world.rosters[province]
        if self.world.weather.unsorted:
            return Random(f"{self.world.seed}:unsorted:{province}").sample(roster, len(roster))
        return roster

    def _on(self, province: int, page: int) -> list[int]:
        """The ids on a page of a section's list."""
        ids, endless = self._order(province), self.world.weather.endless
        last = max(1, -(-len(ids) // CARDS))
        if page > last and endless == "fresh":
            # None is an article's: those that are new stay far below.
            first = (page * len(PROVINCES) + province) * CARDS
            return [9_200_000 + (first + k) % 700_000 for k in range(CARDS)]
        if page > last and endless:
            page = last
        return ids[(page - 1) * CARDS : page * CARDS]

    def _next(self, province: int, page: int) -> str:
        if len(self._order(province)) <= page * CARDS and not self.world.weather.endless:
            return ""
        path = f"/fa/section/ajax/{self.world.ajax(province)}/{page + 1}"
        return f'<a class="next" href="{path}">بیشتر</a>\n'

    def _listed(self, ids: list[int]) -> str:
        by_id = self.world.by_id
        return "".join(self._card(by_id[i]) if i in by_id else _gone_card(i) for i in ids)

    def _cards(self, slots: list[Slot]) -> str:
        return "".join(map(self._card, slots))

    def _card(self, slot: Slot) -> str:
        head = self._head(slot)
        dirt = Dirt(Random(f"{self.world.seed}:{slot.n}:card"))
        return fill(
            "card",
            href=dirt.href(f"/fa/news/{slot.id}", head.slug),
            title=dirt.attribute(head.title),
            text=dirt.write(head.title),
            kicker=dirt.write(head.kicker) if head.kicker else "",
            lead=dirt.write(head.lead) if head.lead else "",
            image=thumbnail(slot),
        )

    def _head(self, slot: Slot) -> Head:
        return head_of(self.world, slot)

    def _page(self, title: str, content: str, body_id: str = "section") -> str:
        return self.chrome.page(title, content, body_id)


def _gone_card(number: int) -> str:
    """A card whose article has been taken down since."""
    slug = f"خبر-حذف-شده-{crc32(str(number).encode()) % 90 + 10}"
    title = slug.replace("-", " ")
    return fill(
        "card",
        href=f"/fa/news/{number}/{slug}",
        title=title,
        text=title,
        kicker="",
        lead="",
        image="/files/adv/1_100.jpg",
    )
