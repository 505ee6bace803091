"""The rows that were decided on, written: for each file of records one of rows, in its order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from crawler.extract import tombstone
from crawler.items import Article
from crawler.reextract.answers import Unreadable, entity, page_of
from crawler.reextract.candidates import Event, row_of
from crawler.reextract.scan import record_at
from crawler.reextract.versions import Decision
from crawler.rows import as_line
from crawler.sites import Site
from crawler.warc.http1 import headers_of, split_head
from crawler.warc.members import Fault, TornMember, taken_apart

Wanted = Callable[[Article], bool]


class Shards:
    """``candidates`` and ``warc``: for each WARC file's name, where its candidates and its records lie."""

    def __init__(self, candidates: Mapping[str, Path], warc: Mapping[str, Path], site: Site) -> None:
        self._candidates, self._warc, self._site = candidates, warc, site
        self.faults: list[Fault] = []
        self.rows = 0

    def write(self, decisions: Iterable[Decision], folder: Path, wanted: Wanted | None) -> list[Path]:
        """One file of rows for each file of records, empty ones too. Written whole, then named."""
        by_file: dict[str, list[Decision]] = defaultdict(list)
        for decision in decisions:
            by_file[_file(decision.event)].append(decision)
        return [self._shard(name, by_file[name], folder, wanted) for name in sorted(self._candidates)]

    def _shard(self, name: str, decisions: list[Decision], folder: Path, wanted: Wanted | None) -> Path:
        path = folder / shard_name(name)
        new = path.with_suffix(".new")
        with new.open("wb") as lines:
            for decision in sorted(decisions, key=lambda one: _offset(one.event)):
                if line := self._line(decision, wanted):
                    lines.write(line)
                    self.rows += 1
        new.replace(path)
        return path

    def _line(self, decision: Decision, wanted: Wanted | None) -> bytes | None:
        if wanted is None and decision.status == "new" and decision.source is decision.event:
            return self._candidate(decision.source)
        try:
            article = self._article(decision)
        except (OSError, TornMember, Unreadable) as error:  # the file that a revisit refers to was changed
            self.faults.append(Fault(_file(decision.event), _offset(decision.event), str(error)))
            return None
        asked = self._article(decision.before) if decision.status == "gone" and decision.before else article
        return as_line(article) if wanted is None or wanted(asked) else None

    def _article(self, decision: Decision) -> Article:
        if decision.status == "gone":
            assert decision.before is not None
            visit = replace(decision.event.visit, warc=decision.source.visit.warc)
            return tombstone(self._article(decision.before), visit)
        if decision.source is decision.event:
            article = Article.model_validate_json(self._candidate(decision.source))
        else:
            article = self._revisited(decision)
        if decision.before is None:
            return article
        number, before = decision.version, decision.before.version
        known = {"version": number, "status": decision.status, "supersedes": before}
        return article.model_copy(update=known | {"first_seen": decision.first_seen})

    def _candidate(self, event: Event) -> bytes:
        with self._candidates[_file(event)].open("rb") as lines:
            lines.seek(event.at)
            return lines.read(event.length)

    def _revisited(self, decision: Decision) -> Article:
        """What a page said once more: its bytes lie where they came first, the rest is of the later look."""
        event, source = decision.event, decision.source
        assert event.visit.warc is not None
        assert source.visit.warc is not None
        _, block = taken_apart(record_at(self._warc[_file(event)], _offset(event)))
        http = {name.lower(): value for name, value in headers_of(split_head(block)[0])}
        _, original = taken_apart(record_at(self._warc[_file(source)], _offset(source)))
        visit = replace(event.visit, warc=source.visit.warc)
        answer = page_of(visit, http, entity(*split_head(original)), self._site, skipped=False)
        if answer is None or answer.reading is None:
            raise Unreadable("what it refers to can be read no more")
        return row_of(answer.reading, restores=event.restores)


def shard_name(warc: str) -> str:
    """The name of the file of rows for a WARC file's."""
    return f"{warc.partition('.warc')[0]}.jsonl"


def _file(event: Event) -> str:
    assert event.visit.warc is not None
    return event.visit.warc.file


def _offset(event: Event) -> int:
    assert event.visit.warc is not None
    return event.visit.warc.offset
