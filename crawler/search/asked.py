"""What is asked of the index, read from the words of a command line or of an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar, get_args

from crawler.normalise.dates import read_day
from crawler.provinces import choose

Status = Literal["", "there", "edited", "gone"]
Order = Literal["rank", "newest", "oldest"]
Word = TypeVar("Word", bound=str)
NAMES = ("text", "province", "since", "until", "tag", "source", "status", "order", "page")


@dataclass(frozen=True, slots=True)
class Asked:
    """``text``: as typed; "" for all articles. ``provinces``: slugs; "": of no known province; none: of all.
    ``since``, ``until``: Tehran days of publication. ``status``: there: not gone; edited: more than one
    version; "": any. ``page``: from 1."""

    text: str = ""
    provinces: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    tag: str = ""
    source: str = ""
    status: Status = ""
    order: Order = "rank"
    page: int = 1


def read_asked(words: Mapping[str, str]) -> Asked:
    """``words``: of NAMES, as they were typed. ValueError names what is wrong and what is allowed.

    >>> asked = read_asked({"text": "برف", "province": "قم,IR-01", "since": "1404-07-01"})
    >>> asked.provinces, str(asked.since)
    (('gilan', 'qom'), '2025-09-23')
    """
    since, until = (_day(name, words.get(name, "")) for name in ("since", "until"))
    if since and until and since > until:
        raise ValueError(f"since={words['since']} is later than until={words['until']}")
    page = words.get("page", "") or "1"
    if not (page.isascii() and page.isdecimal() and int(page[:9]) > 0):
        raise ValueError(f"page={page[:40]}: pages are counted from 1")
    return Asked(
        text=words.get("text", ""),
        provinces=_provinces(words.get("province", "")),
        since=since,
        until=until,
        tag=words.get("tag", ""),
        source=words.get("source", ""),
        status=_one_of("status", words.get("status", ""), get_args(Status)),
        order=_one_of("order", words.get("order", "") or "rank", get_args(Order)),
        page=int(page[:9]),
    )


def _provinces(text: str) -> tuple[str, ...]:
    named = [part.strip() for part in text.replace("،", ",").split(",") if part.strip()]
    if named == ["none"]:
        return ("",)
    return tuple(province.slug for province in choose(named)) if named else ()


def _day(name: str, text: str) -> date | None:
    if not text:
        return None
    try:
        return read_day(text)
    except ValueError as error:
        raise ValueError(f"{name}={text[:40]}: {error}") from None


def _one_of(name: str, text: str, allowed: tuple[Word, ...]) -> Word:
    for word in allowed:
        if word == text:
            return word
    raise ValueError(f"{name}={text[:40]}: must be one of {', '.join(filter(None, allowed))}")
