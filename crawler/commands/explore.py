"""``scrapy explore``: coverage, search, articles and their versions, replay, in a browser on this machine."""

from __future__ import annotations

import argparse
import sys
import webbrowser
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.explorer.serving import HOME, Ports, serve
from crawler.explorer.shelf import Shelf

PORT = 8080


def add_ports(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=PORT, help=f"of the pages ({PORT}); 0: any that is free")
    parser.add_argument("--replay-port", type=int, metavar="PORT", help="of what is replayed (the next one)")
    parser.add_argument("--open", action="store_true", help="also open it in the browser of this machine")


def show(archives: str, schedule: str, opts: argparse.Namespace, step: str) -> int:
    """Serve until stopped; ``step``: where to begin, without the first slash. The exit code."""
    for name in ("port", "replay_port"):
        if not 0 <= (getattr(opts, name) or 0) < 65_536:
            print(f"error: --{name.replace('_', '-')}: a port is a number up to 65535", file=sys.stderr)
            return 2
    shelf = Shelf(archives, Path(schedule).expanduser())
    if not shelf.collections():
        print(
            f"error: no collection lies in {archives}; name another folder with -s ARCHIVES=…",
            file=sys.stderr,
        )
        return 2
    try:
        ports = Ports(opts.port, opts.replay_port)
    except OSError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    address = f"http://{HOME}:{ports.number}/{step}"

    def ready() -> None:
        print(f"{address}  (Ctrl-C ends it)", flush=True)
        if opts.open:
            webbrowser.open(address)

    serve(shelf, ports, ready)
    return 0


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return f"[--port={PORT}] [--open]"

    def short_desc(self) -> str:
        return "A local web page: coverage, search, articles and their versions, replay; no internet"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        add_ports(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        if args:
            print(f"error: {args[0]!r}: explore takes no such argument", file=sys.stderr)
            self.exitcode = 2
            return
        self.exitcode = show(self.settings["ARCHIVES"], self.settings["SCHEDULE"], opts, "")
