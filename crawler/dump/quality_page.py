"""The quality of a release as one page for people: no script, nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from crawler.provinces import BY_SLUG


def as_page(release: str, quality: dict[str, Any]) -> str:
    """HTML of one file. ``quality``: what ``quality.json`` holds."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(percent=percent, named=named)
    return environment.get_template("quality.html").render(release=release, **quality)


def percent(part: float, of: float = 1) -> str:
    """
    >>> percent(1, 3), percent(0, 0), percent(999, 1000)
    ('33.3 %', '-', '99.9 %')
    """
    return f"{100 * part / of:.1f} %" if of else "-"


def named(slug: str) -> Markup:
    """A province by both its names."""
    province = BY_SLUG.get(slug)
    if province is None:
        return Markup("{}").format(slug)
    return Markup('{} <bdi lang="fa">{}</bdi>').format(province.name_en, province.name_fa)
