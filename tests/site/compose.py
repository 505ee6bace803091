"""Composes the truth of one article."""

from __future__ import annotations

from random import Random

from .edits import revise
from .places import PROVINCES
from .truth import (
    Article,
    Block,
    Image,
    file_path,
    is_day_only,
    neighbours,
    settled_head,
    template_of,
)
from .words import Writer
from .world import Slot, World

SIGNOFFS = ("انتهای پیام/ن", "انتهای پیام / ف", "انتهای پیام/", "انتهای خبر / ز")
TELEGRAM = (
    "برای عضویت در کانال تلگرام باشگاه خبرنگاران جوان و آگاهی از تازه‌ترین خبر‌های {city} اینجا را بزنید: "
    "https://telegram.me/example_news"
)
TRAINING = "برای یادگیری اصول تصویربرداری خبری و فرستادن فیلم‌های خود به بخش آموزش شهروندخبرنگار مراجعه کنید."


def article_of(world: World, slot: Slot) -> Article:
    """The whole truth of a slot's article."""
    rng = Random(f"{world.seed}:{slot.n}:body")
    head = settled_head(world, slot)
    template = template_of(slot, rng)
    sections = [PROVINCES[p].name for p in (slot.home, slot.second) if p is not None]
    article = Article(head, template, sections)
    article.meta = template != "C" or rng.random() >= 1 / 6
    article.day_only = is_day_only(template, slot, rng)
    write = Writer(rng, slot.home, head.city)
    if template == "C" and rng.random() < 1 / 20:
        _album(article, write)
    else:
        _text(article, world, write)
    article.tags = write.some("tags", rng.randint(1, 5)) if rng.random() < 0.9 else []
    if rng.random() < 0.6:
        known = {h.slot.n for h in article.read_more}
        article.see_also = [h for h in neighbours(world, slot, rng, 3) if h.slot.n not in known]
    revise(world, article)
    return article


def _album(article: Article, write: Writer) -> None:
    rng, slot = write.rng, article.slot
    names = " ، ".join(write.some("reporters", rng.randint(1, 2)))
    article.blocks = [Block("credit", f"عکاس: {names}")]
    for _ in range(rng.randint(5, 12)):
        large, small = file_path(slot, rng), file_path(slot, rng)
        if large not in (image.path for image in article.album):
            article.album.append(Image(large, write.one("alts") if rng.random() < 0.7 else None, None, small))


def _text(article: Article, world: World, write: Writer) -> None:
    rng = write.rng
    blocks = _paragraphs(article, write)
    _illustrate(article, write, blocks)
    if rng.random() < 0.3:
        article.read_more = neighbours(world, article.slot, rng, rng.randint(1, 3))
    early = rng.randrange(2, len(blocks)) if rng.random() < 0.4 else None
    if rng.random() < 0.25:
        blocks.append(Block("empty"))
    _tail(article, write, blocks)
    if article.read_more:
        heading = rng.choice(("بیشتر بخوانید",) * 4 + ("بیشتر بخوانید:", "بیشتر بخوانید؛"))
        blocks.insert(len(blocks) if early is None else early, Block("related", heading))
    article.blocks = blocks


def _paragraphs(article: Article, write: Writer) -> list[Block]:
    rng = write.rng
    count = rng.randint(4, 12)
    sentences = write.some("sentences", min(40, count * 2 + 4))
    texts = [
        " ".join(sentences.pop() for _ in range(rng.choice((1, 1, 2, 2, 3))) if sentences)
        for _ in range(count)
    ]
    texts = [text for text in texts if text]
    _dateline(article, write)
    if article.dateline:
        texts[0] = f"{article.dateline} {texts[0]}"
    blocks = [Block("p", text) for text in texts]
    if rng.random() < 0.3:
        for heading in write.some("subheads", rng.randint(1, 2)):
            blocks.insert(rng.randrange(1, len(blocks)), Block("heading", heading))
    if rng.random() < 0.1:
        points = tuple(write.some("items", rng.randint(2, 4)))
        blocks.insert(rng.randrange(1, len(blocks) + 1), Block("list", items=points))
    return blocks


def _dateline(article: Article, write: Writer) -> None:
    rng, year, head = write.rng, article.slot.day[0], article.head
    if rng.random() < 1 / 15:
        return
    place = head.city or PROVINCES[article.slot.home].name
    if year <= 1400:
        article.dateline = f"به گزارش خبرنگار گروه استان‌های باشگاه خبرنگاران جوان از {place}،"
    elif year == 1401:
        article.dateline = f"باشگاه خبرنگاران جوان {place} -"
    elif rng.random() < 0.25:
        article.author = write.one("reporters")
        article.dateline = f"باشگاه خبرنگاران جوان - {article.author} -"
    else:
        article.dateline = "باشگاه خبرنگاران جوان -"


def _illustrate(article: Article, write: Writer, blocks: list[Block]) -> None:
    rng, slot = write.rng, article.slot
    if article.template == "C" and rng.random() < 0.85:
        article.lead_image = _image(slot, write)
    taken = {article.lead_image.path} if article.lead_image else set()
    for _ in range(rng.choice((0, 0, 1, 2) if article.template == "C" else (0, 1, 1, 2))):
        image = _image(slot, write)
        if image.path not in taken:
            taken.add(image.path)
            blocks.insert(rng.randrange(1, len(blocks) + 1), Block("image", image=image))
    if article.template in "BC" and rng.random() < 1 / 12:
        article.videos = [file_path(slot, rng, "mp4")]
        blocks.insert(rng.randrange(1, len(blocks) + 1), Block("video"))


def _image(slot: Slot, write: Writer) -> Image:
    rng = write.rng
    alt = write.one("alts") if rng.random() < 0.7 else None
    caption = write.one("captions") if rng.random() < 0.35 else None
    return Image(file_path(slot, rng), alt, caption if caption != alt else None)


def _tail(article: Article, write: Writer, blocks: list[Block]) -> None:
    rng, year = write.rng, article.slot.day[0]
    if year in (1394, 1395) and rng.random() < 0.6:
        blocks.append(Block("promo", write.fill(TELEGRAM)))
    if rng.random() < 1 / 25:
        blocks.append(Block("promo", TRAINING))
    if year <= 1401 and rng.random() < 0.75:
        mark = rng.choice(SIGNOFFS)
        text = [i for i, block in enumerate(blocks) if block.kind in ("p", "list", "heading")]
        if blocks[text[-1]].kind == "p" and rng.random() < 0.4:
            blocks[text[-1]] = Block("p", blocks[text[-1]].text, signoff=mark)
        else:
            blocks.append(Block("signoff", mark))
    if rng.random() < 0.3:
        article.source = write.one("sources")
        blocks.append(Block("source", article.source))
