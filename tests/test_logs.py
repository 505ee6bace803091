"""What a crawl says while it runs: lines for people, JSON lines for machines, no secrets in either."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.logs import HumanLines, JsonLines, Rotating, SaidLines
from crawler.secret import values_of, without_secrets
from tests.crawling import Crawl, crawl
from tests.notices.receivers import free_port
from tests.site import Site, running

ASKED = "provinces=qom"
PLANTED = ("planted-in-a-setting", "planted-in-the-environment", "planted-in-an-address")
QUICK = {"REQUISITES": "none", "LOG_LEVEL": "INFO"}


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running(2) as served:
        yield served


@pytest.fixture(scope="module")
def told(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """A crawl whose lines are JSON, with secrets where they could be printed from."""
    return crawl(
        tmp_path_factory.mktemp("archives"),
        ASKED,
        environment={"HOOK_SECRET": PLANTED[1]},
        SITE_URL=site.url,
        RUN_ID="run1",
        LOG_FORMAT="json",
        PROGRESS_SECONDS="1",
        AWS_SECRET_ACCESS_KEY=PLANTED[0],
        FTP_USER=f"by mistake: {PLANTED[1]}",
        AWS_ENDPOINT_URL=f"https://me:{PLANTED[2]}@a.example/",
        **QUICK,
    )


def objects(text: str) -> list[dict[str, str]]:
    return [json.loads(line) for line in text.splitlines()]


def test_every_line_is_an_object_with_its_time_and_level(told: Crawl) -> None:
    assert told.code == 0
    lines = objects(told.err)
    assert len(lines) > 10
    for line in lines:
        assert {"time", "level", "logger", "message"} <= line.keys()
        assert datetime.fromisoformat(line["time"]).utcoffset() is not None
        assert line["level"] in ("INFO", "WARNING", "ERROR")
    assert told.out.startswith("\nprovince "), "the report is for people"


def test_the_lines_tell_the_run_and_what_went_wrong_where(told: Crawl) -> None:
    lines = objects(told.err)
    opened = next(n for n, line in enumerate(lines) if line["message"] == "Spider opened")
    assert {line.get("run_id") for line in lines[opened:]} == {"run1"}
    missed = [line for line in lines if line.get("reason") == "HTTP 404"]
    assert len(missed) == told.report["troubles"]["counts"]["article: HTTP 404"]
    assert {line["url"] for line in missed} == {
        trouble["url"] for trouble in told.report["troubles"]["first"] if trouble["reason"] == "HTTP 404"
    }
    assert {line["province"] for line in missed} == {"qom"}
    assert lines[-1]["reason"] == "finished"


def test_no_secret_is_in_any_line_or_file(told: Crawl) -> None:
    for printed in ("'AWS_SECRET_ACCESS_KEY': ***", "'by mistake: ***'", "'https://***@a.example/'"):
        assert printed in told.err, "Scrapy prints what it was given"
    files = b"".join(path.read_bytes() for path in told.folder.rglob("*") if path.is_file())
    for planted in PLANTED:
        assert planted not in told.err + told.out
    assert PLANTED[0].encode() not in files


def test_progress_is_a_line_like_the_others(site: Site, tmp_path: Path) -> None:
    done = crawl(
        tmp_path, ASKED, "limit=1", SITE_URL=site.url, LOG_FORMAT="json", DOWNLOAD_DELAY="0.2",
        PROGRESS_SECONDS="1", REQUISITES="none", CONCURRENT_REQUESTS="1",
    )  # fmt: skip
    said = [line for line in objects(done.err) if line["logger"] == "ostan"]
    assert said, "at LOG_LEVEL=WARNING too"
    assert all(" articles, " in line["message"] for line in said)
    assert {line["level"] for line in said} == {"INFO"}


@pytest.mark.parametrize(
    ("arguments", "settings", "code", "words"),
    [
        (["provinces=nowhere"], {}, 2, "error: "),
        ([ASKED], {"SITE_URL": "http://127.0.0.1:{port}"}, 1, "error: cannot reach"),
        (
            [ASKED],
            {"LOG_MAX_BYTES": "many", "LOG_FILE": "/dev/null"},
            2,
            "LOG_MAX_BYTES=many: must be a whole",
        ),
    ],
)
def test_a_crawl_that_cannot_begin_says_so_in_json(
    tmp_path: Path, arguments: list[str], settings: dict[str, str], code: int, words: str
) -> None:
    given = {"SITE_URL": "http://127.0.0.1:1"} | settings
    given = {name: value.format(port=free_port()) for name, value in given.items()}
    done = crawl(tmp_path, *arguments, LOG_FORMAT="json", **given)
    assert done.code == code
    if "LOG_MAX_BYTES" in settings:  # before any line could be JSON
        assert words in done.err
        return
    (failed,) = [line for line in objects(done.err) if line["level"] == "ERROR"]
    assert words in failed["message"]


def test_a_file_is_put_aside_by_size(site: Site, tmp_path: Path) -> None:
    log = tmp_path / "log"
    done = crawl(
        tmp_path, ASKED, SITE_URL=site.url, LOG_FILE=str(log), LOG_FORMAT="json", LOG_MAX_BYTES="1000",
        LOG_BACKUPS="2", **QUICK,
    )  # fmt: skip
    assert (done.code, done.err) == (0, "")
    files = [log.with_name("log.2"), log.with_name("log.1"), log]
    assert sorted(tmp_path.glob("log*")) == sorted(files)
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    assert json.loads(lines[-1])["message"] == "Spider closed (finished)"
    times = [json.loads(line)["time"] for line in lines]
    assert times == sorted(times)
    for file in files:
        size = file.stat().st_size
        assert size <= 1000 or len(file.read_text(encoding="utf-8").splitlines()) == 1


def test_people_read_scrapys_lines_unless_they_say_otherwise(site: Site, tmp_path: Path) -> None:
    done = crawl(tmp_path, ASKED, "limit=1", SITE_URL=site.url, AWS_SECRET_ACCESS_KEY=PLANTED[0], **QUICK)
    assert "[scrapy.core.engine] INFO: Closing spider (finished)\n" in done.err
    assert "[crawler.account] INFO: article: HTTP 404: http://" in done.err
    assert PLANTED[0] not in done.err
    own = crawl(
        tmp_path, ASKED, "limit=1", SITE_URL=site.url, LOG_FORMAT="%(levelname)s|%(message)s", **QUICK
    )
    assert "INFO|Closing spider (finished)\n" in own.err
    snapshot = b"".join(path.read_bytes() for path in tmp_path.rglob("ledger.sqlite*"))
    assert b"LOG_INSTALL_ROOT_HANDLER" not in snapshot, "ours, not what somebody has set"


# -- without a crawl -------------------------------------------------------------------------------


def record(message: str, *arguments: Any, **more: Any) -> logging.LogRecord:
    made = logging.LogRecord("a", logging.ERROR, "", 0, message, arguments, more.pop("exc_info", None))
    made.__dict__ |= more
    return made


def test_a_fault_has_its_traceback_in_the_same_line() -> None:
    try:
        raise ValueError("https://me:hunter22@a.example")
    except ValueError:
        line = JsonLines().format(record("broke", exc_info=sys.exc_info()))
    (told,) = objects(line)
    assert told["exception"].endswith("ValueError: https://***@a.example")
    assert "Traceback" in told["exception"]


@pytest.mark.parametrize("text", ["\x1b[2J", "a\u202eb", "\udc80", "\x9b2J", "a\u2028b"])
def test_no_line_can_move_a_terminal(text: str) -> None:
    for form in (JsonLines(), HumanLines("%(message)s", None, ())):
        line = form.format(record(text))
        assert not set(line) & set("\x1b\u202e\udc80\x9b\u2028")
        line.encode()
    assert json.loads(JsonLines().format(record(text)))["message"] == text


SECRETS = {
    "userinfo": ("at http://me:hunter22@a.example/x", "at http://***@a.example/x"),
    "a user alone": ("redis://token1234@a.example", "redis://***@a.example"),
    "a header": ("Authorization: Bearer abc.def", "Authorization: ***"),
    "a header in a dict": ("{b'Authorization': [b'Basic abc']}", "{b'Authorization': ***]}"),
    "a cookie": ("set-cookie: a=b; path=/", "set-cookie: ***"),
    "a setting": ("{'AWS_SECRET_ACCESS_KEY': 'abc', 'KEEP_ALIVE': '1'}", None),
    "a setting with a sign": ("SMTP_PASS=abc next", "SMTP_PASS=*** next"),
    "a value anywhere": ("it said hunter22!", "it said ***!"),
    "an address without any": ("http://a.example/x@y?KEY=1", "http://a.example/x@y?KEY=***"),
    "an address with an @ behind": ("http://a.example?to=x@y.example", "http://a.example?to=x@y.example"),
    "nothing": ("Crawled 12 pages (KEEP_ALIVE=1)", "Crawled 12 pages (KEEP_ALIVE=1)"),
}


@pytest.mark.parametrize("name", SECRETS)
def test_what_is_hidden(name: str) -> None:
    text, expected = SECRETS[name]
    values = values_of({"A_PASSWORD": "hunter22", "SHORT_KEY": "a", "PLAIN": "it said", "AT_KEY": 7})
    expected = expected or "{'AWS_SECRET_ACCESS_KEY': ***, 'KEEP_ALIVE': '1'}"
    assert without_secrets(text, values) == expected


def test_what_is_printed_in_pieces_becomes_lines() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    said = SaidLines([handler], sys.stderr)
    print("error:", "a", file=said)
    said.write("one\n\ntw")
    said.write("o\nthree")
    assert [line["message"] for line in objects(out.getvalue())] == ["error: a", "one", "two"]
    said.finish()
    said.finish()
    lines = objects(out.getvalue())
    assert [line["message"] for line in lines[3:]] == ["three"]
    assert [line["level"] for line in lines] == ["ERROR", "INFO", "INFO", "INFO"]


def test_an_uncaught_fault_is_one_line() -> None:
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    handler.setFormatter(JsonLines())
    try:
        raise KeyError("x")
    except KeyError as error:
        SaidLines([handler], sys.stderr).uncaught(KeyError, error, error.__traceback__)
    (told,) = objects(out.getvalue())
    assert (told["level"], told["message"]) == ("ERROR", "error: KeyError: 'x'")
    assert "Traceback" in told["exception"]


@pytest.mark.parametrize(
    ("most", "backups", "kept"), [(30, 2, ["f", "f.1", "f.2"]), (30, 0, ["f"]), (0, 2, ["f"])]
)
def test_how_many_files_are_kept(tmp_path: Path, most: int, backups: int, kept: list[str]) -> None:
    (tmp_path / "f").write_text("from before\n", encoding="utf-8")
    handler = Rotating(str(tmp_path / "f"), most, backups, "utf-8", append=most > 0)
    for number in range(10):
        handler.emit(record(f"line {number} of ten"))
    handler.close()
    assert sorted(path.name for path in tmp_path.iterdir()) == kept
    text = (tmp_path / "f").read_text(encoding="utf-8")
    assert text.endswith("line 9 of ten\n")
    assert len(text) <= 30 or most == 0
    assert "from before" not in text, "put aside, or begun anew as LOG_FILE_APPEND=0 says"
