"""What the ledger keeps of an article: read out of its row."""

from __future__ import annotations

from datetime import date

from crawler.items import Article
from crawler.ledger.endings import Written
from crawler.normalise.dates import tehran_day
from crawler.provinces import named
from crawler.sites import Site


def written_of(article: Article, row_at: int) -> Written:
    """What the ledger keeps of a row that begins at byte ``row_at`` of its file."""
    day = day_of_publication(article)
    return Written(
        news_id=article.news_id,
        version=article.version,
        status=article.status,
        row_at=row_at,
        at=article.fetched_at,
        path=Site.path_of(article.url),
        text_sha256=article.text_sha256,
        day=str(day) if day else None,
        stands_in=stands_in(article),
        first_seen=article.first_seen,
        etag=article.http.etag,
    )


def day_of_publication(article: Article) -> date | None:
    """In Tehran; None where its date could not be read."""
    return tehran_day(article.published.at) if article.published and article.published.at else None


def stands_in(article: Article) -> tuple[str, ...]:
    """Slugs of the provinces that an article belongs to: its own first, then those where it was listed."""
    names = [article.province.slug] if article.province else []
    found = (named(name) for name in (*names, *article.sections))
    return tuple(dict.fromkeys(province.slug for province in found if province))
