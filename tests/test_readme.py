"""Everything in the README runs as printed, in a folder that is made of the project's and nothing else."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.site import Site, running

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
NOT_HERE = {"make test"}  # it is what runs this test
LIVE = (
    "scrapy crawl provinces -a",
    "scrapy crawl recheck",
    "scrapy doctor",
    "scrapy schedule once",
)  # commands for the real site are run against the sample site

LASTING = "scrapy explore"  # goes on until it is told to stop


def examples() -> list[tuple[str, list[str]]]:
    """(command, lines printed under it) of every console block, in order."""
    found: list[tuple[str, list[str]]] = []
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                found[-1][1].append(line)
    return [example for example in found if example[0] not in NOT_HERE]


def pattern_of(printed: str) -> str:
    """Any figure may stand for a figure, in a column of any width; anything for an ellipsis."""
    escaped = re.sub(r"(?:\\ ){2,}", " +", re.escape(printed)).replace("…", ".*")
    return re.sub(r"[0-9](?:[0-9]|,|\\\.)*", r"[0-9,.]+", escaped).replace(r"[0-9,.]+T[0-9,.]+Z", r"\S+")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project's files as links, with an ``archives/`` of its own."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        if path.name not in ("archives", ".venv", ".git"):
            (folder / path.name).symlink_to(path)
    (folder / "archives").mkdir()
    (folder / ".venv").symlink_to(sys.prefix)
    return folder


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with running(5) as served:
        yield served


@pytest.mark.parametrize(("command", "printed"), examples(), ids=lambda value: str(value)[:60])
def test_runs_as_printed(command: str, printed: list[str], checkout: Path, site: Site) -> None:
    if command == "make demo":
        command += " ARTICLES=10"  # any figure may stand for a figure
    if command.startswith(LIVE):
        command += f" -s SITE_URL={site.url}"
    if command.startswith(LASTING):
        command += " --port 0 > lasting & for n in {1..600}; do grep -q . lasting && break; sleep 0.1; done;"
        command += " kill -INT $!; wait $!; cat lasting"
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    environment.pop("MAKEFLAGS", None)  # of the make that runs the tests
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=checkout,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.strip()
    wanted = [pattern_of(line) for line in printed if line.strip("… ")]
    lines = iter(done.stdout.splitlines())
    missing = [line for line in wanted if not any(re.fullmatch(line, printed_now) for printed_now in lines)]
    assert missing == [], f"in the README, but not printed (in this order):\n{done.stdout}"


def test_the_readme_has_examples_for_each_of_the_three() -> None:
    assert len(examples()) >= 8
    for heading in ("## For archivists", "## For data teams", "## For researchers"):
        assert heading in README
    assert "make test" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_schedule_it_prints_is_the_one_it_brings() -> None:
    (printed,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    brought = (ROOT / "docs" / "schedule.toml").read_text(encoding="utf-8")
    assert brought.partition("\n\n")[2] == printed
