"""Where a crawl stands, while it runs: on a real terminal, and in a log."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import sys
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from subprocess import Popen

import pytest
from rich.console import Console

from crawler.provinces import BY_SLUG
from crawler.report.live import Standing, as_display
from tests.crawling import ROOT, crawl
from tests.site import Site, running

ASKED = "provinces=qom"
WIDTH = 200
ONE_BY_ONE = ("CONCURRENT_REQUESTS=1", "CONCURRENT_REQUESTS_PER_DOMAIN=1", "REQUISITES=none")


def drawn(standing: Standing, width: int = 100) -> list[str]:
    out = StringIO()
    Console(file=out, width=width, color_system=None, force_terminal=True).print(as_display(standing))
    return [line.rstrip() for line in out.getvalue().splitlines()]


def standing(**changed: object) -> Standing:
    given = {
        "run_id": "run1",
        "articles": 412,
        "dealt": 500,
        "discovered": 1240,
        "pages": 1020,
        "bytes": 31_200_000,
    }
    return Standing(**(given | {"province": BY_SLUG["qom"], "a_minute": 34.4, "seconds": 754} | changed))  # type: ignore[arg-type]


def test_the_display_tells_how_far_and_how_fast() -> None:
    head, way, got = drawn(standing())
    assert head == "Ostan run1  12 min 34 s  Qom"
    assert way.endswith("412 written, 1,240 discovered (40% done)")
    assert got == "1,020 pages · 31.2 MB kept · 34 articles a minute"


def test_the_display_tells_what_the_crawl_waits_for() -> None:
    assert drawn(standing(pause=3.4))[2].endswith(" · next request in 3 s")


def test_a_recheck_does_not_know_how_many_there_will_be() -> None:
    assert drawn(standing(discovered=None))[1] == "412 written, 500 looked at"


def test_before_anything_came() -> None:
    head, way, _ = drawn(standing(province=None, articles=0, dealt=0, discovered=0))
    assert head == "Ostan run1  12 min 34 s"
    assert way.endswith("0 written, 0 discovered (0% done)")


def test_errors_stand_by_frequency_on_one_line_and_cannot_move_the_terminal() -> None:
    errors = {"list: a": 1, "list: \x1b[2J[bold]\u202e": 7, "list: b": 2, "list: " + "long " * 99: 3}
    lines = drawn(standing(errors=errors))
    assert len(lines) == 4
    assert lines[3].startswith(r"13 errors: 7 × list: \x1b[2J[bold]\u202e · 3 × list: long long")
    assert max(map(len, lines)) <= 100


# -- real crawls -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running(5, slow=0.2) as served:
        yield served


@dataclass(frozen=True)
class Seen:
    code: int
    sent: str  # all that came over the line
    screen: list[str]  # what stood there at the end

    def at(self, start: str) -> int:
        return next(number for number, line in enumerate(self.screen) if line.startswith(start))


def on_a_terminal(
    site: Site, archives: Path, *settings: str, interrupt: bytes = b"", term: str = "xterm"
) -> Seen:
    """A crawl with a terminal of its own. ``interrupt``: Ctrl-C is pressed when this has been seen."""
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", 50, WIDTH, 0, 0))
    command = [sys.executable, "-m", "scrapy", "crawl", "provinces", "-a", ASKED]
    for setting in (f"ARCHIVES={archives}", "COLLECTION=sample", f"SITE_URL={site.url}", *settings):
        command += ["-s", setting]
    # setsid makes this terminal the one whose Ctrl-C reaches the crawl.
    process = Popen(
        ["setsid", "--ctty", "--wait", *command],
        cwd=ROOT,
        stdin=its,
        stdout=its,
        stderr=its,
        env=os.environ | {"TERM": term, "NO_PROXY": "*"},
    )
    os.close(its)
    sent = b""
    while chunk := _read(ours):
        sent += chunk
        if interrupt and interrupt in sent:
            os.write(ours, b"\x03")
            interrupt = b""
    os.close(ours)
    text = sent.decode()
    return Seen(process.wait(60), text, screen(text))


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65_536)
    except OSError:  # nobody is at the other end any more
        return b""


def screen(sent: str) -> list[str]:
    """What a terminal shows: of its language, what the display speaks."""
    lines, row, column = [""], 0, 0
    for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|[\r\n]|[^\x1b\r\n]+", sent):
        if part == "\r":
            column = 0
        elif part == "\n":
            row += 1
            lines += [""] * (row + 1 - len(lines))
        elif part.startswith("\x1b["):
            if part.endswith("A"):
                row -= int(part[2:-1])
            elif part == "\x1b[2K":
                lines[row] = ""
        else:
            lines[row] = lines[row][:column].ljust(column) + part + lines[row][column + len(part) :]
            column += len(part)
    return [line.rstrip() for line in lines]


@pytest.fixture(scope="module")
def whole(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    archives = tmp_path_factory.mktemp("archives")
    return on_a_terminal(site, archives, "LOG_LEVEL=INFO", *ONE_BY_ONE)


def test_a_terminal_has_a_display_while_the_crawl_runs(whole: Seen) -> None:
    assert whole.code == 0
    plain = re.sub(r"\x1b\[[0-9;]*m", "", whole.sent)
    assert re.search(r"Ostan \d{8}T\d{12}Z  \d\.\d s  Qom", plain)
    assert re.search(r"[1-4] written, \d+ discovered \(\d+% done\)", plain)
    assert re.search(r"\d+ pages · [0-9.]+ kB kept · \d+ articles a minute", plain)
    assert re.search(r"\d errors?: \d × article: ", plain)


def test_the_report_stands_whole_when_the_display_is_gone(whole: Seen) -> None:
    start = whole.at("province  ")
    assert whole.screen[start + 1] == f"{'Qom':<24}{5:>9}"
    assert whole.screen[-2].startswith("in ")
    assert not [line for line in whole.screen if "articles a minute" in line or "% done" in line]


def test_what_is_logged_stays_readable_and_in_one_line(whole: Seen) -> None:
    logged = [line for line in whole.screen if " INFO: " in line]
    assert any(line.endswith("INFO: Spider closed (finished)") for line in logged)
    assert any(
        re.fullmatch(r"[-0-9: ]{19} \[scrapy\.core\.engine\] INFO: Closing spider \(finished\)", line)
        for line in logged
    )


def test_the_cursor_is_never_lost(whole: Seen) -> None:
    """A kill -9 leaves the terminal as it is at that moment."""
    hidden, shown = whole.sent.index("\x1b[?25l"), whole.sent.index("\x1b[?25h")
    assert shown - hidden == len("\x1b[?25l")
    assert whole.sent.count("\x1b[?25l") == 1


def test_ctrl_c_ends_the_display_too(site: Site, tmp_path: Path) -> None:
    seen = on_a_terminal(site, tmp_path, interrupt=b" written")
    assert seen.code == 3
    assert seen.screen[-3].endswith(", interrupted")
    assert not [line for line in seen.screen if "% done" in line]


def test_a_terminal_that_cannot_go_back_gets_no_display(site: Site, tmp_path: Path) -> None:
    seen = on_a_terminal(site, tmp_path, "PROGRESS_SECONDS=1", term="dumb")
    assert seen.code == 0
    assert "\x1b" not in seen.sent
    assert re.search(r"\d\d:\d\d:\d\d \d+ articles?, ", seen.sent)


def test_a_log_gets_a_line_now_and_then(site: Site, tmp_path: Path) -> None:
    settings = dict(setting.split("=") for setting in ONE_BY_ONE)
    done = crawl(tmp_path, ASKED, SITE_URL=site.url, PROGRESS_SECONDS="1", **settings)
    assert done.code == 0
    lines = done.err.splitlines()
    assert len(lines) >= 2
    form = r"\d\d:\d\d:\d\d \d+ articles?, \d+ pages?, [0-9.]+ (kB|bytes)(, [a-z-]+)?, \d+ errors?"
    assert [line for line in lines if not re.fullmatch(form, line)] == []
    assert any(", qom, " in line for line in lines)
    assert done.out.startswith("\nprovince ")


def test_zero_says_nothing(site: Site, tmp_path: Path) -> None:
    done = crawl(tmp_path, ASKED, "limit=1", SITE_URL=site.url, PROGRESS_SECONDS="0")
    assert (done.code, done.err) == (0, "")


def test_a_wrong_value_stops_the_crawl_before_it_begins(tmp_path: Path) -> None:
    done = crawl(tmp_path, ASKED, SITE_URL="http://127.0.0.1:9", PROGRESS_SECONDS="often")
    assert done.code == 2
    assert "PROGRESS_SECONDS=often: must be a number" in done.err
    assert list(tmp_path.iterdir()) == []
