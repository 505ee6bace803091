"""Where a crawl stands, while it runs: a line for a log, or a few lines for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from crawler.provinces import Province
from crawler.report.shown import shown
from crawler.report.units import size, took

MOST_REASONS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """``articles``: rows written; ``dealt``: articles that have come to an end in this run, rows or not;
    ``discovered``: those and what waits, None where that is not known; ``a_minute``: articles dealt with;
    ``pause``: seconds until the host may be asked again."""

    run_id: str
    articles: int
    dealt: int
    discovered: int | None
    pages: int
    bytes: int
    province: Province | None
    errors: Mapping[str, int] = field(default_factory=dict)
    a_minute: float = 0.0
    pause: float = 0.0
    seconds: float = 0.0


def as_line(standing: Standing, at: datetime) -> str:
    """
    >>> from crawler.provinces import BY_SLUG
    >>> standing = Standing("1", 412, 415, None, 1020, 31_200_000, BY_SLUG["qom"], {"list: HTTP 503": 3})
    >>> as_line(standing, datetime(2026, 11, 25, 12, 5, 10))
    '12:05:10 412 articles, 1,020 pages, 31.2 MB, qom, 3 errors'
    """
    errors = sum(standing.errors.values())
    parts = [
        counted(standing.articles, "article"),
        counted(standing.pages, "page"),
        size(standing.bytes),
        *([standing.province.slug] if standing.province else []),
        counted(errors, "error"),
    ]
    return f"{at:%H:%M:%S} {', '.join(parts)}"


def counted(number: int, what: str) -> str:
    """
    >>> counted(1, "page"), counted(1_020, "page")
    ('1 page', '1,020 pages')
    """
    return f"{number:,} {what}{'s' * (number != 1)}"


def as_display(standing: Standing) -> RenderableType:
    """For rich: which run; how far; what was got; what went wrong."""
    lines: list[RenderableType] = [_head(standing), _way(standing), _got(standing)]
    if standing.errors:
        lines.append(_errors(standing.errors))
    return Group(*lines)


def _head(standing: Standing) -> Text:
    head = Text(no_wrap=True, overflow="ellipsis")
    head.append("Ostan ", "bold").append(shown(standing.run_id), "dim")
    head.append(f"  {took(standing.seconds)}")
    if standing.province:
        head.append(f"  {standing.province.name_en}", "cyan")
    return head


def _way(standing: Standing) -> RenderableType:
    written = Text(f"{standing.articles:,} written", "bold green")
    if standing.discovered is None:
        return written.append(f", {standing.dealt:,} looked at", "not bold default")
    share = standing.dealt / standing.discovered if standing.discovered else 0
    written.append(f", {standing.discovered:,} discovered ({share:.0%} done)", "not bold default")
    grid = Table.grid(padding=(0, 2))
    grid.add_column(width=30)
    grid.add_column(no_wrap=True)
    grid.add_row(ProgressBar(completed=100 * share, complete_style="green", finished_style="green"), written)
    return grid


def _got(standing: Standing) -> Text:
    parts = [
        counted(standing.pages, "page"),
        f"{size(standing.bytes)} kept",
        f"{standing.a_minute:,.0f} articles a minute",
    ]
    if standing.pause >= 0.1:
        parts.append(f"next request in {standing.pause:.0f} s")
    return Text(" · ".join(parts), no_wrap=True, overflow="ellipsis")


def _errors(errors: Mapping[str, int]) -> Text:
    most = sorted(errors.items(), key=lambda error: -error[1])
    told = Text(no_wrap=True, overflow="ellipsis")
    told.append(counted(sum(errors.values()), "error"), "bold red")
    told.append(": " + " · ".join(f"{number:,} × {shown(reason)}" for reason, number in most[:MOST_REASONS]))
    return told.append(" · …") if len(most) > MOST_REASONS else told
