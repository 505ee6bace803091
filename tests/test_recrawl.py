"""A second look at an unchanged site: nothing is written twice, and everything is found again."""

from __future__ import annotations

import shutil
from collections import Counter
from pathlib import Path

from crawler.collection import Collection
from crawler.warc.playback import Playback
from crawler.warc.verify import verify_collection
from tests.conftest import ASKED, Twice
from tests.crawling import NAME, crawl
from tests.wire.warc_bytes import entity, records
from tests.wire.writing import others_agree


def test_no_payload_is_written_a_second_time(twice: Twice) -> None:
    kinds = Counter(record["WARC-Type"] for record in twice.records(1))
    assert kinds["revisit"] > 10
    assert kinds["revisit"] == kinds["request"]
    assert kinds.keys() == {"warcinfo", "revisit", "request"}, "nor is what was read out of it"
    assert twice.files[1].stat().st_size < twice.files[0].stat().st_size / 3


def test_pictures_that_are_held_are_not_asked_for_again_but_styles_are(twice: Twice) -> None:
    first, second = (
        {r["WARC-Target-URI"] for r in twice.records(number) if r["WARC-Type"] == "request"}
        for number in (0, 1)
    )
    assert second < first
    assert any(url.endswith(".css") for url in second)
    assert len([url for url in first if url.endswith(".jpg")]) > 5
    again = [url for url in second if url.endswith(".jpg")]
    assert again == [f"{twice.url}/files/adv/taken-down.jpg"], "a 404 holds no picture"


def test_a_revisit_has_its_own_head_and_leads_to_the_payload(twice: Twice) -> None:
    first = {
        (r["WARC-Target-URI"], r["WARC-Date"]): r for r in twice.records(0) if r["WARC-Type"] == "response"
    }
    for record in [r for r in twice.records(1) if r["WARC-Type"] == "revisit"]:
        original = first[record["WARC-Refers-To-Target-URI"], record["WARC-Refers-To-Date"]]
        assert original["WARC-Record-ID"] == record["WARC-Refers-To"]
        assert original["WARC-Target-URI"] == record["WARC-Target-URI"]
        assert original["WARC-Payload-Digest"] == record["WARC-Payload-Digest"]
        assert record["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
        assert record.block.startswith(b"HTTP/1.1 ")
        assert entity(record.block) == b""


def test_an_unchanged_article_is_no_new_row(twice: Twice) -> None:
    assert {row["run_id"] for row in twice.rows} == {"1"}
    assert not (twice.folder / "articles" / "2.jsonl").exists()


def test_the_collection_proves_itself(twice: Twice) -> None:
    verdict = verify_collection(Collection(twice.folder.parent, NAME))
    assert verdict.faults == []
    assert verdict.revisits > 10
    for path in twice.files:
        others_agree(path)


def test_both_crawls_can_be_replayed(twice: Twice, tmp_path: Path) -> None:
    """The newest answers, whose payload lies in the older file: rows equal but for the time of the look."""
    replayed = crawl(tmp_path, ASKED, REPLAY_FROM=str(twice.folder), RUN_ID="1")
    assert (replayed.code, replayed.err) == (0, "")
    first, again = (
        {row["id"]: row | {"fetched_at": "", "first_seen": ""} for row in rows}
        for rows in (twice.rows, replayed.rows)
    )
    assert again == first
    assert min(row["fetched_at"] for row in replayed.rows) > max(row["fetched_at"] for row in twice.rows)
    assert verify_collection(Collection(tmp_path, NAME)).faults == []


def test_a_revisit_without_its_original_does_not_answer(twice: Twice, tmp_path: Path) -> None:
    alone = tmp_path / twice.files[1].name
    shutil.copy(twice.files[1], alone)
    assert Playback(alone).answer(twice.url + "/fa/rss/35") is None


def test_what_was_moved_away_is_written_again(twice: Twice) -> None:
    """The index still names it; but only what is on disk counts."""
    assert (twice.third.code, twice.third.err) == (0, "")
    newest = records(twice.third.warcs[-1])
    assert {r["WARC-Type"] for r in newest} == {"warcinfo", "response", "request", "metadata"}
    collection = Collection(twice.moved.parent, NAME)
    said = {fault.what for fault in verify_collection(collection).faults}
    assert f"warc/{twice.files[0].name} is not there" in said
    assert "it refers to no response with this payload" in said
