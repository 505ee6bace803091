"""What stands in rows beside the text: dates with their origins, search keys, restored half-spaces; and the
command that shows what becomes of a string."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from crawler.arguments import restores
from crawler.normalise.lexicon import NoLexicon, lexicon
from crawler.normalise.text import canon, search_key
from crawler.sites import load
from tests.crawling import ROOT, Crawl, crawl
from tests.forked import scrapy
from tests.site import Site, running

Z = "\u200c"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running(20, half_spaces_lost=True) as served:
        yield served


@pytest.fixture(scope="module")
def crawled(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    folder = tmp_path_factory.mktemp("archives")
    settings = {"SITE_URL": site.url, "REQUISITES": "none", "RESTORE": "1"}
    done = crawl(folder, "provinces=qom,yazd", **settings)
    assert done.code == 0, done.err
    return done


def test_lost_half_spaces_are_restored_beside_the_text_and_never_in_it(crawled: Crawl) -> None:
    restored = [row for row in crawled.rows if row["restored"]]
    assert len(restored) > len(crawled.rows) / 2
    for row in restored:
        assert row["restored_by"] == f"ostan-restore/1 ({lexicon().name})"
        assert Z not in row["body"]
        assert Z in row["restored"]["body"]
        for name, text in row["restored"].items():
            assert (text or "").replace(Z, "") == (row[name] or ""), name
    short = [row for row in crawled.rows if not row["restored"]]
    assert all(row["restored_by"] is None for row in short)


def test_a_row_has_a_key_for_searching(crawled: Crawl) -> None:
    for row in crawled.rows:
        texts = (row["kicker"], row["title"], row["lead"], row["body"])
        assert row["search_key"] == "\n".join(search_key(text) for text in texts if text)


def test_every_date_that_is_told_stands_in_the_row_with_its_origin(crawled: Crawl) -> None:
    fed = [row for row in crawled.rows if row["raw"]["published_feed"]]
    assert fed
    for row in fed:
        told = {date["from"]: date for date in row["dates"]}
        assert told["feed"]["raw"] == row["raw"]["published_feed"]
        assert told["feed"]["rule"] == "rfc822"
        assert told["header"]["raw"] == row["http"]["last_modified"]
        assert row["published"] in row["dates"]
        times = [datetime.fromisoformat(told[name]["at"]) for name in ("feed", row["published"]["from"])]
        assert abs(times[0] - times[1]) < timedelta(minutes=1)
    assert any(date["from"] == "image" for row in fed for date in row["dates"])


def test_canon_that_learns_makes_no_edits(site: Site, crawled: Crawl) -> None:
    """The rows are made to look as if an earlier canon had left an Arabic letter alone."""
    (path,) = (crawled.folder / "articles").glob("*.jsonl")
    rows = path.read_text(encoding="utf-8")
    path.write_text(
        rows.replace("ک", "ك").replace('"paragraphs":["', '"paragraphs":["\u200f","'), encoding="utf-8"
    )
    with sqlite3.connect(crawled.folder / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE articles SET text_sha256 = 'of another canon'")
    ledger.close()
    before = len(crawled.rows)
    settings = {"SITE_URL": site.url, "REQUISITES": "none", "SECOND_LOOK_SECONDS": "0"}
    again = crawl(crawled.folder.parent, "age=all", "provinces=qom", spider="recheck", **settings)
    assert again.report["articles"]["unchanged"] > 10
    assert len(again.rows) == before


# -- the setting, before anything is asked for --------------------------------------------------------


def test_restore_must_be_possible(monkeypatch: pytest.MonkeyPatch) -> None:
    site = load()
    assert not restores("", site)
    assert restores("", site.model_copy(update={"half_spaces_lost": True}))
    assert not restores("0", site.model_copy(update={"half_spaces_lost": True}))
    with pytest.raises(ValueError, match="RESTORE=yes: must be 0 or 1"):
        restores("yes", site)
    monkeypatch.setattr("crawler.arguments.lexicon", lambda: lexicon(Path("/nowhere/at/all")))
    assert not restores("0", site)
    with pytest.raises(ValueError, match=r"cannot be restored: no lexicon at .*`make lexicon` builds it"):
        restores("1", site)
    with pytest.raises(NoLexicon):
        lexicon(Path("/nowhere/at/all"))


# -- scrapy normalise ---------------------------------------------------------------------------------


def normalise(*words: str, stdin: str | bytes = b"") -> tuple[int, str, str]:
    data = stdin.encode() if isinstance(stdin, str) else stdin
    done = scrapy(["normalise", *words], ROOT, dict(os.environ), 60, data)
    return done.returncode, done.stdout, done.stderr


def test_a_text_comes_out_as_canon() -> None:
    assert normalise("text", f"كتاب{Z}{Z}هاي") == (0, f"کتاب{Z}های\n", "")
    page = f" علي{Z}\n\nhttps://a.ir/علي\u00a0٢ "
    assert normalise("text", "-", stdin=page) == (0, f"{canon(page)}\n", "")
    assert normalise("text", stdin="علي\n") == (0, "علی\n", "")


def test_a_string_is_what_was_given() -> None:
    assert normalise("text", "--", "-علي") == (0, "-علی\n", "")
    assert normalise("text", "", stdin="not read") == (0, "\n", "")
    assert normalise("date", "۲ مهر\n۱۴۰۴") == (0, "2025-09-24T00:00:00+03:30\n", "")


def test_explain_names_the_rules_and_what_they_did() -> None:
    code, out, err = normalise("text", "--explain", "--restore", "ظرفيتهای\u00a0استان")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        f"text        ظرفیت{Z}های استان",
        "search key  ظرفیتهای استان",
        "rule        Arabic letters: ARABIC LETTER YEH → ARABIC LETTER FARSI YEH",
        "rule        odd blanks: NO-BREAK SPACE → SPACE",
        "restored    1 half-spaces; the text does not show signs of having lost them",
    ]


def test_dates_from_stdin_stay_line_for_line() -> None:
    code, out, err = normalise("date", "-", stdin="۲ مهر ۱۴۰۴\nفردا\n۲ مهر ۱۴۰۴ - ۱۲:۳۰\n")
    assert code == 1
    assert out == "2025-09-24T00:00:00+03:30\n\n2025-09-24T12:30:00+03:30\n"
    assert err == "refused: no known format (فردا)\n"


def test_a_date_is_counted_from_the_fetch() -> None:
    words = ("date", "--explain", "--now", "2025-09-24T12:30+03:30")
    code, out, _ = normalise(*words, "دیروز ساعت ۱۸:۳۰")
    assert (code, out.splitlines()[:3]) == (
        0,
        ["2025-09-23T18:30:00+03:30", "jalali     1404-07-01", "rule       relative"],
    )
    assert (
        normalise(*words, "۵ مهر ۱۴۰۴")[2] == "refused: later than the day after its capture (۵ مهر ۱۴۰۴)\n"
    )
    assert "fold" in normalise("date", "--explain", "۳۰ شهریور ۱۴۰۱ - ۲۳:۳۰")[1]


@pytest.mark.parametrize(
    ("words", "stdin", "said"),
    [
        ((), b"", "say what the string is: text or date"),
        (("name", "قم"), b"", "say what the string is: text or date"),
        (("date", "--now", "yesterday", "دیروز"), b"", "--now=yesterday: write 2026-11-26T12:00+03:30"),
        (("date", "--now", "2025-09-24T12:30", "دیروز"), b"", "write 2026-11-26T12:00+03:30"),
        (("text", "-"), b"\xff\xfe", "stdin is not UTF-8"),
        (("text", "--explian", "علي"), b"", "no such option: --explian"),
        (("text", "-علي"), b"", "write -- before a string like that"),
        (("date", "--now", "0001-01-01T00:00Z", "دیروز"), b"", "write 2026-11-26T12:00+03:30"),
    ],
)
def test_nonsense_is_told_with_its_cure(words: tuple[str, ...], stdin: bytes, said: str) -> None:
    code, out, err = normalise(*words, stdin=stdin)
    assert code == 2
    assert said in out + err
