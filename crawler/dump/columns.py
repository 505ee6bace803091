"""The columns of a dump with their types, read from the schema of the rows, and said in other tools' words.

Moments are texts with their offset in JSON Lines, and points in time (UTC) in Parquet.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from crawler.items import Article
from crawler.schema import schema_text

Kind = Literal["text", "integer", "truth", "moment", "list", "struct"]
_KINDS: dict[str, Kind] = {"string": "text", "integer": "integer", "boolean": "truth"}
_NEAR_DUP_OF = (
    "id of the earliest article that tells the same story in nearly the same words; the dump's own key"
)


@dataclass(frozen=True, slots=True)
class Column:
    """``parts``: of a struct its columns, of a list the one that each of its elements is."""

    name: str
    kind: Kind
    parts: tuple[Column, ...] = ()
    description: str = ""


def dump_schema_text() -> str:
    """The JSON Schema of a dump's row: that of the archive's rows, and the key that the dump adds."""
    schema = json.loads(schema_text())
    schema["properties"]["near_dup_of"] = {
        "anyOf": [{"type": "string"}, {"type": "null"}],
        "title": "Near Dup Of",
        "description": _NEAR_DUP_OF,
    }
    schema["required"].append("near_dup_of")
    schema["title"] = f"{schema['title']}, dumped"
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


@cache
def columns() -> tuple[Column, ...]:
    """The columns in the order of a row's keys."""
    schema = json.loads(dump_schema_text())
    # Moments are written by a serialiser of ours, so only the schema of reading says which they are.
    reading = Article.model_json_schema(by_alias=True, mode="validation")
    return _columns_of(schema, schema, reading, reading)


def _columns_of(
    node: dict[str, Any], schema: dict[str, Any], twin: dict[str, Any], reading: dict[str, Any]
) -> tuple[Column, ...]:
    twins = twin.get("properties", {})
    return tuple(
        _column(name, part, schema, twins.get(name, {}), reading) for name, part in node["properties"].items()
    )


def _column(
    name: str, node: dict[str, Any], schema: dict[str, Any], twin: dict[str, Any], reading: dict[str, Any]
) -> Column:
    told = str(node.get("description", ""))
    node, twin = _resolved(node, schema), _resolved(twin, reading)
    if node["type"] == "object":
        return Column(name, "struct", _columns_of(node, schema, twin, reading), told)
    if node["type"] == "array":
        return Column(
            name, "list", (_column("item", node["items"], schema, twin.get("items", {}), reading),), told
        )
    return Column(name, "moment" if twin.get("format") == "date-time" else _KINDS[node["type"]], (), told)


def _resolved(node: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The part of the schema that a node means: behind ``or null`` and references."""
    for option in node.get("anyOf", []):
        if option.get("type") != "null":
            return _resolved(option, schema)
    if "$ref" in node:
        found: dict[str, Any] = schema["$defs"][node["$ref"].rpartition("/")[2]]
        return found
    return node


# -- DuckDB ----------------------------------------------------------------------------------------

_SQL: dict[Kind, str] = {"text": "VARCHAR", "integer": "BIGINT", "truth": "BOOLEAN", "moment": "TIMESTAMPTZ"}


def sql_type(column: Column) -> str:
    """
    >>> sql_type(Column("tags", "list", (Column("item", "text"),)))
    'VARCHAR[]'
    """
    if column.kind == "list":
        return f"{sql_type(column.parts[0])}[]"
    if column.kind == "struct":
        parts = (f'"{part.name}" {sql_type(part)}' for part in column.parts)
        return f"STRUCT({', '.join(parts)})"
    return _SQL[column.kind]


# -- Hugging Face ----------------------------------------------------------------------------------

_FEATURE: dict[Kind, str] = {"text": "string", "integer": "int64", "truth": "bool"}


def features(found: tuple[Column, ...], moment: str) -> list[dict[str, Any]]:
    """``dataset_info.features``. ``moment``: the type of moments, other in Parquet than in JSON Lines."""
    return [{"name": column.name} | _feature(column, moment) for column in found]


def _feature(column: Column, moment: str) -> dict[str, Any]:
    if column.kind == "struct":
        return {"struct": features(column.parts, moment)}
    if column.kind == "list":
        item = _feature(column.parts[0], moment)
        return {"list": item["struct"] if "struct" in item else item.get("dtype", item)}
    return {"dtype": _FEATURE.get(column.kind, moment)}
