"""Where Ostan stands on a machine, and its words as systemd and cron read them."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

_PLAIN = re.compile(r"[\w./:=@+,-]+")
_USER = re.compile(r"[a-z_][a-z0-9_-]{0,31}")


@dataclass(frozen=True, slots=True)
class Place:
    """``program``: the words that begin a command, such as (/srv/ostan/.venv/bin/scrapy,). ``settings``: more
    of them for -s. ``secrets``: a file of NAME='value' lines, which need not exist. ``memory``: what a crawl
    may take at most, such as 1G. ``mailto``: whom cron mails what a crawl prints. ``zone``: the time zone in
    which cron on this machine counts. ValueError for what the two would not read alike."""

    project: Path
    program: tuple[str, ...]
    archives: Path
    schedule: Path
    user: str = "ostan"
    settings: dict[str, str] = field(default_factory=dict)
    secrets: Path = Path("/etc/ostan/secrets")
    memory: str = ""
    mailto: str = ""
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if not _USER.fullmatch(self.user):
            raise ValueError(f"user {self.user!r}: a name such as ostan")
        if not re.fullmatch(r"([0-9]+[KMGT]?)?", self.memory):
            raise ValueError(f"memory {self.memory!r}: a size such as 1G")
        if not re.fullmatch(r"[^\s,\"'%\\]*", self.mailto):
            raise ValueError(f"mailto {self.mailto!r}: a user or a mail address")
        if re.search("[\"']", self.program[0]):
            raise ValueError(f"{self.program[0]}: systemd runs no program with quotes in its path")
        for path in (self.project, self.archives, self.schedule, self.secrets, Path(self.program[0])):
            if not path.is_absolute():
                raise ValueError(f"{path}: a whole path is needed, from / on")
        for word in (*self.program, *map(str, self.paths()), *self.settings, *self.settings.values()):
            if re.search(r"[\x00-\x1f\x7f\\]", word) or word != word.strip():
                raise ValueError(
                    f"{word!r}: systemd and cron read backslashes, control characters and blanks at an end "
                    "in ways of their own; choose another name"
                )

    def paths(self) -> tuple[Path, ...]:
        return self.project, Path(self.program[0]), self.archives, self.schedule, self.secrets

    def command(self, *words: str) -> list[str]:
        """``scrapy schedule`` and what comes then, for this place."""
        given = {"ARCHIVES": str(self.archives), "SCHEDULE": str(self.schedule)} | self.settings
        options = [word for name, value in given.items() for word in ("-s", f"{name}={value}")]
        return [*self.program, "schedule", *words, *options]

    def lies_in(self, *folders: str) -> bool:
        return any(path.is_relative_to(folder) for path in self.paths() for folder in folders)


def unit_words(words: list[str]) -> str:
    """A command as ExecStart= takes it. In its first word systemd replaces no variables.

    >>> unit_words(["/a b/scrapy", "100%", "$x"])
    '"/a b/scrapy" "100%%" "$$x"'
    """
    return " ".join([unit_word(words[0]), *(unit_word(word).replace("$", "$$") for word in words[1:])])


def unit_word(word: str) -> str:
    """One word in a list of words."""
    escaped = unit_line(word.replace('"', '\\"'))
    return escaped if _PLAIN.fullmatch(word) else f'"{escaped}"'


def unit_line(text: str) -> str:
    """A value that is the whole rest of its line: there quotes are letters like others."""
    return text.replace("%", "%%")


def shell_words(words: list[str]) -> str:
    return shlex.join(words)


def cron_command(words: list[str]) -> str:
    """A command as a line of a crontab has it: there an unescaped % ends the line.

    >>> print(cron_command(["/a b/scrapy", "100%"]))
    '/a b/scrapy' 100\\%
    """
    return shlex.join(words).replace("%", "\\%")


def machine_zone(localtime: Path = Path("/etc/localtime")) -> str:
    """The time zone of this machine, as cron counts; UTC where none is set."""
    name = os.environ.get("TZ", "").removeprefix(":")
    if not name and localtime.exists():
        name = str(localtime.resolve()).partition("/zoneinfo/")[2]
    try:
        return ZoneInfo(name or "UTC").key
    except (ValueError, OSError, KeyError):
        raise ValueError(f"{name!r} is no time zone that is known; set TZ, such as TZ=UTC") from None
