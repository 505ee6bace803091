"""WARC/1.1 records (ISO 28500:2017) as gzip members, serialised by warcio, bytes exactly as captured."""

from __future__ import annotations

import base64
import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.warc.exchange import Attempt
from crawler.warc.http1 import payload_of, split_head

_SECRET = re.compile(rb"(?im)^((?:proxy-)?authorization: |cookie: )[^\r\n]*")
GZIP = 31  # wbits of zlib: a gzip member with the largest window


class _RawHeaders(StatusAndHeaders):  # type: ignore[misc]  # warcio has no types
    """Header bytes that warcio writes as they stand: it would add blanks, unfold lines, re-encode Latin-1."""

    def __init__(self, head: bytes) -> None:
        super().__init__("", [])
        self.headers_buff = head

    def compute_headers_buffer(self, header_filter: object = None) -> None:
        """Nothing to compute."""

    def __bool__(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Member:
    """A record, compressed on its own, with what a pointer to it needs."""

    data: bytes
    record_id: str
    date: str
    payload_digest: str = ""


def warc_date(moment: datetime) -> str:
    """
    >>> warc_date(datetime(2026, 11, 23, 3, 30, 1, 250000, tzinfo=UTC))
    '2026-11-23T03:30:01.250000Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def sha1(data: bytes) -> str:
    """A labelled digest in upper base32, as WARC tools write and compare it.

    >>> sha1(b"")
    'sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return "sha1:" + base64.b32encode(hashlib.sha1(data).digest()).decode()


def protocols_of(head: bytes, attempt: Attempt) -> list[str]:
    """What WARC-Protocol says, a value each: ``http/1.1``, ``tls/1.3``."""
    http = re.match(rb"HTTP/(1\.[01])", head)
    found = [f"http/{http[1].decode()}"] if http else []
    return found + ([attempt.tls[0].lower().replace("v", "/")] if attempt.tls else [])


def without_secrets(request: bytes) -> bytes:
    """The request without the values that would let a reader of the archive in where the crawl got in.

    >>> without_secrets(b"GET / HTTP/1.1\\r\\nProxy-Authorization: Basic eHg6eXk=\\r\\nA: b\\r\\n\\r\\n")
    b'GET / HTTP/1.1\\r\\nProxy-Authorization: \\r\\nA: b\\r\\n\\r\\n'
    """
    head, body = split_head(request)
    return _SECRET.sub(rb"\1", head) + body


def response_member(url: str, attempt: Attempt, record_id: str, level: int) -> Member:
    """The response of an attempt. Its payload digest is of the de-chunked, still encoded entity."""
    head, body = split_head(attempt.response)
    digest = sha1(payload_of(head, body))
    headers = _common(attempt, record_id)
    headers["WARC-Block-Digest"] = sha1(attempt.response)
    headers["WARC-Payload-Digest"] = digest
    if attempt.truncated:
        headers["WARC-Truncated"] = attempt.truncated
    data = _member(url, "response", head, body, headers, level, protocols_of(head, attempt))
    return Member(data, record_id, headers["WARC-Date"], digest)


def request_member(url: str, attempt: Attempt, record_id: str, response_id: str, level: int) -> Member:
    """The request of an attempt, concurrent to its response, ``without_secrets``."""
    head, body = split_head(without_secrets(attempt.request))
    headers = _common(attempt, record_id)
    headers["WARC-Concurrent-To"] = response_id
    headers["WARC-Block-Digest"] = sha1(head + body)
    headers["WARC-Payload-Digest"] = sha1(body)
    return Member(_member(url, "request", head, body, headers, level), record_id, headers["WARC-Date"])


def warcinfo_member(
    filename: str, moment: datetime, record_id: str, info: Mapping[str, str], level: int
) -> Member:
    """The first record of a file. ``info``: fields of the WARC standard's warcinfo, in order."""
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    record = writer.create_warcinfo_record(filename, info)
    record.rec_headers.replace_header("WARC-Record-ID", record_id)
    record.rec_headers.replace_header("WARC-Date", warc_date(moment))
    writer.write_record(record)
    return Member(zlib.compress(out.getvalue(), level, GZIP), record_id, warc_date(moment))


def _common(attempt: Attempt, record_id: str) -> dict[str, str]:
    headers = {"WARC-Record-ID": record_id, "WARC-Date": warc_date(attempt.started)}
    if attempt.peer:
        headers["WARC-IP-Address"] = attempt.peer
    if attempt.tls:
        headers["WARC-Cipher-Suite"] = attempt.tls[1]
    return headers


def _member(
    url: str,
    kind: str,
    head: bytes,
    body: bytes,
    headers: dict[str, str],
    level: int,
    protocols: Iterable[str] = (),
) -> bytes:
    out = BytesIO()
    writer = WARCWriter(out, gzip=False, warc_version="1.1")
    record = writer.create_warc_record(
        url,
        kind,
        payload=BytesIO(body),
        length=len(body),
        http_headers=_RawHeaders(head),
        warc_headers_dict=headers,
    )
    for protocol in protocols:  # one header a value
        record.rec_headers.add_header("WARC-Protocol", protocol)
    writer.write_record(record)
    # One call on the whole record: it lets go of the interpreter, so the crawl goes on meanwhile.
    return zlib.compress(out.getvalue(), level, GZIP)
