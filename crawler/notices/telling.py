"""An ended crawl into the queue: one notice to each that wants to know, however many events it is."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import Any

from crawler.collection import Collection
from crawler.notices.events import EndedCrawl, Said, events_of
from crawler.notices.queue import Kind, Notice, Queue
from crawler.schedule.file import Notify


def tell(queue: Queue, ended: EndedCrawl, notify: Notify, at: datetime) -> list[Said]:
    """Put what there is to tell, and say what that was; on disk when it returns. Told twice, it is put once:
    the id comes of what it is about. What lasts (provinces that are silent) is told again when it is of other
    provinces, or has lasted for ``silent_days`` more. Raises QueueError."""
    again = at - timedelta(days=notify.silent_days)
    said = [one for one in events_of(ended, notify) if not _is_known(queue, ended, one, again)]
    if said:
        _put(queue, ended, notify, said, at)
    for one in said:  # after it was put: killed in between, it is told again, not lost
        if one.lasting:
            queue.note_told(_subject_of(ended, one), one.lasting, at)
    return said


def tell_test(queue: Queue, name: str, collection: str, notify: Notify, at: datetime) -> None:
    """To all whom a crawl tells, whatever they want to know: that it can. Raises QueueError."""
    ended = EndedCrawl(name, collection, None, at, None, at, "ended", None, "a test")
    sentence = f"This is a test: crawl {name} of {collection} can tell you. Nothing has happened."
    _put(queue, ended, notify, [Said("test", sentence)], at)


def _put(queue: Queue, ended: EndedCrawl, notify: Notify, said: list[Said], at: datetime) -> None:
    targets: list[tuple[Kind, str, str | None]] = []
    if notify.webhook:
        targets.append(("webhook", notify.webhook, notify.secret_env))
    if notify.email:
        targets.append(("mail", notify.email, None))
    for kind, address, secret_env in targets:
        queue.put(notice_of(ended, said, kind, address, secret_env, at))


def report_of(collection: Collection, run_id: str | None) -> dict[str, Any] | None:
    """The report of a run; None where it left none that can be read."""
    try:
        found = json.loads(collection.report_of(run_id or "").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _is_known(queue: Queue, ended: EndedCrawl, one: Said, since: datetime) -> bool:
    return bool(one.lasting) and queue.was_told(_subject_of(ended, one), one.lasting, since)


def _subject_of(ended: EndedCrawl, one: Said) -> str:
    return f"{ended.collection}/{ended.name}/{one.event}"


def notice_of(
    ended: EndedCrawl, said: list[Said], kind: Kind, address: str, secret_env: str | None, at: datetime
) -> Notice:
    notice_id = id_of(ended, kind, address)
    subject = f"Ostan: {ended.name} of {ended.collection}: {', '.join(one.event for one in said)}"
    return Notice(
        notice_id, kind, address, secret_env, ended.collection, subject, _body(notice_id, ended, said), at
    )


def id_of(ended: EndedCrawl, kind: str, address: str) -> str:
    about = [ended.collection, ended.name, ended.due.isoformat(), ended.run_id or "", kind, address]
    return hashlib.sha256(json.dumps(about).encode()).hexdigest()[:32]


def _body(notice_id: str, ended: EndedCrawl, said: list[Said]) -> str:
    return json.dumps(
        {
            "id": notice_id,
            "crawl": ended.name,
            "collection": ended.collection,
            "run_id": ended.run_id,
            "due": ended.due.isoformat(),
            "started": ended.started.isoformat() if ended.started else None,
            "ended": ended.ended.isoformat(),
            "outcome": ended.outcome,
            "exit_code": ended.exit_code,
            "reason": ended.reason,
            "report": ended.look or None,
            "events": [{"event": one.event, "sentence": one.sentence} for one in said],
        },
        ensure_ascii=False,
    )


def text_of(body: str) -> str:
    """The same for a mail."""
    told = json.loads(body)
    lines = [one["sentence"] for one in told["events"]]
    facts = [f"{name}: {told[name]}" for name in ("run_id", "due", "started", "ended", "exit_code", "report")]
    return "\n".join([*lines, "", *(fact for fact in facts if not fact.endswith(": None")), ""])
