"""``datapackage.json``: the release as Data Package 2.0 (datapackage.org), every file a resource."""

from __future__ import annotations

import re
from typing import Any

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"
ABOUT = "Versions of articles from the province sections of a Persian news site. See README.md."
_MEDIA = {
    ".zst": "application/zstd",
    ".gz": "application/gzip",
    ".parquet": "application/vnd.apache.parquet",
    ".json": "application/json",
    ".html": "text/html",
    ".md": "text/markdown",
}


def media_type(name: str) -> str:
    """
    >>> media_type("parquet/articles-2026-11-25-001.parquet")
    'application/vnd.apache.parquet'
    """
    return _MEDIA[name[name.rindex(".") :]]


def datapackage(manifest: dict[str, Any]) -> dict[str, Any]:
    """``manifest``: with the files of data that are to be named. Rows are described by ``schema.json``: a
    Table Schema knows no nested columns."""
    return {
        "$schema": PROFILE,
        "name": _slug(f"{manifest['collection']}-{manifest['release']}"),
        "title": f"Ostan: articles of {manifest['collection']}, release {manifest['release']}",
        "description": ABOUT,
        # created would be a clock's; the last capture says as much, and stays the same
        "version": manifest["release"],
        "licenses": [{"name": "other", "title": "The publisher's rights stand: see README.md"}],
        "resources": [_resource(line) for line in manifest["files"] if line["rows"] is not None],
    }


def _resource(line: dict[str, Any]) -> dict[str, Any]:
    path = line["path"]
    resource = {
        "name": _slug(path),
        "path": path,
        # "binary": a tool that knows the format's own name would want to read it as a flat table.
        "format": "binary",
        "mediatype": media_type(path),
        "bytes": line["bytes"],
        "hash": f"sha256:{line['sha256']}",
        "rowCount": line["rows"],
    }
    return resource if "tombstones" in path else resource | {"jsonSchema": "schema.json"}


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower())
