"""HTTP/1 messages as bytes: the little that an archive must know of them, without changing any."""

from __future__ import annotations

import re

REDIRECTS = (301, 302, 303, 307, 308)
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_CHUNK_SIZE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\n]*)?\r?\n")


def split_head(message: bytes) -> tuple[bytes, bytes]:
    """(head with its empty line, the rest). The head is all of it where no empty line came.

    >>> split_head(b"HTTP/1.1 200 OK\\r\\nA: b\\r\\n\\r\\nbody")
    (b'HTTP/1.1 200 OK\\r\\nA: b\\r\\n\\r\\n', b'body')
    """
    match = _HEAD_END.search(message)
    return (message, b"") if match is None else (message[: match.end()], message[match.end() :])


def status_of(head: bytes) -> int | None:
    """The status code; None where the first line is no status line.

    >>> status_of(b"HTTP/1.0 404 Not Found\\r\\n"), status_of(b"junk") is None
    (404, True)
    """
    match = re.match(rb"HTTP/\d\.\d (\d{3})\b", head)
    return int(match[1]) if match else None


def headers_of(head: bytes) -> list[tuple[str, str]]:
    """Names and values in order, folded lines joined, Latin-1; lines without a colon are passed over.

    >>> headers_of(b"HTTP/1.1 200 OK\\r\\nA:b\\r\\n c\\r\\nnone\\r\\nSet-Cookie: 1\\r\\n\\r\\n")
    [('A', 'b c'), ('Set-Cookie', '1')]
    """
    unfolded = re.sub(rb"\r?\n[ \t]+", b" ", head)
    pairs = (line.partition(b":") for line in unfolded.splitlines()[1:])
    return [
        (name.strip().decode("latin-1"), value.strip().decode("latin-1"))
        for name, colon, value in pairs
        if colon
    ]


def header(head: bytes, name: str) -> str | None:
    """The first value of a header, or None."""
    wanted = name.lower()
    return next((value for key, value in headers_of(head) if key.lower() == wanted), None)


def payload_of(head: bytes, body: bytes) -> bytes:
    """The entity as the payload digest means it: chunk framing taken off, content-encoding left on.

    A torn chunk gives the part of it that came (the record then says WARC-Truncated).

    >>> head = b"HTTP/1.1 200 OK\\r\\nTransfer-Encoding: Chunked\\r\\n\\r\\n"
    >>> payload_of(head, b"3;x=y\\r\\nabc\\r\\n0\\r\\n\\r\\n")
    b'abc'
    """
    coding = header(head, "Transfer-Encoding")
    if coding is None or not coding.lower().endswith("chunked"):
        return body
    parts, position = [], 0
    while match := _CHUNK_SIZE.match(body, position):
        size = int(match[1], 16)
        if size == 0:
            break
        parts.append(body[match.end() : match.end() + size])
        position = match.end() + size
        position += 2 if body[position : position + 2] == b"\r\n" else 1
    return b"".join(parts)
