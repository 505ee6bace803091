"""One file of records read through: candidates for rows, and what else its captures say of articles."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from crawler.clean import clean, with_half_spaces
from crawler.extract import Reading, Visit
from crawler.items import Article
from crawler.ledger.endings import SECOND_LOOK
from crawler.reextract.answers import Kind, answer_of, moment_of, redirect_of
from crawler.reextract.beside import Notes, notes_of
from crawler.reextract.scan import records
from crawler.rows import as_line
from crawler.sites import Site
from crawler.warc.members import Fault, Member, headers_of, type_of


@dataclass(frozen=True, slots=True)
class Job:
    """One file to read. ``into``: where its candidates go; ``restores`` None: as its crawl did."""

    path: Path
    following: tuple[Path, ...]
    into: Path
    site: Site
    restores: bool | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """What one capture says of an article. ``at`` and ``length``: its candidate's place among the lines."""

    news_id: int
    kind: Kind
    visit: Visit
    digest: str | None = None
    at: int = 0
    length: int = 0
    refers_to: tuple[str, str] | None = None
    skipped: bool = False
    second_look: timedelta = SECOND_LOOK
    restores: bool = False


@dataclass(slots=True)
class FileRead:
    """All that a file of records says; its candidates lie in ``job.into``. ``unread``: why pages could
    not be read, and how many."""

    job: Job
    unread: Counter[str] = field(default_factory=Counter)
    events: list[Event] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    records: int = 0


def read_file(job: Job) -> FileRead:
    """Read one file; the work of one process. The candidates' file is whole when it has its name."""
    read = FileRead(job)
    notes = notes_of(job.path, job.following)
    new = job.into.with_suffix(".new")
    job.into.parent.mkdir(parents=True, exist_ok=True)
    reader = _Reader(read, notes)
    with new.open("wb") as lines:
        for member in records(job.path, read.faults.append):
            read.records += 1
            try:
                if candidate := reader.take(member, lines.tell()):
                    lines.write(candidate)
            except (ValueError, KeyError) as error:  # other programs leave out or misspell what must be there
                words = str(error) if isinstance(error, ValueError) else f"without {error.args[0]}"
                read.faults.append(Fault(job.path.name, member.offset, words))
    new.replace(job.into)
    return read


class _Reader:
    def __init__(self, read: FileRead, notes: Notes) -> None:
        self._read, self._notes = read, notes
        self._led: dict[str, int] = {}  # where a redirect leads → the number of its event
        second = notes.settings.get("SECOND_LOOK_SECONDS")
        told_so = timedelta(seconds=float(second)) if isinstance(second, int | float | str) else None
        self._second_look = SECOND_LOOK if told_so is None else told_so
        told = str(notes.settings.get("RESTORE", ""))
        asked = read.job.restores
        if asked is None:
            asked = told == "1" or (told == "" and read.job.site.half_spaces_lost)
        self._restores = asked

    def take(self, member: Member, at: int) -> bytes | None:
        """The candidate that a record gives, if it gives one. Raises Unreadable."""
        job = self._read.job
        if self._led and self._was_led_to(member):
            return None
        answer = answer_of(member, job.path.name, self._notes, job.site)
        if answer is None:
            return None
        if answer.kind == "unreadable":
            self._read.unread[answer.reason] += 1
        article = row_of(answer.reading, restores=self._restores) if answer.reading else None
        line = as_line(article) if article else b""
        self._read.events.append(
            Event(
                news_id=answer.visit.news_id,
                kind=answer.kind,
                visit=answer.visit,
                digest=article.text_sha256 if article else None,
                at=at,
                length=len(line),
                refers_to=answer.refers_to,
                skipped=answer.skipped,
                second_look=self._second_look,
                restores=self._restores,
            )
        )
        if answer.leads_to:
            self._led[answer.leads_to] = len(self._read.events) - 1
        return line or None

    def _was_led_to(self, member: Member) -> bool:
        """An answer to which an article's address led: it is none to its own. The look was over with it."""
        if type_of(member) not in ("response", "revisit"):
            return False
        headers = headers_of(member)
        number = self._led.pop(headers.get("warc-target-uri", ""), None)
        if number is None:
            return False
        event = self._read.events[number]
        visit = replace(event.visit, fetched_at=moment_of(headers), etag=None, last_modified=None)
        self._read.events[number] = replace(event, visit=visit)
        if further := redirect_of(member, headers):
            self._led[further] = number
        return True


def row_of(reading: Reading, *, restores: bool) -> Article:
    """The clean article, as the pipelines of a crawl make it."""
    article = clean(reading.article)
    return with_half_spaces(article) if restores else article
