"""What a crawl says while it runs: human lines, or JSON lines, on stderr or in a file that is rotated.

No line has a secret in it (crawler/secret.py), and none can move a terminal.
"""

from __future__ import annotations

import io
import json
import logging
import re
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from threading import RLock
from typing import Any, TextIO

from crawler.secret import without_secrets

JSON = "json"  # the value of LOG_FORMAT
FIELDS = ("run_id", "province", "url", "reason")
# Control characters but tab and line ends, halves of pairs, and what turns the direction of a text.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")

_of_this_run: dict[str, str] = {}


def note_run(run_id: str) -> None:
    """From now on each line is of that run: a process has one at a time."""
    _of_this_run["run_id"] = run_id


class _Safe(logging.Formatter):
    """Lines without secrets. ``values``: of secrets, see secret.values_of."""

    def __init__(self, form: str | None, dates: str | None, values: Iterable[str]) -> None:
        super().__init__(form, dates)
        self._values = list(values)

    def safe(self, text: str) -> str:
        return without_secrets(text, self._values)


class HumanLines(_Safe):
    def format(self, record: logging.LogRecord) -> str:
        return _escaped(self.safe(super().format(record)))


class JsonLines(_Safe):
    """An object a line: time (ISO 8601, UTC), level, logger, message; run_id, province, url, reason where
    they are known; exception, with its traceback."""

    def __init__(self, values: Iterable[str] = ()) -> None:
        super().__init__(None, None, values)

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, str] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **fields_of(record),
        }
        if record.exc_info and record.exc_info[0] is not None:
            told["exception"] = self.formatException(record.exc_info)
        return as_json({name: self.safe(text) for name, text in told.items()})


def fields_of(record: logging.LogRecord) -> dict[str, str]:
    """What is known of a line: what its writer handed in as ``extra``, what its arguments are of, the run."""
    found = {"run_id": str(getattr(getattr(record, "spider", None), "run_id", "")), **_of_this_run}
    arguments = record.args if isinstance(record.args, Mapping) else {}
    for name in ("response", "request"):  # Scrapy's messages have them
        found.setdefault("url", str(getattr(arguments.get(name), "url", "")))
    if reason := arguments.get("reason"):
        found["reason"] = str(reason)
    found |= {name: str(getattr(record, name)) for name in FIELDS if getattr(record, name, None)}
    return {name: found[name] for name in FIELDS if found.get(name)}


def as_json(told: Mapping[str, str]) -> str:
    """One line, whatever is in it.

    >>> as_json({"message": "سلام\\n\\u202e"})
    '{"message": "سلام\\\\n\\\\u202e"}'
    """
    return _escaped(json.dumps(told, ensure_ascii=False))


def _escaped(text: str) -> str:
    r"""As JSON writes it, which a person understands too: \u001b."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


class Rotating(RotatingFileHandler):
    """A file that is put aside as <name>.1, <name>.2 … when it would grow over ``most`` bytes; ``backups`` of
    these are kept. ``most`` 0: it grows. Raises OSError."""

    def __init__(self, path: str, most: int, backups: int, encoding: str, *, append: bool) -> None:
        if not append:
            Path(path).unlink(missing_ok=True)
        # Without backups logging would not rotate at all.
        self._none_kept = backups == 0
        super().__init__(path, "a", most, backups, encoding, errors="backslashreplace")

    def doRollover(self) -> None:  # noqa: N802  # logging's
        if not self._none_kept:
            super().doRollover()
            return
        if self.stream:
            self.stream.close()
        Path(self.baseFilename).unlink(missing_ok=True)
        self.stream = self._open()


class SaidLines(io.TextIOBase):
    """stderr while lines are JSON: what is printed there becomes such lines too. They do not pass through
    logging: what counts a crawl's errors does not count them twice."""

    def __init__(self, handlers: Iterable[logging.Handler], stderr: TextIO) -> None:
        self._handlers, self._stderr = list(handlers), stderr
        self._begun = ""
        self._lock = RLock()

    def write(self, text: str) -> int:
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            for line in lines:
                self.say(line)
        return len(text)

    def say(self, line: str, exc_info: Any = None) -> None:
        if line.strip():
            failed = exc_info or re.match(r"([\w.]+( \w+)?: )?error: ", line)
            level = logging.ERROR if failed else logging.INFO
            record = logging.LogRecord("ostan", level, "", 0, line.rstrip(), None, exc_info)
            for handler in self._handlers:
                handler.handle(record)

    def finish(self) -> None:
        """What has no line end yet is a line too."""
        with self._lock:
            line, self._begun = self._begun, ""
            self.say(line)

    def uncaught(self, kind: type[BaseException], error: BaseException, trace: Any) -> None:
        """For sys.excepthook."""
        self.say(f"error: {kind.__name__}: {error}", (kind, error, trace))

    def isatty(self) -> bool:
        return False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._stderr.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]  # read only
        return "utf-8"


def stderr_handler(formatter: logging.Formatter) -> logging.StreamHandler[TextIO]:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    return handler
