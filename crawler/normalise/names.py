"""Names of people and agencies as a page writes them, without what is no part of them. Nothing is added."""

import re

from crawler.normalise.text import one_line

_LABEL = re.compile(r"(?:منبع(?: خبر)?|منابع|به نقل از|خبرنگار|گزارشگر|نویسنده|عکاس|عکس) ?[:؛]")
_EDGES = " .،؛:,;-–—_/|…•"


def tidy_name(raw: str | None) -> str | None:
    """The name without label, marks at its ends and a pair of quotes around it; None where nothing is left.

    >>> tidy_name(" منبع:\\xa0استانداري قم. "), tidy_name("«ايسنا»"), tidy_name("ایرنا (یزد)")
    ('استانداری قم', 'ایسنا', 'ایرنا (یزد)')
    >>> tidy_name("منبع: -") is None
    True
    """
    name = one_line(raw or "").lstrip(_EDGES)
    while label := _LABEL.match(name):
        name = name[label.end() :].lstrip(_EDGES)
    name = name if "://" in name else name.rstrip(_EDGES)
    if name.startswith("«") and name.find("»") == len(name) - 1:
        name = name[1:-1].strip(_EDGES)
    return name or None
