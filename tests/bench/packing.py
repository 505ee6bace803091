"""``python -m tests.bench.packing WARC…``: what packing a record costs, by library and level.

zlib-ng is no requirement of ours: ``pip install zlib-ng`` adds it to the table.
"""

from __future__ import annotations

import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path

from isal import isal_zlib

from crawler.warc.members import members
from crawler.warc.packing import GZIP

MOST_RECORDS = 10_000
Pack = Callable[[bytes], bytes]


def packers() -> dict[str, Pack]:
    found: dict[str, Pack] = {
        f"zlib {level}": lambda data, level=level: zlib.compress(data, level, GZIP) for level in (1, 6, 9)
    }
    try:
        from zlib_ng import zlib_ng
    except ImportError:
        print("zlib-ng is not installed: left out")
    else:
        found |= {
            f"zlib-ng {level}": lambda data, level=level: zlib_ng.compress(data, level, GZIP)
            for level in (1, 6)
        }
    return found | {
        f"isal {level}": lambda data, level=level: isal_zlib.compress(data, level, GZIP) for level in range(4)
    }


def main(paths: list[str]) -> None:
    found = [member.record for path in paths for member in members(Path(path))][:MOST_RECORDS]
    print(f"{len(found):,} records, {sum(map(len, found)):,} bytes")
    for name, pack in packers().items():
        start = time.process_time()
        size = sum(len(pack(record)) for record in found)
        used = time.process_time() - start
        print(f"{name:<10}{1e6 * used / len(found):>8.0f} us CPU a record {size:>13,} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
