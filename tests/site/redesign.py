"""Template C after a redesign: the same page with other class names."""

from __future__ import annotations

import re
from zlib import crc32

_CLASSES = re.compile(r'class="([^"]*)"')
_PARTIAL = frozenset(
    [
        *("Htags_news_subtitle", "news_strong"),
        *("photo-newspage-date", "date-color-news"),
        *("path_bottom_body", "service-news", "time-color-news", "cat-news"),
        "tag_items_photo",
    ]
)
"""Lead, printed date, breadcrumbs at the foot and at the head, tags."""


def redesigned(content: str, extent: str) -> str:
    """The content with all classes renamed ("full"), or those of _PARTIAL alone ("partial")."""
    return _CLASSES.sub(lambda found: f'class="{" ".join(_renamed(found[1], extent))}"', content)


def _renamed(names: str, extent: str) -> list[str]:
    # Named by a digest, as build tools do.
    return [
        f"css-{crc32(name.encode()):08x}" if extent == "full" or name in _PARTIAL else name
        for name in names.split()
    ]
