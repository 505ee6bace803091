"""Single records of a collection, copied byte for byte into WARC files of the package."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from crawler import VERSION
from crawler.wacz.package import ARCHIVE, Counted, Package
from crawler.wacz.work import Work
from crawler.warc.members import Member, headers_of, members, type_of
from crawler.warc.records import warcinfo_member

# Metadata follows its capture within what was under way at once: a file that was just begun may have some
# that belongs to the end of the one before.
PEEKED = 1_000
MOST_BYTES = 1_000_000_000  # of a file: then the next is begun


@dataclass(frozen=True, slots=True)
class Origin:
    """What the copies are. ``kind``: a word for file names; ``moment``: of the newest capture."""

    collection: str
    kind: str
    description: str
    moment: datetime

    def info(self, files: list[str]) -> Mapping[str, str]:
        return {
            "software": f"ostan/{VERSION}",
            "format": "WARC File Format 1.1",
            "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
            "isPartOf": self.collection,
            "description": self.description,
            "copied-from": ", ".join(files),
        }


def copy_chosen(package: Package, work: Work, warc: Path, origin: Origin) -> list[str]:
    """The chosen captures, each with its request and metadata, in the order of the collection's files.

    ``warc``: the collection's folder of WARC files. Returns the names of the files made. Raises TornMember,
    OSError.
    """
    sources = work.files()
    with ExitStack() as stack:
        names: list[str] = []
        entry: Counted | None = None
        for path, member in chosen_members(warc, work):
            if entry is None or entry.size >= MOST_BYTES:
                stack.close()
                names.append(f"{origin.collection}-{origin.kind}-{len(names):05}.warc.gz")
                entry = stack.enter_context(package.entry(ARCHIVE + names[-1]))
                record_id = f"<urn:uuid:{uuid5(NAMESPACE_URL, f'{names[-1]} {origin} {sources}')}>"
                entry.write(warcinfo_member(names[-1], origin.moment, record_id, origin.info(sources)).data)
            work.holds(replace(member, offset=entry.size), names[-1])
            entry.write(raw(path, member))
        return names


def chosen_members(warc: Path, work: Work) -> Iterator[tuple[Path, Member]]:
    """What was chosen of the collection's files, and what is concurrent to it.

    Files are read through: what a crawl knows of a page it writes some records behind its answer.
    """
    before: set[str] = set()
    for path in sorted(warc.glob("*.warc.gz")):
        offsets = work.chosen_in(path.name)
        ids: set[str] = set()
        if not offsets and not before:
            continue
        for number, member in enumerate(members(path)):
            if number >= PEEKED and not offsets:
                break
            kind = type_of(member)
            if kind in ("response", "revisit") and member.offset in offsets:
                ids.add(headers_of(member)["warc-record-id"])
                yield path, member
            elif kind in ("request", "metadata"):
                beside = headers_of(member).get("warc-concurrent-to", "")
                if beside in ids or beside in before:
                    yield path, member
        before = ids


def raw(path: Path, member: Member) -> bytes:
    """A record as it lies in its file, packed."""
    with path.open("rb") as stream:
        stream.seek(member.offset)
        return stream.read(member.length)
