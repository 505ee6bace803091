"""``README.md`` of a release: a dataset card as Hugging Face reads it, types said, and what to know."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crawler.dump.columns import Column, columns, features

LICENCE = "The texts are the publisher's: their rights stand. See README.md, section Rights and takedown."
# Schema of the rows → what it changed; the newest first.
SCHEMA_CHANGES = {
    "1.2": "`dates` with their rules; `search_key`; `restored`; `raw.published_feed`, `raw.crumbs`",
    "1.1": "Versions count up; tombstones: `raw` and `template` are null where the article is gone",
    "1.0": "The first",
}


def card(manifest: dict[str, Any], cite: str) -> str:
    """Markdown with YAML in front. ``manifest``: with all files but the card and itself."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=False,  # Markdown, of our own words and names that were checked
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    return environment.get_template("card.md").render(
        front="\n".join(_yaml(_front(manifest))),
        columns=list(_described(columns())),
        changes=SCHEMA_CHANGES,
        cite=cite,
        size=f"{manifest['rows']:,}",
        parquet=_has_parquet(manifest),
        **manifest,
    )


def cite_as(manifest: dict[str, Any]) -> str:
    """How a release is cited. It names its captures' days, for a release has no clock of its own."""
    first, last = (manifest["fetched_at"][end][:10] for end in ("first", "last"))
    return (
        f"Ostan {manifest['code_version']}, collection {manifest['collection']}, "
        f"release {manifest['release']} (captures of {first} to {last})"
    )


def _front(manifest: dict[str, Any]) -> dict[str, Any]:
    pattern, moment = "articles-*.jsonl.*", "string"
    if _has_parquet(manifest):
        # Only one of both: Hugging Face reads all data of a card as one format.
        pattern, moment = "parquet/*.parquet", "timestamp[us, tz=UTC]"
    return {
        "license": "other",
        "license_name": "publisher-rights",
        "license_link": "README.md",
        "language": ["fa"],
        "pretty_name": f"Ostan: province news of {manifest['collection']}, {manifest['release']}",
        "size_categories": [_size_category(manifest["rows"])],
        "configs": [{"config_name": "default", "data_files": [{"split": "train", "path": pattern}]}],
        "dataset_info": {"config_name": "default", "features": features(columns(), moment)},
    }


def _has_parquet(manifest: dict[str, Any]) -> bool:
    return any(line["path"].endswith(".parquet") for line in manifest["files"])


def _size_category(rows: int) -> str:
    """
    >>> _size_category(999), _size_category(1000), _size_category(10**13)
    ('n<1K', '1K<n<10K', 'n>1T')
    """
    names = ["1K", "10K", "100K", "1M", "10M", "100M", "1B", "10B", "100B", "1T"]
    for power, name in enumerate(names):
        if rows < 10 ** (power + 3):
            return f"{names[power - 1]}<n<{name}" if power else f"n<{name}"
    return f"n>{names[-1]}"


def _yaml(value: Any, indent: str = "") -> Iterator[str]:
    """Lines of YAML; every scalar as JSON writes it, which YAML reads as it is meant."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if isinstance(inner, dict | list) and inner:
                yield f"{indent}{key}:"
                yield from _yaml(inner, indent + "  ")
            else:
                yield f"{indent}{key}: {json.dumps(inner, ensure_ascii=False)}"
        return
    for inner in value:
        if isinstance(inner, dict | list):
            first, *rest = _yaml(inner, indent + "  ")
            yield f"{indent}- {first.lstrip()}"
            yield from rest
        else:
            yield f"{indent}- {json.dumps(inner, ensure_ascii=False)}"


def _described(found: Iterable[Column], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    """(path, type, description), parts behind what they are parts of."""
    for column in found:
        path = f"{prefix}{column.name}"
        inner = column.parts[0] if column.kind == "list" else column
        kind = f"list of {inner.kind}" if column.kind == "list" else column.kind
        yield path, kind, column.description.replace("|", "\\|")
        if inner.kind == "struct":
            yield from _described(inner.parts, f"{path}.")
