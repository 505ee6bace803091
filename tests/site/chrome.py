"""What stands around every page: head, menus, sidebars, footer. Made once a site."""

from __future__ import annotations

from .dirt import plain
from .edits import head_of
from .places import NATIONAL, PROVINCES
from .skeletons import fill
from .truth import Head, settled_head, thumbnail
from .world import World

SITE = "باشگاه خبرنگاران جوان"


class Chrome:
    """The frame of the pages of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._menu = self._menus()
        self._side = _sidebar([head_of(world, slot) for slot in world.newest[:12]])
        self._settled_side = _sidebar([settled_head(world, slot) for slot in world.settled_newest[:12]])
        self._foot = fill("foot") + "".join(fill("advert", n=n) for n in range(101, 111))

    def article(self, title: str, content: str, metas: str, beside: str = "") -> str:
        """The page of an article. Its sidebar does not know of weather: see World.settled."""
        return self._page(title, content, metas, "news", beside + self._settled_side)

    def page(self, title: str, content: str, body_id: str) -> str:
        """Any other page."""
        return self._page(title, content, "", body_id, self._side)

    def _page(self, title: str, content: str, metas: str, body_id: str, side: str) -> str:
        return fill(
            "page",
            title=title,
            content=content,
            metas=metas,
            body_id=body_id,
            menu=self._menu,
            side=side,
            foot=self._foot,
        )

    def _menus(self) -> str:
        world = self.world
        national = [
            f' <li class="nav_link" id="serviceid_{n}"><a id="service_{n}" href="{path}">{name}</a></li>\n'
            for n, path, name in NATIONAL
        ]
        desk, mobile = [], []
        for i, province in enumerate(PROVINCES):
            if world.in_menu(i):
                link = f'href="{world.section(i)}">{province.name}</a> </li>\n'
                desk.append(f' <li class="nav_link"> <a id="service_{world.services[i]}" {link}')
                mobile.append(f' <li class="mobile_nav_link dropdown-submenu"> <a class="mobile_link" {link}')
        return fill("menu", national="".join(national), desk="".join(desk), mobile="".join(mobile))


def _sidebar(newest: list[Head]) -> str:
    cards = [
        f'<div class="side_item"><a class="side_pic" href="{h.path}"><img src="{thumbnail(h.slot)}" '
        f'srcset="{thumbnail(h.slot, 2)} 2x" alt="" width="80"></a>'
        f'<a class="side_title" href="{h.path}">{plain(h.title)}</a></div>\n'
        for h in newest[:5]
    ]
    lines = [
        f'<li class="latest_item"><a class="latest_link" href="{h.path}">{plain(h.title)}</a></li>\n'
        for h in reversed(newest)
    ]
    return fill("side", cards="".join(cards), lines="".join(lines))
