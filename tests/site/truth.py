"""What is true of an article, before anything is written on a page. Dirt comes after, elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from random import Random
from typing import Literal
from urllib.parse import quote

from .places import PROVINCES
from .words import Writer
from .world import Slot, World, short

YJC = "https://www.yjc.ir"
HITS = "{hits}"
"""Stands on a page where each answer puts how often pages have been asked for."""
Template = Literal["A", "B", "C", "generic"]
Kind = Literal[
    "p", "heading", "list", "image", "video", "related", "credit", "promo", "signoff", "source", "empty"
]


def slug(title: str, year: int) -> str:
    """The title in an address. What happens to & is not known: it goes the way of the other marks."""
    text = re.sub(r"[/،؛:«»؟!&\"]", "", title)
    text = re.sub(r"[\s+()]+", "-", text).strip("-")
    return text.replace("ی", "ي").replace("ک", "ك") if year <= 1392 else text


@dataclass(frozen=True, slots=True)
class Head:
    """What lists tell of an article."""

    slot: Slot
    city: str | None
    title: str
    kicker: str | None
    lead: str | None
    first_title: str = ""
    """Where the title has been edited: the address keeps what the title was."""

    @property
    def slug(self) -> str:
        return slug(self.first_title or self.title, self.slot.day[0])

    @property
    def path(self) -> str:
        """The address on the server, percent-encoded."""
        return f"/fa/news/{self.slot.id}/{quote(self.slug)}"


@dataclass(frozen=True, slots=True)
class Image:
    path: str
    alt: str | None = None
    caption: str | None = None
    thumb: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of the body, in page order. A `signoff` on a paragraph is glued to its end."""

    kind: Kind
    text: str = ""
    signoff: str = ""
    items: tuple[str, ...] = ()
    image: Image | None = None


@dataclass(slots=True)
class Article:
    head: Head
    template: Template
    sections: list[str]
    dateline: str | None = None
    author: str | None = None
    source: str | None = None
    blocks: list[Block] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    read_more: list[Head] = field(default_factory=list)
    see_also: list[Head] = field(default_factory=list)
    lead_image: Image | None = None
    album: list[Image] = field(default_factory=list)
    videos: list[str] = field(default_factory=list)
    meta: bool = True
    day_only: bool = False
    replaced: dict[str, str] = field(default_factory=dict)
    """Texts that an edit has put in, and what stood there before."""

    @property
    def slot(self) -> Slot:
        return self.head.slot

    @property
    def paragraphs(self) -> list[str]:
        found: list[str] = []
        for block in self.blocks:
            if block.kind in ("p", "heading", "credit"):
                found.append(block.text)
            elif block.kind == "list":
                found.extend(block.items)
        return found

    @property
    def images(self) -> list[Image]:
        body = [block.image for block in self.blocks if block.image]
        return ([self.lead_image] if self.lead_image else []) + body + self.album

    def published(self) -> dict[str, str]:
        """The time as far as the page tells it."""
        at = self.slot.at
        if self.day_only:
            return {"at": at.replace(hour=0, minute=0, second=0).isoformat(), "precision": "day"}
        if self.template == "generic" or (self.template == "C" and self.meta):
            return {"at": at.isoformat(), "precision": "second"}
        return {"at": at.replace(second=0).isoformat(), "precision": "minute"}

    def as_json(self, base: str) -> dict[str, object]:
        """One entry of /__truth__.json."""
        head, number = self.head, self.slot.id
        return {
            "id": number,
            "url": base + head.path,
            "canonical_url": f"{YJC}/fa/news/{number}",
            "short_url": f"{YJC}/{short(number)}",
            "template": self.template,
            "province": self.sections[0],
            "sections": self.sections,
            "city": head.city,
            "kicker": head.kicker,
            "title": head.title,
            "lead": head.lead,
            "paragraphs": self.paragraphs,
            "dateline": self.dateline,
            "author": self.author,
            "source": self.source,
            "tags": self.tags,
            "related": [{"url": YJC + h.path, "title": h.title} for h in self.read_more]
            + [{"url": base + h.path, "title": h.title} for h in self.see_also],
            "images": [{"url": base + i.path, "alt": i.alt, "caption": i.caption} for i in self.images],
            "videos": [{"url": base + path} for path in self.videos],
            "published": self.published(),
            "feed_date": self.slot.at.isoformat(),
            "status": 200,
        }


@lru_cache(20_000)
def _head(seed: int, slot: Slot) -> Head:
    rng = Random(f"{seed}:{slot.n}:head")
    cities = PROVINCES[slot.home].cities
    city = None if rng.random() < 0.2 else rng.choice(cities)
    write = Writer(rng, slot.home, city)
    kicker = write.one("kickers") if rng.random() < 0.45 else None
    lead = None if rng.random() < 1 / 12 else write.one("leads")
    return Head(slot, city, write.one("titles"), kicker, lead)


def settled_head(world: World, slot: Slot) -> Head:
    """What lists told of the article of a slot before any edit."""
    return _head(world.seed, slot)


def file_path(slot: Slot, rng: Random, ending: str = "jpg") -> str:
    """The path of an uploaded file: Jalali day without padding, number, chance."""
    year, month, day = slot.day
    name = f"{slot.id * 2 + rng.randrange(900)}_{rng.randrange(1000)}.{ending}"
    return f"/files/fa/news/{year}/{month}/{day}/{name}"


def thumbnail(slot: Slot, scale: int = 1) -> str:
    """The small picture of an article in lists; at scale 2 for fine screens."""
    year, month, day = slot.day
    return f"/files/fa/news/{year}/{month}/{day}/{slot.id * 2 + 910 + scale}_{slot.id % 997}.jpg"


def template_of(slot: Slot, rng: Random) -> Template:
    """Old articles are as often A as B; among the new C rules."""
    weights = (40, 40, 20, 0) if slot.old else (6, 9, 76, 9)
    return rng.choices(("A", "B", "C", "generic"), weights)[0]


def is_day_only(template: Template, slot: Slot, rng: Random) -> bool:
    """Template A sometimes prints the day alone; never on a day that has no midnight."""
    midnight = slot.at.replace(hour=0, minute=0, second=0)
    return template == "A" and rng.random() < 0.1 and midnight.utcoffset() == slot.at.utcoffset()


def neighbours(world: World, slot: Slot, rng: Random, count: int) -> list[Head]:
    """Other articles to point at: of the same province mostly."""
    found: dict[int, Head] = {}
    for _ in range(count * 2):
        n = (slot.n + 31 * rng.randrange(1, 9) + rng.choice((0, 0, 1))) % len(world.settled)
        if n != slot.n and len(found) < count:
            found[n] = settled_head(world, world.settled[n])
    return list(found.values())
