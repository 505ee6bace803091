"""What stands around every page: head, menus, sidebars, footer. Made once a site."""

from __future__ import annotations

from .dirt import plain
from .places import NATIONAL, PROVINCES
from .skeletons import fill
from .truth import head_of, thumbnail
from .world import World

SITE = "باشگاه خبرنگاران جوان"


class Chrome:
    """The frame of the pages of one world."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._menu = self._menus()
        self._side = self._sidebar()
        self._foot = fill("foot") + "".join(fill("advert", n=n) for n in range(101, 111))

    def page(self, title: str, content: str, metas: str = "", body_id: str = "news") -> str:
        """A whole page."""
        return fill(
            "page",
            title=title,
            content=content,
            metas=metas,
            body_id=body_id,
            menu=self._menu,
            side=self._side,
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

    def _sidebar(self) -> str:
        newest = [head_of(self.world, slot) for slot in self.world.newest[:12]]
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
