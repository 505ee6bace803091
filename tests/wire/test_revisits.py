"""When an answer becomes a revisit, when it does not, and what stands beside a capture."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.warc.cdxj import Index
from crawler.warc.exchange import Attempt, Exchange, Truncation
from crawler.warc.identify import identified_type
from crawler.warc.originals import Originals
from crawler.warc.seal import seal
from crawler.warc.verify import verify_collection

from .warc_bytes import Record, records, sha1
from .writing import REQUEST, URL, attempt, others_agree, writer

BODY = "<p>سلام</p>".encode()
PAGE = b'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Length: %d\r\n\r\n%s' % (len(BODY), BODY)
CONDITIONAL = REQUEST.replace(b"\r\n\r\n", b'\r\nIf-None-Match: "1"\r\n\r\n')
NOT_MODIFIED = b'HTTP/1.1 304 Not Modified\r\nETag:"1"\r\nX-Name: caf\xe9\r\nContent-Length: 5120\r\n\r\n'


def torn(response: bytes, reason: Truncation) -> Attempt:
    one = attempt(response)
    one.complete, one.truncated = False, reason
    return one


class Archive:
    """A collection that is written to in runs."""

    def __init__(self, folder: Path) -> None:
        self.collection = Collection(folder, "yjc")
        self._runs = 0

    def run(self, *exchanges: Exchange) -> list[Record]:
        """The records of one run, without its warcinfo."""
        originals = Originals(self.collection.warc, self.collection.index)
        target = writer(self.collection.warc, originals=originals, first_id=1 + 100 * self._runs)
        self._runs += 1
        for exchange in exchanges:
            target.write(exchange)
        target.close()
        seal(self.collection)
        path = self.collection.warc / target.files[0]
        others_agree(path)
        return records(path)[1:]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """One that holds PAGE already."""
    found = Archive(tmp_path)
    found.run(Exchange(URL, [attempt(PAGE)]))
    return found


def kinds(found: list[Record]) -> list[str]:
    return [record["WARC-Type"] for record in found]


def test_the_same_payload_at_the_same_address_is_a_revisit(archive: Archive) -> None:
    again = PAGE.replace(b"ETag", b"Etag")
    revisit, request = archive.run(Exchange(URL, [attempt(again)]))
    assert kinds([revisit, request]) == ["revisit", "request"]
    assert revisit.block == again[: -len(BODY)]
    assert revisit["WARC-Payload-Digest"] == sha1(BODY)
    assert request["WARC-Concurrent-To"] == revisit["WARC-Record-ID"]


def test_it_is_a_revisit_of_the_response_however_often_it_came_since(archive: Archive) -> None:
    one, two = (archive.run(Exchange(URL, [attempt(PAGE)]))[0] for _ in range(2))
    assert one.file != two.file
    assert one["WARC-Refers-To"] == two["WARC-Refers-To"] == "<urn:uuid:2>"


@pytest.mark.parametrize(
    ("url", "tried"),
    [
        (URL, attempt(PAGE.replace(b"<p>", b"<b>"))),
        (URL + "?x", attempt(PAGE)),
        (URL.upper().replace("HTTP", "http"), attempt(PAGE)),
        (URL, torn(PAGE, "disconnect")),
        (URL, attempt(b"HTTP/1.1 204 No Content\r\n\r\n")),
        (URL, attempt(BODY)),
        (URL, attempt(NOT_MODIFIED)),
        (URL + "9", attempt(NOT_MODIFIED, CONDITIONAL)),
    ],
    ids=[
        "another payload",
        "another address",
        "an address with the same key in the index",
        "torn",
        "empty",
        "junk",
        "a 304 that nobody asked for",
        "a 304 for what is not in the archive",
    ],
)
def test_all_else_is_written_whole(url: str, tried: Attempt, archive: Archive) -> None:
    response, request = archive.run(Exchange(url, [tried]))
    assert kinds([response, request]) == ["response", "request"]
    assert response.block == tried.response


def test_a_torn_answer_is_nobodys_original(tmp_path: Path) -> None:
    archive = Archive(tmp_path)
    archive.run(Exchange(URL, [torn(PAGE, "time")]))
    assert kinds(archive.run(Exchange(URL, [attempt(PAGE)]))) == ["response", "request"]


def test_a_file_that_changed_since_it_was_indexed_is_not_referred_to(archive: Archive) -> None:
    (path,) = archive.collection.warc.iterdir()
    data = bytearray(path.read_bytes())
    data[-len(data) // 2] ^= 255
    path.write_bytes(data)
    assert kinds(archive.run(Exchange(URL, [attempt(PAGE)]))) == ["response", "request"]


def test_not_modified(archive: Archive) -> None:
    """An empty block, so that no player shows a blank page; the head stands beside it, byte for byte."""
    revisit, request, metadata = archive.run(Exchange(URL, [attempt(NOT_MODIFIED, CONDITIONAL)]))
    assert kinds([revisit, request, metadata]) == ["revisit", "request", "metadata"]
    assert revisit["WARC-Profile"] == "http://netpreserve.org/warc/1.1/revisit/server-not-modified"
    assert (revisit.block, revisit["Content-Length"]) == (b"", "0")
    assert revisit["WARC-Refers-To-Target-URI"] == URL
    assert revisit["WARC-Payload-Digest"] == sha1(BODY)
    assert metadata["WARC-Concurrent-To"] == revisit["WARC-Record-ID"]
    assert metadata["Content-Type"] == "application/warc-fields"
    name, _, head = metadata.block.decode().strip().partition(": ")
    assert (name, json.loads(head).encode("latin-1")) == ("http-head", NOT_MODIFIED)
    assert len(Index(archive.collection.index).captures(URL)) == 1, "it stays out of the index"
    assert verify_collection(archive.collection).faults == []


def test_not_modified_refers_to_what_was_said_last(archive: Archive) -> None:
    newer = PAGE.replace(b"<p>", b"<b>")
    response, *_ = archive.run(Exchange(URL, [attempt(newer)]))
    gone = b"HTTP/1.1 404 Not Found\r\nContent-Length: 1\r\n\r\nx"
    archive.run(Exchange(URL, [attempt(gone)]))
    revisit, *_ = archive.run(Exchange(URL, [attempt(NOT_MODIFIED, CONDITIONAL)]))
    assert revisit["WARC-Payload-Digest"] == response["WARC-Payload-Digest"]


def test_what_was_read_out_of_a_capture_stands_beside_it(tmp_path: Path) -> None:
    target = writer(tmp_path)
    capture = target.write(Exchange(URL, [attempt(PAGE)]))
    assert capture
    target.annotate(URL, capture, [("listed-in", "feed qom"), ("article", '{"title": "سلام"}')])
    target.close()
    (path,) = tmp_path.iterdir()
    _, response, _, metadata = records(path)
    assert metadata["WARC-Target-URI"] == URL
    assert metadata["WARC-Concurrent-To"] == response["WARC-Record-ID"]
    assert metadata.block.decode() == 'listed-in: feed qom\r\narticle: {"title": "سلام"}\r\n'
    others_agree(path)


@pytest.mark.parametrize(
    ("head", "payload", "kind"),
    [
        (b"Content-Type: text/css", b"<!DOCTYPE html><p>", "text/html"),
        (b"Content-Encoding: gzip", gzip.compress(b"<html>" + bytes(10**6)), "text/html"),
        (b"Content-Encoding: gzip", b"no gzip", None),
        (b"Content-Encoding: br", b"<html>", None),
        (b"Content-Type: image/png", b"GIF89a....", "image/gif"),
        (b"", b"<?xml version='1.0'?><rss/>", "text/xml"),
        (b"Content-Type: text/html", b"plain words", None),
        (b"", b"", None),
    ],
)
def test_a_payload_is_known_by_its_bytes(
    head: bytes, payload: bytes, kind: str | None, tmp_path: Path
) -> None:
    message = b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n"
    assert identified_type(message, payload) == kind
    target = writer(tmp_path)
    target.write(Exchange(URL, [attempt(message + payload)]))
    target.close()
    (path,) = tmp_path.iterdir()
    assert records(path)[1].get("WARC-Identified-Payload-Type") == kind
