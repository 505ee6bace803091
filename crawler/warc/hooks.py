"""The private parts of Scrapy and Twisted that the capture rests on, looked for before a crawl begins."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import version

import twisted.web._newclient as newclient
from scrapy.core.downloader.handlers import http11
from twisted.internet.abstract import FileDescriptor
from twisted.protocols import tls
from twisted.web.client import HTTPConnectionPool

HOOKS: tuple[tuple[object, str], ...] = (
    (http11, "_ScrapyAgent"),
    (http11, "_LenientHTTP11ClientProtocol"),
    (http11, "_LenientHTTP11ClientFactory"),
    (http11, "_LenientHTTPClientParser"),
    (newclient.HTTP11ClientProtocol, "_finishResponse"),
    (newclient.HTTPClientParser, "allHeadersReceived"),
    (newclient.Request, "writeTo"),
    (HTTPConnectionPool, "_factory"),
    (FileDescriptor, "doWrite"),
    (tls, "_AggregateSmallWrites"),
)


def check_hooks(hooks: Iterable[tuple[object, str]] = HOOKS) -> None:
    """Raises RuntimeError naming versions and what is missing: better no crawl than one without its bytes."""
    missing = [
        f"{getattr(place, '__name__', place)}.{name}" for place, name in hooks if not hasattr(place, name)
    ]
    if missing:
        raise RuntimeError(
            f"cannot capture the wire with scrapy {version('scrapy')} and twisted {version('twisted')}: "
            f"{', '.join(missing)} not found; install the versions of requirements.txt"
        )
