"""``schedule.toml``: what is to be crawled when, as a person writes it. Faults are told with their line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from crawler.arguments import read_plan
from crawler.identity import LOOPBACK
from crawler.schedule.when import Rule, read_when

Event = Literal["failed", "blocked", "coverage", "drift", "space", "silent", "skipped", "late"]
Spider = Literal["provinces", "recheck"]
_NAME = r"[a-z0-9][a-z0-9_-]{0,39}"
_SETTING = re.compile(r"[A-Z][A-Z0-9_]*")


class ScheduleError(ValueError):
    """A file that cannot be used; the message names file, line, cause and what is allowed."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone; for example Asia/Tehran, UTC") from None
    return name


def _webhook(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"{url!r} is no http(s) address")
    if parts.username or parts.password:
        raise ValueError("an address with a password in it would be seen in logs; use secret_env")
    return url


def _email(address: str) -> str:
    if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+", address):
        raise ValueError(f"{address!r} is no mail address")
    return address


def _name(name: str) -> str:
    if not re.fullmatch(_NAME, name):
        raise ValueError(f"name: {name!r}: up to 40 of a-z, 0-9, '-', '_', a letter or digit first")
    return name


def _keyed(key: str, read: Callable[[], object]) -> None:
    """What goes wrong in it is said of that key."""
    try:
        read()
    except ValueError as error:
        raise ValueError(f"{key}: {error}") from None


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Limits(_Part):
    """Where a run ends in order; what it did not come to, the next one does."""

    minutes: float | None = Field(default=None, gt=0)
    bytes: str | int | None = None
    pages: int | None = Field(default=None, gt=0)
    articles: int | None = Field(default=None, gt=0)


class Notify(_Part):
    """Whom to tell of what. ``secret_env``: the environment variable with the key of the webhook's
    signature; ``coverage``: the share of discovered articles that must have been had."""

    on: list[Event] = ["failed", "blocked", "coverage", "drift", "space", "silent"]
    webhook: Annotated[str, AfterValidator(_webhook)] | None = None
    secret_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")
    email: Annotated[str, AfterValidator(_email)] | None = None
    coverage: float = Field(default=0.9, ge=0, le=1)
    silent_days: int = Field(default=7, ge=1)

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if not (self.webhook or self.email):
            raise ValueError("notify tells nobody: give webhook or email")
        return self


