"""The report of a run: a JSON document, and the lines that a person reads at the end of a crawl."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.account import NOTHING_ALLOWED, Account
from crawler.arguments import Plan
from crawler.frontier import Frontier
from crawler.provinces import BY_SLUG

Report = dict[str, Any]


def build_report(
    *,
    run: Mapping[str, Any],
    plan: Plan,
    account: Account,
    frontier: Frontier,
    stats: Mapping[str, Any],
    finished: datetime,
) -> Report:
    """All that is known of a run when it ends. ``run``: id, site, arguments, start; ``stats``: Scrapy's."""
    _note_robots(account)
    outcomes = frontier.account()
    total: Counter[str] = Counter()
    for counts in outcomes.values():
        for (outcome, _), number in counts.items():
            total[outcome] += number
    return {
        **run,
        "finished": finished.isoformat(),
        "seconds": round((finished - datetime.fromisoformat(run["started"])).total_seconds(), 1),
        "finish_reason": stats.get("finish_reason", "unknown"),
        "articles": {
            "discovered": sum(total.values()),
            **{outcome: total[outcome] for outcome in ("written", "skipped", "failed", "open")},
        },
        "rows_by_province": account.rows_by_province(plan.provinces),
        "outcomes_by_list": {
            slug or "(sitemap)": {
                f"{outcome}{': ' * bool(reason)}{reason}": number
                for (outcome, reason), number in sorted(counts.items())
            }
            for slug, counts in sorted(outcomes.items())
        },
        "not_written": frontier.not_written(),
        "requisites": account.requisites.as_dict(),
        "templates": dict(account.templates.most_common()),
        "fields_without_value": {name: dict(c.most_common()) for name, c in sorted(account.unread.items())},
        "dates_disagree": account.dates_disagree,
        "services": {
            "verdicts": dict(Counter(service["verdict"] for service in account.services)),
            "checked": account.services,
        },
        "troubles": {"counts": dict(account.trouble_count.most_common()), "first": account.troubles},
        "responses": {
            key.rsplit("/", 1)[1]: value
            for key, value in sorted(stats.items())
            if key.startswith("downloader/response_status_count/")
        },
        "hosts": stats.get("hosts", {}),
        "warc": {
            "files": stats.get("warc/files", []),
            "records": stats.get("warc/records", 0),
            "bytes": stats.get("warc/bytes", 0),
        },
    }


def _note_robots(account: Account) -> None:
    """It costs the exit code only where lists or articles could not be asked of that host for it."""
    for host, what in account.robots.items():
        missed = host in account.page_hosts and what.endswith(NOTHING_ALLOWED)
        account.trouble("list" if missed else "requisite", f"{host}/robots.txt", f"robots.txt: {what}", None)


# How an article may end without any fault of the crawl: the site has taken it away, or moved it.
GONE = (
    "HTTP 404",
    "HTTP 410",
    "the page says that the article does not exist (soft 404)",
    "redirected to another page",
    "the page says that it is another article",
)


def exit_code(report: Report) -> int:
    """0: what was asked for was walked to its end. 1: it was not. 3: someone interrupted it."""
    if report["finish_reason"] == "shutdown":
        return 3
    missed = [
        trouble
        for trouble in report["troubles"]["counts"]
        if trouble.removeprefix("article: ") not in GONE and not trouble.startswith("requisite: ")
    ]
    nothing = report["articles"]["discovered"] == 0
    return (
        1 if missed or nothing or report["articles"]["open"] or report["finish_reason"] != "finished" else 0
    )


def as_text(report: Report, folder: str) -> str:
    """What a person wants to know when a crawl has ended: what came, what did not, and where it lies."""
    articles, warc = report["articles"], report["warc"]
    lines = ["", f"{'province':<24}{'articles':>9}"]
    for slug, number in report["rows_by_province"].items():
        name = BY_SLUG[slug].name_en if slug in BY_SLUG else slug
        lines.append(f"{name:<24}{number:>9,}")
    lines += [
        f"{'together':<24}{articles['written']:>9,}",
        "",
        f"{articles['discovered']:,} discovered = {articles['written']:,} written"
        f" + {articles['skipped']:,} skipped + {articles['failed']:,} failed + {articles['open']:,} open",
    ]
    lines += [f"  {count:>6,} × {reason}" for reason, count in _reasons(report)]
    lines += _requisite_lines(report["requisites"])
    verdicts = report["services"]["verdicts"]
    if set(verdicts) - {"confirmed"}:
        said = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.items())
        lines.append(f"services: {said} (see the report)")
    lines += [
        f"{warc['records']:,} WARC records, {warc['bytes']:,} bytes in {len(warc['files'])} files,"
        f" {report['seconds']:,.1f} s, run {report['run_id']}, {report['finish_reason']}",
        f"in {folder}",
    ]
    return "\n".join(lines)


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


def _reasons(report: Report) -> list[tuple[str, int]]:
    counts: Counter[str] = Counter()
    for outcomes in report["outcomes_by_list"].values():
        for reason, number in outcomes.items():
            if reason not in ("written", "open"):
                counts[reason] += number
    for reason, number in report["troubles"]["counts"].items():
        if not reason.startswith("article:"):
            counts[reason] += number
    return counts.most_common()
