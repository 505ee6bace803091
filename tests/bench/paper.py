"""A made-up newspaper: articles as long as the site's, of words as common and as rare as a language's.

The same every time. Rows are made of one whole row, without the checks of items.py: a hundred thousand are
wanted soon.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from crawler.collection import Collection
from crawler.items import ProvinceRef
from crawler.normalise.text import ZWNJ, search_key
from crawler.provinces import PROVINCES
from crawler.rows import as_line
from tests.dump.rows import EPOCH, article

# The commonest words of Persian news, then made-up ones, each rarer than the last.
COMMON = """و در به از که این را با است برای آن یک خود تا کرد بر هم شد گفت استان شهر سال کشور مردم باید شده
 دارد ما دیگر وی کار روز نیز ایران بود هزار اما اگر پس هر میلیون درصد تومان گزارش خبرنگار استاندار مدیرکل
 شهرستان طرح اجرا رئیس دولت افزایش برف باران سیل آب برق گاز جاده مدرسه بیمارستان پلیس تصادف کشته مجروح زلزله
 کشاورزان می+شود می+کند می+گوید کتاب+ها دانش+آموزان گفت+وگو بارش+های خانه+های گندم تولید قیمت بازار بودجه شورا
 فرماندار دانشگاه نماینده مجلس""".replace("+", ZWNJ).split()
ONSETS, VOWELS, CODAS = "بپتجچخدرزسشفقکگلمنوهی", "اوی", ["", "", "ن", "ر", "د", "م", "ش", "ت"]
ENDINGS = [*[""] * 14, *["ی"] * 3, f"{ZWNJ}ها", f"{ZWNJ}های"]
VOCABULARY = 60_000
TITLE, LEAD, BODY, PARAGRAPH = 9, 28, 225, 45  # words; 260 or so of an article
DAYS = 1_000
SOURCES = [None, None, None, "ایسنا", "ایرنا", "صدا و سیما"]
FILES = 10


def _vocabulary() -> list[str]:
    chance = random.Random("vocabulary")
    words = dict.fromkeys(COMMON)
    while len(words) < VOCABULARY:
        syllables = chance.choices([1, 2, 3], [1, 5, 4])[0]
        word = "".join(chance.choice(ONSETS) + chance.choice(VOWELS) for _ in range(syllables))
        words[word + chance.choice(CODAS) + chance.choice(ENDINGS)] = None
    return [*words]


WORDS = _vocabulary()
_KEYS = {word: search_key(word) for word in WORDS}
_WEIGHTS = list(accumulate(1 / (rank + 2.7) for rank in range(len(WORDS))))


def _key(words: list[str]) -> str:
    return " ".join(_KEYS[word] for word in words)


def rows(articles: int) -> Iterator[bytes]:
    """Lines. Of a hundred articles three were edited later, one was taken away."""
    chance = random.Random("rows")
    one: dict[str, Any] = json.loads(as_line(article(1)))
    gone: dict[str, Any] = dict.fromkeys(("title", "lead", "body", "search_key", "published"))
    places = [ProvinceRef.of(province).model_dump() for province in PROVINCES]
    for number in range(articles):
        row = _row(one, number, chance) | {"province": chance.choice(places)}
        yield _line(row)
        kind = number % 100
        if kind < 4:
            more = {"version": 2, "supersedes": 1, "status": "gone" if kind == 3 else "edited"}
            yield _line(row | (gone | {"paragraphs": []} if kind == 3 else _texts(chance)) | more)


def _row(one: dict[str, Any], number: int, chance: random.Random) -> dict[str, Any]:
    id = 8_000_000 + number
    at = EPOCH + timedelta(days=number * DAYS // 100_000 - DAYS, seconds=chance.randrange(50_000))
    return one | {
        "id": f"yjc:{id}",
        "canonical_url": f"https://www.yjc.ir/fa/news/{id}",
        "tags": chance.sample(WORDS[20:2_000], 3),
        "source": chance.choice(SOURCES),
        "fetched_at": _iso(at + timedelta(hours=1)),
        "published": one["published"] | {"at": _iso(at)},
        **_texts(chance),
    }


def _texts(chance: random.Random) -> dict[str, Any]:
    words = chance.choices(
        WORDS, cum_weights=_WEIGHTS, k=TITLE + LEAD + round(BODY * chance.uniform(0.4, 1.6))
    )
    title, lead, body = words[:TITLE], words[TITLE : TITLE + LEAD], words[TITLE + LEAD :]
    rest = iter(body)
    paragraphs = [" ".join(part) + "." for part in iter(lambda: list(islice(rest, PARAGRAPH)), [])]
    return {
        "title": " ".join(title),
        "lead": " ".join(lead),
        "paragraphs": paragraphs,
        "body": "\n".join(paragraphs),
        "search_key": "\n".join(map(_key, (title, lead, body))),
    }


def _iso(at: datetime) -> str:
    return at.isoformat()


def _line(row: dict[str, Any]) -> bytes:
    return json.dumps(row, ensure_ascii=False).encode() + b"\n"


def printed(archives: Path, articles: int) -> Collection:
    """A collection of them, in some files; the explorer sees it."""
    collection = Collection(archives, "yjc")
    for folder in (collection.articles, collection.runs, collection.warc):
        folder.mkdir(parents=True)
    lines = rows(articles)
    for file in range(FILES):
        with collection.rows_of(f"run{file}").open("wb") as stream:
            stream.writelines(islice(lines, articles * 104 // 100 // FILES + 1))
    return collection


def questions(collection: Collection, count: int) -> list[dict[str, str]]:
    """What people ask: one to four words of some article, common and rare; phrases, beginnings, minus,
    filters; mostly the first page."""
    chance = random.Random("questions")
    found = []
    for number in range(count):
        row = _one_of(collection, number)
        text = str(row["body"]).replace(".", "").split()
        words = [word for word in chance.sample(text, 40) if word not in COMMON[:30]][: 1 + number % 4]
        kind = number // 4 % 10
        if kind == 0:
            at = chance.randrange(len(text) - 3)
            words = [f'"{" ".join(text[at : at + 2 + number % 2])}"', *words[2:3]]
        elif kind == 1:
            words = [chance.choice(COMMON[30:]), f"-{chance.choice(COMMON[30:])}"]
        elif kind == 2:
            words = [word[: 2 + number % 3] for word in words[:2]]
        elif kind == 3:
            words = chance.sample(COMMON, len(words))
        asked = {"text": " ".join(words)}
        if kind in (4, 5):
            asked |= {"province": row["province"]["slug"]}
        if kind in (5, 6):
            day = datetime.fromisoformat(row["published"]["at"]).date()
            asked |= {"since": str(day - timedelta(days=100)), "until": str(day + timedelta(days=100))}
        asked |= {"tag": row["tags"][0]} if kind == 7 else {}
        found.append(
            asked | [{}, {}, {"page": "3"}, {"order": "newest"}, {"order": "oldest"}][number // 3 % 5]
        )
    return found


def _one_of(collection: Collection, number: int) -> dict[str, Any]:
    """An article with a text."""
    with collection.row_files()[number % FILES].open("rb") as lines:
        found: dict[str, Any] = json.loads(next(islice(lines, number // FILES, None)))
        return found if found["body"] else _one_of(collection, number + FILES)
