"""The replay's own server, on a port of its own: what an address said at a time, as the browser got it then.

``/<collection>/<timestamp>/<address>``     the capture nearest to that time; what it names, too
``/<collection>/<timestamp>mp_/<address>``  the same, and its scripts run
``/<collection>/<timestamp>id_/<address>``  the same, no byte changed
``/<collection>/timegate/<address>``        Memento (RFC 7089): goes to the capture of Accept-Datetime
``/<collection>/timemap/link/<address>``    all captures of an address
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape
from typing import NamedTuple

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from crawler.explorer.ranges import part_of
from crawler.explorer.security import RAW_POLICY, Guard, origins, policy_of_one_script, replay_policy
from crawler.explorer.shelf import NotThere, Shelf
from crawler.explorer.views import LIVE
from crawler.replay.archive import Answer, Archive, NotHeld
from crawler.replay.memento import LINK_FORMAT, Addresses, link_header, timemap
from crawler.replay.moment import http_date, read_http_date, read_stamp
from crawler.replay.placed import HTML, placed, type_of

_PATH = re.compile(r"/([^/]+)/(?:(timegate)|(timemap)/link|([0-9]{4,14})(id_|mp_)?)/(.+)", re.DOTALL)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_TIMES = {"Vary": "accept-datetime"}
_HEADERS = {
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    # The sandbox has no origin ("null"): fonts and scripts of the page come to it from ours.
    "Access-Control-Allow-Origin": "null",
    "Cache-Control": "no-cache",
}


class Asked(NamedTuple):
    """``stamp``: "" for a time gate or a time map. ``url``: with its query, as it came."""

    collection: str
    kind: str  # timegate, timemap, page, live (a page with its scripts), raw
    stamp: str
    url: str


def asked_of(path: str, query: str) -> Asked | None:
    """None where an address has not this form.

    >>> asked_of("/demo/2026id_/http://a.ir/%D8%B3", "a=b")
    Asked(collection='demo', kind='raw', stamp='2026', url='http://a.ir/%D8%B3?a=b')
    """
    found = _PATH.fullmatch(path)
    if not found:
        return None
    # Some programs and proxies make one of two slashes.
    url = re.sub(r"^(https?):/+", r"\1://", found[6] + (f"?{query}" if query else ""))
    kind = found[2] or found[3] or {"id_": "raw", "mp_": "live"}.get(found[5], "page")
    return Asked(found[1], kind, found[4] or "", url)


def replay_app(shelf: Shelf, explorer_port: int, own_port: int) -> ASGIApp:
    """An ASGI application. The ports are those under which both are reached."""
    server = _Replay(shelf, explorer_port, own_port)
    return Guard(server, _HEADERS)


class _Replay:
    def __init__(self, shelf: Shelf, explorer_port: int, own_port: int) -> None:
        self._shelf, self._explorer_port, self._own_port = shelf, explorer_port, own_port

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        response = await run_in_threadpool(self._answer, request)
        own, explorer = origins(request, self._own_port), origins(request, self._explorer_port)
        closed = replay_policy(own, explorer, scripts=False)
        response.headers.setdefault("Content-Security-Policy", closed)
        await response(scope, receive, send)

    def _answer(self, request: Request) -> Response:
        raw_path: bytes = request.scope.get("raw_path") or request.scope["path"].encode()
        asked = asked_of(raw_path.decode("latin-1"), request.scope["query_string"].decode("latin-1"))
        if asked is None:
            return _missing("an address here is /<collection>/<timestamp>/<address>")
        try:
            archive = Archive(self._shelf.collection(asked.collection))
            addresses = Addresses(f"{origins(request, self._own_port)}/{asked.collection}")
            answers: dict[str, Callable[[], Response]] = {
                "timegate": lambda: _timegate(archive, addresses, asked, request),
                "timemap": lambda: _timemap(archive, addresses, asked),
                **dict.fromkeys(
                    ("page", "live", "raw"), lambda: self._page(archive, addresses, asked, request)
                ),
            }
            return answers[asked.kind]()
        except (NotHeld, NotThere) as error:
            return _missing(str(error))
        except ValueError as error:
            return PlainTextResponse(f"{error}\n", 400)

    def _page(self, archive: Archive, addresses: Addresses, asked: Asked, request: Request) -> Response:
        if asked.kind != "raw" and (elsewhere := self._not_in_its_frame(asked, request)):
            return elsewhere
        entry = archive.nearest(asked.url, read_stamp(asked.stamp))
        answer = archive.opened(entry)
        links = link_header(addresses, archive.captures(asked.url), entry)
        headers = {"Memento-Datetime": http_date(answer.at), "Link": links}
        if asked.kind == "raw":
            headers |= {"Content-Security-Policy": RAW_POLICY, "Content-Disposition": "attachment"}
            headers |= _kept(answer, raw=True)
            return part_of(request, *_sent(answer, answer.original.payload), headers)
        live = asked.kind == "live"
        if target := answer.target:
            headers["Location"] = addresses.memento(f"{entry.timestamp}{'mp_' * live}", target)
        if live:
            own, explorer = addresses.origin, origins(request, self._explorer_port)
            headers["Content-Security-Policy"] = replay_policy(own, explorer, scripts=True)
        body = placed(answer, addresses.prefix, live=live)
        return part_of(request, *_sent(answer, body), headers | _kept(answer, raw=False))

    def _not_in_its_frame(self, asked: Asked, request: Request) -> Response | None:
        """A page opened by itself goes to the explorer's page around it; a page to which a replayed one
        leads tells the explorer, which decides. So what stands above a replayed page is always true of it."""
        explorer = origins(request, self._explorer_port)
        live = LIVE * (asked.kind == "live")
        around = f"{explorer}/{asked.collection}/replay/{asked.stamp}{live}/{asked.url}"
        destination = request.headers.get("sec-fetch-dest", "")
        if destination == "document":
            return RedirectResponse(around, 302)
        if destination == "iframe" and request.headers.get("sec-fetch-site") == "cross-site":
            page = _GOES_ON.format(explorer=escape(explorer), around=escape(around), script=_SAYS_SO)
            policy = policy_of_one_script(_SAYS_SO, explorer)
            return HTMLResponse(page, headers={"Content-Security-Policy": policy})
        return None


# Runs in the sandbox. All it can do is say where the page wanted to go.
_SAYS_SO = "const here = document.body.dataset; parent.postMessage({ goes: here.around }, here.to);"
_GOES_ON = """<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Ostan</title>
<body data-around="{around}" data-to="{explorer}"><p>The page goes on …</p><script>{script}</script></body>
</html>
"""


def _kept(answer: Answer, *, raw: bool) -> dict[str, str]:
    """Of the archived head what a browser must know to show the body; the rest stands in the record."""
    kept = {"Content-Type": answer.header("Content-Type") or ""}
    if not raw and type_of(answer) in HTML and not kept["Content-Type"]:
        kept["Content-Type"] = type_of(answer)
    if language := answer.header("Content-Language"):
        kept["Content-Language"] = language
    said = (value for name, value in answer.said.headers if name.lower() == "content-encoding")
    if coding := ", ".join(said) if raw else answer.coding:
        kept["Content-Encoding"] = coding
    return {name: value for name, value in kept.items() if value and not _CONTROL.search(value)}


def _sent(answer: Answer, body: bytes) -> tuple[bytes, int]:
    """What can be sent as it came: no body where there is none by its status, no status that HTTP lacks."""
    status = answer.said.status
    return (b"" if status in (204, 205, 304) else body), (status if 200 <= status < 600 else 502)


def _timegate(archive: Archive, addresses: Addresses, asked: Asked, request: Request) -> Response:
    """RFC 7089, section 4.1: pattern 2.1, a redirect to the memento, which says its time."""
    wanted = request.headers.get("accept-datetime")
    moment = read_http_date(wanted) if wanted else datetime.now(UTC)
    entries = archive.captures(asked.url)
    entry = archive.as_of(asked.url, moment)
    headers = _TIMES | {"Link": link_header(addresses, entries, None)}
    return RedirectResponse(addresses.memento(entry.timestamp, entry.url), 302, headers)


def _timemap(archive: Archive, addresses: Addresses, asked: Asked) -> Response:
    if not (entries := archive.captures(asked.url)):
        raise NotHeld(f"the archive has no capture of {asked.url}")
    return Response(timemap(addresses, entries), media_type=LINK_FORMAT)


def _missing(what: str) -> Response:
    return PlainTextResponse(f"{what}\n", 404)