class Mail(_Part):
    """The server that takes mail. ``password_env``: the environment variable with the password."""

    host: str = "localhost"
    port: int = Field(default=25, ge=1, le=65_535)
    sender: Annotated[str, AfterValidator(_email)] = "ostan@localhost"
    security: Literal["none", "starttls", "tls"] = "none"
    user: str | None = None
    password_env: str | None = Field(default=None, pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")

    @model_validator(mode="after")
    def _unseen(self) -> Self:
        if self.password_env and self.security == "none" and self.host not in LOOPBACK:
            raise ValueError(f"a password goes to {self.host} only with security = starttls or tls")
        return self


class Crawl(_Part):
    """One entry. ``test``: it runs and reports, and keeps nothing."""

    name: Annotated[str, AfterValidator(_name)]
    when: str
    timezone: Annotated[str, AfterValidator(_zone)] = "Asia/Tehran"
    spider: Spider = "provinces"
    provinces: str | list[str] = "all"
    via: str | None = None
    since: str | None = None
    until: str | None = None
    limit: int | None = Field(default=None, gt=0)
    include: str | None = None
    exclude: str | None = None
    age: str | None = None
    collection: str = ""
    settings: dict[str, str | int | float | bool] = {}
    limits: Limits = Limits()
    notify: Notify | None = None
    test: bool = False

    @model_validator(mode="after")
    def _understood(self) -> Self:
        given = self.arguments()
        _keyed("when", self.rule)
        for key, value in given.items():  # one by one first: then it is known which is wrong
            beside = {"since": "1380-01-01"} if key == "via" else {}
            _keyed(key, partial(read_plan, beside | {key: value}, self.spider))
        read_plan(given, self.spider)
        for name in self.settings:
            if not _SETTING.fullmatch(name) or name in ("ARCHIVES", "COLLECTION", "RUN_ID"):
                raise ValueError(f"settings: {name} cannot be set here")
        return self

    def rule(self) -> Rule:
        return read_when(self.when, ZoneInfo(self.timezone))

    def arguments(self) -> dict[str, str]:
        """As ``scrapy crawl -a`` takes them."""
        provinces = self.provinces if isinstance(self.provinces, str) else ",".join(self.provinces)
        given: dict[str, Any] = {"provinces": None if provinces == "all" else provinces}
        given |= {
            name: getattr(self, name)
            for name in ("via", "since", "until", "limit", "include", "exclude", "age")
        }
        given |= self.limits.model_dump()
        return {name: str(value) for name, value in given.items() if value is not None}


class Schedule(_Part):
    crawl: list[Crawl] = Field(min_length=1)
    mail: Mail = Mail()

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        names = [one.name for one in self.crawl]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice:
            raise ValueError(f"two crawls are named {twice!r}; each has a name of its own")
        return self

    def named(self, name: str) -> Crawl:
        """ValueError names those that there are."""
        for one in self.crawl:
            if one.name == name:
                return one
        raise ValueError(
            f"no crawl is named {name!r}; there are: {', '.join(one.name for one in self.crawl)}"
        )


def read_schedule(path: Path) -> Schedule:
    """Raises ScheduleError."""
    try:
        text = path.read_text(encoding="utf-8-sig")  # some editors write a mark before the text
    except FileNotFoundError:
        raise ScheduleError(
            f'{path}: no such file. Write one:\n\n[[crawl]]\nname = "daily"\nwhen = "daily 06:00"\n'
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise ScheduleError(f"{path}: {error}") from None
    return parse_schedule(text, str(path))


def parse_schedule(text: str, name: str) -> Schedule:
    """``name``: of the file, for messages.

    >>> parse_schedule('[[crawl]]\\nname = "a"\\nwhen = "daily 25:00"', "a.toml")
    Traceback (most recent call last):
    crawler.schedule.file.ScheduleError: a.toml, line 3: crawl "a": when: 25:00 is no time of a day
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ScheduleError(f"{name}: {error}") from None
    try:
        return Schedule.model_validate(document)
    except ValidationError as error:
        said = (_said(text, name, document, one) for one in error.errors(include_url=False))
        raise ScheduleError("\n".join(said)) from None


def _said(text: str, name: str, document: dict[str, Any], error: Any) -> str:
    where: tuple[str | int, ...] = tuple(part for part in error["loc"] if part not in ("str", "list[str]"))
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"{where[-1]} is no key that is known; allowed: {', '.join(_allowed(where))}"
    elif error["type"] == "list_type" and where == ("crawl",):
        message = "write [[crawl]], in two brackets: there may be several"
    elif isinstance(error.get("input"), date | time):
        message = f"{where[-1]}: write it in quotes"
    elif error["type"] == "missing":
        message = f"{where[-1]} is missing"
    elif error["type"] == "value_error":
        key = message.partition(": ")[0]
        where = (*where, key) if key in Crawl.model_fields | Limits.model_fields else where
    else:
        message = f"{'.'.join(map(str, where[2:])) or '.'.join(map(str, where))}: {message}"
    crawl = _crawl_of(document, where)
    label = f'crawl "{crawl}": ' if crawl else ""
    return f"{name}, line {line_of(text, where)}: {label}{message}"


def _allowed(where: Sequence[str | int]) -> list[str]:
    inside: dict[str, type[BaseModel]] = {"limits": Limits, "notify": Notify, "mail": Mail, "crawl": Crawl}
    model = next((inside[str(part)] for part in reversed(where[:-1]) if str(part) in inside), Schedule)
    return sorted(model.model_fields)


def _crawl_of(document: dict[str, Any], where: Sequence[str | int]) -> str:
    if len(where) < 2 or where[0] != "crawl" or not isinstance(where[1], int):
        return ""
    entry = document["crawl"][where[1]]
    return str(entry.get("name", where[1] + 1)) if isinstance(entry, dict) else str(where[1] + 1)


def line_of(text: str, where: Sequence[str | int]) -> int:
    """The line in which a key stands, or its entry begins: from 1.

    >>> line_of('[[crawl]]\\nname = "a"\\n\\n[[crawl]]\\nwhen = 1', ("crawl", 1, "when"))
    5
    """
    lines = text.splitlines()
    start, end = 0, len(lines)
    if len(where) > 1 and where[0] == "crawl" and isinstance(where[1], int):
        heads = [at for at, line in enumerate(lines) if re.match(r"\s*\[\[\s*crawl\s*\]\]", line)]
        if where[1] < len(heads):
            start = heads[where[1]]
            end = heads[where[1] + 1] if where[1] + 1 < len(heads) else len(lines)
    for key in reversed([str(part) for part in where if isinstance(part, str)]):
        found = re.compile(rf"(?:^|[\s{{,.\[])[\"']?{re.escape(key)}[\"']?\s*(?:=|\])")
        for at in range(start, end):
            if found.search(lines[at]):
                return at + 1
    return start + 1
