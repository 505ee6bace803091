"""The one schema: a row of the JSON Lines is one version of one article.

Every key is always present, in this order; None (null) where unknown. Raw text stands beside clean text.
``archives/schema.json`` is generated from these classes (``make schema``) and compared by a test.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from crawler.provinces import Province
from crawler.warc.pointer import WarcPointer

SCHEMA_VERSION = "1.2"


def _iso(moment: datetime) -> str:
    return moment.isoformat()


# pydantic would write +00:00 as Z; one form with an offset, always, is easier on readers.
Moment = Annotated[datetime, PlainSerializer(_iso, return_type=str, when_used="json")]


class _Part(BaseModel):
    # Every key is always written, so the schema requires every key.
    model_config = ConfigDict(extra="forbid", frozen=True, json_schema_serialization_defaults_required=True)


DateOrigin = Literal["meta", "printed", "feed", "image", "header"]


class ProvinceRef(_Part):
    code: str = Field(description="ISO 3166-2, IR-00 to IR-30")
    slug: str
    name_fa: str
    name_en: str

    @classmethod
    def of(cls, province: Province) -> ProvinceRef:
        return cls(code=province.code, slug=province.slug, name_fa=province.name_fa, name_en=province.name_en)


class Link(_Part):
    url: str
    title: str


class ImageRef(_Part):
    url: str
    alt: str | None
    caption: str | None


class VideoRef(_Part):
    url: str


class Raw(_Part):
    """What the page says after entity decoding; nothing removed but markup."""

    kicker: str | None
    title: str
    lead: str | None
    body: str = Field(description="every block of the body's container, sign-off and tail blocks included")
    # Not in the rows: each stands in body already. The next step makes the clean paragraphs of them.
    paragraphs: list[str] = Field(default=[], exclude=True)
    published: str | None = Field(description="the printed date with its label")
    published_meta: str | None = Field(description="meta article:published_time")
    published_feed: str | None = Field(default=None, description="what a feed said: its item's pubDate")
    modified_meta: str | None = Field(description="meta article:modified_time")
    tags: list[str]
    source: str | None
    related: list[Link]
    images: list[ImageRef]
    crumbs: list[str] = Field(default=[], description="the breadcrumb's steps behind the site's own name")


class Restored(_Part):
    """Texts with lost half-spaces put back (normalise/restore.py): a guess, for reading and searching."""

    kicker: str | None
    title: str | None
    lead: str | None
    body: str | None


class Dated(_Part):
    """A date that was read, or why it was not: then ``at`` is None and ``refused`` says the reason."""

    model_config = ConfigDict(populate_by_name=True)

    at: Moment | None = None
    jalali: str | None = Field(default=None, description="the Tehran day, YYYY-MM-DD")
    precision: Literal["second", "minute", "hour", "day"] | None = None
    ambiguous: bool | None = Field(
        default=None, description="the clocks were changed in that hour: it came twice, or never"
    )
    origin: DateOrigin = Field(
        alias="from",
        description="meta tag, printed on the page, feed; image: its path; header: Last-Modified",
    )
    rule: str | None = Field(default=None, description="the rule of normalise/dates that read it")
    raw: str
    refused: str | None = None


class Http(_Part):
    status: int
    etag: str | None
    last_modified: str | None


class Article(_Part):
    """One version of one article. Texts are canon (normalise/text.py); what the page wrote is in ``raw``."""

    schema_version: str = SCHEMA_VERSION
    id: str = Field(description='site and news id, "yjc:9012345"')
    version: int = Field(
        default=1, description="counts up with each edit of kicker, title, lead or body that was seen"
    )
    status: Literal["new", "edited", "gone"] = Field(
        default="new",
        description="gone: a tombstone, without text; http and warc are of the answer that says so",
    )
    supersedes: int | None = Field(default=None, description="the version before this one")
    site: str = Field(description="the site file's name")
    url: str = Field(description="as fetched, after redirects")
    canonical_url: str = Field(description="the same for every address of the article")
    short_url: str
    province: ProvinceRef | None
    province_from: Literal["breadcrumb", "header", "meta", "feed", "section", "source", "dateline"] | None = (
        Field(description="where the province is known from, the surest first")
    )
    sections: list[str] = Field(
        description="Persian names: the breadcrumb's section, then where it was listed"
    )
    city: str | None = Field(description="the breadcrumb's second step, where the first is a province")
    kicker: str | None = Field(default=None, description="the line above the title")
    title: str | None = None
    lead: str | None = None
    body: str | None = Field(default=None, description="paragraphs with a line break between them")
    paragraphs: list[str] = []
    dateline: str | None = Field(
        default=None, description="what the first paragraph opens with; it stays there"
    )
    author: str | None = Field(default=None, description="the reporter that the dateline names")
    source: str | None = Field(default=None, description="what stands behind «منبع:»")
    tags: list[str] = []
    related: list[Link] = Field(
        default=[], description="articles that the page links to as related, each once"
    )
    images: list[ImageRef] = Field(default=[], description="lead image, images of the body, album")
    videos: list[VideoRef]
    restored: Restored | None = Field(default=None, description="None unless asked for, and half-spaces lost")
    restored_by: str | None = Field(default=None, description="the rules and the lexicon")
    search_key: str | None = Field(
        default=None, description="kicker, title, lead, body folded for searching; \\n between"
    )
    raw: Raw | None = Field(default=None, description="None where the article is gone")
    published: Dated | None = Field(default=None, description="the one of dates that is believed, dating.py")
    dates: list[Dated] = Field(default=[], description="every date of publication that is told")
    modified: Dated | None = None
    dates_disagree: bool | None = Field(
        default=None, description="machine date, printed date and feed's: two differ by more than an hour"
    )
    language: str = "fa"
    text_sha256: str | None = Field(
        default=None, description="of kicker, title, lead, body; \\n between, UTF-8"
    )
    template: str | None = Field(description="the page class that read it, pages/templates.py; None if gone")
    extractor: str = Field(description="counts up when the same bytes are read differently")
    fetched_at: Moment
    first_seen: Moment = Field(description="when the article's first version was fetched")
    http: Http
    run_id: str
    warc: WarcPointer | None = Field(description="None only where the crawl was told to keep no archive")

    @property
    def news_id(self) -> int:
        return int(self.id.rpartition(":")[2])
