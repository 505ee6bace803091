"""A notice as a POST of JSON, signed. No redirect is followed: the key's owner named one address."""

from __future__ import annotations

import hashlib
import hmac
import ssl
from contextlib import suppress
from datetime import datetime, timedelta
from email.message import Message
from http.client import HTTPException
from typing import IO, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    ProxyHandler,
    Request,
)

from crawler import VERSION

TIMEOUT = 10.0  # seconds for connecting, and for each piece of the answer's head
MOST_READ = 65_536  # of an answer, in one piece: then most connections end in order


class Failed(Exception):  # named for what happened
    """``reason`` has no address and no key in it; ``final``: trying again is of no use; ``at_least``: how
    long the receiver asked to be left alone."""

    def __init__(self, reason: str, *, final: bool = False, at_least: timedelta = timedelta(0)) -> None:
        super().__init__(reason)
        self.reason, self.final, self.at_least = reason, final, at_least


def signature(key: bytes, timestamp: str, body: bytes) -> str:
    """What stands in ``X-Ostan-Signature``.

    >>> signature(b"key", "1764030000", b"{}")[:23]
    'sha256=989f28fa30b0a44e'
    """
    return f"sha256={hmac.new(key, timestamp.encode() + b'.' + body, hashlib.sha256).hexdigest()}"


def post(
    url: str, body: bytes, notice_id: str, key: bytes | None, at: datetime, timeout: float = TIMEOUT
) -> None:
    """Raises Failed. 2xx is success; of 4xx only 408 and 429 are tried again."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise Failed("no http(s) address", final=True)
    timestamp = str(int(at.timestamp()))
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"Ostan/{VERSION}",
        "X-Ostan-Notice": notice_id,
        "X-Ostan-Timestamp": timestamp,
    }
    if key is not None:
        headers["X-Ostan-Signature"] = signature(key, timestamp, body)
    try:
        request = Request(url, body, headers, method="POST")
        with _opener().open(request, timeout=timeout) as answer, suppress(OSError, HTTPException):
            answer.read1(MOST_READ)  # what it says besides may come late or never: the notice is delivered
    except HTTPError as error:
        with error:
            raise _refused(error.code, error.headers) from None
    except (URLError, HTTPException, OSError, ValueError) as error:
        raise Failed(_words(error)) from None


def _refused(status: int, headers: Message) -> Failed:
    redirected = ", and redirects are not followed" if 300 <= status < 400 else ""
    asked = headers.get("Retry-After", "")
    return Failed(
        f"HTTP {status}{redirected}",
        final=400 <= status < 500 and status not in (408, 429),
        at_least=timedelta(seconds=int(asked)) if asked.isascii() and asked.isdigit() else timedelta(0),
    )


class _AsItIs(HTTPDefaultErrorHandler):
    """Any status but 2xx is an error, redirects too: nothing here follows one."""

    def http_error_default(
        self, req: Request, fp: IO[bytes] | None, code: int, msg: str, hdrs: Message
    ) -> NoReturn:
        raise HTTPError(req.full_url, code, msg, hdrs, fp)


def _opener() -> OpenerDirector:
    """Of the standard library's handlers only these: no redirects, no file:, ftp:, data:."""
    opener = OpenerDirector()
    secure = HTTPSHandler(context=ssl.create_default_context())
    for handler in (ProxyHandler(), HTTPHandler(), secure, HTTPErrorProcessor(), _AsItIs()):
        opener.add_handler(handler)
    return opener


def _words(error: Exception) -> str:
    """The cause, without the address: an address of a webhook is often a password."""
    cause = error.reason if isinstance(error, URLError) else error
    if isinstance(cause, TimeoutError):
        return "no answer in time"
    if isinstance(cause, OSError) and not isinstance(cause, URLError):
        return f"no connection: {cause.strerror or type(cause).__name__}"
    return f"no answer that is HTTP: {type(cause).__name__}"
