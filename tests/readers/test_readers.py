"""Releases opened by the programs that data teams have: the README's examples, and awkward rows.

Run by `make readers`, which sets up those programs (870 MB); left out, and said so, where they are not.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.dump.releases import dumped
from tests.dump.rows import article, written

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".readers" / "bin" / "python"
README = (ROOT / "README.md").read_text(encoding="utf-8")
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="the readers are not set up: make readers")
# Without network: what asks for it fails here and not on somebody's desk.
ENVIRONMENT = {
    "PATH": "/usr/bin:/bin",
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_OFFLINE": "1",
    "HOME": "/nonexistent",
}


def run(code: str, folder: Path) -> str:
    environment = ENVIRONMENT | {"HF_HOME": str(folder / "hf"), "TMPDIR": str(folder)}
    done = subprocess.run([PYTHON, "-c", code], cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the releases that the README speaks of, of a hundred made-up articles."""
    folder = tmp_path_factory.mktemp("desk")
    rows = [article(number, day=number % 3) for number in range(100)]
    collection = written(folder / "archives", {"a": rows}, name="demo")
    dumped(collection, "2026-11")
    dumped(collection, "2026-11-qom", gzip=True)
    return folder


BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_readme_has_an_example_for_each() -> None:
    for name in ("duckdb", "pandas", "polars", "datasets"):
        assert any(f"import {name}" in block for block in BLOCKS), name


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.split("\n")[0])
def test_an_example_of_the_readme_runs(block: str, desk: Path) -> None:
    assert run(block, desk).strip()


@pytest.mark.skipif(shutil.which("jq") is None, reason="jq is not here")
def test_the_example_for_jq_runs(desk: Path) -> None:
    (block,) = (block for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL) if "jq" in block)
    done = subprocess.run(["bash", "-euo", "pipefail", "-c", block], cwd=desk, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert len(done.stdout.splitlines()) == 2


COUNTS = {
    "duckdb": "import duckdb; print(len(duckdb.sql(\"FROM '{0}/parquet/*.parquet'\").fetchall()))",
    "pandas": "import pandas; print(len(pandas.read_parquet('{0}/parquet')))",
    "polars": "import polars; print(polars.read_parquet('{0}/parquet/*.parquet').height)",
    "datasets": "import datasets; print(len(datasets.load_dataset('{0}', split='train')))",
}


@pytest.mark.parametrize("reader", COUNTS)
def test_awkward_rows_are_read_whole(reader: str, tmp_path: Path) -> None:
    """A torn line; a shard in which a column is null throughout; provinces without any article."""
    rows = [article(number, day=number % 2, lead=None if number % 2 else "لید") for number in range(20)]
    collection = written(tmp_path / "archives", {"a": rows})
    with (collection.articles / "a.jsonl").open("ab") as stream:
        stream.write(b'{"id": "yjc:99", "torn')
    built = dumped(collection, "r1")
    assert len(built.faults) == 1
    assert run(COUNTS[reader].format(built.release.folder), tmp_path).split()[-1] == "20"


def test_frictionless_and_mlcroissant_find_nothing_wrong(desk: Path) -> None:
    release = desk / "archives" / "demo" / "dumps" / "2026-11"
    for command in (
        ["frictionless", "validate", "datapackage.json"],
        ["mlcroissant", "validate", "--jsonld", "croissant.json"],
    ):
        program = str(PYTHON.with_name(command[0]))
        done = subprocess.run(
            [program, *command[1:]],
            cwd=release,
            env=ENVIRONMENT | {"HOME": str(desk)},
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "error" not in done.stdout.lower().replace("0 errors", "")
