"""The report of a run as one page for people: no script, nothing from outside, made from the report alone."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from jinja2 import ChainableUndefined, Environment, FileSystemLoader
from markupsafe import Markup

from crawler.normalise.dates import TEHRAN, jalali
from crawler.provinces import BY_SLUG
from crawler.report.build import OUTCOMES, Report
from crawler.report.days import day_table
from crawler.report.shown import shown
from crawler.report.text import reasons
from crawler.report.units import size, took
from crawler.report.verdict import hosts, verdict

# What one page shows of long lists; all of it stands in the JSON beside it.
MOST = {"troubles": 300, "diffs": 100, "named": 500, "addresses": 200, "services": 200, "refusals": 50}


def as_page(report: Report) -> str:
    """HTML of one file. ``report``: what ``runs/<run>.json`` holds, of today's program or an earlier one."""
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            verdict=verdict(report),
            table=day_table(report),
            reasons=reasons(report),
            outcomes=_outcomes(report),
            hosts=hosts(report),
            kept=_standing(report),
            most=MOST,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        finalize=_shown,
        undefined=ChainableUndefined,  # reports of earlier programs lack what later ones tell
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        link=link, when=when, took=took, size=size, named=named, signed=signed, both=both
    )
    return environment


def _shown(value: Any) -> Any:
    """Every value that the template prints comes through here; then it is escaped for HTML."""
    return shown(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def link(url: Any) -> Markup:
    """A link where ``url`` is of the web, else its text. Shown with its letters, not with %D8."""
    url = str(url or "")
    told = readable(url)
    if _is_of_the_web(url):
        tag = '<a href="{}" rel="noreferrer noopener" dir="ltr">{}</a>'
        return Markup(tag).format(url, shown(told))
    return Markup('<span class="address" dir="ltr">{}</span>').format(shown(told))


def _is_of_the_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"[\s\\]", shown(url))


def readable(url: str) -> str:
    """An address with its letters. Only those beyond ASCII are decoded: %2F says another thing than /."""
    return re.sub("(?i)(?:%[89a-f][0-9a-f])+", _decoded, url)


def _decoded(escapes: re.Match[str]) -> str:
    try:
        letters = unquote(escapes[0], errors="strict")
    except UnicodeDecodeError:
        return escapes[0]
    return escapes[0] if re.search(r"\s", letters) else letters


def when(moment: Any) -> Markup:
    """A moment in Tehran, by both calendars."""
    try:
        at = datetime.fromisoformat(str(moment))
        local = at.astimezone(TEHRAN)
        told = f"{local:%Y-%m-%d %H:%M:%S} Tehran, {jalali(at)}"
    except ValueError:
        return Markup("{}").format(shown(str(moment)))
    return Markup('<time datetime="{}">{}</time>').format(at.astimezone(UTC).isoformat(), told)


def both(day: Any) -> str:
    """A day by both calendars.

    >>> both("2026-11-25")
    '2026-11-25 (1405-09-04)'
    """
    try:
        return f"{day} ({jalali(datetime.combine(date.fromisoformat(str(day)), time(12), TEHRAN))})"
    except ValueError:
        return str(day)


def named(slug: Any) -> Markup:
    """A province by both its names."""
    province = BY_SLUG.get(slug)
    if province is None:
        return Markup("{}").format(shown(str(slug)) or "(not known yet)")
    tag = '{} <span lang="fa" dir="rtl" class="fa">{}</span>'
    return Markup(tag).format(province.name_en, province.name_fa)


def signed(lines: list[str], sign: str) -> int:
    """How many lines of a diff came («+»), or went («-»)."""
    return sum(line.startswith(sign) for line in lines)


def _outcomes(report: Report) -> dict[str, Any]:
    """``names``: outcomes that occur; ``rows``: slug, how many of each, and the reasons."""
    rows = []
    for slug, counts in report.get("outcomes_by_list", {}).items():
        sums = dict.fromkeys(OUTCOMES, 0)
        why = {}
        for told, number in counts.items():
            outcome, _, reason = told.partition(": ")
            sums[outcome] = sums.get(outcome, 0) + number
            if reason:
                why[told] = number
        rows.append((slug, sums, why))
    order = list(BY_SLUG)
    rows.sort(key=lambda row: order.index(row[0]) if row[0] in BY_SLUG else len(order))
    return {"names": [name for name in OUTCOMES if any(sums[name] for _, sums, _ in rows)], "rows": rows}


def _standing(report: Report) -> dict[str, int]:
    """Slug → archived articles of the whole collection, where the report says so."""
    states = report.get("standing")
    if not isinstance(states, dict):
        return {}
    return {slug: counts.get("done", 0) + counts.get("gone", 0) for slug, counts in states.items()}
