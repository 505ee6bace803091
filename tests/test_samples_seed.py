"""The seed article: its text, put back into template C, comes apart into the blocks that it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from tests import samples
from tests.pages.golden import row_of
from tests.samples import template_c, words

pytestmark = samples.needed

TITLE = "عنوانی که در نمونه نیست"
SOURCE, TAGS, RELATED, OFFERS, EXCHANGE, LATEST = (
    "منبع:",
    "برچسب ها:",
    "خبرهای مرتبط",
    "اخبار پیشنهادی",
    "تبادل نظر",
    "آخرین اخبار",
)


@dataclass(frozen=True)
class Seed:
    """The article's lines, told apart by the headings that stand between them."""

    lead: str
    paragraphs: list[str]
    source: str
    tags: list[str]
    related: list[tuple[str, str]]  # kicker line or "", headline
    notice: str
    headlines: list[str]
    latest: list[str]


def seed() -> Seed:
    lines = [words(line) for line in samples.text("seed_article_qom_2025-09-24.txt").splitlines()]
    lines = [line for line in lines if line]
    source = next(n for n, line in enumerate(lines) if line.startswith(SOURCE))
    related, offers, exchange, latest = map(lines.index, (RELATED, OFFERS, EXCHANGE, LATEST))
    pairs, kicker = [], ""
    for line in lines[related + 1 : offers]:
        if line.endswith(":"):
            kicker = line
        else:
            pairs.append((kicker, line))
            kicker = ""
    return Seed(
        lead=lines[0].split(maxsplit=2)[2],  # behind the date that the collection put before it
        paragraphs=lines[1:source],
        source=lines[source].removeprefix(SOURCE),
        tags=[tag.strip() for tag in lines[source + 1].removeprefix(TAGS).split("،")],
        related=pairs,
        notice=lines[exchange + 1],
        headlines=lines[exchange + 2 : latest],
        latest=lines[latest + 1 :],
    )


def href(number: int) -> str:
    return f"/fa/news/{9003000 + number}/x"


def links(titles: list[str], first: int) -> str:
    return (
        "<ul>"
        + "".join(f'<li><a href="{href(first + n)}">{t}</a></li>' for n, t in enumerate(titles))
        + "</ul>"
    )


def related_list(true: Seed) -> str:
    rows = (
        f'<li>{kicker}<br><a href="{href(n)}">{title}</a></li>'
        for n, (kicker, title) in enumerate(true.related)
    )
    return f"<ul>{''.join(rows)}</ul>"


def text_of(true: Seed) -> str:
    return "".join(f"<p>{line}</p>\n" for line in true.paragraphs) + f"<p>{SOURCE}{true.source}</p>\n"


def outside(true: Seed) -> str:
    """Every block of the tail in a box of its own, after the body's container."""
    tags = " ، ".join(f'<a href="/fa/tags/{n}/1/x">{tag}</a>' for n, tag in enumerate(true.tags))
    after = (
        f'<div class="tag_items_photo"><span>{TAGS}</span> {tags}</div>'
        f'<div class="related_box"><h3>{RELATED}</h3>{related_list(true)}</div>'
        f'<div class="offer_box"><h3>{OFFERS}</h3></div>'
        f'<div class="comment_form"><h3>{EXCHANGE}</h3><p>{true.notice}</p></div>{links(true.headlines, 100)}'
        f'<div class="latest"><h3>{LATEST}</h3>{links(true.latest, 200)}</div>'
    )
    return template_c(TITLE, true.lead, text_of(true), crumbs=("قم",), after=after)


def inside(true: Seed) -> str:
    """The whole tail in the body's container, as paragraphs and lists."""
    tail = (
        f"<p>{TAGS} {' ، '.join(true.tags)}</p><p>{RELATED}</p>{related_list(true)}"
        f"<p>{OFFERS}</p><p>{EXCHANGE}</p><p>{true.notice}</p>{links(true.headlines, 100)}"
        f"<p>{LATEST}</p>{links(true.latest, 200)}"
    )
    return template_c(TITLE, true.lead, text_of(true) + tail, crumbs=("قم",))


def lines_only(true: Seed) -> str:
    """The whole tail as lines parted by breaks, without a link: what a text extractor leaves."""
    related = [line for pair in true.related for line in pair if line]
    tail = [f"{TAGS} {' ، '.join(true.tags)}", RELATED, *related, OFFERS, EXCHANGE, true.notice]
    tail += [*true.headlines, LATEST, *true.latest]
    lines = "<br>\n".join([*true.paragraphs, f"{SOURCE}{true.source}", *tail])
    return template_c(TITLE, true.lead, f'<div style="text-align: justify">{lines}</div>', crumbs=("قم",))


@pytest.fixture(params=[outside, inside, lines_only])
def told(request: pytest.FixtureRequest) -> dict[str, Any]:
    return row_of(request.param(seed()))


def test_the_seed_is_what_these_tests_take_it_for() -> None:
    true = seed()
    assert (len(true.paragraphs), len(true.tags), len(true.related)) == (13, 2, 3)
    assert sorted(true.headlines) == sorted(true.latest)
    assert len(true.latest) == 9
    assert [bool(kicker) for kicker, _ in true.related] == [True, False, False]


def test_paragraphs_are_those_between_lead_and_source(told: dict[str, Any]) -> None:
    true = seed()
    assert told["paragraphs"] == true.paragraphs
    assert (told["title"], told["lead"]) == (TITLE, true.lead)


def test_source_and_tags(told: dict[str, Any]) -> None:
    true = seed()
    assert (told["source"], told["tags"]) == (true.source, true.tags)
    assert (told["province"], told["province_from"]) == ("qom", "breadcrumb")


def test_the_dateline_names_no_reporter(told: dict[str, Any]) -> None:
    """Behind the agency's dash stands the governor's name, in a sentence: he is not its author."""
    assert seed().paragraphs[0].startswith(told["dateline"])
    assert "author" not in told


@pytest.mark.parametrize("build", [outside, inside])
def test_related_are_the_three_headlines(build: Any) -> None:
    true = seed()
    assert row_of(build(true))["related"] == [
        {"url": f"https://www.yjc.ir{href(n)}", "title": title} for n, (_, title) in enumerate(true.related)
    ]


def test_lines_without_links_give_no_related() -> None:
    assert "related" not in row_of(lines_only(seed()))
