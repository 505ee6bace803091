"""``scrapy replay URL``: what an address said at a time: in a browser, as a file, or its exchange as text.

Exit codes: 0 shown, written or printed · 1 the archive has no such capture · 2 wrong arguments.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

from scrapy.commands import ScrapyCommand

from crawler.collection import Collection
from crawler.commands.explore import add_ports, show
from crawler.commands.report import Wrong, chosen
from crawler.disk import replaced
from crawler.replay.archive import Answer, Archive, NotHeld
from crawler.replay.moment import read_moment, stamp_of, told
from crawler.replay.named import captured_as
from crawler.report.shown import shown
from crawler.warc.beside import heads_of
from crawler.warc.members import TornMember


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "URL [--at=1404-07-02T12:00] [--save=FILE | --headers]"

    def short_desc(self) -> str:
        return "A capture of an address as of a time: in the browser, as a file, or its headers"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.epilog = (
            "Without --at the last capture; with it the last one until then, or the first one after. Times "
            "are of Tehran: 1404-07-02, 1404-07-02T12:00, 2025-09-24T12:00; or 14 digits of UTC, as archives "
            "write them."
        )
        parser.add_argument("--collection", metavar="NAME", help="where there are several")
        parser.add_argument("--at", default="", metavar="TIME", help="as of that time")
        form = parser.add_mutually_exclusive_group()
        form.add_argument(
            "--save", metavar="FILE", help="write the payload, its content-encoding taken off; - prints it"
        )
        form.add_argument(
            "--headers", action="store_true", help="print request and response heads, as they were sent"
        )
        add_ports(parser)

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        try:
            if len(args) != 1 or not re.match(r"https?://|[a-z0-9.-]+:[0-9]+$", args[0]):
                raise Wrong("replay takes one URL, or the id of an article such as yjc:9012345")
            at = read_moment(opts.at) if opts.at else datetime.now(UTC)
            collection = chosen(self.settings["ARCHIVES"], opts.collection or self.settings["COLLECTION"])
        except (Wrong, ValueError) as error:
            self._wrong(error, 2)
            return
        try:
            self._give(collection, args[0], at, opts)
        except (NotHeld, OSError) as error:
            self._wrong(error, 1)

    def _give(self, collection: Collection, url: str, at: datetime, opts: argparse.Namespace) -> None:
        assert self.settings is not None
        archive = Archive(collection)
        entry = archive.as_of(captured_as(archive, url), at)
        answer = archive.opened(entry)
        if opts.at and answer.at > at:
            print("note: nothing was captured by then; this is the first capture after it", file=sys.stderr)
        if opts.headers:
            print(_heads(collection, answer))
        elif opts.save:
            _save(answer, opts.save)
        else:
            step = f"{collection.name}/replay/{stamp_of(at)}/{entry.url}"
            self.exitcode = show(self.settings["ARCHIVES"], self.settings["SCHEDULE"], opts, step)

    def _wrong(self, error: Exception, code: int) -> None:
        print(f"error: {error}", file=sys.stderr)
        self.exitcode = code


def _save(answer: Answer, name: str) -> None:
    if name == "-":
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may have read enough
        sys.stdout.buffer.write(answer.body)
        return
    path = Path(name)
    if path.exists():
        raise FileExistsError(f"{path} is there already; choose another name")
    with replaced(path) as stream:
        stream.write(answer.body)
    status = "" if answer.said.status == 200 else f", HTTP {answer.said.status}"
    print(f"{path}: {len(answer.body):,} bytes, captured {_when(answer)}{status}{_coding(answer)}")


def _when(answer: Answer) -> str:
    return f"{' / '.join(told(answer.at))} (Tehran)"


def _coding(answer: Answer) -> str:
    return f", still {answer.coding}" if answer.coding else ""


def _heads(collection: Collection, answer: Answer) -> str:
    """The exchange as text; what would not be seen is spelled out."""
    path = collection.warc / answer.entry.filename
    try:
        request, response = heads_of(path, answer.entry.offset)
    except TornMember as torn:
        raise NotHeld(f"the archive has no whole record: {path} {torn}") from None
    pointer = answer.said.pointer
    lines = [
        f"captured {_when(answer)}, {pointer.file} at {pointer.offset}, {pointer.record_id}",
        *(
            [f"a revisit: the payload is that of {answer.original.pointer.date}"]
            if answer.said.refers_to
            else []
        ),
        "",
        *request.decode("latin-1").splitlines(),
        "",
        *response.decode("latin-1").splitlines(),
    ]
    return "\n".join(shown(line) for line in lines).rstrip()
