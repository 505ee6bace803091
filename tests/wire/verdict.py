"""What the archive says was sent, held against what the origin says it sent: faults, as sentences."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from .crawl import Crawl
from .origin import Logged, Origin
from .warc_bytes import Record, entity, records, sha1

_TOKEN = re.compile(rb"(/[a-z0-9.-]+/[\w%.-]*)!\d+")


class Verdict:
    """A crawl's records, each tied to the exchange that the origin logged for it."""

    def __init__(self, crawl: Crawl, origin: Origin) -> None:
        self.crawl, self.origin = crawl, origin
        self.records = [record for path in crawl.files for record in records(path)]
        self.responses = [record for record in self.records if record["WARC-Type"] == "response"]
        self.requests = [record for record in self.records if record["WARC-Type"] == "request"]
        self.unanswered = [record for record in self.records if record["WARC-Type"] == "metadata"]
        self.pointed = {(seen.pointer["file"], seen.pointer["offset"]) for seen in crawl.seen if seen.pointer}
        self._crossed = {entry.stray for entry in origin.logged if entry.crossed}
        self._strays = {entry.stray for entry in origin.logged if entry.stray}
        self._asked = {(entry.path, entry.request) for entry in origin.logged}

    def wrong_addresses(self) -> list[str]:
        """Bytes that belong to another address than the record says. One late 408 is allowed: kept as an
        attempt, with the request decided elsewhere."""
        faults = []
        for record in self.responses:
            path = path_of(record)
            others = {found[1].decode() for found in _TOKEN.finditer(record.block)} - {path}
            if others and not self._is_attempt(record) and not self._is_crossed(record):
                whose = "pointed at" if place(record) in self.pointed else "not pointed at"
                faults.append(f"{path} ({whose}) holds bytes of {sorted(others)}: {record.block[:60]!r}")
        return faults

    def altered(self) -> list[str]:
        """Records that are not what crossed the socket."""
        faults = []
        sent = {entry.message: entry for entry in self.origin.logged if entry.message}
        used: Counter[bytes] = Counter()
        for record in self.responses:
            if self._is_attempt(record) or self._is_crossed(record):
                continue
            entry = sent.get(record.block)
            if entry is None and record.get("WARC-Truncated"):
                entry = next((e for e in self._at(record) if e.message.startswith(record.block)), None)
            if entry is None or entry.path != path_of(record):
                faults.append(f"{path_of(record)}: {record.get('WARC-Truncated')}, {record.block[:60]!r}")
            else:
                used[entry.token] += 1
        faults += [f"{token!r} has {count} records" for token, count in used.items() if count > 1]
        unread = {record["WARC-Record-ID"] for record in self.responses if self._is_crossed(record)}
        unread |= {record["WARC-Record-ID"] for record in self.unanswered}
        for record in self.requests:
            if record["WARC-Concurrent-To"] in unread:
                continue  # the origin may not have read it
            if (path_of(record), record.block) not in self._asked:
                faults.append(f"request for {path_of(record)}: {record.block[:60]!r}")
        return faults

    def lost(self) -> list[str]:
        """Answers that were sent and are nowhere. (One of two at an address may be: it was asked again.)"""
        kept = {path_of(record) for record in self.responses}
        return sorted({entry.path for entry in self.origin.logged if entry.message} - kept)

    def unpaired(self) -> list[str]:
        """Each response, or word on why there is none, is followed by its request, which names it."""
        faults = []
        others = [record for record in self.records if record["WARC-Type"] != "warcinfo"]
        for response, request in zip(others[::2], others[1::2], strict=True):
            fits = (
                response["WARC-Type"] in ("response", "metadata")
                and request["WARC-Type"] == "request"
                and request["WARC-Concurrent-To"] == response["WARC-Record-ID"]
                and request["WARC-Target-URI"] == response["WARC-Target-URI"]
                and request["WARC-Date"] == response["WARC-Date"]
                and request.file == response.file
            )
            if not fits:
                faults.append(f"{response.headers} and {request.headers}")
        ids = Counter(record["WARC-Record-ID"] for record in self.records)
        return faults + [record_id for record_id, count in ids.items() if count > 1]

    def wrong_headers(self) -> Iterator[str]:
        """Digests, address and types, each worked out anew."""
        for record in self.responses + self.requests:
            kind = record["WARC-Type"]
            expected = {
                "WARC-IP-Address": "127.0.0.1",
                "Content-Type": f"application/http; msgtype={kind}",
                "WARC-Block-Digest": sha1(record.block),
                "WARC-Payload-Digest": sha1(entity(record.block)),
            }
            for name, value in expected.items():
                if record.get(name) != value:
                    yield f"{kind} of {path_of(record)}: {name} {record.get(name)}, not {value}"
            if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", record["WARC-Date"]):
                yield f"{kind} of {path_of(record)}: {record['WARC-Date']}"

    def wrong_pointers(self) -> Iterator[str]:
        """What the spider was told of an answer's place, and what is there."""
        at = {place(record): record for record in self.responses}
        for seen in self.crawl.seen:
            if seen.pointer is None:
                if seen.status is not None:
                    yield f"{seen.url}: the spider saw {seen.status}, no record"
                continue
            record = at.get((seen.pointer["file"], seen.pointer["offset"]))
            if record is None:
                yield f"{seen.url}: no response at {seen.pointer}"
                continue
            told = {name: seen.pointer[name] for name in ("length", "record_id", "payload_digest", "date")}
            there = {
                "length": record.length,
                "record_id": record["WARC-Record-ID"],
                "payload_digest": record["WARC-Payload-Digest"],
                "date": record["WARC-Date"],
            }
            if (seen.url, told) != (record["WARC-Target-URI"], there):
                yield f"{seen.url}: told {told}, there is {record['WARC-Target-URI']} {there}"

    def record_of(self, asked: str) -> Record | None:
        """The record that the spider was told of."""
        pointers = [seen.pointer for seen in self.crawl.seen if seen.asked == asked]
        (pointer,) = pointers
        if pointer is None:
            return None
        (found,) = [r for r in self.responses if place(r) == (pointer["file"], pointer["offset"])]
        return found

    def _at(self, record: Record) -> list[Logged]:
        return [entry for entry in self.origin.logged if entry.path == path_of(record)]

    def _is_attempt(self, record: Record) -> bool:
        late = record.block in self._strays and record.block.startswith(b"HTTP/1.1 408 ")
        return late and place(record) not in self.pointed

    def _is_crossed(self, record: Record) -> bool:
        return any(record.block.startswith(stray) for stray in self._crossed)


def place(record: Record) -> tuple[str, int]:
    return record.file, record.offset


def path_of(record: Record) -> str:
    return urlsplit(record["WARC-Target-URI"]).path
