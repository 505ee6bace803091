"""The schema that is committed is the schema of the code, and rows keep it."""

from __future__ import annotations

import json
from pathlib import Path

from crawler.items import Article
from crawler.schema import schema_text

COMMITTED = Path(__file__).parents[1] / "archives" / "schema.json"


def test_the_committed_schema_is_todays() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == schema_text(), "run: make schema"


def test_every_key_is_required_and_no_other_is_allowed() -> None:
    schema = json.loads(schema_text())
    for part in (schema, *schema["$defs"].values()):
        assert set(part["required"]) == set(part["properties"])
        assert part["additionalProperties"] is False
    assert list(schema["properties"]) == list(Article.model_fields)
