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
        "published": (_at(row["published"]), _at(_published(row, truth))),
        "dates_disagree": (bool(row["dates_disagree"]), False),
        "status": (row["http"]["status"], truth["status"]),
    }
    found += [f"{truth['id']}.{name}: {a!r}, true is {b!r}" for name, (a, b) in derived.items() if a != b]
    return found


def _published(row: dict[str, Any], truth: dict[str, Any]) -> dict[str, str]:
    """Where a page tells the day alone, a feed that names the article tells the second."""
    told: dict[str, str] = truth["published"]
    if told["precision"] == "day" and row["raw"]["published_feed"]:
        return {"at": truth["feed_date"], "precision": "second"}
    return told


def _at(published: dict[str, Any]) -> tuple[datetime, Any, str]:
    """The moment and its offset: 12:00+03:30 and 08:30Z are one moment, but not one reading."""
    moment = datetime.fromisoformat(published["at"])
    return moment, moment.utcoffset(), published["precision"]
