"""How an origin misbehaves: a table of answers, each a row of steps. The name is the first part of the path.

Every answer carries its token (path and serial number) so that bytes under a wrong address are seen.
"""

from __future__ import annotations

import gzip
import random
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from enum import Enum
from itertools import pairwise
from typing import Literal

Part = Literal["message", "interim", "stray"]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as the origin read it. ``turn``: how many came before it on its connection."""

    token: bytes
    turn: int
    body: bytes

    @property
    def chance(self) -> random.Random:
        return random.Random(self.token)


@dataclass(frozen=True, slots=True)
class Say:
    """Bytes to send; ``glued`` ones wait for the next, to leave in one write."""

    data: bytes
    part: Part = "message"
    glued: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Be silent for so long. ``politely``: if the client speaks meanwhile, the rest is not said.

    ``at_most``: the time is drawn anew each time, so that some day it meets the client's next request.
    """

    seconds: float
    politely: bool = False
    at_most: bool = False


class End(Enum):
    CLOSE = "in good order: close_notify where there is TLS, then FIN"
    CUT = "FIN, without a word from TLS"
    RESET = "RST"
    HANG = "open and silent until the client goes"


Step = Say | Wait | End
Behaviour = Callable[[Asked], Iterable[Step]]

STRAY = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\nX-Token: "
TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\nX-Stray: "
A_MOMENT = Wait(0.01)
SOON = Wait(0.006, politely=True, at_most=True)
LONG = b"\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85 " * 400  # Persian text, 3,600 bytes


