"""What is worth telling of a scheduled crawl that came to its end. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from crawler.account import GONE, LIMIT
from crawler.collection import report_name
from crawler.report.shown import shown
from crawler.report.verdict import verdict
from crawler.schedule.file import Event, Notify

Outcome = Literal["ended", "killed", "skipped"]
MOST_NAMED = 6
MOST_LETTERS = 300  # of a reason
INTERRUPTED, HELD = 3, 4


@dataclass(frozen=True, slots=True)
class EndedCrawl:
    """A due moment of a crawl, and what became of it. ``late``: it began after its time; ``missed``: due
    moments before this one that came to nothing; ``reason``: why it ended, or was not begun; ``report``:
    that of the run, None where it left none."""

    name: str
    collection: str
    run_id: str | None
    due: datetime
    started: datetime | None
    ended: datetime
    outcome: Outcome
    exit_code: int | None
    reason: str
    report: dict[str, Any] | None = None
    late: bool = False
    missed: int = 0

    @property
    def look(self) -> str:
        """Where to look: the report's path below ARCHIVES; "" where there is none."""
        return report_name(self.collection, self.run_id) if self.run_id and self.report else ""


@dataclass(frozen=True, slots=True)
class Said:
    """``lasting``: what stays true from one run to the next, in one word: it is not told each time."""

    event: Event | Literal["test"]
    sentence: str
    lasting: str = ""


def events_of(ended: EndedCrawl, notify: Notify) -> list[Said]:
    """The events that it is, of those that ``notify`` asks for, in their order of weight.

    Several may hold: a blocked crawl has failed too. They go out as one notice. An interrupted crawl has not
    failed, and did not come to all: somebody wanted it. ``look`` stands at the end of each sentence.
    """
    look = f" See {ended.look}." if ended.look else ""
    found = [*_of_its_end(ended), *_of_its_report(ended, notify)]
    quiet = ",".join(sorted(_quiet(ended.report or {}, notify)))
    return [
        Said(event, f"{sentence}{look}", quiet if event == "silent" else "")
        for event, sentence in found
        if event in notify.on
    ]


def _of_its_end(ended: EndedCrawl) -> Iterator[tuple[Event, str]]:
    who, reason = f"Crawl {ended.name} of {ended.collection}", _short(_reason(ended))
    if ended.outcome == "skipped" or ended.exit_code == HELD:
        yield "skipped", f"{who}, due {_time(ended.due)}, was skipped: {reason}."
        return
    if ended.outcome == "killed":
        yield "failed", f"{who} was killed: {reason}. The next run takes up what it left."
    elif ended.exit_code not in (0, INTERRUPTED):
        yield "failed", f"{who} failed with exit code {ended.exit_code}: {reason}."
    if reason.startswith("blocked"):
        yield "blocked", f"{who}: the site refused, and was asked no more: {reason}."
    if "MIN_FREE_BYTES" in reason or "cannot write" in reason:
        yield "space", f"{who} ran out of room, or could not write: {reason}."
    if ended.late:
        began = f", began {_time(ended.started)}" if ended.started else ""
        missed = f"; {ended.missed:,} times before that came to nothing" if ended.missed else ""
        yield "late", f"{who} was due {_time(ended.due)}{began}{missed}."


def _of_its_report(ended: EndedCrawl, notify: Notify) -> Iterator[tuple[Event, str]]:
    report = ended.report
    if not report:
        return
    who = f"Crawl {ended.name} of {ended.collection}"
    had, expected = coverage(report)
    if expected and had / expected < notify.coverage and ended.exit_code != INTERRUPTED:
        yield (
            "coverage",
            f"{who} had {had:,} of {expected:,} articles ({had / expected:.1%}), "
            f"less than {notify.coverage:.1%}.",
        )
    if fallen := report.get("layout_drift"):
        fields = dict.fromkeys(shown(str(one["field"])) for one in fallen)
        yield "drift", f"{who}: pages do not say any more what they said: {_named(list(fields))}."
    if quiet := _quiet(report, notify):
        longest = sorted(quiet.items(), key=lambda one: (-one[1]["silent_days"], one[0]))
        words = [
            f"{slug} for {gap['silent_days']} days (usual: {gap['usual_days']})" for slug, gap in longest
        ]
        yield "silent", f"{who}: no new article of {_named(words)}."


def _quiet(report: dict[str, Any], notify: Notify) -> dict[str, dict[str, Any]]:
    """Slug → its gap, of provinces that have been silent for too long."""
    gaps = report.get("gaps") or {}
    return {slug: gap for slug, gap in gaps.items() if gap.get("silent_days", 0) >= notify.silent_days}


def coverage(report: dict[str, Any]) -> tuple[int, int]:
    """(articles that were had, articles that could have been).

    Had: written or unchanged. Not counted at all: what the site has taken away (missing, gone, or failed for
    a reason of account.GONE); what was left out as asked (skipped); and, where the run ended at a limit that
    it was given, what it did not come to (open).

    >>> counts = {"discovered": 10, "written": 6, "skipped": 1, "failed": 3}
    >>> lists = {"qom": {"written": 6, "failed: HTTP 404": 2, "failed: HTTP 503": 1, "skipped: x": 1}}
    >>> coverage({"articles": counts, "outcomes_by_list": lists})
    (6, 7)
    """
    articles = report["articles"]
    left_out = sum(articles.get(name, 0) for name in ("missing", "gone", "skipped"))
    if str(report.get("finish_reason", "")).startswith(LIMIT):
        left_out += articles.get("open", 0)
    for counts in (report.get("outcomes_by_list") or {}).values():
        left_out += sum(counts.get(f"failed: {reason}", 0) for reason in GONE)
    return articles["written"] + articles.get("unchanged", 0), articles["discovered"] - left_out


def _reason(ended: EndedCrawl) -> str:
    """The report has the fuller one: Scrapy's reason of an interrupted crawl is a bare word, and one that
    walked to its end says why it is not whole."""
    report = ended.report or {}
    if said := report.get("ended_by"):
        return str(said)
    if report and ended.exit_code == 1 and ended.reason == "finished":
        return "; ".join(verdict(report).causes) or ended.reason
    return str(ended.reason or report.get("finish_reason") or "no reason known")


def _short(text: str) -> str:
    """One line, fit to be looked at, without its full stop."""
    line = shown(" ".join(text.split())).removesuffix(".")
    return line if len(line) <= MOST_LETTERS else f"{line[: MOST_LETTERS - 1]}…"


def _named(words: list[str]) -> str:
    more = f" and {len(words) - MOST_NAMED:,} more" if len(words) > MOST_NAMED else ""
    return f"{', '.join(words[:MOST_NAMED])}{more}"


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M %Z}".strip()
