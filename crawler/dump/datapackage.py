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
}


def media_type(name: str) -> str:
    """
    >>> media_type("parquet/articles-2026-11-25-001.parquet")
    'application/vnd.apache.parquet'
    """
    return _MEDIA[name[name.rindex(".") :]]


def datapackage(manifest: dict[str, Any]) -> dict[str, Any]:
    """``manifest``: with the files that are to be named. Rows are described by ``schema.json``, for a
    Table Schema knows no nested columns."""
    return {
        "$schema": PROFILE,
        "name": _slug(f"{manifest['collection']}-{manifest['release']}"),
        "title": f"Ostan: articles of {manifest['collection']}, release {manifest['release']}",
        "description": ABOUT,
        # created would be a clock's; the last capture says as much, and stays the same
        "version": manifest["release"],
        "licenses": [{"name": "other", "title": "The publisher's rights stand: see README.md"}],
        "resources": [_resource(line) for line in manifest["files"]],
    }


def _resource(line: dict[str, Any]) -> dict[str, Any]:
    path = line["path"]
    resource = {
        "name": _slug(path),
        "path": path,
        "format": path.rpartition("/")[2].partition(".")[2],
        "mediatype": media_type(path),
        "bytes": line["bytes"],
        "hash": f"sha256:{line['sha256']}",
    }
    if line["rows"] is not None:
        resource["rows"] = line["rows"]
        if "tombstones" not in path:
            resource["jsonSchema"] = "schema.json"
    return resource


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", text.lower())
