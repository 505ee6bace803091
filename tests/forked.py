"""Commands in processes that are forked with the program's modules imported, which is most of a short crawl.

What runs is the same. The tests of the README, of kills and of terminals begin theirs from nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
from multiprocessing import get_context
from pathlib import Path
from pkgutil import iter_modules
from tempfile import TemporaryDirectory

import crawler.commands

# Scrapy loads all of a project's commands at each start, and by name whatever the settings name.
PRELOADED = [f"crawler.commands.{module.name}" for module in iter_modules(crawler.commands.__path__)]
PRELOADED += """
scrapy.cmdline scrapy.core.engine scrapy.shell scrapy.squeues
scrapy.commands.bench scrapy.commands.genspider scrapy.commands.shell scrapy.commands.startproject
scrapy.downloadermiddlewares.httpcache scrapy.downloadermiddlewares.httpcompression
scrapy.downloadermiddlewares.robotstxt
scrapy.extensions.remote_control scrapy.extensions.telnet scrapy.extensions.throttle
crawler.extensions.closing crawler.extensions.exporter crawler.extensions.limits crawler.extensions.opening
crawler.extensions.progress crawler.middlewares crawler.notices.delivery crawler.pages.challenge
crawler.pipelines crawler.spiders.recheck crawler.warc.capture
tests.preloaded
""".split()
context = get_context("forkserver")
context.set_forkserver_preload(PRELOADED)


def scrapy(
    words: list[str], folder: Path, environment: dict[str, str], seconds: float, stdin: bytes = b""
) -> subprocess.CompletedProcess[str]:
    """``scrapy WORD…`` in ``folder``. Raises TimeoutError, after the process was killed."""
    with TemporaryDirectory() as made:
        said = [Path(made, name) for name in ("in", "out", "err")]
        said[0].write_bytes(stdin)
        process = context.Process(target=_run, args=(words, folder, environment, said))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise TimeoutError(f"scrapy {' '.join(words)}: not ended after {seconds} s")
        out, err = (path.read_text(encoding="utf-8") for path in said[1:])
        return subprocess.CompletedProcess(words, process.exitcode, out, err)


def _run(words: list[str], folder: Path, environment: dict[str, str], said: list[Path]) -> None:
    from scrapy.cmdline import execute

    for number, path in enumerate(said):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT if number else os.O_RDONLY), number)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115  # the process's own, till it ends
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["scrapy", *words]
    execute()
