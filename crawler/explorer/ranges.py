"""A body at hand, or the part of it that was asked for: players of films ask for parts (RFC 9110, 14)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})")


def is_held(request: Request, tag: str) -> bool:
    """Whether the reader says that it has what bears this ETag (RFC 9110, 13.1.2)."""
    held = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    return tag in held or held == ["*"]


def part_of(request: Request, body: bytes, status: int, headers: Mapping[str, str]) -> Response:
    """The whole with an ETag; 304 where the reader has it; 206 with one part; 416: there is no such part."""
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    told = {**headers, "ETag": tag}
    if status != 200:
        return Response(body, status, told)
    told["Accept-Ranges"] = "bytes"
    if is_held(request, tag):
        return Response(b"", 304, told)
    wanted = request.headers.get("range")
    if not wanted or request.headers.get("if-range", tag) != tag:
        return Response(body, 200, told)
    span = _span(wanted, len(body))
    if span is None:
        return Response(body, 200, told)
    start, end = span
    if start >= min(end, len(body)):
        return Response(b"", 416, {**told, "Content-Range": f"bytes */{len(body)}"})
    return Response(body[start:end], 206, {**told, "Content-Range": f"bytes {start}-{end - 1}/{len(body)}"})


def _span(wanted: str, size: int) -> tuple[int, int] | None:
    """First byte, and the one behind the last; None for what need not be understood.

    >>> _span("bytes=0-9", 100), _span("bytes=-5", 100), _span("bytes=90-", 100), _span("bytes=0-1,5-6", 9)
    ((0, 10), (95, 100), (90, 100), None)
    """
    found = _RANGE.fullmatch(wanted.strip())
    if not found or not (found[1] or found[2]):
        return None
    if found[1] and found[2] and int(found[2]) < int(found[1]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    end = min(int(found[2]) + 1, size) if found[2] else size
    return int(found[1]), end
