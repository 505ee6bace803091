"""``scrapy <verb>``: thin; read the arguments, call a room, print."""

from __future__ import annotations

import argparse
import atexit
import logging
import os
import signal
import sys

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings, Settings, default_settings
from scrapy.utils.log import TopLevelFormatter

from crawler.collection import Collection, collections
from crawler.logs import JSON, HumanLines, JsonLines, Rotating, SaidLines, stderr_handler
from crawler.secret import values_of


def asked_collections(settings: BaseSettings, name: str | None = None) -> list[Collection]:
    """``name``: stands over the setting. A name that is none is a wrong argument, not a collection without
    faults."""
    try:
        return collections(settings["ARCHIVES"], name or settings["COLLECTION"] or "")
    except ValueError as error:
        raise UsageError(str(error), print_help=False) from None


def end_on_ctrl_c() -> None:
    """One line and exit code 3, as a crawl has it; what was half made is taken away on the way out."""
    signal.signal(signal.SIGINT, _interrupted)


def _interrupted(*_: object) -> None:
    print("interrupted", file=sys.stderr)
    sys.exit(3)


class WithLogs:
    """A command that says what it does while it does it; stands before Scrapy's class of it."""

    settings: Settings | None

    def process_options(self, args: list[str], opts: argparse.Namespace) -> None:
        super().process_options(args, opts)  # type: ignore[misc]  # Scrapy's, behind this one
        assert self.settings is not None
        if self.settings.getbool("LOG_INSTALL_ROOT_HANDLER"):
            try:
                begin_logs(self.settings)
            except (ValueError, OSError) as error:
                raise UsageError(str(error), print_help=False) from None


def begin_logs(settings: Settings) -> None:
    """Log lines in place of Scrapy's, whose handler has no rotation, no JSON, and hides nothing. Its settings
    mean what they mean there. Raises ValueError, OSError."""
    values = values_of(dict(settings), os.environ)
    given = settings["LOG_FORMAT"] or default_settings.LOG_FORMAT
    as_json = given.lower() == JSON
    formatter = JsonLines(values) if as_json else HumanLines(given, settings["LOG_DATEFORMAT"], values)
    handler: logging.Handler = logging.NullHandler()
    if path := settings["LOG_FILE"]:
        most, backups = (_whole(settings, name) for name in ("LOG_MAX_BYTES", "LOG_BACKUPS"))
        append = settings.getbool("LOG_FILE_APPEND")
        handler = Rotating(path, most, backups, settings["LOG_ENCODING"], append=append)
    elif settings.getbool("LOG_ENABLED"):
        handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    handler.setLevel(settings["LOG_LEVEL"])
    if settings.getbool("LOG_SHORT_NAMES"):
        handler.addFilter(TopLevelFormatter(["scrapy"]))
    logging.root.setLevel(logging.NOTSET)
    logging.root.addHandler(handler)
    # As a default of ours: what a run's files say of its settings is what somebody has set.
    settings.set("LOG_INSTALL_ROOT_HANDLER", False, priority="default")
    if as_json:
        said = SaidLines([stderr_handler(formatter), *([handler] if path else [])], sys.stderr)
        sys.stderr, sys.excepthook = said, said.uncaught
        atexit.register(said.finish)


def _whole(settings: Settings, name: str) -> int:
    try:
        if (number := settings.getint(name)) >= 0:
            return number
    except ValueError:
        pass
    raise ValueError(f"{name}={settings[name]}: must be a whole number, such as 0 or 10000000")
