"""A researcher looks for something, finds it, reads what was changed, and sees the page as it was."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chromium import Looked, exploring, launched, looking
from tests.crawling import NAME, Crawl, crawl
from tests.site import running

HALF_SPACE = "\u200c"


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """Two provinces; then every article is edited, and looked at again."""
    archives = tmp_path_factory.mktemp("archives")
    with running(4) as site:
        assert crawl(archives, "provinces=qom,yazd", SITE_URL=site.url).code == 0
        site.change(edits=124)
        time.sleep(1)  # an index has seconds: two captures in one are one
        again = crawl(archives, "age=all", spider="recheck", SITE_URL=site.url)
        assert again.code == 0
    return again


@pytest.fixture(scope="module")
def explorer(crawled: Crawl) -> Iterator[str]:
    with exploring(crawled.folder.parent) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with launched() as started:
        yield started


@pytest.fixture
def looked(browser: Browser) -> Iterator[Looked]:
    """Whatever a test does: no script of ours fails, and nothing is asked of another machine."""
    with looking(browser) as page:
        yield page
        assert page.wrong == []
        assert page.browser.left == []


@pytest.fixture(scope="module")
def edited(crawled: Crawl) -> tuple[dict[str, Any], dict[str, Any]]:
    """An article's first row and its second, whose titles differ."""
    by_id: dict[str, list[dict[str, Any]]] = {}
    for row in crawled.rows:
        by_id.setdefault(row["id"], []).append(row)
    found = [rows for rows in by_id.values() if len(rows) == 2 and rows[0]["title"] != rows[1]["title"]]
    return found[0][0], found[0][1]


