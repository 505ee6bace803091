"""``make demo``: the main job on the sample site: crawl, WARC, JSON Lines, report."""

from __future__ import annotations

import argparse
import shlex
import socket
import subprocess
import sys
from pathlib import Path

from tests.site import running

PORT = 8765


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--archives", type=Path, default=Path("archives"))
    parser.add_argument("--articles", type=int, default=40, help="articles a province")
    options = parser.parse_args()
    with running(options.articles, port=PORT if is_free(PORT) else 0) as site:
        print(f"sample site at {site.url}: 31 provinces, {options.articles} articles each", flush=True)
        settings = {
            "SITE_URL": site.url,
            "ARCHIVES": options.archives,
            "COLLECTION": "demo",
        }
        words = ["crawl", "provinces"]
        for name, value in settings.items():
            words += ["-s", f"{name}={value}"]
        if (options.archives / "demo").exists():
            print(f"{options.archives}/demo is there already: only what is new in it is fetched", flush=True)
        print("+ scrapy", shlex.join(words), flush=True)
        return subprocess.run([sys.executable, "-m", "scrapy", *words]).returncode


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


if __name__ == "__main__":
    sys.exit(main())
