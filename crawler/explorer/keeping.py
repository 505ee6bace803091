"""What the explorer tells of runs and files: what was missed and why, what can be carried away."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crawler.arguments import AGES, read_plan
from crawler.collection import Collection
from crawler.disk import holder
from crawler.explorer.shelf import NotThere, ledger_of
from crawler.explorer.views import Question, Told
from crawler.ledger.overview import overview
from crawler.schedule.file import ScheduleError
from crawler.warc.members import TornMember, member_at
from crawler.warc.seal import read_manifest

MOST_FILES = 1_000  # of a kind, the last ones


def runs(question: Question) -> Told:
    """Every run, the last one first; what is under way, what waits, what is due."""
    collection = question.collection
    told: Told = {"collection": collection.name, "under_way": holder(collection.lock), "state": None}
    told |= _coming(question)
    with ledger_of(collection) as ledger:
        if ledger is None:
            known = sorted((path.stem for path in collection.runs.glob("*.json")), reverse=True)
            return told | {"runs": [{"run_id": name, "has_report": True} for name in known]}
        state = overview(ledger, read_plan({"age": AGES}, "recheck").ages, datetime.now(UTC))
    every = [asdict(run) | {"has_report": collection.report_of(run.run_id).exists()} for run in state.runs]
    sums = {"due": state.due, "retries": state.retries, "waiting": state.waiting}
    return told | {"runs": every[::-1], "state": sums}


def _coming(question: Question) -> Told:
    try:
        coming = question.shelf.coming(question.collection.name, datetime.now(UTC))
    except ScheduleError as error:
        return {"coming": [], "schedule_is_wrong": str(error)}
    return {"coming": coming, "schedule_is_wrong": ""}


def run(question: Question) -> Told:
    """The report of a run, as the crawl wrote it."""
    collection, run_id = question.collection, question.names["run"]
    known = {path.stem: path for path in collection.runs.glob("*.json") if _is_inside(collection, path)}
    if run_id not in known:
        raise NotThere(f"{collection.name} has no report of a run {run_id[:80]!r}")
    try:
        report = json.loads(known[run_id].read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotThere(f"{known[run_id].name}: {error}") from None
    if not isinstance(report, dict):
        raise NotThere(f"{known[run_id].name} is no report that this program reads")
    return report


def downloads(question: Question) -> Told:
    """Files that can be carried away, with their sizes and digests: WARC, index, rows, releases, WACZ."""
    collection = question.collection
    digests = read_manifest(collection.manifest)
    kinds = {
        "Packages (WACZ)": sorted(collection.wacz.glob("*.wacz")) + sorted(collection.wacz.glob("*.json")),
        "Releases": sorted(path for path in collection.dumps.glob("[!.]*/**/*") if path.is_file()),
        "Indexes": [path for path in (collection.index, collection.manifest) if path.exists()],
        "Rows (JSON Lines)": collection.row_files(),
        "WARC files": sorted(collection.warc.glob("*.warc.gz")),
    }
    told: dict[str, list[Told]] = {kind: [] for kind in kinds}
    for kind, paths in kinds.items():
        for path in paths[-MOST_FILES:][::-1]:
            if _is_inside(collection, path):
                with suppress(FileNotFoundError):  # it went away just now
                    told[kind].append(_file(collection, path, digests))
    return {"collection": collection.name, "folder": str(collection.wacz), "kinds": told}


def _file(collection: Collection, path: Path, digests: dict[str, str]) -> Told:
    name, about = collection.relative(path), path.stat()
    changed = datetime.fromtimestamp(about.st_mtime, UTC)
    return {"name": name, "bytes": about.st_size, "changed": changed, "sha256": digests.get(name)}


def file_of(collection: Collection, name: str) -> Path:
    """The file of that name, if it is one that ``downloads`` names. Raises NotThere for any other."""
    allowed: Iterator[Path] = (
        path
        for paths in (
            collection.wacz.glob("*"),
            collection.dumps.glob("[!.]*/**/*"),
            (collection.index, collection.manifest),
            collection.articles.glob("*.jsonl"),
            collection.warc.glob("*.warc.gz"),
        )
        for path in paths
    )
    for path in allowed:
        if collection.relative(path) == name and path.is_file() and _is_inside(collection, path):
            return path
    raise NotThere(f"{collection.name} has no file {name[:200]!r} to carry away")


def _is_inside(collection: Collection, path: Path) -> bool:
    """A link that leads out of the collection leads nowhere here."""
    return path.resolve().is_relative_to(collection.folder.resolve())


def record_of(collection: Collection, file: str, offset: str) -> bytes:
    """One record as it lies in its file: a gzip member, which is a WARC file of its own."""
    if not re.fullmatch(r"[0-9]{1,18}", offset):
        raise NotThere(f"a record lies at a number of bytes, not at {offset[:40]!r}")
    path = file_of(collection, collection.relative(collection.warc / Path(file).name))
    try:
        member = member_at(path, int(offset))
    except (TornMember, OSError) as error:
        raise NotThere(f"{path.name}: {error}") from None
    with path.open("rb") as stream:
        stream.seek(member.offset)
        return stream.read(member.length)


def as_json(value: Any) -> Any:
    """What json cannot write by itself."""
    if hasattr(value, "_asdict"):
        return value._asdict()
    if hasattr(value, "__dataclass_fields__"):
        return asdict(value)
    return str(value)
