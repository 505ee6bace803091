"""The download handler: Scrapy's own, with an ear at the socket.

What a Response holds is re-invented (headers re-cased and merged, body decoded). So bytes are taken where
they cross the connection: requests in a tee behind Twisted's Request, responses in dataReceived. Exchange
and connection find each other through the Headers object, which Twisted hands on to the protocol even on
its silent re-sends; ``meta`` is copied on redirects and context variables are lost in Deferreds.

Twisted's and Scrapy's classes here are private: ``hooks`` names what is missing, at start.
"""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

import twisted.web._newclient as newclient
from scrapy import Request
from scrapy.core.downloader.handlers import http11
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.crawler import Crawler
from scrapy.exceptions import DownloadCancelledError, DownloadFailedError, DownloadTimeoutError
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from twisted.web.client import Agent
from twisted.web.http_headers import Headers
from twisted.web.iweb import IResponse

from crawler.warc.exchange import Attempt, Exchange, Truncation
from crawler.warc.http1 import status_of
from crawler.warc.recorder import Recorder
from crawler.warc.sockets import is_closing, readable, socket_of, tls_of


class Turn(Protocol):
    """One request's leave to go. ``sent``: its bytes go out; ``ended``: by this answer, or this error."""

    def sent(self) -> None: ...

    def ended(self, response: Response | None, error: BaseException | None) -> None: ...


class Door(ABC):
    """An extension of this class says when a request may leave; nothing that queues or retries is behind."""

    @abstractmethod
    async def enter(self, request: Request) -> Turn:
        """Returns once it may. Raises IgnoreRequest where it never will."""


class _Carrier(Headers):
    """Headers that carry their exchange; Twisted copies them to add ``Host``."""

    exchange: Exchange

    def copy(self) -> _Carrier:
        twin = _Carrier(dict(self.getAllRawHeaders()))
        twin.exchange = self.exchange
        return twin


class _Tee:
    """A transport that keeps what is written to it."""

    def __init__(self, transport: Any, attempt: Attempt, sent: Callable[[], None]) -> None:
        self._transport, self._attempt, self._sent = transport, attempt, sent

    def write(self, data: bytes) -> None:
        self._attempt.request += data
        self._transport.write(data)
        self._sent()

    def writeSequence(self, parts: Iterable[bytes]) -> None:  # noqa: N802  # Twisted's name
        self.write(b"".join(parts))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class _Parser(http11._LenientHTTPClientParser):
    """Tells its protocol where an interim 1xx message ends."""

    def allHeadersReceived(self) -> None:  # noqa: N802
        if 100 <= self.response.code < 200:
            self.finisher.__self__.interim_ended(len(self._buffer))
        super().allHeadersReceived()


class _Protocol(http11._LenientHTTP11ClientProtocol):
    """A connection that keeps each attempt's bytes, and does not trust what an idle socket held."""

    transport: Any  # TCP or TLS; both have what is asked of it here
    _attempt: Attempt | None = None
    _received: bytearray
    _served = 0

    def request(self, request: Any) -> Deferred[IResponse]:
        exchange = request.headers.exchange
        # Guards 2 and 3 (a late 408 must never become the answer to this request): bytes that wait on an
        # idle connection are nobody's answer; and where a fresh connection was asked for, this is none.
        idle = self._served > 0
        if idle and (exchange.fresh or is_closing(self.transport) or readable(self.transport)):
            self.transport.loseConnection()
            return fail(newclient.RequestNotSent())
        attempt = Attempt(datetime.now(UTC), reused=self._served > 0, peer=self.transport.getPeer().host)
        attempt.tls = tls_of(self.transport)
        exchange.attempts.append(attempt)
        exchange.flush = lambda: self._flush(attempt)
        self._attempt, self._received = attempt, bytearray()
        self._served += 1
        request.writeTo = lambda transport: type(request).writeTo(
            request, _Tee(transport, attempt, exchange.sent)
        )
        finished = super().request(request)
        if self._parser is not None:
            self._parser.__class__ = _Parser
        if idle:
            self._send_now_or_never(exchange, attempt)
        return finished

    def _send_now_or_never(self, exchange: Exchange, attempt: Attempt) -> None:
        """Guard 2, once more: Twisted would send in the reactor's next turn, after whatever takes its time
        now, and what came until then would be read first and taken for the answer."""
        if hasattr(self.transport, "_aggregator"):  # TLS gathers writes for a turn of its own
            self.transport._aggregator.flush()
        if readable(self.transport):
            exchange.attempts.remove(attempt)
            self._attempt = None
            self.transport.abortConnection()  # nothing has left: Twisted asks again on a new connection
        elif socket_of(self.transport).doWrite() is not None:
            self.transport.abortConnection()  # the reactor would end it; nobody else looks at what it says

    def dataReceived(self, data: bytes) -> None:  # noqa: N802
        if self._attempt is not None:
            self._received += data
        super().dataReceived(data)

    def interim_ended(self, unparsed: int) -> None:
        del self._received[: len(self._received) - unparsed]

    def _finishResponse(self, rest: bytes) -> None:  # noqa: N802
        if self._attempt is not None:
            self._keep(len(rest), complete=True)
        if rest and self._parser is not None:
            # Guard 1: bytes after the message: this connection is out of step, so it is not used again.
            self._parser.connHeaders.setRawHeaders(b"Connection", [b"close"])
        super()._finishResponse(rest)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: N802
        if self._attempt is not None:
            self._attempt.broken = reason.check(ConnectionDone) is None
            self._keep(0, complete=False)
        super().connectionLost(reason)

    def _keep(self, unparsed: int, *, complete: bool) -> None:
        assert self._attempt is not None
        self._attempt.response = bytes(self._received[: len(self._received) - unparsed])
        self._attempt.complete = complete
        self._attempt, self._received = None, bytearray()

    def _flush(self, attempt: Attempt) -> None:
        """Keep what an attempt has brought so far, if it is still the one under way on this connection."""
        if self._attempt is attempt:
            self._keep(0, complete=False)


