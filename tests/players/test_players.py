"""Two hundred captures as pywb, ReplayWeb.page and our own replay show them: the same words and pictures.

Run by `make players`; it takes some minutes.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from playwright.sync_api import Error, Frame

from crawler.collection import Collection
from crawler.search.update import update
from crawler.wacz.build import build_whole
from tests.browser.chromium import CHROMIUM, Browser, chromium, exploring
from tests.browser.replaywebpage import PLAYER, playing
from tests.players.sample import Sampled, archived, sampled
from tests.wayback import JUDGES, wayback

pytestmark = [
    pytest.mark.skipif(not os.environ.get("OSTAN_PLAYERS"), reason="takes minutes: make players"),
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: `scripts/browser`"),
]
CONFIG = """
collections:
  demo:
    index_paths: {folder}/index.cdxj
    archive_paths: {folder}/warc/
framed_replay: false
banner_html: false
"""
LOADED = """() => Promise.all([...document.images].map(one => {
    one.loading = 'eager';
    return one.complete || new Promise(done => { one.onload = one.onerror = done; });
}))"""
SEEN = """() => [document.body.innerText.trim(), [...document.images].map(one => one.naturalWidth)]"""
MOST_NAMED = 10  # captures that a failure names


class Seen(NamedTuple):
    """What a person sees of a capture: the page's words; widths of its pictures in points, 0: not there."""

    text: str
    widths: tuple[int, ...]


Column = dict[Sampled, Seen | None]  # None: nothing is shown


@pytest.fixture(scope="module")
def collection(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    return archived(tmp_path_factory.mktemp("archives"))


@pytest.fixture(scope="module")
def captures(collection: Collection) -> list[Sampled]:
    chosen = sampled(collection)
    print(Counter(one.kind for one in chosen))
    return chosen


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def seen(frame: Frame) -> Seen | None:
    try:
        frame.wait_for_load_state("load")
        frame.evaluate(LOADED)
        text, widths = frame.evaluate(SEEN)
    except Error:
        return None
    return Seen(text, tuple(widths))


def column(browser: Browser, captures: list[Sampled], address: Callable[[str, str], str]) -> Column:
    """Each capture at an address of its own."""
    page, found = browser.page(), Column()
    for one in captures:
        page.goto(address(one.url, one.timestamp))
        found[one] = seen(page.main_frame)
    page.close()
    return found


@pytest.fixture(scope="module")
def pywb(
    browser: Browser,
    collection: Collection,
    captures: list[Sampled],
    tmp_path_factory: pytest.TempPathFactory,
) -> Column:
    home = tmp_path_factory.mktemp("pywb")
    if not (JUDGES / "wayback").exists():
        pytest.skip("no pywb: make .judges/run")
    with wayback(home, CONFIG.format(folder=collection.folder)) as url:
        return column(browser, captures, lambda target, timestamp: f"{url}/demo/{timestamp}/{target}")


@pytest.fixture(scope="module")
def replaywebpage(
    browser: Browser,
    collection: Collection,
    captures: list[Sampled],
    tmp_path_factory: pytest.TempPathFactory,
) -> Column:
    if not (PLAYER / "sw.js").exists():
        pytest.skip("no ReplayWeb.page: scripts/player")
    folder = tmp_path_factory.mktemp("wacz")
    build_whole(collection, folder / "demo.wacz", sorted(collection.warc.glob("*.warc.gz")), "all")
    page, found = browser.page(), Column()
    with playing(folder) as player:
        for one in captures:
            try:
                found[one] = seen(player.replayed(page, "demo.wacz", one.url, one.timestamp))
            except TimeoutError:
                found[one] = None
        page.close()
    return found


@pytest.fixture(scope="module", params=["", "live"], ids=["still", "with its scripts"])
def own(
    request: pytest.FixtureRequest, browser: Browser, collection: Collection, captures: list[Sampled]
) -> Column:
    """In its frame, as the explorer shows it."""
    update(collection)
    page, found = browser.page(), Column()
    with exploring(collection.folder.parent) as explorer:
        for one in captures:
            page.goto(f"{explorer}/{collection.name}/replay/{one.timestamp}{request.param}/{one.url}")
            page.wait_for_selector("#replayed")
            found[one] = seen(page.frames[1])
    page.close()
    return found


def differing(first: Column, second: Column) -> list[str]:
    lines = [
        f"{one.kind} {one.timestamp} {one.url}: {first[one]} and {second[one]}"
        for one in first
        if first[one] != second[one]
    ]
    print(f"{len(first) - len(lines)} of {len(first)} alike")
    return [line[:2000] for line in lines[:MOST_NAMED]]


def test_the_sample_has_all_kinds(captures: list[Sampled]) -> None:
    assert len(captures) == 200
    assert len({one.kind for one in captures}) == 7


def test_pywb_shows_all(pywb: Column) -> None:
    assert [one for one, shown in pywb.items() if shown is None] == []
    assert [one for one, shown in pywb.items() if one.kind != "picture" and not shown.text] == []
    assert all(shown.widths == (160,) for one, shown in pywb.items() if one.kind == "picture" and shown)


def test_replaywebpage_shows_what_pywb_shows(pywb: Column, replaywebpage: Column) -> None:
    assert differing(pywb, replaywebpage) == []


def test_our_replay_shows_what_pywb_shows(pywb: Column, own: Column) -> None:
    assert differing(pywb, own) == []


def test_our_replay_shows_what_replaywebpage_shows(replaywebpage: Column, own: Column) -> None:
    assert differing(replaywebpage, own) == []


def test_nothing_left_this_machine(browser: Browser, pywb: Column, replaywebpage: Column) -> None:
    assert browser.left == []
