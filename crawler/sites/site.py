"""The loader of ``sites/*.toml`` and the questions that the rest asks of a site."""

from __future__ import annotations

import re
import tomllib
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from crawler.provinces import BY_SLUG
from crawler.sites.shortlink import from_code, to_code
from crawler.sites.urls import ascii_url

HERE = Path(__file__).parent


class SiteError(ValueError):
    """A site file that cannot be used; the message names the file and the key."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Service(_Strict):
    """The site's number for a province. ``likely`` ones are checked against what their pages say."""

    service_id: Annotated[int, Field(gt=0)]
    certainty: Literal["certain", "likely", "guess"]


class Paths(_Strict):
    """URL forms, each a path on the site. ``section`` is only tried where the menu names no path."""

    home: str
    article: str
    feed: str
    sitemap_index: str
    section: str | None = None
    article_aliases: tuple[str, ...] = ()

    @field_validator("*")
    @classmethod
    def _is_path(cls, value: str | tuple[str, ...] | None) -> str | tuple[str, ...] | None:
        for path in (value,) if isinstance(value, str) else value or ():
            if not path.startswith("/"):
                raise ValueError(f"{path!r} must be a path that starts with /")
        return value

    @field_validator("article", "article_aliases")
    @classmethod
    def _has_id(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for path in (value,) if isinstance(value, str) else value:
            if path.count("{id}") != 1:
                raise ValueError(f"{path!r} must hold {{id}} once")
        return value

    @field_validator("feed", "section")
    @classmethod
    def _has_service(cls, value: str | None) -> str | None:
        if value is not None and value.count("{service_id}") != 1:
            raise ValueError(f"{value!r} must hold {{service_id}} once")
        return value


class Site(_Strict):
    """One site of the CMS. ``hosts`` serve its pages, ``asset_hosts`` its images and theme."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    title: str
    base_url: str
    hosts: Annotated[tuple[str, ...], Field(min_length=1)]
    asset_hosts: tuple[str, ...] = ()
    paths: Paths
    provinces: dict[str, Service]
    half_spaces_lost: bool = False  # True: its pages come without; then they are guessed back beside the text
    elsewhere: bool = False  # True where SITE_URL moved the site: then only that one host is fetched

    @field_validator("provinces")
    @classmethod
    def _known(cls, value: dict[str, Service]) -> dict[str, Service]:
        for slug in value:
            if slug not in BY_SLUG:
                raise ValueError(f"{slug!r} is no province; allowed: {', '.join(BY_SLUG)}")
        return value

    @field_validator("base_url")
    @classmethod
    def _is_root(cls, value: str) -> str:
        return root_url(value)

    @cached_property
    def canonical_base(self) -> str:
        """Where the articles truly live: row keys never depend on SITE_URL."""
        return f"https://{self.hosts[0]}"

    @cached_property
    def fetchable_hosts(self) -> frozenset[str]:
        """The closed list: ``host`` or ``host:port``, lower case. Nothing else is ever requested."""
        base = urlsplit(self.base_url).netloc.lower()
        return frozenset({base} if self.elsewhere else {base, *self.hosts, *self.asset_hosts})

    def may_ask(self, url: str) -> bool:
        """True for http(s) addresses of the closed list."""
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and host_of(parts) in self.fetchable_hosts

    @cached_property
    def _own_hosts(self) -> frozenset[str]:
        return frozenset({urlsplit(self.base_url).netloc.lower(), *self.hosts})

    @cached_property
    def _id_pattern(self) -> re.Pattern[str]:
        forms = (self.paths.article, *self.paths.article_aliases)
        return re.compile(
            "|".join(re.escape(form).replace(r"\{id\}", r"(\d{1,9})") + r"(?:/|$)" for form in forms)
        )

    def at(self, base_url: str) -> Site:
        """The same site served from another root, such as the sample site on loopback."""
        try:
            return self.model_copy(update={"base_url": root_url(base_url), "elsewhere": True})
        except ValueError as error:
            raise SiteError(f"SITE_URL: {error}") from None

    def url(self, path: str) -> str:
        """The absolute URL of a path of the site."""
        return urljoin(self.base_url, path)

    def at_path(self, path: str) -> str:
        """The address that ``path_of`` was taken from, under this crawl's root."""
        return self.base_url + path

    @staticmethod
    def path_of(url: str) -> str:
        """A URL from the site's root on: what the ledger keeps."""
        parts = urlsplit(url)
        return f"{parts.path}?{parts.query}" if parts.query else parts.path

    def feed_url(self, service_id: int) -> str:
        return self.url(self.paths.feed.format(service_id=service_id))

    def service_of(self, path: str) -> int | None:
        """The service id in a feed's path; None where it is none."""
        found = re.fullmatch(re.escape(self.paths.feed).replace(r"\{service_id\}", r"(\d+)"), path)
        return int(found[1]) if found else None

    def own_url(self, url: str) -> str | None:
        """The URL as this crawl requests it: on ``base_url``, percent-encoded ASCII; None if not the site's.

        http, https, www or not, yjc.news: the same pages, so they are asked for under one root.
        """
        try:
            parts = urlsplit(url.strip())
            host = host_of(parts)
        except ValueError:
            return None
        if parts.scheme not in ("http", "https") or host not in self._own_hosts:
            return None
        base = urlsplit(self.base_url)
        try:
            return ascii_url(urlunsplit((base.scheme, base.netloc, parts.path or "/", parts.query, "")))
        except ValueError:
            return None

    def news_id(self, url: str) -> int | None:
        """The one key of an article, from any of its URLs; None where the URL is of no article."""
        parts = urlsplit(url)
        if match := self._id_pattern.match(parts.path):
            return int(next(group for group in match.groups() if group))
        return from_code(parts.path[1:])

    def article_at(self, url: str) -> tuple[int, str] | None:
        """(news id, URL to request) of a link to an article, in any form; None where it is none of ours.

        Short links and AMP pages are asked for by id: they are other documents than the article.
        """
        own = self.own_url(url)
        news_id = self.news_id(own) if own else None
        if own is None or news_id is None:
            return None
        path = self.paths.article.format(id=news_id)
        return news_id, own if urlsplit(own).path.startswith(path) else self.url(path)

    def canonical_url(self, news_id: int) -> str:
        return self.canonical_base + self.paths.article.format(id=news_id)

    def short_url(self, news_id: int) -> str:
        return f"{self.canonical_base}/{to_code(news_id)}"


def host_of(parts: SplitResult) -> str:
    """``host`` or ``host:port`` as lists of hosts spell it: lower case, without the scheme's own port.

    >>> host_of(urlsplit("https://WWW.YJC.IR:443/fa")), host_of(urlsplit("http://127.0.0.1:8765/"))
    ('www.yjc.ir', '127.0.0.1:8765')
    """
    usual = {"http": ":80", "https": ":443"}.get(parts.scheme, "")
    return parts.netloc.lower().removesuffix(usual) if usual else parts.netloc.lower()


def root_url(url: str) -> str:
    """``scheme://host[:port]`` of a root URL, or ValueError.

    >>> root_url("http://127.0.0.1:8765/")
    'http://127.0.0.1:8765'
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
        raise ValueError(f"{url!r} is no root URL; write http://host:port or https://host")
    if parts.path not in ("", "/") or parts.query or parts.fragment:
        raise ValueError(f"{url!r} must be a root: nothing may follow the host and port")
    _ = parts.port  # raises ValueError where the port is no number
    try:
        parts.hostname.encode("idna")
    except UnicodeError:
        raise ValueError(f"{url!r} has no possible host name") from None
    return f"{parts.scheme}://{parts.netloc.lower()}"


def load(name: str = "yjc", folder: Path = HERE) -> Site:
    """The site of that name (or a path to a ``.toml``). Raises SiteError naming file and key."""
    path = Path(name) if name.endswith(".toml") else folder / f"{name}.toml"
    try:
        return Site.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        known = ", ".join(sorted(file.stem for file in folder.glob("*.toml")))
        raise SiteError(f"no site file {path}; known sites: {known}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SiteError(f"{path}: not TOML: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}" for fault in error.errors()
        )
        raise SiteError(f"{path}: {wrong}") from None
