"""What keeps a page of the archive from being more than a picture: who may ask, and what may be loaded.

Two origins: the explorer's own pages, and the replayed ones on another port. A replayed page stands in a
sandbox (an opaque origin): it has no cookies, no storage, sees no page of the explorer, and may load from the
archive alone. Its scripts run only where the reader asks for it: no policy keeps a script from having a name
looked up, a connection opened (no bytes go over it), or a WebRTC packet sent (Chromium 150, tried).
"""

from __future__ import annotations

import base64
import hashlib
import re

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# Names under which this machine reaches itself. Any other is a page elsewhere that had its name point here
# (DNS rebinding), and gets nothing.
_OWN_NAMES = re.compile(r"(localhost|127\.0\.0\.1|\[::1\])(?::([0-9]{1,5}))?")
_EVERYWHERE = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",  # of what is no page
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-DNS-Prefetch-Control": "off",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
}


def own_policy(replay: str) -> str:
    """The explorer's pages. ``replay``: the origin that may stand in a frame; "" for none."""
    frame = replay or "'none'"
    return (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        f"frame-src {frame}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )


# A run's report is one file with its style in it, and no script.
REPORT_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
# The bytes of a page, to be kept: nothing in it runs, not even where a browser shows it.
RAW_POLICY = "sandbox; default-src 'none'; frame-ancestors 'none'"


def replay_policy(own: str, explorer: str, *, scripts: bool) -> str:
    """A replayed page. ``own``: the origin of the replay, which is all that it can load from; ``explorer``:
    the only page that it may stand in."""
    start = "sandbox; default-src 'none'"
    if scripts:
        start = (
            "sandbox allow-scripts; default-src 'none'; "
            f"script-src {own} 'unsafe-inline' 'unsafe-eval' blob:; connect-src {own}"
        )
    return (
        f"{start}; "
        f"style-src {own} 'unsafe-inline'; img-src {own} data: blob:; font-src {own} data:; "
        f"media-src {own} data: blob:; frame-src 'none'; object-src 'none'; form-action 'none'; "
        f"base-uri {own}; frame-ancestors {explorer}"
    )


def policy_of_one_script(script: str, explorer: str) -> str:
    """A page of ours in the replay's frame, with this script and nothing else."""
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        f"sandbox allow-scripts; default-src 'none'; script-src 'sha256-{digest}'; frame-ancestors {explorer}"
    )


def origins(connection: HTTPConnection, port: int) -> str:
    """The origin with the same name that the user went to, and another port."""
    host = connection.headers.get("host", "")
    found = _OWN_NAMES.fullmatch(host)
    return f"http://{found[1] if found else '127.0.0.1'}:{port}"


class Guard:
    """Lets GET and HEAD in, asked for under one of this machine's own names; adds the headers."""

    def __init__(self, app: ASGIApp, headers: dict[str, str] | None = None) -> None:
        self._app = app
        self._headers = _EVERYWHERE if headers is None else headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        refused = _refused(HTTPConnection(scope), scope["method"])
        await (refused or self._app)(scope, receive, send_with_headers)


def _refused(connection: HTTPConnection, method: str) -> PlainTextResponse | None:
    if not _OWN_NAMES.fullmatch(connection.headers.get("host", "")):
        return PlainTextResponse("this page answers only on this machine, as localhost or 127.0.0.1\n", 421)
    if method not in ("GET", "HEAD"):
        return PlainTextResponse(
            "nothing can be changed here: only GET and HEAD\n", 405, {"Allow": "GET, HEAD"}
        )
    return None