def head(asked: Asked, *lines: bytes, status: bytes = b"HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> bytes:
    return eol.join((status, b"X-Token: " + asked.token, *lines)) + 2 * eol


def page(asked: Asked) -> bytes:
    return b"<p>" + asked.token + b"</p>" + LONG


def whole(asked: Asked, *lines: bytes, status: bytes = b"HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> Say:
    """A head, these lines in it, and a page of declared length."""
    body = page(asked)
    return Say(head(asked, *lines, b"Content-Length: %d" % len(body), status=status, eol=eol) + body)


def chunk(data: bytes, extension: bytes = b"") -> bytes:
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def pieces(data: bytes, chance: random.Random, most: int) -> list[bytes]:
    """``data`` cut at random."""
    cuts = sorted({0, len(data), *(chance.randrange(len(data)) for _ in range(most))})
    return [data[start:end] for start, end in pairwise(cuts)]


def interim(status: bytes, glued: bool) -> Say:
    return Say(b"HTTP/1.1 " + status + b"\r\nLink: </x.css>; rel=preload\r\n\r\n", "interim", glued)


def chunked_gzip(asked: Asked) -> Iterable[Step]:
    packed = gzip.compress(page(asked) + asked.chance.randbytes(3000))
    body = b"".join(chunk(piece) for piece in pieces(packed, asked.chance, 9)) + b"0\r\n\r\n"
    message = head(asked, b"Transfer-Encoding: chunked", b"Content-Encoding: gzip") + body
    for piece in pieces(message, asked.chance, 7):
        yield from (Say(piece), Wait(0.001))


def extensions_and_trailers(asked: Asked) -> Iterable[Step]:
    body = chunk(asked.token, b';name="a;b"') + chunk(LONG, b";x") + b"0\r\nX-Sum: 1\r\nExpires: 0\r\n\r\n"
    yield Say(head(asked, b"Trailer: X-Sum", b"Transfer-Encoding: Chunked") + body)


def drip(asked: Asked) -> Iterable[Step]:
    body = chunk(asked.token) + b"0\r\n\r\n"
    for byte in head(asked, b"Transfer-Encoding: chunked") + body:
        yield from (Say(bytes([byte])), Wait(0.0001))


def big(size: int, *, declared: bool) -> Behaviour:
    def behaviour(asked: Asked) -> Iterable[Step]:
        body = asked.chance.randbytes(size)
        if declared:
            yield Say(head(asked, b"Content-Length: %d" % size) + body)
        else:
            yield from (Say(head(asked, b"Connection: close") + body), End.CLOSE)

    return behaviour


def broken_off(where: str, end: End) -> Behaviour:
    """The same answer torn at four places."""
    body = {
        "before the head": b"",
        "in the head": b"",
        "in the body": LONG[:1001],
        "in a chunk": chunk(LONG) + b"ff\r\nonly this",
        "in a body that ends with the connection": LONG[:1001],
    }[where]
    framing = {"in the body": b"Content-Length: 9999", "in a chunk": b"Transfer-Encoding: chunked"}

    def behaviour(asked: Asked) -> Iterable[Step]:
        message = head(asked, framing.get(where, b"Connection: close")) + body
        if where == "in the head":
            message = message[:-3]
        if where != "before the head":
            yield from (Say(message), Wait(0.03))  # let it arrive: a reset may overtake it
        yield end

    return behaviour


def afterwards(pause: Wait | None, stray: Callable[[Asked], bytes], *then: Step) -> Behaviour:
    """A good answer, and bytes behind it that nobody asked for."""

    def behaviour(asked: Asked) -> Iterable[Step]:
        yield replace(whole(asked), glued=pause is None)
        if pause:
            yield replace(pause, seconds=pause.seconds * (asked.chance.random() if pause.at_most else 1))
        yield Say(stray(asked), "stray")
        yield from then

    return behaviour


def refuses_a_second(asked: Asked) -> Iterable[Step]:
    yield whole(asked, status=b"HTTP/1.1 400 Bad Request" if asked.turn else b"HTTP/1.1 200 OK")


def more_than_declared(asked: Asked) -> Iterable[Step]:
    """A few bytes too many with the message, a whole page when the next request may be out."""
    yield from (replace(whole(asked), glued=True), Say(b"more", "stray"))
    yield from (Wait(0.004), Say(stray_page(asked), "stray"))


def stray_page(asked: Asked) -> bytes:
    return STRAY + asked.token + b"\r\n\r\nunwanted\n"


def stray_timeout(asked: Asked) -> bytes:
    return TIMEOUT + asked.token + b"\r\n\r\n"


def one(*lines: bytes, status: bytes = b"HTTP/1.1 200 OK", eol: bytes = b"\r\n") -> Behaviour:
    return lambda asked: [whole(asked, *lines, status=status, eol=eol)]


def bare(status: bytes, *lines: bytes, body: bytes = b"") -> Behaviour:
    return lambda asked: [Say(head(asked, *lines, status=b"HTTP/1.1 " + status) + body)]


def early(*statuses: bytes, glued: bool) -> Behaviour:
    def behaviour(asked: Asked) -> Iterable[Step]:
        for status in statuses:
            yield interim(status, glued)
            if not glued:
                yield A_MOMENT
        yield whole(asked)

    return behaviour


HINTS, GO_ON = b"103 Early Hints", b"100 Continue"
BOMB = zlib.compress(bytes(16_000_000), wbits=31)

TABLE: dict[str, Behaviour] = {
    "plain": one(b"Content-Type: text/html; charset=utf-8"),
    "chunked-gzip": chunked_gzip,
    "extensions-and-trailers": extensions_and_trailers,
    "odd-case": one(b"cOnTeNt-TyPe: text/html", b"X-UPPER: 1", b"x-lower: 1"),
    "no-blank": one(b"Content-Type:text/html", b"X-Two:  two blanks \t", b"X-None:"),
    "folded": one(b"X-Long: first", b"\tsecond", b"   third"),
    "latin-1": one(b"X-Name: caf\xe9 \xa0\xff"),
    "utf-8-location": bare(b"302 Found", "Location: /plain/سلام".encode(), b"Content-Length: 0"),
    "redirect": bare(
        b"301 Moved Permanently", b"Location: /plain/moved", b"Content-Length: 5", body=b"moved"
    ),
    "cookies-twice": one(b"Set-Cookie: a=1; path=/", b"X-Between: 1", b"Set-Cookie: a=2", b"set-cookie: b"),
    "bare-lf": one(b"Content-Type: text/html", eol=b"\n"),
    "mixed-eol": lambda asked: [Say(whole(asked).data.replace(b"\r\n\r\n", b"\n\r\n"))],
    "no-colon": one(b"this line has none", b"Content-Type: text/html"),
    "not-modified": bare(b"304 Not Modified", b"Content-Length: 5120"),
    "no-content": bare(b"204 No Content"),
    "empty": bare(b"200 OK", b"Content-Length: 0"),
    "empty-chunked": bare(b"200 OK", b"Transfer-Encoding: chunked", body=b"0\r\n\r\n"),
    "http-1.0": lambda asked: [
        Say(head(asked, b"Content-Type: text/html", status=b"HTTP/1.0 200 OK") + page(asked)),
        End.CLOSE,
    ],
    "one-hint-glued": early(HINTS, glued=True),
    "one-hint": early(HINTS, glued=False),
    "two-hints-glued": early(HINTS, HINTS, glued=True),
    "two-hints": early(HINTS, HINTS, glued=False),
    "continue": early(GO_ON, glued=False),
    "continue-and-hint": early(GO_ON, HINTS, glued=True),
    "drip": drip,
    "three-megabytes": big(3_000_000, declared=True),
    "post": lambda asked: [Say(head(asked, b"Content-Length: %d" % len(asked.body)) + asked.body)],
    "unavailable": one(b"Retry-After: 0", status=b"HTTP/1.1 503 Service Unavailable"),
    "gone": one(status=b"HTTP/1.1 410 Gone"),
    "bad-gzip": one(b"Content-Encoding: gzip"),
    "bomb": bare(b"200 OK", b"Content-Encoding: gzip", b"Content-Length: %d" % len(BOMB), body=BOMB),
    "lengths-differ": one(b"Content-Length: 7"),
    "zeros": bare(b"200 OK", b"Transfer-Encoding: chunked", body=chunk(LONG) + b"000\r\n\r\n"),
    "blank-in-chunk-size": bare(
        b"200 OK", b"Transfer-Encoding: chunked", body=b"3 \r\nabc\r\n3 ; x\r\nabc\r\n0\r\n\r\n"
    ),
    "no-phrase": one(status=b"HTTP/1.1 200"),
    "lower-case-version": one(status=b"http/1.1 200 OK"),
    "empty-value": one(b"X-Empty:", b"X-Blank: "),
    "long-header": one(b"X-Long: " + b"x" * 60_000),
    "looks-like-two": lambda asked: [
        Say(head(asked, b"Content-Length: %d" % len(stray_page(asked))) + stray_page(asked))
    ],
    "unknown-coding": bare(b"200 OK", b"Transfer-Encoding: gzip, chunked", body=b"3\r\nabc\r\n0\r\n\r\n"),
    "junk": lambda asked: [Say(b"\x16\x03 junk of " + asked.token + b"\r\n" + LONG), End.CLOSE],
    "junk-one-line": lambda asked: [Say(b"junk of " + asked.token), Wait(0.03), End.CLOSE],
    "fin-before-head": broken_off("before the head", End.CLOSE),
    "fin-in-head": broken_off("in the head", End.CLOSE),
    "fin-in-body": broken_off("in the body", End.CLOSE),
    "fin-in-chunk": broken_off("in a chunk", End.CLOSE),
    "rst-before-head": broken_off("before the head", End.RESET),
    "rst-in-head": broken_off("in the head", End.RESET),
    "rst-in-body": broken_off("in the body", End.RESET),
    "rst-in-chunk": broken_off("in a chunk", End.RESET),
    "rst-in-endless": broken_off("in a body that ends with the connection", End.RESET),
    "cut-in-endless": broken_off("in a body that ends with the connection", End.CUT),
    "hang-before-head": broken_off("before the head", End.HANG),
    "hang-in-head": broken_off("in the head", End.HANG),
    "hang-in-body": broken_off("in the body", End.HANG),
    "hang-in-chunk": broken_off("in a chunk", End.HANG),
    "hang-after-hint": lambda _: [interim(HINTS, glued=False), End.HANG],
    "too-big-declared": big(4_000_000, declared=True),
    "too-big": big(4_000_000, declared=False),
    "silent-close": lambda asked: [whole(asked), Wait(0.02), End.CLOSE],
    "silent-reset": lambda asked: [whole(asked), Wait(0.02), End.RESET],
    "garbage-glued": afterwards(None, lambda asked: b"\r\ngarbage of " + asked.token),
    "page-glued": afterwards(None, stray_page),
    "more-than-declared": more_than_declared,
    "garbage-later": afterwards(SOON, lambda asked: b"garbage of " + asked.token),
    "late-408": afterwards(SOON, stray_timeout, End.CLOSE),
    "late-408-blind": afterwards(replace(SOON, politely=False), stray_timeout, End.CLOSE),
    "late-page": afterwards(SOON, stray_page),
    "refuses-a-second": refuses_a_second,
    "bad-request": one(status=b"HTTP/1.1 400 Bad Request"),
    "request-timeout": one(status=b"HTTP/1.1 408 Request Timeout"),
}
