"""ReplayWeb.page shows what is in our files: articles, what came again, words that are looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.collection import Collection
from crawler.wacz.daily import Daily
from crawler.warc.seal import seal
from tests.browser.chromium import CHROMIUM, Browser, chromium
from tests.browser.replaywebpage import PLAYER, Player, playing
from tests.wacz.opened import Opened, rows_of

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium: `scripts/browser`"),
    pytest.mark.skipif(not (PLAYER / "sw.js").exists(), reason="no ReplayWeb.page: `scripts/player`"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser
        assert browser.left == [], "asked for beyond this machine"


@pytest.fixture(scope="module")
def player(made: dict[str, Path]) -> Iterator[Player]:
    with playing(made["whole"].parent) as player:
        yield player


def captured(opened: Opened, url: str) -> list[str]:
    """Times at which it was, before it was edited; at the last of them as a revisit. With their milliseconds:
    the player shows what is nearest, and two captures can be of one second, or nearly."""
    found = [entry for entry in opened.index() if entry["url"] == url]
    (last,) = (at for at, entry in enumerate(found) if entry["mime"] == "warc/revisit")
    return [entry["timestamp"] for entry in found[: last + 1]]


def row_of(collection: Collection, province: str) -> dict[str, Any]:
    """The first version of one."""
    rows = [row for row in rows_of(collection) if row["province"]["slug"] == province]
    return max((row for row in rows if row["version"] == 1), key=lambda row: len(row["images"]))


@pytest.mark.parametrize(("name", "province"), [("whole", "yazd"), ("run", "yazd"), ("articles", "qom")])
def test_articles_and_their_revisits_are_shown(
    browser: Browser,
    player: Player,
    collection: Collection,
    opened: dict[str, Opened],
    name: str,
    province: str,
) -> None:
    row = row_of(collection, province)
    page = browser.page()
    for timestamp in captured(opened[name], row["url"]):
        frame = player.replayed(page, f"{name}.wacz", row["url"], timestamp)
        shown = "".join(frame.inner_text("body").split())
        for part in ("title", "lead", "body"):
            assert "".join(row["raw"][part].split()) in shown, part
        widths = frame.evaluate("[...document.images].map(one => one.naturalWidth)")
        # A second look asks for no pictures that the collection holds: they are in the first run's files.
        assert widths.count(160) >= (0 if name == "run" else 3), "the sample site's are of 160 points"
    page.close()


def unusual(texts: list[str]) -> tuple[str, int]:
    """A word that stands in some of the texts, always as a word of its own, and in how many."""
    words = [set(re.findall(r"\w{6,}", text)) for text in texts]
    times = {word: sum(word in text for text in texts) for word in set.union(*words)}
    fitting = [word for word in times if 1 < times[word] == sum(word in some for some in words) < len(texts)]
    return min(fitting), times[min(fitting)]


def test_words_of_a_text_find_its_page(
    browser: Browser, player: Player, collection: Collection, opened: dict[str, Opened]
) -> None:
    texts = [page["text"] for page in opened["articles"].lines("pages/pages.jsonl")]
    word, found = unusual(texts)
    page = browser.page()
    player.finds(page, "articles.wacz", word, found)
    page.close()


def test_the_list_of_days_leads_from_a_revisit_to_another_days_original(
    browser: Browser, two_days: Collection, tmp_path: Path
) -> None:
    seal(two_days)
    daily = Daily(two_days, tmp_path / "days")
    first, second = (Opened(built.path) for built in daily.build())
    row = row_of(two_days, "yazd")
    (timestamp,) = captured(second, row["url"])
    assert timestamp not in {entry["timestamp"] for entry in first.index() if entry["url"] == row["url"]}
    page = browser.page()
    with playing(tmp_path / "days") as player:
        frame = player.replayed(page, daily.manifest.name, row["url"], timestamp)
        assert " ".join(row["raw"]["title"].split()) in " ".join(frame.inner_text("body").split())
        assert timestamp[:14] in frame.url
        texts = [page["text"] for day in (first, second) for page in day.lines("pages/extraPages.jsonl")]
        words, found = unusual(texts)
        player.finds(page, daily.manifest.name, words, found)
    page.close()
