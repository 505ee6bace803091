"""The frontier: one article once, provinces in turn, limits, an account that closes."""

from __future__ import annotations

from collections import Counter

from crawler.frontier import Frontier
from crawler.provinces import BY_SLUG

QOM, YAZD = BY_SLUG["qom"], BY_SLUG["yazd"]


def ids(frontier: Frontier, most: int) -> list[int]:
    return [found.news_id for found in frontier.take(most)]


def test_an_article_of_two_lists_is_one_and_carries_both() -> None:
    frontier = Frontier()
    assert frontier.add(7, "u", "feed", QOM, QOM)
    assert not frontier.add(7, "u", "section", YAZD, YAZD)
    assert not frontier.add(7, "u", "section", YAZD, YAZD)
    (found,) = frontier.take(5)
    assert found.listed_in == (("feed", QOM), ("section", YAZD))


def test_provinces_come_in_turn_and_the_newest_of_each_first() -> None:
    frontier = Frontier()
    for news_id in (1, 3, 2):
        frontier.add(news_id, "u", "feed", QOM, QOM)
    frontier.add(9, "u", "feed", YAZD, YAZD)
    assert ids(frontier, 2) == [3, 9]
    assert ids(frontier, 1) == [2]
    assert ids(frontier, 9) == [1]
    assert ids(frontier, 9) == []


def test_a_limit_is_filled_by_what_is_written() -> None:
    frontier = Frontier(limit=2)
    for news_id in (1, 2, 3, 4):
        frontier.add(news_id, "u", "feed", QOM, QOM)
    assert frontier.is_full(QOM)
    assert not frontier.is_full(YAZD)
    assert ids(frontier, 1) + ids(frontier, 1) + ids(frontier, 1) == [4, 3]
    frontier.settle(4, "failed", "HTTP 404")
    assert ids(frontier, 1) == [2]
    frontier.settle(3, "written")
    frontier.settle(2, "written")
    assert ids(frontier, 1) == []


def test_what_is_skipped_while_it_waits_is_never_taken() -> None:
    frontier = Frontier()
    frontier.add(1, "u", "feed", QOM, QOM)
    frontier.add(2, "u", "feed", QOM, QOM)
    frontier.settle(2, "skipped", "outside since..until")
    assert ids(frontier, 5) == [1]
    assert frontier.account() == {"qom": Counter({("skipped", "outside since..until"): 1, ("open", ""): 1})}


def test_an_article_ends_once() -> None:
    frontier = Frontier(limit=1)
    frontier.add(1, "u", "feed", QOM, QOM)
    assert ids(frontier, 1) == [1]
    frontier.settle(1, "failed", "HTTP 500")
    frontier.settle(1, "written")
    assert frontier.account()["qom"] == Counter({("failed", "HTTP 500"): 1})


def test_an_article_of_a_sitemap_counts_where_its_page_says() -> None:
    frontier = Frontier(limit=1, provinces=(QOM, YAZD))
    for news_id in (1, 2):
        frontier.add(news_id, "u", "sitemap", None, None)
    assert ids(frontier, 5) == [2, 1]
    assert frontier.claim(2, QOM)
    assert not frontier.claim(1, QOM)
    assert frontier.claim(1, YAZD)


def test_a_list_that_links_to_itself_ends() -> None:
    frontier = Frontier()
    assert frontier.first_visit("u")
    assert not frontier.first_visit("u")
