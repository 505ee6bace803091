"""The index of a WACZ: CDXJ in packed blocks, and a list of the blocks (ZipNum).

Always so, though a small index could lie there plain: of a plain one ReplayWeb.page loads every line before
it shows anything, of this one a block or two a page. pywb unpacks either, but only one called ``.cdx`` or
``.cdx.gz``. The player makes keys anew from addresses and looks them up in the list; they are the same as
surt's for what a crawl asks for.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable
from itertools import islice
from pathlib import Path

from crawler.wacz.package import INDEXES, Package

LINES = 1024  # a block, as other makers of WACZ have it: some 50 kB packed
BLOCKS, LIST = "index.cdx.gz", "index.idx"


def add_index(package: Package, lines: Iterable[bytes], folder: Path) -> None:
    """``lines``: sorted. ``folder``: for what is made on the way: the list comes behind the blocks."""
    blocks, listed = folder / BLOCKS, folder / LIST
    offset, rest = 0, iter(lines)
    with blocks.open("wb") as packed, listed.open("wb") as index:
        index.write(_line("!meta 0", {"format": "cdxj-gzip-1.0", "filename": BLOCKS}))
        while block := list(islice(rest, LINES)):
            data = _packed(b"".join(block))
            packed.write(data)
            key = b" ".join(block[0].split(b" ", 2)[:2]).decode()
            digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
            index.write(_line(key, {"offset": offset, "length": len(data), "digest": digest}))
            offset += len(data)
    package.add_file(INDEXES + BLOCKS, blocks)
    package.add_file(INDEXES + LIST, listed, deflate=True)


def _line(key: str, told: dict[str, object]) -> bytes:
    return f"{key} {json.dumps(told)}\n".encode()


def _packed(block: bytes) -> bytes:
    """A gzip member without a time."""
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(block) + packer.flush()
