"""Rows held against what the sample site knows to be true, field by field."""

from __future__ import annotations

from datetime import datetime
from typing import Any

PLAIN = (
    "canonical_url",
    "short_url",
    "city",
    "kicker",
    "title",
    "lead",
    "paragraphs",
    "dateline",
    "author",
    "source",
    "tags",
    "related",
    "images",
    "videos",
    "template",
)


def differences(row: dict[str, Any], truth: dict[str, Any]) -> list[str]:
    """One line a wrong field; empty where the row says what is true."""
    found = [
        f"{truth['id']}.{name}: {row[name]!r}, true is {truth[name]!r}"
        for name in PLAIN
        if row[name] != truth[name]
    ]
    derived = {
        "id": (row["id"], f"yjc:{truth['id']}"),
        "url": (row["url"], truth["url"]),
        "province": (row["province"] and row["province"]["name_fa"], truth["province"]),
        "province_from": (row["province_from"], "breadcrumb"),
        "sections": (row["sections"], truth["sections"]),
        "body": (row["body"], "\n".join(truth["paragraphs"]) or None),
        "published.at": (_at(row["published"]), _at(truth["published"])),
        "published.precision": (row["published"]["precision"], truth["published"]["precision"]),
        "dates_disagree": (bool(row["dates_disagree"]), False),
        "status": (row["http"]["status"], truth["status"]),
    }
    found += [f"{truth['id']}.{name}: {a!r}, true is {b!r}" for name, (a, b) in derived.items() if a != b]
    return found


def _at(published: dict[str, Any]) -> tuple[datetime, Any]:
    """The moment and its offset: 12:00+03:30 and 08:30Z are one moment, but not one reading."""
    moment = datetime.fromisoformat(published["at"])
    return moment, moment.utcoffset()
