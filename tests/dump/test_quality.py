"""Quality: what is counted, what crosses a threshold, and a page in which nothing can do anything."""

from __future__ import annotations

import json
from pathlib import Path

from parsel import Selector

from crawler.dump.quality_page import as_page
from crawler.items import Dated
from crawler.provinces import BY_SLUG
from tests.dump.releases import dumped
from tests.dump.rows import article, tombstone, written

GILAN = BY_SLUG["gilan"]
REFUSED = Dated(origin="printed", raw="x", refused="<script>no date</script>")


def test_what_is_counted(tmp_path: Path) -> None:
    without = "کتاب " * 101
    rows = [
        article(1, without, place=GILAN),
        article(2, f"{without}\u200eمی‌رود\u06cd", day=1, place=GILAN, dates=[REFUSED], dates_disagree=True),
        article(3, place=GILAN, published=REFUSED, dates_disagree=False),
        tombstone(1).model_copy(update={"province": article(1, place=GILAN).province}),
    ]
    made = dumped(written(tmp_path, {"a": rows}), "r1")
    quality = json.loads(made.release.quality.read_text(encoding="utf-8"))
    told = quality["provinces"]["gilan"]
    assert list(quality["provinces"]) == ["gilan"]
    assert (told["rows"], told["articles"], told["later_versions"], told["tombstones"]) == (4, 3, 1, 1)
    assert told["fields"]["title"] == {"filled": 3, "of": 3, "length": {"min": 5, "median": 5, "max": 5}}
    assert told["fields"]["kicker"] == {"filled": 0, "of": 3, "length": None}
    assert told["fields"]["published"]["filled"] == 2
    assert told["dates"]["rules"] == {"iso8601": 2}
    assert told["dates"]["refused"] == {"printed: <script>no date</script>": 1}
    assert (told["dates"]["compared"], told["dates"]["disagreeing"]) == (2, 1)
    assert (told["long_texts"], told["long_texts_without_zwnj"]) == (3, 1)
    assert [letter["code"] for letter in told["odd_letters_first"]] == ["U+06CD", "U+200E"]
    crossed = {line["what"] for line in quality["crossed"]}
    assert {"published filled", "dates that disagree", "long texts without a half-space"} <= crossed
    page = made.release.quality_page.read_text(encoding="utf-8")
    assert "&lt;script&gt;" in page
    assert_still(page)


def test_the_page_of_a_hostile_name() -> None:
    assert_still(as_page("r1", {"crossed": [], "thresholds": {}, "provinces": {}}))


def assert_still(page: str) -> None:
    """No script, nothing from outside, no handler."""
    found = Selector(page)
    assert not found.css("script, iframe, img, link, object, form, [src], [href], [onclick], [onerror]")
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert found.css("html::attr(lang)").get() == "en"
