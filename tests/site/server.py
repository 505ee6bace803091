"""HTTP/1.1 by hand: the bytes on the wire are the subject of the tests, so no library shapes them."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import itertools
import json
import socket
import struct
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import parse_qsl

from .routes import HTML, Reply, Routes
from .storm import Storm, counted, is_page
from .weather import Weather
from .world import World

_LOG_LENGTH = 200_000
_COOKIES = "Set-Cookie: sample_session=5f2c9b; path=/; HttpOnly\r\nSet-Cookie: sample_lang=fa; path=/\r\n"


@dataclass(slots=True)
class Request:
    method: str
    target: str
    version: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def keeps_alive(self) -> bool:
        wish = self.headers.get("connection", "").lower()
        return "keep-alive" in wish if self.version == "HTTP/1.0" else "close" not in wish


class Server:
    """Answers for one site, and remembers what it was asked."""

    def __init__(self) -> None:
        self.routes: Routes | None = None
        self.storm = Storm(Weather())
        self._hits = itertools.count(1)
        self.log: deque[dict[str, object]] = deque(maxlen=_LOG_LENGTH)
        self._start = time.monotonic()

    def show(self, world: World) -> None:
        """Serve this world under its weather; the log stays."""
        if self.routes is None or self.routes.world.weather.pages() != world.weather.pages():
            self.routes = Routes(world)
        self.storm = Storm(world.weather)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has had enough."""
        # A client may leave at any moment; that is its right and no error of ours.
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            while await self._one(reader, writer):
                pass
        writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        try:
            request = _parse(await reader.readuntil(b"\r\n\r\n"))
            length = int(request.headers.get("content-length", "0"))
        except (ValueError, asyncio.LimitOverrunError):
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            await writer.drain()
            return False
        if length:
            await reader.readexactly(length)
        reply = self._reply(request)
        if reply.wait:
            await asyncio.sleep(reply.wait)
        if reply.cut:
            await _cut(writer, b"".join(_wire(request, reply)))
            return False
        for piece in _wire(request, reply):
            writer.write(piece)
        await writer.drain()
        return request.keeps_alive

    def _reply(self, request: Request) -> Reply:
        assert self.routes
        if request.path.startswith("/__"):
            return self._about(request)
        if is_page(request.path):
            reply = self.storm.delivered(self.storm.instead() or self._page(request))
        else:
            reply = self._page(request)
        entry: dict[str, object] = {
            "method": request.method,
            "path": request.target,
            "status": reply.status,
            "time": round(time.monotonic() - self._start, 6),
            "headers": request.headers,
        }
        self.log.append(entry | {"refused": True} if reply.refused else entry)
        return reply

    def _page(self, request: Request) -> Reply:
        """What the site itself answers."""
        assert self.routes
        reply = self.routes.reply(request.path)
        if reply.counted:
            return counted(reply, next(self._hits))
        if reply.etag and _is_fresh(request, reply):
            return Reply(304, reply.kind, b"", etag=reply.etag, modified=reply.modified)
        return reply

    def _about(self, request: Request) -> Reply:
        """What a test asks beside the site's own pages."""
        assert self.routes
        kind = "application/json; charset=utf-8"
        if request.path == "/__truth__.json":
            return Reply(200, kind, self.routes.truth())
        if request.path == "/__log__.json":
            body = json.dumps(list(self.log), ensure_ascii=False).encode()
            if request.target.endswith("?clear=1"):
                self.log.clear()
            return Reply(200, kind, body)
        if request.path == "/__weather__":
            return self._change(request)
        return Reply(404, kind, b"{}")

    def _change(self, request: Request) -> Reply:
        """Set the switches that the query names; the answer tells all."""
        assert self.routes
        world = self.routes.world
        switches = dict(parse_qsl(request.target.partition("?")[2], keep_blank_values=True))
        try:
            weather = self.storm.weather.changed(switches)
            if switches:
                self.show(world.under(weather))
        except ValueError as wrong:
            return Reply(400, "text/plain; charset=utf-8", str(wrong).encode())
        return Reply(200, "application/json; charset=utf-8", json.dumps(weather.as_json()).encode())


async def _cut(writer: asyncio.StreamWriter, wire: bytes) -> None:
    """Send half, then reset the connection."""
    writer.transport.set_write_buffer_limits(0)
    writer.write(wire[: len(wire) // 2])
    await writer.drain()
    # A reset throws away what is still under way: the half is to arrive first.
    await asyncio.sleep(0.05)
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


def _parse(head: bytes) -> Request:
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    method, target, version = first.split(" ")
    if version not in ("HTTP/1.0", "HTTP/1.1") or not target.startswith("/") or not method.isalpha():
        raise ValueError(first)
    headers: dict[str, str] = {}
    for line in lines:
        if line:
            name, colon, value = line.partition(":")
            if not colon:
                raise ValueError(line)
            headers[name.strip().lower()] = value.strip()
    return Request(method, target, version, headers)


def _is_fresh(request: Request, reply: Reply) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return reply.etag in known
    return request.headers.get("if-modified-since") == reply.modified


def _wire(request: Request, reply: Reply) -> Iterator[bytes]:
    """The answer as it goes out."""
    body, coded = reply.body, False
    if reply.zipped:
        coded = "gzip" in request.headers.get("accept-encoding", "")
        body = body if coded else gzip.decompress(body)
    chunked = reply.chunked and request.version != "HTTP/1.0"
    phrase = HTTPStatus(reply.status).phrase
    lines = [f"HTTP/1.1 {reply.status} {phrase}\r\nServer: sample\r\nDate: {_date(int(time.time()))}\r\n"]
    if reply.status != 304:
        lines.append(f"Content-Type: {reply.kind}\r\n")
        lines.append("Transfer-Encoding: chunked\r\n" if chunked else f"Content-Length: {len(body)}\r\n")
    if coded:
        lines.append("Content-Encoding: gzip\r\n")
    if reply.zipped:
        lines.append("Vary: Accept-Encoding\r\n")
    if reply.kind == HTML and reply.status not in (301, 302, 304):
        lines.append(_COOKIES)
    if reply.etag:
        lines.append(f"ETag: {reply.etag}\r\nLast-Modified: {reply.modified}\r\n")
    if reply.retry_after:
        lines.append(f"Retry-After: {reply.retry_after}\r\n")
    if reply.location:
        lines.append(f"Location: {reply.location}\r\n")
    lines.append(f"Connection: {'keep-alive' if request.keeps_alive else 'close'}\r\n\r\n")
    yield "".join(lines).encode()
    if request.method != "HEAD" and reply.status != 304:
        yield from _chunks(body) if chunked else [body]


def _chunks(body: bytes) -> Iterator[bytes]:
    """Pieces of odd sizes, as a proxy in between would cut them."""
    at, size = 0, 1237
    while at < len(body):
        piece = body[at : at + size]
        yield b"%x\r\n%s\r\n" % (len(piece), piece)
        at, size = at + size, size * 3 % 4093 + 1
    yield b"0\r\n\r\n"


_dates: dict[int, str] = {}


def _date(second: int) -> str:
    if second not in _dates:
        _dates.clear()
        _dates[second] = formatdate(second, usegmt=True)
    return _dates[second]
