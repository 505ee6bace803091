"""Whether pages still say what they used to: the share of articles that each field was read of."""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping
from math import exp, fsum, lgamma, log
from typing import Any

from crawler.account import ARTICLES, WATCHED

RUNS = 5  # earlier runs that are compared with
FEWEST = 10  # articles on each side; with fewer a share says little
FALL = 0.3  # of the share at which it is called a fall
CHANCE = 1e-6  # a fall that comes by chance as often is none: there are some thousand fields a run
EVERY = "every field"

Filled = Mapping[tuple[str, str], Counter[str]]  # (template, slug) → field → articles that have it


def keep_fields(ledger: sqlite3.Connection, run: int, filled: Filled) -> None:
    """What the next runs compare with."""
    ledger.executemany(
        "INSERT OR REPLACE INTO fields VALUES (?, ?, ?, ?, ?, ?)",
        [
            (run, template, slug, name, counts[name], counts[ARTICLES])
            for (template, slug), counts in filled.items()
            for name in WATCHED
        ],
    )
    ledger.commit()


def drift(ledger: sqlite3.Connection, run: int, filled: Filled, unfit: int) -> list[dict[str, Any]]:
    """Fields that were read of far fewer articles than in the last runs, by template and, where it fell in
    some only, by province. ``unfit``: pages of this run that no template fits."""
    before = _before(ledger, run)
    found = _fallen(_by_template(before), _by_template(filled), "(all)")
    told = {(fall["template"], fall["field"]) for fall in found}
    for (template, slug), counts in filled.items():
        part = _fallen({template: before.get((template, slug), Counter())}, {template: counts}, slug)
        found += [fall for fall in part if (template, fall["field"]) not in told]
    return found + _vanished(_by_template(before), _by_template(filled), unfit)


def _before(ledger: sqlite3.Connection, run: int) -> dict[tuple[str, str], Counter[str]]:
    found: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for template, slug, name, have, articles in ledger.execute(
        "SELECT template, province, field, sum(filled), sum(articles) FROM fields WHERE run IN"
        " (SELECT DISTINCT run FROM fields WHERE run < ? ORDER BY run DESC LIMIT ?) GROUP BY 1, 2, 3",
        (run, RUNS),
    ):
        found[template, slug][name] = have
        found[template, slug][ARTICLES] = articles
    return found


def _by_template(filled: Filled) -> dict[str, Counter[str]]:
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for (template, _), counts in filled.items():
        found[template].update(counts)
    return found


def _fallen(
    before: Mapping[str, Counter[str]], now: Mapping[str, Counter[str]], where: str
) -> list[dict[str, Any]]:
    found = []
    for template, counts in now.items():
        earlier = before.get(template, Counter())
        if min(counts[ARTICLES], earlier[ARTICLES]) < FEWEST:
            continue
        for name in WATCHED:
            was, share = earlier[name] / earlier[ARTICLES], counts[name] / counts[ARTICLES]
            # Laplace's rule of succession: that all of twenty had it does not mean that each article has.
            usual = (earlier[name] + 1) / (earlier[ARTICLES] + 2)
            if was - share >= FALL and by_chance(counts[name], counts[ARTICLES], usual) < CHANCE:
                found.append(_fall(template, where, name, was, share, counts[ARTICLES]))
    return found


def by_chance(have: int, articles: int, share: float) -> float:
    """How often at most so many of the articles have a field, if each has it with this probability (the
    binomial distribution). ``share`` is between 0 and 1, and neither.

    >>> round(by_chance(0, 10, 0.3), 3), by_chance(0, 50, 0.3) < CHANCE
    (0.028, True)
    """
    whole, yes, no = lgamma(articles + 1), log(share), log(1 - share)
    return fsum(
        exp(whole - lgamma(n + 1) - lgamma(articles - n + 1) + n * yes + (articles - n) * no)
        for n in range(have + 1)
    )


def _vanished(
    before: Mapping[str, Counter[str]], now: Mapping[str, Counter[str]], unfit: int
) -> list[dict[str, Any]]:
    """Templates of which no page came any more, while pages came that no template fits."""
    total = sum(counts[ARTICLES] for counts in before.values())
    return [
        _fall(template, "(all)", EVERY, counts[ARTICLES] / total, 0.0, unfit)
        for template, counts in before.items()
        if unfit >= FEWEST and counts[ARTICLES] >= FEWEST and not now.get(template)
    ]


def _fall(template: str, where: str, name: str, was: float, share: float, articles: int) -> dict[str, Any]:
    return {
        "template": template,
        "province": where,
        "field": name,
        "before": round(was, 3),
        "now": round(share, 3),
        "articles": articles,
    }