class _Factory(http11._LenientHTTP11ClientFactory):
    def buildProtocol(self, addr: Any) -> _Protocol:  # noqa: N802, ARG002  # Twisted's
        return _Protocol(self._quiescentCallback)


class _Agent(http11._ScrapyAgent):
    """Scrapy's agent, whose request headers carry the exchange."""

    exchange: Exchange

    def _get_agent(self, request: Request, timeout: float) -> Agent:
        agent = super()._get_agent(request, timeout)
        send = agent.request

        def carrying(method: bytes, uri: bytes, headers: Headers, body: Any = None) -> Deferred[IResponse]:
            carrier = _Carrier(dict(headers.getAllRawHeaders()))
            carrier.exchange = self.exchange
            return send(method, uri, carrier, body)

        agent.request = carrying  # type: ignore[method-assign,assignment]  # Scrapy always gives headers
        return agent


class CaptureHandler(HTTP11DownloadHandler):
    """http and https. ``request.meta["capture"]`` is the Capture of the answer, before anyone sees it;
    ``request.meta["captures"]`` has those of the redirects that led there too, by their addresses."""

    def __init__(self, crawler: Crawler) -> None:
        super().__init__(crawler)
        self._recorder = crawler.get_extension(Recorder)
        self._door = crawler.get_extension(Door)  # type: ignore[type-abstract]  # one that is built upon it
        self._pool._factory = _Factory
        self._pool.persistent = crawler.settings.getbool("KEEP_ALIVE")

    async def download_request(self, request: Request) -> Response:
        request.meta.pop("capture", None)  # a redirect or retry copies the meta of the request before
        exchange = Exchange(request.url)
        if self._door is None:
            return await self._download(request, exchange)
        turn = await self._door.enter(request)
        exchange.sent = turn.sent
        response = None
        try:
            response = await self._download(request, exchange)
        finally:  # a crawl that is stopped cancels what is under way: then too the next one may go
            turn.ended(response, None if response else sys.exception())
        return response

    async def _download(self, request: Request, exchange: Exchange) -> Response:
        try:
            response = await self._ask(request, exchange)
        except DownloadTimeoutError:
            self._keep(request, exchange, "time")
            raise
        except DownloadCancelledError:
            self._keep(request, exchange, "length")
            raise
        except Exception:  # whatever ended it: the bytes that came are kept, and the error goes on
            self._keep(request, exchange, "disconnect")
            raise
        self._keep(request, exchange, "disconnect" if "dataloss" in response.flags else None)
        return response

    async def _ask(self, request: Request, exchange: Exchange) -> Response:
        """Guard 3: what may be an answer to nobody, sent while a connection was idle or just as the request
        left, is kept as an attempt, and the request is decided on a fresh connection."""
        try:
            response = await self._fetch(request, exchange)
            if response.status not in (400, 408) or not exchange.attempts[-1].reused:
                return response
        except DownloadFailedError:
            exchange.flush()
            last = exchange.attempts[-1] if exchange.attempts else None
            if last is None or not last.reused or not last.response or status_of(last.response):
                raise
        exchange.fresh = True
        return await self._fetch(request, exchange)

    async def _fetch(self, request: Request, exchange: Exchange) -> Response:
        """What Scrapy's handler does, with our agent in the place of its own."""
        agent = _Agent(
            contextFactory=self._contextFactory,
            bindAddress=self._bind_address,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
            tls_verbose_logging=self._tls_verbose_logging,
        )
        agent.exchange = exchange
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))

    def _keep(self, request: Request, exchange: Exchange, ended_by: Truncation | None) -> None:
        """Write what came. ``ended_by`` None: the last answer is whole, if need be by an orderly end."""
        exchange.flush()
        for attempt in exchange.attempts:
            if not attempt.complete:
                attempt.truncated = ended_by or "disconnect"
        if ended_by is None and exchange.attempts and not exchange.attempts[-1].broken:
            exchange.attempts[-1].truncated = None
        if self._recorder is not None:
            capture = request.meta["capture"] = self._recorder.keep(exchange)
            request.meta["captures"] = request.meta.get("captures", {}) | {request.url: capture}
