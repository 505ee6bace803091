"""Rules and dashboard in docs/ ask for figures that there are, and the rules do what they say."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
UNPACKED = ROOT / ".judges" / "promtool" / "usr" / "bin" / "promtool"
PROMTOOL = str(UNPACKED) if UNPACKED.exists() else shutil.which("promtool")
needs_promtool = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not here: scripts/promtool")

# Name → labels beside "collection".
METRICS = {
    "ostan_articles": {"province", "state"},
    "ostan_run_articles": {"outcome"},
    "ostan_warc_bytes_total": set(),
    "ostan_run_failures": {"reason"},
    "ostan_province_lag_seconds": {"province"},
    "ostan_queue": {"kind"},
    "ostan_ledger_readable": set(),
    "ostan_notices_given_up": set(),
    "ostan_last_success_timestamp_seconds": {"crawl"},
    "ostan_last_run_timestamp_seconds": set(),
    "ostan_last_run_exit_code": set(),
    "ostan_disk_free_bytes": set(),
    "ostan_notices_waiting": set(),
}


@pytest.mark.parametrize("name", METRICS)
def test_the_names_are_those_of_the_figures(name: str) -> None:
    source = (ROOT / "crawler" / "metrics.py").read_text(encoding="utf-8")
    bare = name.removeprefix("ostan_").removesuffix("_total")
    assert f'"{bare}"' in source or f'"ostan_{bare}"' in source
    assert METRICS[name] <= set(re.findall(r'"([a-z]+)"', source))


def dashboard() -> dict[str, Any]:
    return dict(json.loads((DOCS / "grafana.json").read_text(encoding="utf-8")))


def expressions() -> list[tuple[str, str]]:
    """(where, PromQL) of the dashboard."""
    panels = [(panel["title"], target) for panel in dashboard()["panels"] for target in panel["targets"]]
    return [(title, target["expr"]) for title, target in panels]


@pytest.mark.parametrize("name", ["grafana.json", "alerts.yml", "alerts_test.yml"])
def test_only_figures_that_there_are(name: str) -> None:
    asked = set(re.findall(r"\bostan_\w+", (DOCS / name).read_text(encoding="utf-8")))
    assert asked
    assert asked - METRICS.keys() == set()


def test_the_dashboard_shows_every_figure() -> None:
    asked = {name for _, expression in expressions() for name in re.findall(r"\bostan_\w+", expression)}
    assert asked == METRICS.keys()


@pytest.mark.parametrize(("title", "expression"), expressions())
def test_panels_know_the_labels_and_the_collection(title: str, expression: str) -> None:
    for name, inside in re.findall(r"(ostan_\w+)\{(.*?)\}", expression):
        assert set(re.findall(r"(\w+)=~?", inside)) <= METRICS[name] | {"collection"}
        assert 'collection=~"$collection"' in inside
    known = {label for labels in METRICS.values() for label in labels} | {"collection"}
    legends = [t["legendFormat"] for p in dashboard()["panels"] if p["title"] == title for t in p["targets"]]
    grouped = re.findall(r"(?:by|without) \((\w+)", expression) + re.findall(
        r"\{\{(\w+)\}\}", " ".join(legends)
    )
    assert grouped
    assert set(grouped) <= known


def test_the_dashboard_imports_anywhere() -> None:
    """It names no data source of ours, but a variable that is chosen on import; each panel has its place."""
    board = dashboard()
    names = [variable["name"] for variable in board["templating"]["list"]]
    assert names == ["datasource", "collection"]
    assert board["templating"]["list"][0]["type"] == "datasource"
    sources = [panel["datasource"] for panel in board["panels"]]
    sources += [target["datasource"] for panel in board["panels"] for target in panel["targets"]]
    sources.append(board["templating"]["list"][1]["datasource"])
    assert all(source == {"type": "prometheus", "uid": "${datasource}"} for source in sources)
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(x + place["x"], y + place["y"]) for x in range(place["w"]) for y in range(place["h"])}
        assert cells & taken == set(), panel["title"]
        assert max(x for x, _ in cells) < 24
        taken |= cells


@needs_promtool
@pytest.mark.parametrize("words", [["check", "rules", "alerts.yml"], ["test", "rules", "alerts_test.yml"]])
def test_promtool_agrees(words: list[str]) -> None:
    done = subprocess.run([str(PROMTOOL), *words], cwd=DOCS, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@needs_promtool
def test_promtool_reads_the_dashboards_expressions(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$collection", ".*")}
        for number, (_, expression) in enumerate(expressions())
    ]
    (tmp_path / "rules.yml").write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    done = subprocess.run(
        [str(PROMTOOL), "check", "rules", "rules.yml"], cwd=tmp_path, capture_output=True, text=True
    )
    assert f"SUCCESS: {len(rules)} rules found" in done.stdout, done.stdout + done.stderr


def test_each_alert_is_tested() -> None:
    alerts = set(re.findall(r"- alert: (\w+)", (DOCS / "alerts.yml").read_text(encoding="utf-8")))
    tested = re.findall(r"alertname: (\w+)", (DOCS / "alerts_test.yml").read_text(encoding="utf-8"))
    assert alerts == set(tested)
    assert all(tested.count(alert) > 1 or alert == "OstanDiskFull" for alert in alerts), "silent first"
