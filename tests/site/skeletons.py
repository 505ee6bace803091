"""The HTML of the pages without their texts: skeletons/*.html, each slot a $name."""

from __future__ import annotations

from pathlib import Path
from string import Template

_ALL = {
    file.stem: Template(file.read_text(encoding="utf-8"))
    for file in (Path(__file__).parent / "skeletons").glob("*.html")
}


def fill(skeleton: str, **slots: object) -> str:
    """A skeleton with its slots filled; all of them must be given."""
    return _ALL[skeleton].substitute(slots)
