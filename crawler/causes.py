"""Why no answer came, in words that stay the same for the same cause."""

from __future__ import annotations

from collections.abc import Iterator

from OpenSSL import SSL
from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadCancelledError,
    DownloadConnectionRefusedError,
    DownloadFailedError,
    DownloadTimeoutError,
    ResponseDataLossError,
)
from twisted.python.failure import Failure

_WORDS: tuple[tuple[type[Exception], str], ...] = (
    (DownloadTimeoutError, "timed out"),
    (CannotResolveHostError, "name not resolved"),
    (DownloadConnectionRefusedError, "connection refused"),
    (ResponseDataLossError, "answer cut off"),
    (DownloadCancelledError, "larger than DOWNLOAD_MAXSIZE"),
)


def cause_of(error: BaseException) -> str:
    """``timed out``, ``TLS failed: certificate verify failed`` …: without addresses, so that equal causes are
    counted together; the name of its class for what is no failure of the network."""
    for kind, words in _WORDS:
        if isinstance(error, kind):
            return words
    if isinstance(error, DownloadFailedError):
        for inner in _behind(error):
            if isinstance(inner, SSL.Error):
                return f"TLS failed: {_tls_words(inner)}"
        return "connection lost or answer not HTTP"
    return type(error).__name__


def _behind(error: BaseException) -> Iterator[BaseException]:
    """What led to an error, near and far: Twisted hands on lists of failures."""
    for inner in (error.__cause__, *getattr(error, "reasons", ())):
        cause = inner.value if isinstance(inner, Failure) else inner
        if isinstance(cause, BaseException):
            yield cause
            yield from _behind(cause)


def _tls_words(error: SSL.Error) -> str:
    """OpenSSL's own words for it, without library and function."""
    said = [reason for *_, reason in error.args[0]] if error.args else []
    return ", ".join(said) or "no reason given"
