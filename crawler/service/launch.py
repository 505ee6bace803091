"""A crawl as a process of its own, and what is known of one that an earlier schedule began."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from crawler.schedule.file import Crawl


def words_of(crawl: Crawl, settings: Mapping[str, object]) -> list[str]:
    """The command of a crawl. ``settings``: what stands over those of the file.

    >>> from crawler.schedule.file import parse_schedule
    >>> one = parse_schedule('[[crawl]]\\nname="a"\\nwhen="hourly"\\nprovinces="qom"', "x").crawl[0]
    >>> words_of(one, {"RUN_ID": 1})[2:]
    ['scrapy', 'crawl', 'provinces', '-a', 'provinces=qom', '-s', 'RUN_ID=1']
    """
    words = [sys.executable, "-m", "scrapy", "crawl", crawl.spider]
    for name, value in crawl.arguments().items():
        words += ["-a", f"{name}={value}"]
    for name, told in (crawl.settings | dict(settings)).items():
        words += ["-s", f"{name}={as_word(told)}"]
    return words


def as_word(setting: object) -> str:
    """Of a setting, as Scrapy reads it behind ``-s``.

    >>> as_word(True), as_word(0.5)
    ('1', '0.5')
    """
    return str(int(setting) if isinstance(setting, bool) else setting)


class Running:
    """A process that we began, or that an earlier schedule did and that goes on."""

    def __init__(self, number: int, process: subprocess.Popen[bytes] | None = None) -> None:
        self.number = number
        self._process = process

    def exit_code(self, run_id: str) -> tuple[bool, int | None]:
        """(whether it has ended, its exit code: None where that is not known to us)."""
        if self._process is not None:
            code = self._process.poll()
            return code is not None, code
        return not is_alive(self.number, run_id), None

    def ask_to_end(self) -> None:
        """Once: in order, what is under way is finished. Twice: at once."""
        self._signal(signal.SIGINT)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def _signal(self, what: signal.Signals) -> None:
        with suppress(ProcessLookupError, PermissionError):
            if self._process is None:
                os.kill(self.number, what)
            else:
                self._process.send_signal(what)


def launch(words: list[str], folder: Path) -> Running:
    """Begin it in a session of its own: a Ctrl-C at the terminal is ours to pass on. Raises OSError."""
    process = subprocess.Popen(words, cwd=folder, stdin=subprocess.DEVNULL, start_new_session=True)
    return Running(process.pid, process)


def is_alive(number: int, run_id: str) -> bool:
    """Whether the process of that number is still the crawl of that run: numbers are used again."""
    try:
        words = Path(f"/proc/{number}/cmdline").read_bytes().split(b"\0")
        return f"RUN_ID={run_id}".encode() in words
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return False
    except PermissionError:
        return False
    try:
        os.kill(number, 0)  # where there is no /proc: the number is all that can be asked for
    except OSError:
        return False
    return True
