"""A run in one sentence, and why it ended with its exit code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from crawler.account import LIMIT
from crawler.report.build import OUTCOMES, Report, costly, exit_code

Kind = Literal["good", "warn", "bad"]
MOST_CAUSES = 6


@dataclass(frozen=True, slots=True)
class Verdict:
    """``word``: finished, interrupted …; ``causes``: of an exit code that is not 0, the weightiest first."""

    kind: Kind
    word: str
    sentence: str
    code: int
    causes: list[str]


def verdict(report: Report) -> Verdict:
    code, reason = exit_code(report), str(report["finish_reason"])
    kind, word, why = _how(report, code, reason)
    return Verdict(
        kind, word, f"{why} {_brought(report)}", code, list(_causes(report, reason)) if code else []
    )


def _how(report: Report, code: int, reason: str) -> tuple[Kind, str, str]:
    if code == 3:
        left = report["articles"]["open"]
        goes_on = f"; the next crawl goes on with the {left:,} that are open" if left else ""
        return "warn", "Interrupted", f"Somebody ended it before it was through{goes_on}."
    if blocked := blocked_hosts(report):
        return "bad", "Blocked", f"{', '.join(blocked)} refused, and is asked no more."
    if reason.startswith(LIMIT):
        kind: Kind = "warn" if code else "good"
        return (
            kind,
            "Ended at its limit",
            f"It was given a limit and came to it ({reason.removeprefix(LIMIT)}).",
        )
    if reason != "finished":
        return "bad", "Ended early", f"It could not go on: {report.get('ended_by') or reason}."
    if code:
        return "warn", "Finished, not whole", "It came to its end, and something needs a look."
    return "good", "Finished", "All that was asked for was walked to its end."


def blocked_hosts(report: Report) -> dict[str, str]:
    """Host → why it was given up."""
    return {name: str(host["blocked"]) for name, host in hosts(report).items() if host.get("blocked")}


def hosts(report: Report) -> dict[str, dict[str, Any]]:
    """What each host asked for, and how often it refused; none where the crawl kept no account of it."""
    return dict(report.get("hosts") or {})


def _brought(report: Report) -> str:
    articles = report["articles"]
    if not articles["discovered"]:
        known = report.get("known_before")
        return f"Nothing new: {known:,} listed articles were known." if known else "No article was found."
    written = f"{articles['written']:,} of {articles['discovered']:,} articles written"
    others = [f"{articles[name]:,} {name}" for name in OUTCOMES[1:] if articles.get(name)]
    return f"{', '.join([written, *others])}."


def _causes(report: Report, reason: str) -> Iterator[str]:
    if report["finish_reason"] == "shutdown":
        yield "someone interrupted it"
        return
    blocked = blocked_hosts(report)
    yield from (f"{host}: {why}" for host, why in blocked.items())
    if not blocked and reason != "finished" and not reason.startswith(LIMIT):
        yield f"it ended before it was through: {report.get('ended_by') or reason}"
    if fallen := report.get("layout_drift"):
        fields = ", ".join(dict.fromkeys(fall["field"] for fall in fallen))
        yield f"pages do not say any more what they said: {fields}"
    if report["articles"]["open"] and not reason.startswith(LIMIT):
        yield f"{report['articles']['open']:,} articles are still open"
    missed = costly(report)
    counts = report["troubles"]["counts"]
    yield from (f"{counts[trouble]:,} × {trouble}" for trouble in missed[:MOST_CAUSES])
    if len(missed) > MOST_CAUSES:
        yield f"{len(missed) - MOST_CAUSES:,} reasons more, below"
    if not report["articles"]["discovered"] and not report.get("lists_read"):
        yield "no list could be read"
