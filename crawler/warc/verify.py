"""Proving a collection: every member, record, digest and pair; every row's pointer; index and manifest.

Independent of the writer: see ``judge``. Of a record some hashes are remembered, not what it holds.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crawler.collection import OPEN, Collection
from crawler.disk import in_use
from crawler.warc.cdxj import Entry, as_line, read_line
from crawler.warc.judge import ANSWERS, NOT_MODIFIED, Neighbours, Record
from crawler.warc.members import Fault, TornMember, member_at, members
from crawler.warc.playback import warc_files
from crawler.warc.seal import finished, read_manifest, sha256


@dataclass(slots=True)
class Verdict:
    """What was looked at, and what is wrong. No fault: the collection proves itself."""

    files: int = 0
    records: int = 0
    revisits: int = 0
    rows: int = 0
    bytes: int = 0
    faults: list[Fault] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        counts = {name: getattr(self, name) for name in ("files", "records", "revisits", "rows", "bytes")}
        return counts | {"faults": [{"file": f.file, "at": f.at, "what": f.what} for f in self.faults]}


class Proof:
    """Takes in files one after the other; ``verdict`` grows."""

    def __init__(self) -> None:
        self.verdict = Verdict()
        self._captures: dict[tuple[str, int], int] = {}  # (file, offset) → what the index must say of it
        self._pointed: dict[tuple[str, int], int] = {}  # (file, offset) of a response → what a row must say
        self._responses: dict[int, int] = {}  # address and date → payload digest, as hashes
        self._revisits: list[tuple[str, int, int, int]] = []  # file, offset, address and date, digest
        self._ids: set[int] = set()

    def _wrong(self, file: str, at: int, what: str) -> None:
        self.verdict.faults.append(Fault(file, at, what))

    # -- WARC files --------------------------------------------------------------------------------

    def file(self, path: Path) -> None:
        """Every record of one WARC file."""
        self.verdict.files += 1
        self.verdict.bytes += path.stat().st_size
        neighbours = Neighbours(path.name)
        try:
            for member in members(path):
                record = Record.of(member)
                self.verdict.records += 1
                for what in neighbours.faults(record):
                    self._wrong(path.name, member.offset, what)
                self._remember(path.name, record)
        except TornMember as torn:
            self._wrong(path.name, torn.offset, torn.reason)

    def _remember(self, name: str, record: Record) -> None:
        get, at = record.get, record.member.offset
        if (record_id := hash(get("warc-record-id"))) in self._ids:
            self._wrong(name, at, "a record id that another record bears")
        self._ids.add(record_id)
        kind, target, digest = get("warc-type"), get("warc-target-uri"), get("warc-payload-digest")
        if kind == "response":
            self._responses[hash((target, get("warc-date")))] = hash(digest)
            said = (record.member.length, get("warc-record-id"), digest, get("warc-date"), target)
            self._pointed[name, at] = hash(said)
        elif kind == "revisit":
            self.verdict.revisits += 1
            refers_to = hash((get("warc-refers-to-target-uri"), get("warc-refers-to-date")))
            self._revisits.append((name, at, refers_to, hash(digest)))
        if kind in ANSWERS and record.status and get("warc-profile") != NOT_MODIFIED:
            self._captures[name, at] = hash(_entry(name, record))

    def revisits(self) -> None:
        """Each refers to a response, by address and date, with the same payload digest."""
        for name, at, refers_to, digest in self._revisits:
            if self._responses.get(refers_to) != digest:
                self._wrong(name, at, "it refers to no response with this payload")

    # -- what points at them -----------------------------------------------------------------------

    def index(self, path: Path) -> None:
        """The index says of each capture what its record says, and nothing else; it is sorted."""
        left, number, before = dict(self._captures), 0, b""
        for number, line in enumerate(_lines(path), 1):
            if line <= before:
                self._wrong(path.name, number, "not sorted, or twice")
            before = line
            try:
                entry = read_line(line)
            except (ValueError, KeyError):
                self._wrong(path.name, number, "no CDXJ")
                continue
            if left.pop((entry.filename, entry.offset), None) != hash(entry) or line != as_line(entry):
                self._wrong(path.name, number, f"it is not what {entry.filename} says at {entry.offset}")
        for name, at in sorted(left):
            self._wrong(name, at, "not in the index; `scrapy index --rebuild` makes it anew")

    def rows(self, path: Path, replayed: dict[str, Path] | None) -> None:
        """Every row is whole and points at the response of its own address. ``replayed``: name → WARC file of
        the archive that answered, where it was not the network."""
        with path.open("rb") as stream:
            for number, line in enumerate(stream, 1):
                self.verdict.rows += 1
                for what in self._faults_of_row(line, replayed):
                    self._wrong(path.name, number, what)

    def _faults_of_row(self, line: bytes, replayed: dict[str, Path] | None) -> Iterator[str]:
        if not line.endswith(b"\n"):
            yield "a torn line"
            return
        try:
            row = json.loads(line)
            name, pointer = row["id"], row["warc"]
            if pointer is None:
                return
            place = pointer["file"], pointer["offset"]
            said = (*(pointer[key] for key in ("length", "record_id", "payload_digest", "date")), row["url"])
        except (ValueError, KeyError, TypeError) as error:
            yield f"no row: {type(error).__name__}: {error}"
            return
        found = self._pointed.get(place) if replayed is None else _response_at(replayed, *place)
        if found is None:
            yield f"{name} points at {place[0]} at {place[1]}, where no response begins"
        elif found != hash(said):
            yield f"{name} points at another record than it says"

    # -- whole files -------------------------------------------------------------------------------

    def manifest(self, collection: Collection, digests: dict[str, Future[str]]) -> None:
        """Every file that the manifest names is there and unchanged; every finished file is named."""
        said = read_manifest(collection.manifest)
        for number, (name, digest) in enumerate(said.items(), 1):
            if name not in digests:
                self._wrong(collection.manifest.name, number, f"{name} is not there")
            elif digests[name].result() != digest:
                self._wrong(name, 0, "it is not the file that the manifest knows (sha256)")
        for name in sorted(digests.keys() - said.keys()):
            self._wrong(name, 0, "not in the manifest; `scrapy index` adds it")


def verify_file(path: Path) -> Verdict:
    """One WARC file alone: what its revisits refer to may lie in others, and is not looked for."""
    proof = Proof()
    proof.file(path)
    return proof.verdict


def verify_collection(collection: Collection) -> Verdict:
    """Everything that a collection holds. What a living crawl writes just now is left out."""
    proof = Proof()
    with ThreadPoolExecutor(1) as beside:  # sha256 lets go of the interpreter
        files = finished(collection)
        digests = {collection.relative(path): beside.submit(sha256, path) for path in files}
        for path in sorted(collection.warc.glob(f"*{OPEN}")):
            if not in_use(path):
                proof.verdict.faults.append(Fault(path.name, 0, "not finished; `scrapy mend` finishes it"))
        for path in files:
            if path.parent == collection.warc:
                proof.file(path)
        proof.revisits()
        for path in files:
            if path.parent == collection.articles:
                proof.rows(path, _replayed(collection, path.stem))
        proof.index(collection.index)
        proof.manifest(collection, digests)
    return proof.verdict


def _replayed(collection: Collection, run_id: str) -> dict[str, Path] | None:
    """The WARC files that answered in a run, by name; None where the network did."""
    report = collection.report_of(run_id)
    source = json.loads(report.read_bytes()).get("replay_from") if report.exists() else None
    if source is None:
        return None
    try:
        return {path.name: path for path in warc_files(Path(source))}
    except ValueError:
        return {}


def _response_at(files: dict[str, Path], name: str, offset: int) -> int | None:
    try:
        record = Record.of(member_at(files[name], offset))
    except (KeyError, OSError, TornMember):
        return None
    get = record.get
    names = ("warc-record-id", "warc-payload-digest", "warc-date", "warc-target-uri")
    return hash((record.member.length, *map(get, names)))


def _entry(name: str, record: Record) -> Entry:
    """What the index must say of a capture."""
    return Entry(
        url=record.get("warc-target-uri"),
        timestamp=re.sub(r"\D", "", record.get("warc-date"))[:14],
        mime="warc/revisit" if record.get("warc-type") == "revisit" else record.mime,
        status=int(record.status),
        digest=record.get("warc-payload-digest"),
        length=record.member.length,
        offset=record.member.offset,
        filename=name,
    )


def _lines(path: Path) -> Iterator[bytes]:
    if path.exists():
        with path.open("rb") as stream:
            yield from stream
