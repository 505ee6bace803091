"""WARC/1.1 records (ISO 28500:2017) as gzip members, serialised by warcio, bytes exactly as captured."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from io import BytesIO

from warcio.recordloader import ArcWarcRecord
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from crawler.warc.exchange import Attempt
from crawler.warc.http1 import payload_of, split_head, status_of
from crawler.warc.identify import identified_type
from crawler.warc.packing import pack
from crawler.warc.pointer import WarcPointer

_SECRET = re.compile(rb"(?im)^((?:proxy-)?authorization: |cookie: )[^\r\n]*")
_PROFILES = "http://netpreserve.org/warc/1.1/revisit/"
IDENTICAL = _PROFILES + "identical-payload-digest"
NOT_MODIFIED = _PROFILES + "server-not-modified"
FIELDS = "application/warc-fields"  # the one kind of metadata that no player takes for a capture of the page


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


@dataclass(frozen=True, slots=True)
class Original:
    """A response that is on disk, and the address that it was asked under: what a revisit refers to."""

    url: str
    pointer: WarcPointer


@dataclass(frozen=True, slots=True)
class Answer:
    """An attempt's response, taken apart. ``payload``: without chunk framing, content-encoding still on."""

    head: bytes
    body: bytes
    payload: bytes
    digest: str
    status: int | None

    @classmethod
    def of(cls, attempt: Attempt) -> Answer:
        head, body = split_head(attempt.response)
        payload = payload_of(head, body)
        return cls(head, body, payload, sha1(payload), status_of(head))


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


def without_secrets(request: bytes) -> bytes:
    """The request without the values that would let a reader of the archive in where the crawl got in.

    >>> without_secrets(b"GET / HTTP/1.1\\r\\nProxy-Authorization: Basic eHg6eXk=\\r\\nA: b\\r\\n\\r\\n")
    b'GET / HTTP/1.1\\r\\nProxy-Authorization: \\r\\nA: b\\r\\n\\r\\n'
    """
    head, body = split_head(request)
    return _SECRET.sub(rb"\1", head) + body


def response_member(url: str, attempt: Attempt, answer: Answer, record_id: str) -> Member:
    """The response of an attempt. Its payload digest is of the de-chunked, still encoded entity."""
    headers = _common(attempt, record_id)
    headers["WARC-Block-Digest"] = sha1(attempt.response)
    headers["WARC-Payload-Digest"] = answer.digest
    if kind := identified_type(answer.head, answer.payload):
        headers["WARC-Identified-Payload-Type"] = kind
    if attempt.truncated:
        headers["WARC-Truncated"] = attempt.truncated
    return _http(
        url, "response", answer.head, answer.body, headers, answer.digest, _protocols(attempt, answer)
    )


def revisit_member(
    url: str, attempt: Attempt, answer: Answer, record_id: str, original: Original, profile: str
) -> Member:
    """An answer that brought nothing new. ``profile``: IDENTICAL or NOT_MODIFIED.

    An identical payload keeps the answer's own head. After a 304 the block is empty: with its head there,
    pywb and ReplayWeb.page show a blank page; the head goes into the metadata record beside it.
    """
    head = b"" if profile == NOT_MODIFIED else answer.head
    headers = _common(attempt, record_id) | {
        "WARC-Profile": profile,
        "WARC-Refers-To": original.pointer.record_id,
        "WARC-Refers-To-Target-URI": original.url,
        "WARC-Refers-To-Date": original.pointer.date,
        "WARC-Block-Digest": sha1(head),
        "WARC-Payload-Digest": original.pointer.payload_digest,
    }
    digest = original.pointer.payload_digest
    return _http(url, "revisit", head, b"", headers, digest, _protocols(attempt, answer))


