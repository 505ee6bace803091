"""The house's rules, held: who may import what, how long a file may be, where selectors and paths stand."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HOUSE = ROOT / "crawler"
FILES = sorted(HOUSE.rglob("*.py"))

# Rooms from top to bottom: an import may only run downward in this list.
ROOMS = [
    "commands",
    "extensions",
    "spiders",
    "middlewares",
    "gate",
    "causes",
    "pipelines",
    "explorer",
    "service",
    "metrics",
    "notices",
    "report",
    "wacz",
    "reextract",
    "dump",
    "doctor",
    "replay",
    "search",
    "schedule",
    "account",
    "arguments",
    "extract",
    "clean",
    "dating",
    "schema",
    "rows",
    "ledger",
    "items",
    "pages",
    "sites",
    "cities",
    "provinces",
    "normalise",
    "identity",
    "warc",
    "collection",
    "disk",
    "politeness",
    "logs",
    "secret",
]
# Only these bear Scrapy's words.
ADAPTERS = re.compile(
    r"settings|spiders\b.*|pipelines|middlewares|gate|causes|extensions\b.*|commands\b.*|warc\.(capture|hooks|recorder)"
)


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(HOUSE).with_suffix("").parts).removesuffix(".__init__")


def imports_of(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def own_imports(path: Path) -> set[str]:
    modules = {module_of(file) for file in FILES}
    return {
        name.removeprefix("crawler.") for name in imports_of(path) if name.startswith("crawler.")
    } & modules


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_only_adapters_import_scrapy_or_twisted(path: Path) -> None:
    foreign = {name.split(".")[0] for name in imports_of(path)} & {"scrapy", "twisted"}
    assert not foreign or ADAPTERS.fullmatch(module_of(path))


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_imports_run_downward(path: Path) -> None:
    here = module_of(path).split(".")[0]
    if here in ("", "settings", "__init__"):
        return
    for target in own_imports(path):
        there = target.split(".")[0]
        assert there == here or ROOMS.index(there) > ROOMS.index(here), f"{here} imports {target}: upward"


def test_no_circle() -> None:
    graph = {module_of(path): own_imports(path) for path in FILES}
    # A package's __init__ that gathers its own modules is no circle: they do not import it back.
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, f"circle: {' → '.join((*way, module))}"
        if module not in done:
            for target in graph[module]:
                visit(target, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


@pytest.mark.parametrize("path", [*FILES, *sorted((ROOT / "tests").rglob("*.py"))], ids=lambda p: p.name)
def test_no_file_over_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_selectors_live_in_pages(path: Path) -> None:
    if not module_of(path).startswith("pages"):
        assert not re.search(r"\.(css|xpath)\(", path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=module_of)
def test_nothing_kills_half_spaces(path: Path) -> None:
    """Each of these has eaten the ZWNJ of somebody's corpus."""
    text = path.read_text(encoding="utf-8")
    assert "isprintable" not in text
    assert not re.search(r"u200b-\\u200f", text)


def test_settings_have_no_commented_out_lines() -> None:
    text = (HOUSE / "settings.py").read_text(encoding="utf-8")
    assert not re.search(r"^\s*#\s*[A-Z_]+\s*=", text, re.MULTILINE)


def test_every_setting_of_ours_and_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    own = (HOUSE / "settings.py").read_text(encoding="utf-8").split("# Ours.")[1]
    names = re.findall(r"^([A-Z_]+) =", own, re.MULTILINE)
    commands = [path.stem for path in (HOUSE / "commands").glob("[a-z]*.py")]
    assert names
    assert [name for name in names if f"`{name}`" not in readme] == []
    assert [name for name in commands if f"scrapy {name}" not in readme] == []
