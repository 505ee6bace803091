"""The command, and a second opinion on what it makes: zipfile, gzip and JSON, nothing of the project's."""

from __future__ import annotations

import gzip
import hashlib
import json
import subprocess
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from crawler.collection import Collection
from tests.crawling import ROOT
from tests.forked import scrapy
from tests.wire.warc_bytes import Record, members, parse

ANSWERS = ("response", "revisit")


def rows_of(collection: Collection) -> list[dict[str, Any]]:
    return [json.loads(line) for path in collection.row_files() for line in path.read_bytes().splitlines()]


def wacz(collection: Collection, *words: str) -> subprocess.CompletedProcess[str]:
    own = {"PATH": "/usr/bin:/bin"}
    archives = f"ARCHIVES={collection.folder.parent}"
    return scrapy(["wacz", "-s", archives, *words], ROOT, own, 60)


class Opened:
    """A WACZ, read whole."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path) as package:
            assert package.testzip() is None
            self.stored = {
                info.filename: info.compress_type == zipfile.ZIP_STORED for info in package.infolist()
            }
            self.files = {name: package.read(name) for name in package.namelist()}

    def json(self, name: str) -> dict[str, Any]:
        return dict(json.loads(self.files[name]))

    def lines(self, name: str) -> list[dict[str, Any]]:
        """Of a list of pages, without its header."""
        return [json.loads(line) for line in self.files[name].splitlines()[1:]]

    @property
    def archives(self) -> list[str]:
        return [name for name in self.files if name.startswith("archive/")]

    def records(self, *names: str) -> list[Record]:
        """Of the named WARC files, or of all."""
        return [record for name in names or self.archives for record in self._records(name)]

    def _records(self, name: str) -> Iterator[Record]:
        data = self.files[name]
        found, end = members(data)
        assert end == len(data)
        ends = [offset for offset, _ in found[1:]] + [end]
        for (offset, content), stop in zip(found, ends, strict=True):
            yield parse(name.removeprefix("archive/"), offset, stop - offset, content)

    def blocks(self) -> Iterator[tuple[str, bytes]]:
        """(key that the list gives, lines) of each block of the index, found by the list."""
        head, *listed = self.files["indexes/index.idx"].decode().splitlines()
        assert json.loads(head.partition("0 ")[2]) == {
            "format": "cdxj-gzip-1.0",
            "filename": "index.cdx.gz",
        }
        for line in listed:
            key, _, rest = line.partition(" {")
            told = json.loads("{" + rest)
            data = self.files["indexes/index.cdx.gz"][told["offset"] :][: told["length"]]
            assert told["digest"] == "sha256:" + hashlib.sha256(data).hexdigest()
            yield key, gzip.decompress(data)

    def index(self) -> list[dict[str, str]]:
        """Its lines, with ``timestamp``."""
        entries = []
        for line in b"".join(block for _, block in self.blocks()).decode().splitlines():
            _, timestamp, told = line.split(" ", 2)
            entries.append({"timestamp": timestamp} | json.loads(told))
        return entries

    def at(self, entry: dict[str, str]) -> Record:
        """The record that a line of the index leads to."""
        name, offset, length = entry["filename"], int(entry["offset"]), int(entry["length"])
        data = self.files["archive/" + name][offset : offset + length]
        member = zlib.decompressobj(wbits=31)
        content = member.decompress(data)
        assert member.eof
        assert not member.unused_data
        return parse(name, offset, length, content)


def faults_in(opened: Opened) -> list[str]:
    """What is wrong with a WACZ: its digests, its index, its revisits."""
    return [*_wrong_digests(opened), *_wrong_lines(opened), *_open_revisits(opened)]


def _wrong_digests(opened: Opened) -> Iterator[str]:
    resources = opened.json("datapackage.json")["resources"]
    listed = {resource["path"] for resource in resources}
    if listed != set(opened.files) - {"datapackage.json", "datapackage-digest.json"}:
        yield f"listed are other files than there are: {sorted(listed)}"
    for resource in resources:
        data = opened.files[resource["path"]]
        said = resource["bytes"], resource["hash"]
        if said != (len(data), "sha256:" + hashlib.sha256(data).hexdigest()):
            yield f"{resource['path']} is not what its digest says"
    digest = "sha256:" + hashlib.sha256(opened.files["datapackage.json"]).hexdigest()
    if opened.json("datapackage-digest.json") != {"path": "datapackage.json", "hash": digest}:
        yield "the list of files is not what its digest says"


def _wrong_lines(opened: Opened) -> Iterator[str]:
    lines = [line for _, block in opened.blocks() for line in block.splitlines()]
    if lines != sorted(lines):
        yield "the index is not sorted"
    for key, block in opened.blocks():
        if not block.startswith(key.encode() + b" "):
            yield f"no block begins with {key}"
    places = set()
    for entry in opened.index():
        places.add((entry["filename"], int(entry["offset"])))
        try:
            record = opened.at(entry)
        except (AssertionError, zlib.error, KeyError) as error:
            yield f"{entry['url']}: no record there: {error}"
            continue
        date = "".join(letter for letter in record["WARC-Date"] if letter.isdigit())[:17]
        found = record["WARC-Target-URI"], record["WARC-Payload-Digest"], date
        if found != (entry["url"], entry["digest"], entry["timestamp"]):
            yield f"{entry['url']}: another record is there"
    captures = {
        (record.file, record.offset)
        for record in opened.records()
        if record["WARC-Type"] in ANSWERS and record.block
    }
    if captures != places:
        yield f"not every capture is in the index: {len(captures)} and {len(places)}"


def _open_revisits(opened: Opened) -> Iterator[str]:
    held = {
        (record["WARC-Target-URI"], record["WARC-Date"], record["WARC-Payload-Digest"])
        for record in opened.records()
        if record["WARC-Type"] == "response"
    }
    for record in opened.records():
        if record["WARC-Type"] != "revisit":
            continue
        names = ("WARC-Refers-To-Target-URI", "WARC-Refers-To-Date", "WARC-Payload-Digest")
        if tuple(record[name] for name in names) not in held:
            yield f"the original of {record['WARC-Target-URI']} of {record['WARC-Date']} is not in it"
