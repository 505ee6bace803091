"""Asking only for what has changed (RFC 9110, section 13)."""

from __future__ import annotations

from scrapy import Request
from scrapy.http import Response

NOT_MODIFIED = 304


def condition(request: Request, etag: str | None, last_modified: str | None) -> None:
    """What the last good answer called itself, for the server to compare."""
    request.meta["handle_httpstatus_list"] = [NOT_MODIFIED]
    if etag:
        request.headers["If-None-Match"] = etag
    if last_modified:
        request.headers["If-Modified-Since"] = last_modified


def header(response: Response, name: str) -> str | None:
    value = response.headers.get(name)
    return value.decode("latin-1") if value else None
