"""What in an article's body container is the article, and what the CMS or an editor hung onto it.

The kinds of additions are those of about 70 stored articles, 2012-2026: related links, source line,
tags, sign-off, promotion, a random top story. Order of the tail: source, related, tags, suggestions,
comments, latest news.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from crawler.normalise.text import name_key, one_line
from crawler.pages.blocks import Block

LONGEST_HEADING = 30  # letters; «بیشتر بخوانید» has 12, a sentence that starts so has more
LONGEST_SOURCE = 80

RELATED_INSIDE = frozenset(map(name_key, ("بیشتر بخوانید", "بیشتر ببینید", "مطالب مرتبط")))
RELATED_AFTER = frozenset(map(name_key, ("خبرهای مرتبط", "اخبار مرتبط")))
TAIL = frozenset(
    map(name_key, ("برچسب ها", "اخبار پیشنهادی", "تبادل نظر", "آخرین اخبار", "پربازدیدها", "نظرات بینندگان"))
)
_ARTICLE_LINK = re.compile(r"/news/\d|(?:^|//[^/]+)/00[0-9A-Za-z]{4}$")
_TAGS_LINE = re.compile(r"برچسب[\u200c ]?ها ?[:؛] ?(.+)")
_SOURCE_LINE = re.compile(r"منبع ?[:؛] ?(.+)")
# «انتهای پیام/ن», «انتهای پیام / ف», «انتهای خبر / ز», alone or glued to the last sentence (until 2022).
_SIGN_OFF = re.compile(
    r" ?انتهای (?:پیام|خبر) ?(?:/ ?[\w\u200c]{0,3})? ?[.]?$|(?:(?<=[.؟!»]) ?|^)/[آ-ی]{1,2}$"
)
_PROMOTION = re.compile(
    r"برای یادگیری اصول تصویربرداری خبری"  # citizen reporters' training line
    r"|.{0,80}کانال تلگرام.{0,80}(?:باشگاه خبرنگاران|عضو|telegram|t\.me)"  # 2015
)


@dataclass(slots=True)
class Body:
    """The parts of a body container. ``raw`` is every block as it stood, nothing taken out."""

    raw: str
    paragraphs: list[str] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    source: str | None = None
    tags: list[str] = field(default_factory=list)
    signed_off: bool = False


def read_body(found: list[Block]) -> Body:
    """Tell the blocks of a body container apart; ``paragraphs`` stay raw.

    >>> lines = ["قم آماده است. انتهای پیام/ن", "منبع: ایسنا", "تبادل نظر", "نشانی ایمیل"]
    >>> body = read_body([Block("p", line) for line in lines])
    >>> body.paragraphs, body.source
    (['قم آماده است. '], 'ایسنا')
    """
    body = Body(raw="\n".join(block.text for block in found))
    state = "text"
    for block in found:
        clean = one_line(block.text)
        if not clean:
            continue
        heading = name_key(clean).rstrip(":؛؟.") if len(clean) <= LONGEST_HEADING else ""
        if heading in RELATED_INSIDE and state == "text":
            state = "related"
        elif heading in RELATED_AFTER:
            state = "related after"
        elif heading in TAIL or _TAGS_LINE.match(clean):
            _read_tags(body, clean)
            state = "tail"
        elif state == "related" and not (block.is_links or (block.inside == "li" and block.links)):
            state = "text"
            _read_text(body, block, clean)
        elif state == "text":
            _read_text(body, block, clean)
        elif state != "tail":
            body.related += block.links
    _sign_off(body)
    return body


def _read_text(body: Body, block: Block, clean: str) -> None:
    if (match := _SOURCE_LINE.fullmatch(clean)) and len(clean) <= LONGEST_SOURCE:
        body.source = match[1]
    elif block.is_links and all(is_article_link(href) for href, _ in block.links):
        body.related += block.links  # a headline of another article that an editor put between the lines
    elif not _PROMOTION.match(clean):
        body.paragraphs.append(block.text)


def is_article_link(href: str) -> bool:
    """
    >>> [is_article_link(f"https://www.yjc.ir{path}") for path in ("/fa/news/9/x", "/00cHfy", "/fa/tags/1")]
    [True, True, False]
    """
    return bool(_ARTICLE_LINK.search(href))


def _read_tags(body: Body, clean: str) -> None:
    if match := _TAGS_LINE.fullmatch(clean):
        body.tags += [tag for part in re.split("[،,]", match[1]) if (tag := part.strip())]


def _sign_off(body: Body) -> None:
    """Take «انتهای پیام/…» off the last paragraph that has letters."""
    while body.paragraphs:
        last = body.paragraphs[-1]
        # The pattern is written for canon text; the raw paragraph is cut only where canon proves the match.
        clean = one_line(last)
        match = _SIGN_OFF.search(clean)
        if match is None:
            return
        body.signed_off = True
        body.paragraphs.pop()
        if match.start() > 0:
            body.paragraphs.append(_cut_raw(last, clean[match.start() :]))
            return


def _cut_raw(raw: str, ending: str) -> str:
    """``raw`` without its shortest tail whose canon holds ``ending``."""
    wanted = name_key(ending)
    for start in range(len(raw) - 1, -1, -1):
        if raw[start].isalpha() or raw[start] == "/":
            tail = name_key(raw[start:])
            if tail == wanted:
                return raw[:start]
            if len(tail) > len(wanted):
                break
    return raw
