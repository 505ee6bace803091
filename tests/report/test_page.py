"""The page of a report: what it says, and that nothing in it can do anything."""

from __future__ import annotations

import re
from typing import Any

import pytest
from parsel import Selector

from crawler.report.page import MOST, as_page
from crawler.report.shown import shown
from tests.report.example import POINTER, report, trouble, troubled

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = '"><img src=x onerror=alert(1)>'
OVERRIDE = "\u202egpj.exe"
HOSTILE = [
    SCRIPT,
    BREAKOUT,
    OVERRIDE,
    "\x1b[2J\x00",
    "javascript:alert(1)",
    "{{ 7 * 7 }}",
    "</style><script>",
    "\ud800",
]


def page(given: dict[str, Any]) -> Selector:
    return Selector(as_page(given))


def text(given: dict[str, Any], css: str) -> str:
    return " ".join(" ".join(page(given).css(f"{css} ::text").getall()).split())


def everywhere(word: str) -> dict[str, Any]:
    """A report in which every text that comes from outside is ``word``."""
    versions = [
        {
            "news_id": 1,
            "version": 2,
            "status": "edited",
            "url": word,
            "diff": [f"-title: {word}", f"+{word}"],
        },
        {"news_id": 2, "version": 2, "status": "gone", "url": word},
    ]
    missed = [{"url": word, "reason": word, "warc": {"file": word, "offset": 1}}]
    refusals = [{"time": word, "what": word, "status": 429, "url": word}]
    service = {"service_id": 1, "expected": "qom", "title": word, "says": word, "verdict": "unnamed"}
    fall = {"template": word, "province": word, "field": word, "before": 0.9, "now": 0.1, "articles": 99}
    return troubled(
        trouble(word, word, word),
        versions=versions,
        hosts={word: {"delay": 4, "until": word, "blocked": word, "refusals": refusals}},
        services={"checked": [service]},
        layout_drift=[fall],
        requisites={"found": 1, "kept": 0, "held": 0, "bytes": 0, "failed": {word: 1}, "missed": missed},
        dates_disagree=[word],
        slowest=[{"url": word, "seconds": 1.0}],
        fields_without_value={word: {word: 1}},
        templates={word: 1},
        outcomes_by_list={word: {f"failed: {word}": 1}},
        rows_by_province={word: 1},
        days={word: {"2026-11-20": 1}},
        gaps={word: {"silent_days": 9, "usual_days": 2, "days_without_any": [word]}},
        arguments={word: word},
        plan={word: word},
        warc={"files": [word], "sha256": {word: word}},
        **dict.fromkeys(("site", "base_url", "replay_from", "operator"), word),
        **dict.fromkeys(("started", "run_id", "finish_reason"), word),
    )


@pytest.mark.parametrize("word", HOSTILE)
def test_hostile_text_stays_text_wherever_it_stands(word: str) -> None:
    html = as_page(everywhere(word))
    read, innocent = Selector(html), Selector(as_page(everywhere("innocent")))
    names = [sorted(element.root.tag for element in of.css("*")) for of in (read, innocent)]
    assert names[0] == names[1]  # not one element more, nor one less
    assert not read.css("script, img, link, iframe, object, form, base, style ~ style")
    assert not read.xpath("//@*[starts-with(name(), 'on')]")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]", html)
    assert shown(word) in " ".join(read.css("body ::text").getall())
    html.encode()


@pytest.mark.parametrize(
    ("url", "is_link"),
    [
        ("https://www.yjc.ir/fa/news/1", True),
        ("http://127.0.0.1:8765/fa/news/1?a=1&b=2", True),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt://www.yjc.ir/%0aalert(1)", False),
        ("data:text/html,<script>alert(1)</script>", False),
        ("file:///etc/passwd", False),
        ("//evil.example/", False),
        ("/fa/news/1", False),
        ("https:///nobody", False),
        ("http://[", False),
        ("java\nscript:alert(1)", False),
        ("https://good.example\\@evil.example/", False),
        ("https://good.example/\u202efdp.exe", False),
        ("", False),
    ],
)
def test_only_addresses_of_the_web_are_links(url: str, is_link: bool) -> None:
    links = page(troubled(trouble("article", url, "HTTP 404"))).css("#missed a")
    assert [link.attrib["href"] for link in links] == ([url] if is_link else [])
    assert all(link.attrib["rel"] == "noreferrer noopener" for link in links)


def test_addresses_are_shown_with_their_letters_and_nothing_else_is_decoded() -> None:
    url = "https://www.yjc.ir/fa/news/1/%D9%82%D9%85%20%2Fx%40y%FF%E2%80%AE"
    link = page(troubled(trouble("article", url, "HTTP 404"))).css("#missed a")
    assert link.attrib["href"] == url
    assert link.css("::text").get() == "https://www.yjc.ir/fa/news/1/قم%20%2Fx%40y%FF%E2%80%AE"