def request_member(url: str, attempt: Attempt, record_id: str, concurrent_to: str) -> Member:
    """The request of an attempt, concurrent to what it brought, ``without_secrets``."""
    head, body = split_head(without_secrets(attempt.request))
    headers = _common(attempt, record_id)
    headers["WARC-Concurrent-To"] = concurrent_to
    headers["WARC-Block-Digest"] = sha1(head + body)
    headers["WARC-Payload-Digest"] = sha1(body)
    return _http(url, "request", head, body, headers)


def metadata_member(
    url: str, date: str, record_id: str, concurrent_to: str | None, fields: Iterable[tuple[str, str]]
) -> Member:
    """What is known of an exchange beside its bytes, as warc-fields: a name and one line of text each."""
    lines = ((name, re.sub(r"[\r\n]+", " ", value)) for name, value in fields)  # a feed may hold line ends
    block = "".join(f"{name}: {value}\r\n" for name, value in lines).encode()
    headers = {"WARC-Record-ID": record_id, "WARC-Date": date}
    if concurrent_to:
        headers["WARC-Concurrent-To"] = concurrent_to
    headers["WARC-Block-Digest"] = headers["WARC-Payload-Digest"] = sha1(block)
    record = WARCWriter(None, warc_version="1.1").create_warc_record(
        url,
        "metadata",
        payload=BytesIO(block),
        length=len(block),
        warc_content_type=FIELDS,
        warc_headers_dict=headers,
    )
    return Member(_packed(record), record_id, date)


def exact(head: bytes) -> str:
    """Bytes of a head as one line that gives them back: a JSON string, a character a byte (Latin-1).

    >>> exact(b"HTTP/1.1 304 Not Modified\\r\\nX: caf\\xe9\\r\\n\\r\\n")
    '"HTTP/1.1 304 Not Modified\\\\r\\\\nX: caf\\\\u00e9\\\\r\\\\n\\\\r\\\\n"'
    """
    return json.dumps(head.decode("latin-1"))


def warcinfo_member(filename: str, moment: datetime, record_id: str, info: Mapping[str, str]) -> Member:
    """The first record of a file. ``info``: fields of the WARC standard's warcinfo, in order."""
    record = WARCWriter(None, warc_version="1.1").create_warcinfo_record(filename, info)
    record.rec_headers.replace_header("WARC-Record-ID", record_id)
    record.rec_headers.replace_header("WARC-Date", warc_date(moment))
    return Member(_packed(record), record_id, warc_date(moment))


def _common(attempt: Attempt, record_id: str) -> dict[str, str]:
    headers = {"WARC-Record-ID": record_id, "WARC-Date": warc_date(attempt.started)}
    if attempt.peer:
        headers["WARC-IP-Address"] = attempt.peer
    if attempt.tls:
        headers["WARC-Cipher-Suite"] = attempt.tls[1]
    return headers


def _protocols(attempt: Attempt, answer: Answer) -> list[str]:
    """What WARC-Protocol says, a value each: ``http/1.1``, ``tls/1.3``."""
    http = re.match(rb"HTTP/(1\.[01])", answer.head)
    found = [f"http/{http[1].decode()}"] if http else []
    return found + ([attempt.tls[0].lower().replace("v", "/")] if attempt.tls else [])


def _http(
    url: str,
    kind: str,
    head: bytes,
    body: bytes,
    headers: dict[str, str],
    digest: str = "",
    protocols: Iterable[str] = (),
) -> Member:
    record = WARCWriter(None, warc_version="1.1").create_warc_record(
        url,
        kind,
        payload=BytesIO(body),
        length=len(body),
        http_headers=_RawHeaders(head),
        warc_headers_dict=headers,
    )
    for protocol in protocols:  # one header a value
        record.rec_headers.add_header("WARC-Protocol", protocol)
    return Member(_packed(record), headers["WARC-Record-ID"], headers["WARC-Date"], digest)


def _packed(record: ArcWarcRecord) -> bytes:
    out = BytesIO()
    WARCWriter(out, gzip=False, warc_version="1.1").write_record(record)
    return pack(out.getvalue())
