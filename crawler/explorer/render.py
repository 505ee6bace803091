"""Pages out of templates. Every value that a template prints is spelled out where it would not be seen
(report/shown.py) and escaped for HTML; links lead to the web only."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from crawler.normalise.dates import TEHRAN
from crawler.normalise.dates.spoken import persian_digits, spoken
from crawler.provinces import BY_SLUG
from crawler.replay.moment import read_stamp, stamp_of
from crawler.report.page import link, readable
from crawler.report.shown import shown
from crawler.report.units import size
from crawler.search.snippet import Pieces

_FOLDER = Path(__file__).parent
STATIC = _FOLDER / "static"
_TIME = Markup(
    '<time datetime="{}"><span class="jalali" lang="fa" dir="rtl">{}</span>'
    ' <span class="gregorian">{}</span></time>'
)


def page(template: str, values: Mapping[str, Any]) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_FOLDER / "templates"),
        autoescape=True,
        finalize=_shown,
        undefined=ChainableUndefined,  # rows of earlier programs lack what later ones have
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters = (
        *(link, readable, size, when, day, marked, number, province),
        *(query, segment, steps, stamp, moment),
    )
    environment.filters.update({one.__name__: one for one in filters})
    environment.globals["provinces"] = BY_SLUG
    return environment


def _shown(value: Any) -> Any:
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def when(moment: str | datetime | None) -> Markup:
    """A moment, in Tehran, by both calendars."""
    if not moment:
        return Markup('<span class="soft">–</span>')
    try:
        at = moment if isinstance(moment, datetime) else datetime.fromisoformat(moment)
        local = at.astimezone(TEHRAN)
    except (ValueError, OverflowError):
        return Markup("{}").format(shown(str(moment)))
    persian = f"{spoken(local.date())}، {persian_digits(f'{local:%H:%M}')}"
    return _TIME.format(at.astimezone(UTC).isoformat(), persian, f"{local:%Y-%m-%d %H:%M}")


def day(value: str | date | None) -> Markup:
    """A day of Tehran, by both calendars."""
    if not value:
        return Markup('<span class="soft">no date</span>')
    on = value if isinstance(value, date) else date.fromisoformat(value)
    return _TIME.format(str(on), spoken(on), str(on))


def marked(pieces: Pieces) -> Markup:
    """Pieces of a text, what was looked for set off."""
    parts = (Markup("<mark>{}</mark>" if meant else "{}").format(shown(text)) for text, meant in pieces)
    return Markup("").join(parts)


def number(value: int) -> str:
    """
    >>> number(1240)
    '1,240'
    """
    return f"{value:,}"


def query(values: Mapping[str, Any], **changed: Any) -> str:
    """``?a=b`` of what has a value.

    >>> query({"text": "قم", "page": 2}, page=None)
    '?text=%D9%82%D9%85'
    """
    pairs = {name: value for name, value in (dict(values) | changed).items() if value not in (None, "")}
    return f"?{urlencode(pairs)}" if pairs else ""


def segment(value: Any) -> str:
    """One step of an address, whatever stands in it.

    >>> segment("../../etc/passwd")
    '..%2F..%2Fetc%2Fpasswd'
    """
    return quote(str(value), safe=":", errors="replace")


def steps(path: str) -> str:
    """Several steps of an address.

    >>> steps("warc/a b.gz")
    'warc/a%20b.gz'
    """
    return quote(path, safe="/", errors="replace")


def stamp(moment: str) -> str:
    """The timestamp, as archives write it, of an ISO moment."""
    return stamp_of(datetime.fromisoformat(moment))


def moment(stamp: str) -> datetime:
    """And back."""
    return read_stamp(stamp)


def province(slug: str) -> Markup:
    """A province by both its names."""
    known = BY_SLUG.get(slug)
    if known is None:
        return Markup('<span class="soft">{}</span>').format(shown(slug) or "no province known")
    tag = '<span class="en">{}</span> <span lang="fa" dir="rtl" class="fa">{}</span>'
    return Markup(tag).format(known.name_en, known.name_fa)
