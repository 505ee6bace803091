"""What editors change in an article after it was published. Its address stays: the system keys on the id."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from .truth import Article, Block, Head, settled_head
from .words import Writer
from .world import Slot, World

_KINDS = ("title", "lead", "kicker", "body")


def head_of(world: World, slot: Slot) -> Head:
    """What lists tell of the article of a slot now."""
    head = settled_head(world, slot)
    kind = _kind(world, slot)
    if kind == "title":
        return replace(head, title=_other(world, head, "titles", head.title), first_title=head.title)
    if kind == "lead":
        return replace(head, lead=_other(world, head, "leads", head.lead))
    if kind == "kicker":
        return replace(head, kicker=_other(world, head, "kickers", head.kicker))
    return head


def revise(world: World, article: Article) -> None:
    """Edit an article as it was first written, where it is one of those edited."""
    before, after = article.head, head_of(world, article.slot)
    article.head = after
    for old, new in ((before.title, after.title), (before.lead, after.lead), (before.kicker, after.kicker)):
        if new and new != old:
            article.replaced[new] = old or ""
    if _kind(world, article.slot) == "body":
        _revise_body(world, article)


def modified(world: World, slot: Slot) -> datetime:
    """When the article last changed."""
    return slot.at + timedelta(minutes=50) if slot.id in world.edited else slot.at


def _revise_body(world: World, article: Article) -> None:
    # The first paragraph stays, for its dateline. An album has no paragraph: it gets one.
    places = [i for i, block in enumerate(article.blocks) if block.kind == "p"][1:]
    if not places:
        article.blocks.append(Block("p", _other(world, article.head, "sentences")))
        return
    place = _chance(world, article.slot).choice(places)
    old = article.blocks[place]
    new = replace(old, text=_other(world, article.head, "sentences", old.text))
    article.blocks[place] = new
    article.replaced[new.text] = old.text


def _kind(world: World, slot: Slot) -> str:
    place = world.edited.get(slot.id)
    return "" if place is None else _KINDS[place % len(_KINDS)]


def _chance(world: World, slot: Slot) -> Random:
    return Random(f"{world.seed}:{slot.n}:edit")


def _other(world: World, head: Head, pattern: str, known: str | None = None) -> str:
    """A text of a kind of pattern, unlike what is known."""
    write = Writer(_chance(world, head.slot), head.slot.home, head.city)
    while (text := write.one(pattern)) == known:
        pass
    return text
