"""The report of a run as one JSON document: what was captured, what was missed, and why."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from crawler.account import GONE, LIMIT, NOTHING_ALLOWED, Account
from crawler.arguments import Plan
from crawler.collection import Collection
from crawler.ledger import accounts
from crawler.ledger.found import Outcome
from crawler.ledger.history import row_of
from crawler.normalise.dates import tehran_day
from crawler.report.diff import text_diff
from crawler.report.drift import drift
from crawler.report.gaps import WINDOW, gaps
from crawler.warc.seal import read_manifest

Report = dict[str, Any]
OUTCOMES = (*get_args(Outcome), "open")
MOST_DIFFS = 500  # of edits, in full; beyond it they are only named
UNFIT = "article: no template fits"


@dataclass(frozen=True, slots=True)
class Ended:
    """A run at its end. ``about``: id, site, arguments, start. ``stats``: Scrapy's. ``known``: listed
    articles that earlier runs dealt with. ``takes_waiting``: whether it
    was to bring what waits in the frontier."""

    about: Mapping[str, Any]
    plan: Plan
    account: Account
    collection: Collection
    ledger: sqlite3.Connection
    run: int
    known: int
    resumed: list[str]
    takes_waiting: bool
    stats: Mapping[str, Any]
    at: datetime

    @property
    def reason(self) -> str:
        return str(self.stats.get("finish_reason", "unknown"))


def build_report(ended: Ended) -> Report:
    """All that is known of a run when it ends, its WARC files being in the manifest."""
    account, ledger, run = ended.account, ended.ledger, ended.run
    _note_robots(account)
    outcomes = accounts.outcomes(
        ledger,
        run,
        ended.plan.wanted() if ended.takes_waiting else None,
        finished=ended.reason == "finished",
    )
    today = tehran_day(ended.at)
    days = accounts.by_day(ledger, today - WINDOW)
    fallen = drift(ledger, run, account.filled, _unfit(account))
    return {
        **ended.about,
        "finished": ended.at.isoformat(),
        "seconds": round((ended.at - datetime.fromisoformat(ended.about["started"])).total_seconds(), 1),
        "finish_reason": ended.reason,
        "ended_by": ended.stats.get("ended_by"),
        "continues": ended.resumed,
        "articles": _sums(outcomes),
        "known_before": ended.known,
        "lists_read": accounts.lists_read(ledger, run),
        "rows_by_province": account.rows_by_province(ended.plan.provinces),
        "outcomes_by_list": _by_list(outcomes),
        "not_written": accounts.not_written(ledger, run),
        "versions": _versions(ended),
        "standing": accounts.standing(ledger),
        "days": days,
        "gaps": gaps(days, today),
        "layout_drift": fallen,
        "requisites": account.requisites.as_dict(),
        "templates": dict(account.templates.most_common()),
        "fields_without_value": {name: dict(c.most_common()) for name, c in sorted(account.unread.items())},
        "dates_disagree": account.dates_disagree,
        "services": {
            "verdicts": dict(Counter(service["verdict"] for service in account.services)),
            "checked": account.services,
        },
        "troubles": {"counts": dict(account.trouble_count.most_common()), "first": account.troubles},
        "slowest": [{"url": url, "seconds": round(took, 3)} for took, url in sorted(account.slowest)[::-1]],
        "hosts": ended.stats.get("hosts", {}),
        "responses": {
            key.rsplit("/", 1)[1]: value
            for key, value in sorted(ended.stats.items())
            if key.startswith("downloader/response_status_count/")
        },
        "warc": _warc(ended),
    }


def _sums(outcomes: accounts.Outcomes) -> dict[str, int]:
    total: Counter[str] = Counter()
    for counts in outcomes.values():
        for (outcome, _), number in counts.items():
            total[outcome] += number
    return {"discovered": total.total(), **{outcome: total[outcome] for outcome in OUTCOMES}}


def _by_list(outcomes: accounts.Outcomes) -> dict[str, dict[str, int]]:
    return {
        slug or "(beside a list)": {
            f"{outcome}{': ' * bool(reason)}{reason}": number
            for (outcome, reason), number in sorted(counts.items())
        }
        for slug, counts in sorted(outcomes.items())
    }


def _versions(ended: Ended) -> list[dict[str, Any]]:
    """Edits and tombstones of the run; edits with what was changed."""
    found: list[dict[str, Any]] = []
    for news_id, version, status in accounts.new_versions(ended.ledger, ended.run):
        entry: dict[str, Any] = {"news_id": news_id, "version": version, "status": status}
        if len(found) < MOST_DIFFS:
            after = row_of(ended.ledger, ended.collection, news_id, version)
            before = row_of(ended.ledger, ended.collection, news_id, version - 1)
            entry["url"] = after.canonical_url if after else None
            if status == "edited" and after and before:
                entry["diff"] = text_diff(before, after)
        found.append(entry)
    return found


def _warc(ended: Ended) -> dict[str, Any]:
    digests = read_manifest(ended.collection.manifest)
    files = ended.stats.get("warc/files", [])
    return {
        "files": files,
        "sha256": {name: digests.get(f"warc/{name}") for name in files},
        "records": ended.stats.get("warc/records", 0),
        "revisits": ended.stats.get("warc/revisits", 0),
        "bytes": ended.stats.get("warc/bytes", 0),
    }


def _unfit(account: Account) -> int:
    return sum(number for reason, number in account.trouble_count.items() if reason.startswith(UNFIT))


def _note_robots(account: Account) -> None:
    """It costs the exit code only where lists or articles could not be asked of that host for it."""
    for host, what in account.robots.items():
        missed = host in account.page_hosts and what.endswith(NOTHING_ALLOWED)
        account.trouble("list" if missed else "requisite", f"{host}/robots.txt", f"robots.txt: {what}", None)


def exit_code(report: Report) -> int:
    """0: what was asked for was walked to its end, or to a limit that was given. 1: it was not, or pages
    do not say any more what they said. 3: someone interrupted it."""
    reason = report["finish_reason"]
    if reason == "shutdown":
        return 3
    at_limit = reason.startswith(LIMIT)
    nothing = report["articles"]["discovered"] == report["known_before"] == report["lists_read"] == 0
    idle = nothing and report["spider"] == "provinces"
    left = report["articles"]["open"] and not at_limit
    ended_badly = reason != "finished" and not at_limit
    return int(bool(costly(report) or idle or left or ended_badly or report["layout_drift"]))


def costly(report: Report) -> list[str]:
    """The troubles that cost the exit code: not articles that the site took away, and no requisites."""
    return [
        trouble
        for trouble in report["troubles"]["counts"]
        if trouble.removeprefix("article: ") not in GONE and not trouble.startswith("requisite: ")
    ]


def head_of(report: Report) -> dict[str, Any]:
    """What the ledger keeps of a report: counts, and what a person must look at."""
    names = ("articles", "known_before", "rows_by_province", "seconds", "layout_drift", "continues")
    return {
        **{name: report[name] for name in names},
        "missed": dict(list(report["troubles"]["counts"].items())[:20]),
        "warc": {name: report["warc"][name] for name in ("records", "bytes")},
    }