def test_each_page_opens_and_looks_as_it_should(
    explorer: str, looked: Looked, crawled: Crawl, edited: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    article = edited[1]
    pages = {
        "collections": "/",
        "coverage": f"/{NAME}/",
        "months": f"/{NAME}/?unit=month",
        "search": f"/{NAME}/search?text=" + quote("استان"),
        "article": f"/{NAME}/articles/{article['id']}",
        "addresses": f"/{NAME}/captures?url=" + quote(article["url"]),
        "runs": f"/{NAME}/runs",
        "report": f"/{NAME}/runs/{crawled.report['run_id']}",
        "downloads": f"/{NAME}/downloads",
        "not-there": f"/{NAME}/articles/yjc:1",
    }
    for name, path in pages.items():
        looked.page.goto(explorer + path)
        assert looked.page.locator("h1, h2").first.is_visible(), name
        wide = looked.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, f"{name} is {wide} px wider than the window"
        looked.picture(name)


def test_words_are_found_however_they_are_typed(explorer: str, looked: Looked, crawled: Crawl) -> None:
    word = next(
        word.strip("«»،.:")
        for row in crawled.rows
        for word in (row["title"] or "").split()
        if HALF_SPACE in word and "ی" in word
    )
    spellings = [word, word.replace(HALF_SPACE, ""), word.replace("ی", "ي").replace("ک", "ك")]
    totals = set()
    for spelling in spellings:
        looked.page.goto(f"{explorer}/{NAME}/")
        looked.page.keyboard.press("/")  # to the field
        looked.page.keyboard.insert_text(spelling)
        looked.page.keyboard.press("Enter")
        expect(looked.page.locator("mark").first).to_contain_text(word)
        totals.add(looked.page.get_by_role("status").inner_text())
    assert len(totals) == 1, f"found differently: {totals}"


def test_from_search_to_article_to_its_older_version_to_replay(
    explorer: str, looked: Looked, edited: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    before, after = edited
    page = looked.page
    page.goto(f"{explorer}/{NAME}/search?text=" + quote(f'"{after["title"]}"'))
    page.get_by_role("link", name=after["title"]).first.click()
    expect(page.locator("article h1")).to_have_text(after["title"])
    expect(page.locator(".diff ins").first).to_be_visible()
    looked.picture("changes")
    page.locator(".versions a").filter(has_text="1, new").click()
    expect(page.locator("article h1")).to_have_text(before["title"])

    page.get_by_role("link", name="Replay this version").click()
    expect(page.locator(".bar")).to_contain_text("Archived page")
    assert before["title"] in _words(looked.replayed.inner_text("body"))
    assert after["title"] not in _words(looked.replayed.inner_text("body"))
    looked.picture("replay")
    pictures = looked.replayed.eval_on_selector_all(
        "img", "all => all.filter(one => one.naturalWidth).length"
    )
    assert pictures > 3, "pictures of the page"

    page.get_by_role("navigation", name="Captures").locator("[rel=next]").click()
    page.wait_for_url("**/replay/**")
    assert after["title"] in _words(looked.replayed.inner_text("body"))
    page.get_by_role("link", name="Article and versions").click()
    expect(page.locator("article h1")).to_have_text(after["title"])


def test_a_link_in_a_replayed_page_stays_in_the_archive(
    explorer: str, looked: Looked, edited: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    """What stands above the frame is of what stands in it, also after a click."""
    looked.page.goto(f"{explorer}/{NAME}/replay/2040/{edited[1]['url']}")
    home = looked.replayed.locator("#service_1")
    home.click()
    looked.page.wait_for_url(lambda url: url != f"{explorer}/{NAME}/replay/2040/{edited[1]['url']}")
    looked.page.wait_for_load_state()
    root = edited[1]["url"].partition("/fa/")[0] + "/"
    expect(looked.page.locator(".bar .url")).to_have_text(root)


def test_a_page_that_is_not_held_says_so(
    explorer: str, looked: Looked, edited: tuple[dict[str, Any], dict[str, Any]]
) -> None:
    looked.page.goto(f"{explorer}/{NAME}/replay/2040/http://127.0.0.1:1/fa/news/1")
    expect(looked.page.get_by_role("alert")).to_contain_text("no capture of http://127.0.0.1:1/fa/news/1")
    looked.page.goto(f"{explorer}/{NAME}/replay/2040/{edited[1]['url']}")
    missing = looked.page.locator("details.needs")
    missing.locator("summary").click()
    expect(missing).to_contain_text("seal.example")


def test_the_heat_map_is_walked_with_the_keyboard(explorer: str, looked: Looked) -> None:
    page = looked.page
    page.goto(f"{explorer}/{NAME}/")
    cells = page.locator(".heat td a")
    assert cells.count() > 4
    assert page.locator('.heat td a[tabindex="0"]').count() == 1, "one stop for the Tab key"
    cells.first.focus()
    page.keyboard.press("ArrowRight")
    told = page.evaluate("document.activeElement.title")
    assert told != cells.first.get_attribute("title")
    page.keyboard.press("Enter")
    number = told.partition(": ")[2].partition(" ")[0]
    expect(page.get_by_role("status")).to_contain_text(f"{number} article")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_readable_by_day_and_by_night(explorer: str, browser: Browser, scheme: str) -> None:
    with looking(browser, color_scheme=scheme) as looked:
        looked.page.goto(f"{explorer}/{NAME}/")
        contrast = looked.page.evaluate(_CONTRAST)
        assert contrast >= 4.5, "WCAG 2.2, 1.4.3"
        looked.picture(f"coverage-{scheme}")


# Of all cells with a number: the least contrast of text to what lies under it.
_CONTRAST = """() => {
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const paint = (colours) => {
    for (const colour of colours) { canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); }
    return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const light = (rgb) => {
    const [r, g, b] = rgb.map((v) => v / 255)
      .map((v) => (v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const paper = getComputedStyle(document.body).backgroundColor;
  return Math.min(...[...document.querySelectorAll(".heat td a")].map((link) => {
    const under = light(paint([paper, getComputedStyle(link.parentElement).backgroundColor]));
    const text = light(paint([getComputedStyle(link).color]));
    return (Math.max(under, text) + 0.05) / (Math.min(under, text) + 0.05);
  }));
}"""


def _words(text: str) -> str:
    return " ".join(text.split())
