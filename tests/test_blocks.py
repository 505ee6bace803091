"""A site that does not want to be crawled is believed, and a page that is a shield's is nobody's article."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.awkward import article, two_hosts
from tests.crawling import Crawl, crawl
from tests.moody import CHALLENGE, Moody, moody, refusal, site

QUICK = {"SHORTEST_WAIT": "0.05", "CONCURRENT_REQUESTS": "1", "CONCURRENT_REQUESTS_PER_DOMAIN": "1"}


def run(folder: Path, asked: Moody, **settings: str) -> Crawl:
    return crawl(folder, "provinces=qom", SITE_URL=asked.url, **{**QUICK, **settings})


@pytest.mark.parametrize(
    ("refused", "what"),
    [(refusal(403), "HTTP 403"), (refusal(429), "HTTP 429"), (CHALLENGE, "challenge page")],
)
def test_refusals_in_a_row_end_the_crawl(refused: Any, what: str, tmp_path: Path) -> None:
    moods = site() | {str(number): refused for number in range(1001, 1005)}
    with moody(moods) as asked:
        done = run(tmp_path, asked)
    assert done.code == 1
    assert done.report["finish_reason"] == f"blocked: {what} 5 times in a row from {asked.host}"
    assert len(asked.articles()) == 5, "and not one more"
    seen = done.report["hosts"][asked.host]
    assert (seen["refused"], seen["blocked"]) == (5, f"{what} 5 times in a row from {asked.host}")
    assert [one["what"] for one in seen["refusals"]] == [what] * 5
    assert done.rows == []


def test_sixteen_refused_together_are_one_refusal(tmp_path: Path) -> None:
    """Who asks for sixteen things at once may be told sixteen times to wait, before any of it was heard."""
    moods = site(16) | {str(number): [refusal(429), article(number)] for number in range(1001, 1017)}
    with moody(moods) as asked:
        done = run(tmp_path, asked, CONCURRENT_REQUESTS="16", CONCURRENT_REQUESTS_PER_DOMAIN="16")
    assert (done.code, len(done.rows)) == (0, 16)
    assert done.report["hosts"][asked.host]["refused"] == 16


def test_a_good_answer_ends_the_row(tmp_path: Path) -> None:
    moods = site() | {str(number): [refusal(403), article(number)] for number in (1001, 1003)}
    with moody(moods) as asked:
        done = run(tmp_path, asked, MOST_REFUSALS="2")
    assert (done.code, len(done.rows)) == (0, 4)


@pytest.mark.parametrize(
    ("refused", "reason"), [(refusal(403), "HTTP 403"), (CHALLENGE, "blocked: challenge page")]
)
def test_what_stays_refused_has_failed_and_lies_in_the_archive(
    refused: Any, reason: str, tmp_path: Path
) -> None:
    with moody(site() | {"1002": refused}) as asked:
        done = run(tmp_path, asked)
    assert (done.code, len(done.rows)) == (1, 3)
    assert done.report["not_written"] == {f"failed: {reason}": [1002]}
    assert asked.log.count("/fa/news/1002/x") == 3
    kept = b"".join(gzip.decompress(path.read_bytes()) for path in done.warcs)
    assert refused[2].encode() in kept


def test_a_challenge_is_no_article_when_the_archive_answers_either(tmp_path: Path) -> None:
    with moody(site() | {"1002": CHALLENGE}) as asked:
        run(tmp_path, asked)
    replayed = crawl(tmp_path, "provinces=qom", REPLAY_FROM=str(tmp_path / "sample"), COLLECTION="replayed")
    assert replayed.report["not_written"] == {"failed: blocked: challenge page": [1002]}


def test_a_host_of_pictures_that_refuses_is_given_up_and_the_crawl_goes_on(tmp_path: Path) -> None:
    with moody({f"/{number}.jpg": refusal(403) for number in range(4)}) as pictures:
        elsewhere = pictures.url.replace("127.0.0.1", "localhost")
        body = "".join(f'<img src="{elsewhere}/{number}.jpg">' for number in range(4))
        moods = site() | {str(number): article(number, body=body) for number in range(1001, 1005)}
        with moody(moods) as asked:
            toml = str(two_hosts(tmp_path, asked.url, elsewhere))
            settings = {"SITE": toml, "DOWNLOAD_DELAY": "0", "AUTOTHROTTLE_ENABLED": "0"}
            done = crawl(tmp_path, "provinces=qom", **{**QUICK, **settings})
    host = elsewhere.removeprefix("http://")
    assert (done.code, len(done.rows)) == (0, 4)
    assert done.report["finish_reason"] == "finished"
    assert len(pictures.log) == 6, "robots.txt, and five that were refused"
    reason = f"host given up: HTTP 403 5 times in a row from {host}"
    assert done.report["requisites"]["failed"][reason] >= 2
    assert done.report["hosts"][host]["blocked"] == f"HTTP 403 5 times in a row from {host}"
