"""``croissant.json``: the release in the words of MLCommons' Croissant 1.0, every column with its source."""

from __future__ import annotations

from typing import Any

from crawler.dump.columns import Column, Kind, columns
from crawler.dump.datapackage import ABOUT, media_type
from crawler.items import SCHEMA_VERSION

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataBiases": "cr:dataBiases",
    "dataCollection": "cr:dataCollection",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "personalSensitiveInformation": "cr:personalSensitiveInformation",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}
_TYPES: dict[Kind, str] = {
    "text": "sc:Text",
    "integer": "sc:Integer",
    "truth": "sc:Boolean",
    "moment": "sc:DateTime",
}
_LINES = "lines"
_PARQUET = "parquet"


def croissant(manifest: dict[str, Any], licence: str, cite: str) -> dict[str, Any]:
    """``manifest``: with the files that are to be named. ``licence``: an address or words."""
    files = [line for line in manifest["files"] if line["rows"] is not None and "delta-" not in line["path"]]
    parquet = [line for line in files if line["path"].endswith(".parquet")]
    shards = [line for line in files if line not in parquet]
    source = _PARQUET if parquet else _LINES
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": f"ostan-{manifest['collection']}-{manifest['release']}",
        "description": ABOUT,
        "license": licence,
        "url": "README.md",
        "version": f"{SCHEMA_VERSION}.0",
        "inLanguage": "fa",
        # The last capture: a release has no clock of its own.
        "datePublished": manifest["fetched_at"]["last"],
        "citeAs": cite,
        "distribution": [
            *(_file(line) for line in [*parquet, *shards]),
            *([_set(_PARQUET, "parquet/*.parquet")] if parquet else []),
            _set(_LINES, f"articles-*.jsonl{_ending(shards)}"),
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": "articles",
                "name": "articles",
                "description": "One record is one version of one article.",
                "key": [{"@id": "articles/id"}, {"@id": "articles/version"}],
                "field": [_field(column, source) for column in columns()],
            }
        ],
    }


def _ending(shards: list[dict[str, Any]]) -> str:
    path: str = shards[0]["path"]
    return path[path.rindex(".") :]


def _file(line: dict[str, Any]) -> dict[str, Any]:
    return {
        "@type": "cr:FileObject",
        "@id": line["path"],
        "name": line["path"],
        "contentUrl": line["path"],
        "contentSize": f"{line['bytes']} B",
        "encodingFormat": media_type(line["path"]),
        "sha256": line["sha256"],
    }


def _set(name: str, pattern: str) -> dict[str, Any]:
    """Files that lie beside croissant.json: contained in nothing else."""
    return {
        "@type": "cr:FileSet",
        "@id": name,
        "name": name,
        "encodingFormat": "application/x-parquet" if name == _PARQUET else "application/jsonlines",
        "includes": pattern,
    }


def _field(column: Column, source: str) -> dict[str, Any]:
    """A list of structs is a repeated field of its parts; what lies inside a column is reached through it."""
    extract = {"column": column.name} if source == _PARQUET else {"jsonPath": f"$.{column.name}"}
    return _described(column, f"articles/{column.name}", "", {"fileSet": {"@id": source}, "extract": extract})


def _described(column: Column, path: str, inside: str, source: dict[str, Any]) -> dict[str, Any]:
    """``inside``: where it lies in its column, as a JSON path; "" for the column itself."""
    inner = column.parts[0] if column.kind == "list" else column
    field: dict[str, Any] = {"@type": "cr:Field", "@id": path, "name": path}
    if column.description:
        field["description"] = column.description
    if column.kind == "list":
        field["repeated"] = True
    field["source"] = source | ({"transform": {"jsonPath": inside}} if inside else {})
    if inner.kind != "struct":
        return field | {"dataType": _TYPES[inner.kind]}
    before = f"{inside}." if inside else ""
    parts = [
        _described(part, f"{path}/{part.name}", before + part.name, source)
        for part in inner.parts
        # mlcroissant 1.1 cannot read structs in a list in a struct: raw.related, raw.images
        if not (part.kind == "list" and part.parts[0].kind == "struct")
    ]
    return field | {"subField": parts}
