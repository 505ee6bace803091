"""What a payload is, by its first bytes: the server's word (Content-Type) is not asked."""

from __future__ import annotations

import zlib

from xtractmime import RESOURCE_HEADER_BUFFER_LENGTH, extract_mime

from crawler.warc.http1 import header

_SAYS_NOTHING = (
    b"text/plain",
    b"application/octet-stream",
)  # what the standard answers when it knows no better


def identified_type(head: bytes, payload: bytes) -> str | None:
    """The MIME type that the WHATWG's sniffing standard tells from the bytes, or None where they do not.

    ``payload``: without chunk framing, content-encoding still on; only the first 1,445 bytes of what is
    under a gzip or deflate coding are unpacked.

    >>> identified_type(b"HTTP/1.1 200 OK\\r\\nContent-Type: text/css\\r\\n\\r\\n", b"\\xff\\xd8\\xff\\xe0")
    'image/jpeg'
    >>> identified_type(b"", b"body { color: red }") is None
    True
    """
    start = unpacked(payload, header(head, "Content-Encoding"), RESOURCE_HEADER_BUFFER_LENGTH)
    found = extract_mime(start) if start else b"text/plain"
    return None if found in _SAYS_NOTHING else found.decode("ascii")


def unpacked(payload: bytes, coding: str | None, most: int) -> bytes:
    """The first ``most`` bytes of what lies under a gzip or deflate coding; nothing where it is another one.

    >>> unpacked(zlib.compress(b"page" * 9), "deflate", 6), unpacked(b"page", None, 3)
    (b'pagepa', b'pag')
    """
    if coding is None or coding.strip().lower() in ("", "identity"):
        return payload[:most]
    if coding.strip().lower() not in ("gzip", "x-gzip", "deflate"):
        return b""
    try:
        return zlib.decompressobj(47).decompress(payload, most)
    except zlib.error:
        return b""  # not what the header says it is
