"""A report as a crawl writes it, of which a test changes what it is about."""

from __future__ import annotations

from typing import Any

POINTER = {
    "file": "x-20261125141353340-00000-vm.warc.gz",
    "offset": 91014,
    "length": 5256,
    "record_id": "<urn:uuid:3f94ad41-1a00-4629-b14a-6a5d8890159c>",
    "payload_digest": "sha1:ZLB2ADDLQRXTCYNPOCJS4MARQT4OVLAK",
    "date": "2026-11-25T14:13:53.340000Z",
}


def trouble(kind: str, url: str, reason: str) -> dict[str, Any]:
    return {"kind": kind, "url": url, "reason": reason, "warc": POINTER}


def report(**changed: Any) -> dict[str, Any]:
    """A crawl of two provinces that came to its end, with all that it looked for."""
    nothing = dict.fromkeys(("missing", "gone", "skipped", "failed", "open"), 0)
    return {
        "run_id": "run1",
        "spider": "provinces",
        "site": "yjc",
        "base_url": "https://www.yjc.ir",
        "standing": {"qom": {"done": 7}, "yazd": {"done": 5, "gone": 1}},
        "replay_from": None,
        "operator": None,
        "arguments": {"provinces": "qom,yazd"},
        "plan": {"provinces": ["qom", "yazd"], "via": ["feeds", "sections"], "since": None, "limit": 5},
        "started": "2026-11-25T14:13:53.137967+00:00",
        "finished": "2026-11-25T14:14:03.079580+00:00",
        "seconds": 9.9,
        "finish_reason": "finished",
        "ended_by": None,
        "continues": [],
        "articles": {"discovered": 12, "written": 12, "unchanged": 0, **nothing},
        "known_before": 0,
        "lists_read": 4,
        "rows_by_province": {"yazd": 5, "qom": 7},
        "outcomes_by_list": {"qom": {"written": 7}, "yazd": {"written": 5}},
        "not_written": {},
        "versions": [],
        "days": {},
        "gaps": {},
        "layout_drift": [],
        "requisites": {"mode": "none", "found": 0, "failed": {}, "missed": []},
        "templates": {"C": 12},
        "fields_without_value": {},
        "dates_disagree": [],
        "services": {"verdicts": {"confirmed": 2}, "checked": []},
        "troubles": {"counts": {}, "first": []},
        "slowest": [{"url": "https://www.yjc.ir/fa/news/1", "seconds": 1.25}],
        "responses": {"200": 16},
        "warc": {
            "files": [POINTER["file"]],
            "sha256": {POINTER["file"]: "ab" * 32},
            "records": 33,
            "bytes": 7,
        },
        **changed,
    }


def troubled(*troubles: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The same with troubles."""
    counts: dict[str, int] = {}
    for one in troubles:
        name = f"{one['kind']}: {one['reason']}"
        counts[name] = counts.get(name, 0) + 1
    return report(troubles={"counts": counts, "first": list(troubles)}, **changed)
