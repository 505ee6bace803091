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
LONGEST_TAG = 40

RELATED_INSIDE = frozenset(map(name_key, ("بیشتر بخوانید", "بیشتر ببینید", "مطالب مرتبط")))
RELATED_AFTER = frozenset(map(name_key, ("خبرهای مرتبط", "اخبار مرتبط")))
# Lists of other news: headlines bear no full stop, so a sentence shows that the article goes on.
OTHER_NEWS = frozenset(map(name_key, ("اخبار پیشنهادی", "آخرین اخبار", "پربازدیدها", "پربازدیدترین ها")))
COMMENTS = frozenset(map(name_key, ("تبادل نظر", "نظرات بینندگان", "ارسال نظر")))
_COMMENT_NOTICE = re.compile(r"آدرس ایمیل|ایمیل خود|در انتظار بررسی|انتشار یافته|نظر شما")
_ARTICLE_LINK = re.compile(r"^(?:https?://[^/]+)?/(?:.*/)?news/\d|^(?:https?://[^/]+)?/00[0-9A-Za-z]{4}$")
_TAGS_LINE = re.compile(r"برچسب[\u200c ]?ها ?[:؛] ?(.+)")
_SOURCE_LINE = re.compile(r"منبع ?[:؛] ?(.*)")
# «انتهای پیام/ن», «انتهای پیام / ف», «انتهای خبر / ز», alone or glued to the last sentence (until 2022).
_SIGN_OFF = re.compile(
    r" ?انتهای (?:پیام|خبر) ?(?:/ ?[\w\u200c]{0,3})? ?[.]?$|(?:(?<=[.؟!» ])|^) ?/[آ-ی]{1,2}$"
)
_TRAINING = "برای یادگیری اصول تصویربرداری خبری"  # a line for citizen reporters
_TELEGRAM = re.compile(
    r"کانال تلگرام.{0,120}(?:telegram\.me|t\.me)/|عضویت در کانال تلگرام باشگاه خبرنگاران"
)  # 2015
_SENTENCE_END = (".", "؟", "!")


@dataclass(slots=True)
class Body:
    """The parts of a body container. ``raw`` is every block as it stood, nothing taken out."""

    raw: str
    paragraphs: list[str] = field(default_factory=list)
    related: list[tuple[str, str]] = field(default_factory=list)
    source: str | None = None
    tags: list[str] = field(default_factory=list)


def read_body(found: list[Block]) -> Body:
    """Tell the blocks of a body container apart; ``paragraphs`` stay raw.

    >>> lines = ["قم آماده است. انتهای پیام/ن", "منبع: ایسنا", "تبادل نظر", "ایمیل خود را بنویسید"]
    >>> body = read_body([Block("p", line) for line in lines])
    >>> body.paragraphs, body.source
    (['قم آماده است. '], ' ایسنا')
    """
    body = Body(raw="\n".join(block.text for block in found))
    state = "text"
    for index, block in enumerate(found):
        clean = one_line(block.text)
        if _heading(clean) in COMMENTS and any(_COMMENT_NOTICE.search(b.text) for b in found[index:]):
            break  # what follows is the readers'
        if clean:
            state = _read_block(body, block, clean, state)
    _sign_off(body)
    return body


def _read_block(body: Body, block: Block, clean: str, state: str) -> str:
    """Put one block where it belongs; the state in which the next one is read."""
    outside_links = name_key(_without_links(block)).strip(":؛؟.")
    if outside_links in RELATED_INSIDE and state == "text":
        _relate(body, block)  # «بیشتر بخوانید؛ <a>…</a>» in one line
        return "related"
    heading = _heading(clean)
    if heading in RELATED_AFTER:
        return "related after"
    if heading in OTHER_NEWS:
        return "other news"
    if tags := _tags(clean):
        body.tags += tags
        return "other news"
    if state == "related" and not (_is_related(block) or (block.inside == "li" and block.is_links)):
        state = "text"
    if state in ("related after", "other news") and not block.links and clean.endswith(_SENTENCE_END):
        state = "text"
    if state == "source":
        body.source, state = block.text, "text"
    elif state == "text":
        state = _read_text(body, block, clean)
    elif state != "other news":
        _relate(body, block)
    return state


def _heading(clean: str) -> str:
    return name_key(clean).rstrip(":؛؟.") if len(clean) <= LONGEST_HEADING else ""


def _read_text(body: Body, block: Block, clean: str) -> str:
    if (match := _SOURCE_LINE.fullmatch(clean)) and len(clean) <= LONGEST_SOURCE:
        body.source = re.split("[:؛]", block.text, maxsplit=1)[1] if match[1] else None
        return "text" if match[1] else "source"
    if block.is_links and all(href == "/" for href, _ in block.links):
        return "text"  # the site's own name before the text (sister site, 2015)
    if block.is_links and _is_related(block) and not clean.endswith("."):
        _relate(body, block)  # a headline of another article that an editor put between the lines
    elif not (_SIGN_OFF.match(clean) or clean.startswith(_TRAINING) or _TELEGRAM.search(clean)):
        body.paragraphs.append(block.text)
    return "text"


def _is_related(block: Block) -> bool:
    """Nothing but links to articles; in a list a kicker may stand before the link."""
    return (
        bool(block.links)
        and all(is_article_link(href) for href, _ in block.links)
        and (block.is_links or block.inside == "li")
    )


def _without_links(block: Block) -> str:
    text = block.text
    for _, linked in block.links:
        text = text.replace(linked, " ", 1)
    return text if len(text) <= 2 * LONGEST_HEADING else ""


def _relate(body: Body, block: Block) -> None:
    """Links to articles only. A link that goes on over a break (kicker, then title) is one."""
    for href, text in block.links:
        if not is_article_link(href) or not text.strip():
            continue
        if body.related and body.related[-1][0] == href:
            body.related[-1] = (href, f"{body.related[-1][1]} {text}")
        else:
            body.related.append((href, text))


def _tags(clean: str) -> list[str]:
    """The tags of a «برچسب ها: a ، b» line; none where it is a sentence that begins so."""
    match = _TAGS_LINE.fullmatch(clean)
    parts = [part.strip() for part in re.split("[،,]", match[1])] if match else []
    if clean.endswith(_SENTENCE_END) or any(len(part) > LONGEST_TAG for part in parts):
        return []
    return [part for part in parts if part]


def is_article_link(href: str) -> bool:
    """
    >>> [is_article_link(f"https://www.yjc.ir{path}") for path in ("/fa/news/9/x", "/00cHfy", "/fa/tags/1")]
    [True, True, False]
    """
    return bool(_ARTICLE_LINK.search(href))


def _sign_off(body: Body) -> None:
    """Take «انتهای پیام/…» off the last paragraph that has letters."""
    while body.paragraphs:
        last = body.paragraphs[-1]
        # The pattern is written for canon text; the raw paragraph is cut only where canon proves the match.
        clean = one_line(last)
        match = _SIGN_OFF.search(clean)
        if match is None:
            return
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
