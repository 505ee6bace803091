"""The lines that a person reads when a crawl has ended: what came, what did not, and where it lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from crawler.provinces import BY_SLUG
from crawler.report.build import OUTCOMES, Report

_ALWAYS = ("written", "skipped", "failed", "open")


def as_text(report: Report, folder: str) -> str:
    articles, warc = report["articles"], report["warc"]
    ended = "interrupted" if report["finish_reason"] == "shutdown" else report["finish_reason"]
    lines = ["", f"{'province':<24}{'articles':>9}"]
    for slug, number in report["rows_by_province"].items():
        name = BY_SLUG[slug].name_en if slug in BY_SLUG else slug
        lines.append(f"{name:<24}{number:>9,}")
    lines.append(f"{'together':<24}{sum(report['rows_by_province'].values()):>9,}")
    lines.append("")
    if report["continues"]:
        lines.append(f"goes on where {', '.join(report['continues'])} was cut off")
    parts = [f"{articles[name]:,} {name}" for name in OUTCOMES if articles[name] or name in _ALWAYS]
    lines.append(f"{articles['discovered']:,} discovered = {' + '.join(parts)}{_known(report)}")
    lines += [f"  {count:>6,} × {reason}" for reason, count in reasons(report)]
    if report["versions"]:
        count = Counter(version["status"] for version in report["versions"])
        lines.append(f"{count['edited']:,} were edited, {count['gone']:,} are gone: see scrapy report --html")
    lines += _requisite_lines(report["requisites"])
    verdicts = report["services"]["verdicts"]
    if set(verdicts) - {"confirmed"}:
        said = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
        lines.append(f"services: {said} (see the report)")
    lines += [_drift_line(fall) for fall in report["layout_drift"]]
    lines += [
        f"{warc['records']:,} WARC records, {warc['bytes']:,} bytes in {len(warc['files'])} files,"
        f" {report['seconds']:,.1f} s, run {report['run_id']}, {ended}",
        f"in {folder}",
    ]
    return "\n".join(lines)


def _known(report: Report) -> str:
    return f"; {report['known_before']:,} listed were known" if report["known_before"] else ""


def _drift_line(fall: Mapping[str, Any]) -> str:
    where = "" if fall["province"] == "(all)" else f" in {fall['province']}"
    return (
        f"layout: template {fall['template']}{where}: {fall['field']} was read of {fall['now']:.0%} of"
        f" {fall['articles']:,} articles, {fall['before']:.0%} before"
    )


def _requisite_lines(count: Mapping[str, Any]) -> list[str]:
    if count["mode"] == "none":
        return []
    failed = count["failed"]
    unanswered = f" + {count['open']:,} open" if count["open"] else ""
    return [
        f"{count['found']:,} page requisites = {count['kept']:,} kept + {count['held']:,} held already"
        f" + {sum(failed.values()):,} failed{unanswered}",
        *(f"  {number:>6,} × {reason}" for reason, number in failed.items()),
    ]


def reasons(report: Report) -> list[tuple[str, int]]:
    """Why something was not written, or not read at all, with how often; the most frequent first."""
    counts: Counter[str] = Counter()
    for outcomes in report["outcomes_by_list"].values():
        for reason, number in outcomes.items():
            if reason not in ("written", "unchanged", "gone", "open"):
                counts[reason] += number
    for reason, number in report["troubles"]["counts"].items():
        if not reason.startswith("article:"):
            counts[reason] += number
    return counts.most_common()
