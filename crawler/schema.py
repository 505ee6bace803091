"""``python -m crawler.schema``: the JSON Schema (2020-12) of a row, as ``archives/schema.json`` holds it."""

from __future__ import annotations

import json

from crawler.items import SCHEMA_VERSION, Article


def schema_text() -> str:
    """The schema as text, the same on every machine."""
    body = Article.model_json_schema(by_alias=True, mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Ostan article, schema {SCHEMA_VERSION}",
    }
    return json.dumps(head | body | {"title": head["title"]}, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
