"""Raw article in, clean article out. No clock: "now" is the moment of the capture."""

from __future__ import annotations

import hashlib

from crawler.cities import province_of
from crawler.dating import chosen, dates_of, disagree, read_date
from crawler.items import Article, ImageRef, Link, ProvinceRef, Restored
from crawler.normalise.dateline import read_dateline
from crawler.normalise.lexicon import lexicon
from crawler.normalise.names import tidy_name
from crawler.normalise.restore import RULES, has_lost_half_spaces, restore
from crawler.normalise.text import one_line, search_key


def clean(article: Article) -> Article:
    """The same article with its clean fields filled from ``raw``."""
    raw = article.raw
    if raw is None:
        return article  # a tombstone has no text
    paragraphs = [text for part in raw.paragraphs if (text := one_line(part))]
    dateline = read_dateline(paragraphs[0]) if paragraphs else None
    dates = dates_of(article)
    modified = raw.modified_meta
    fields: dict[str, object] = {
        "kicker": _text(raw.kicker),
        "title": _text(raw.title),
        "lead": _text(raw.lead),
        "paragraphs": paragraphs,
        "body": "\n".join(paragraphs) or None,
        "dateline": dateline.text if dateline else None,
        "author": tidy_name(dateline.author) if dateline else None,
        "source": tidy_name(raw.source),
        "tags": list(dict.fromkeys(text for tag in raw.tags if (text := one_line(tag)))),
        "related": [Link(url=link.url, title=one_line(link.title)) for link in raw.related],
        "images": [_image(image) for image in raw.images],
        "published": chosen(dates),
        "dates": dates,
        "modified": read_date(modified, "meta", article.fetched_at) if modified is not None else None,
        "dates_disagree": disagree(dates),
    }
    if article.province is None and dateline and (province := province_of(dateline.place or "")):
        fields["province"] = ProvinceRef.of(province)
        fields["province_from"] = "dateline"
    words = (fields["kicker"], fields["title"], fields["lead"], fields["body"])
    fields["text_sha256"] = _sha256(*words)
    fields["search_key"] = "\n".join(search_key(str(w)) for w in words if w)
    return article.model_copy(update=fields)


def digest_today(row: Article) -> str:
    """``text_sha256`` of a row whose texts an earlier canon made, under the canon of today."""
    body = "\n".join(text for paragraph in row.paragraphs if (text := one_line(paragraph))) or None
    return _sha256(_text(row.kicker), _text(row.title), _text(row.lead), body)


def _sha256(*texts: object) -> str:
    return hashlib.sha256("\n".join(str(text or "") for text in texts).encode()).hexdigest()


def with_half_spaces(article: Article) -> Article:
    """The same clean article with its texts restored beside, where its body shows signs of a loss.

    Raises NoLexicon."""
    if not has_lost_half_spaces(article.body or ""):
        return article
    texts = (article.kicker, article.title, article.lead, article.body)
    kicker, title, lead, body = (restore(text) if text else text for text in texts)
    restored = Restored(kicker=kicker, title=title, lead=lead, body=body)
    return article.model_copy(update={"restored": restored, "restored_by": f"{RULES} ({lexicon().name})"})


def _image(image: ImageRef) -> ImageRef:
    alt, caption = _text(image.alt), _text(image.caption)
    return ImageRef(url=image.url, alt=alt, caption=caption if caption != alt else None)


def _text(text: str | None) -> str | None:
    return one_line(text) or None if text else None
