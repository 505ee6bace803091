"""Raw article in, clean article out. No clock: "now" is the moment of the capture."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Literal

from crawler.items import Article, Dated, ImageRef, Link, ProvinceRef
from crawler.normalise.dateline import read_dateline
from crawler.normalise.dates import jalali, read
from crawler.normalise.text import one_line
from crawler.provinces import named

DISAGREEMENT = timedelta(hours=1)


def clean(article: Article) -> Article:
    """The same article with its clean fields filled from ``raw``."""
    raw = article.raw
    if raw is None:
        return article  # a tombstone has no text
    paragraphs = [text for part in raw.paragraphs if (text := one_line(part))]
    dateline = read_dateline(paragraphs[0]) if paragraphs else None
    printed, machine = _date(raw.published, "printed", article), _date(raw.published_meta, "meta", article)
    fields: dict[str, object] = {
        "kicker": _text(raw.kicker),
        "title": _text(raw.title),
        "lead": _text(raw.lead),
        "paragraphs": paragraphs,
        "body": "\n".join(paragraphs) or None,
        "dateline": dateline.text if dateline else None,
        "author": dateline.author if dateline else None,
        "source": _text(raw.source),
        "tags": list(dict.fromkeys(text for tag in raw.tags if (text := one_line(tag)))),
        "related": [Link(url=link.url, title=one_line(link.title)) for link in raw.related],
        "images": [_image(image) for image in raw.images],
        "published": _chosen(machine, printed),
        "modified": _date(raw.modified_meta, "meta", article),
        "dates_disagree": _disagree(machine, printed),
    }
    if article.province is None and dateline and (province := named(dateline.place or "")):
        fields["province"] = ProvinceRef.of(province)
        fields["province_from"] = "dateline"
    words = (fields["kicker"], fields["title"], fields["lead"], fields["body"])
    fields["text_sha256"] = hashlib.sha256("\n".join(str(w or "") for w in words).encode()).hexdigest()
    return article.model_copy(update=fields)


def _image(image: ImageRef) -> ImageRef:
    alt, caption = _text(image.alt), _text(image.caption)
    return ImageRef(url=image.url, alt=alt, caption=caption if caption != alt else None)


def _text(text: str | None) -> str | None:
    return one_line(text) or None if text else None


def _date(raw: str | None, origin: Literal["meta", "printed"], article: Article) -> Dated | None:
    if raw is None:
        return None
    found = read(raw, article.fetched_at)
    if found.at is None:
        return Dated(origin=origin, raw=raw, refused=found.reason)
    if found.at > article.fetched_at + timedelta(days=1):  # seen on a sister site (basijnews)
        return Dated(origin=origin, raw=raw, refused="later than the day after its capture")
    return Dated(
        at=found.at,
        jalali=jalali(found.at),
        precision=found.precision,
        ambiguous=found.fold,
        origin=origin,
        rule=found.rule,
        raw=raw,
    )


def _chosen(machine: Dated | None, printed: Dated | None) -> Dated | None:
    """The machine date where it could be read (it has an offset), else the printed one."""
    for date in (machine, printed):
        if date and date.at:
            return date
    return printed or machine


def _disagree(machine: Dated | None, printed: Dated | None) -> bool | None:
    if not (machine and machine.at and printed and printed.at):
        return None
    if "day" in (machine.precision, printed.precision):
        return machine.jalali != printed.jalali
    return abs(machine.at - printed.at) > DISAGREEMENT
