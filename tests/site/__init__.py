"""The sample site: our own replica of the news site's content system, for the demo, tests and benchmarks."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, build_opener

_ROOT = Path(__file__).parents[2]
_open = build_opener(ProxyHandler({})).open


@dataclass(frozen=True)
class Site:
    """A sample site that is running."""

    url: str

    def truth(self) -> dict[str, Any]:
        """What is true of every article, of what is gone, and of the provinces."""
        return dict(self._json("/__truth__.json"))

    def log(self) -> list[dict[str, Any]]:
        """The requests so far."""
        return list(self._json("/__log__.json"))

    def forget(self) -> None:
        """Empty the log."""
        self._json("/__log__.json?clear=1")

    def change(self, **switches: str | float | bool) -> None:
        """Set switches of the weather, e.g. change(edits=50, unsorted=True); the others stay as they are.

        ValueError, with what is allowed: there is no such switch, or it does not take that value.
        """
        given = {name: int(value) if isinstance(value, bool) else value for name, value in switches.items()}
        try:
            self._json("/__weather__?" + urlencode(given))
        except HTTPError as wrong:
            raise ValueError(wrong.read().decode()) from None

    def _json(self, path: str) -> Any:
        with _open(self.url + path, timeout=300) as answer:
            return json.load(answer)


@contextmanager
def running(articles: int = 3, **switches: str | float | bool) -> Iterator[Site]:
    """Run the site on a free port, e.g. running(3, seed=7, rotate_ids=True, edits=5)."""
    command = [sys.executable, "-m", "tests.site", "--port", "0", "--articles", str(articles)]
    for name, value in switches.items():
        option = "--" + name.replace("_", "-")
        if value is True:
            command.append(option)
        elif value is not False:
            command += [option, str(value)]
    process = subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        line = process.stdout.readline()
        if not line.startswith("sample site: "):
            raise RuntimeError(f"the sample site did not start: {' '.join(command)}")
        yield Site(line.split()[2].rstrip("/"))
    finally:
        process.terminate()
        process.wait(20)
        process.stdout.close()
