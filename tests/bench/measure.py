"""One command, timed from outside: wall clock, processor time and peak memory of the whole process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Usage:
    """Seconds and bytes of one process that has ended."""

    wall: float
    cpu: float
    memory: int

    def row(self, name: str, pages: int) -> str:
        return (
            f"{name:<34}{pages:>7,} pages {pages / self.wall:>7.0f}/s"
            f" {1000 * self.cpu / pages:>7.2f} ms CPU a page {self.memory / 1e6:>7.0f} MB peak"
        )


def timed(command: list[str], environment: dict[str, str] | None = None) -> Usage:
    """Run a command to its end. Raises RuntimeError with its last words where it was killed by a signal."""
    start = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode < 0:
        raise RuntimeError(f"{command[0]} was ended by signal {-process.returncode}")
    return Usage(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def crawl(url: str, archives: Path, *more: str, settings: str = "crawler.settings") -> Usage:
    """``scrapy crawl provinces`` over a sample site."""
    command = [sys.executable, "-m", "scrapy", "crawl", "provinces"]
    # Pages are what is measured; the others in the table are given no more.
    options = {"SITE_URL": url, "ARCHIVES": str(archives), "LOG_LEVEL": "WARNING", "REQUISITES": "none"}
    for name, value in options.items():
        command += ["-s", f"{name}={value}"]
    return timed([*command, *more], {"SCRAPY_SETTINGS_MODULE": settings})