def test_nothing_is_asked_from_anywhere() -> None:
    read = page(everywhere("https://www.yjc.ir/x"))
    assert (
        read.css("meta[http-equiv=Content-Security-Policy]")
        .attrib["content"]
        .startswith("default-src 'none'; style-src 'unsafe-inline'")
    )
    assert not read.css("[src], [srcset], link, script, iframe")
    assert "url(" not in read.css("style").get("")
    assert "@import" not in read.css("style").get("")


def test_the_verdict_stands_first() -> None:
    lost = trouble("list", "https://www.yjc.ir/fa/qom", "HTTP 503")
    assert "Finished, not whole" in text(troubled(lost), "main > :first-child")
    assert "Exit code 1 : 1 × list: HTTP 503 ." in text(troubled(lost), ".verdict")
    assert page(report()).css("title::text").get() == "Finished: run run1, yjc"


def test_what_was_missed_has_its_reason_and_its_bytes() -> None:
    told = text(troubled(trouble("list", "https://www.yjc.ir/fa/qom", "HTTP 503")), "#missed")
    assert "1 list: HTTP 503" in told
    assert f"{POINTER['file']}@91014" in told


def test_edits_are_told_apart_by_more_than_colour() -> None:
    edit = {
        "news_id": 7,
        "version": 2,
        "status": "edited",
        "url": None,
        "diff": ["-title: سد", "+title: سد‌ها"],
    }
    read = page(report(versions=[edit]))
    assert read.css("#versions .diff").attrib == {"class": "diff", "lang": "fa", "dir": "rtl"}
    assert read.css("#versions del::text").getall() == ["title: سد"]
    assert read.css("#versions ins::text").getall() == ["title: سد‌ها"]
    assert read.css("#versions .sign::text").getall() == ["−", "+"]


def test_a_field_that_fell_is_named() -> None:
    fall = {"template": "C", "province": "qom", "field": "lead", "before": 0.93, "now": 0, "articles": 544}
    assert "lead C Qom قم 93% 0% 544" in text(report(layout_drift=[fall]), "#drift tbody")


def test_a_gap_is_marked_in_words_too() -> None:
    days = {"qom": {"2026-11-20": 2, "2026-11-18": 1}, "yazd": {"2026-11-19": 1}}
    given = report(days=days, gaps={"qom": {"days_without_any": ["2026-11-19"]}})
    assert text(given, "#days tr:nth-child(2) .gap") == "0 gap"
    assert "Qom قم 1 2026-11-19 (1405-08-28)" in text(given, "#gaps")


def test_hosts_that_refused_are_told() -> None:
    refusal = {"time": "2026-11-25T14:14:00+00:00", "status": 429, "url": "https://www.yjc.ir/fa/qom"}
    until = "2026-11-25T14:20:00+00:00"
    kept = {"delay": 4.0, "crawl_delay": 10, "until": until, "blocked": None, "refusals": [refusal]}
    told = text(report(hosts={"www.yjc.ir": kept}), "#hosts")
    assert "www.yjc.ir 4.0 s 10 s 1 2026-11-25 17:50:00 Tehran, 1405-09-04 –" in told
    assert "HTTP 429, https://www.yjc.ir/fa/qom" in told


def test_what_there_is_nothing_to_say_of_is_left_out_or_one_line() -> None:
    read = page(report())
    assert [section.attrib["id"] for section in read.css("section")] == [
        "outcomes",
        "slowest",
        "files",
        "plan",
    ]
    assert "Nothing was missed." in read.css(".quiet li::text").getall()
    links = [link.attrib["href"] for link in read.css("nav a")]
    assert links == [f"#{section.attrib['id']}" for section in read.css("section")]


def test_tables_say_what_they_are() -> None:
    read = page(everywhere("word"))
    assert len(read.css("table")) >= 10
    assert all(table.css("caption") for table in read.css("table"))
    assert not [cell.get() for cell in read.css("th") if "scope" not in cell.attrib]
    ids = read.css("[id]::attr(id)").getall()
    assert len(ids) == len(set(ids))
    assert read.css("html").attrib["lang"] == "en"


def test_long_lists_are_cut_and_it_is_said() -> None:
    many = [
        trouble("article", f"https://www.yjc.ir/fa/news/{n}", "HTTP 404") for n in range(MOST["troubles"] + 7)
    ]
    edits = [
        {"news_id": n, "version": 2, "status": "edited", "diff": ["+a"]} for n in range(MOST["diffs"] + 3)
    ]
    read = page(troubled(*many, versions=edits))
    assert len(read.css("#missed a")) == MOST["troubles"]
    assert "7 more stand in the JSON beside this page." in " ".join(read.css("#missed ::text").getall())
    assert len(read.css("#versions details.edit")) == MOST["diffs"]
    assert "100, 101, 102" in " ".join(read.css("#versions ::text").getall())


def test_a_report_of_an_earlier_program_has_a_page() -> None:
    needed = ("run_id", "finish_reason", "articles", "known_before", "lists_read", "spider", "troubles")
    needed += ("outcomes_by_list", "layout_drift", "started", "seconds")
    few = {name: value for name, value in report().items() if name in needed}
    assert "12 of 12 articles written." in text(few, ".verdict")
