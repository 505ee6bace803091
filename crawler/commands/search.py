"""``scrapy search WORDS``: articles of a collection by their words.

Exit codes: 0 something was found · 1 nothing was · 2 a wrong argument, or there is no index · 3 interrupted.
"""

from __future__ import annotations

import argparse
import json
import signal
import sqlite3
import sys
from contextlib import closing
from dataclasses import replace

from scrapy.commands import ScrapyCommand

from crawler.commands import end_on_ctrl_c
from crawler.commands.report import Wrong, chosen
from crawler.provinces import BY_SLUG
from crawler.report.shown import shown, shown_json
from crawler.search.asked import NAMES, Asked, read_asked
from crawler.search.find import MOST_COUNTED, MOST_RANKED, PAGE, Answer, Hit, find
from crawler.search.schema import NoIndex, connect_to_read

BOLD, PLAIN = "\x1b[1m", "\x1b[0m"


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return '"WORDS" [--province=… --since=… --until=… --tag=… --source=… --status=…] [--json]'

    def short_desc(self) -> str:
        return "Articles by their words, with or without half-spaces, in letters of any keyboard"

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.epilog = (
            'WORDS: all must occur, as beginnings of words; "a phrase" as it stands; -word must not occur. '
            "Without WORDS: all articles that fit. Exit codes: 0 found, 1 nothing, 2 wrong arguments."
        )
        parser.add_argument("--collection", metavar="NAME", help="where there are several")
        parser.add_argument("--province", "--provinces", default="", metavar="qom,IR-01", help="of these")
        parser.add_argument(
            "--since", default="", metavar="DAY", help="published on that day of Tehran or later"
        )
        parser.add_argument(
            "--until", default="", metavar="DAY", help="… or earlier; 1404-07-01 or 2025-09-23"
        )
        parser.add_argument("--tag", default="", help="with this tag")
        parser.add_argument("--source", default="", help="with this source")
        parser.add_argument("--status", default="", choices=("there", "edited", "gone"), help="as last seen")
        parser.add_argument("--order", default="rank", choices=("rank", "newest", "oldest"))
        parser.add_argument("--page", default="1", help=f"of {PAGE} articles")
        parser.add_argument(
            "--all", action="store_true", help=f"all pages, as far as {MOST_RANKED:,} articles"
        )
        parser.add_argument("--json", action="store_true", help="a line of JSON an article, with its row")

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        assert self.settings is not None
        end_on_ctrl_c()
        try:
            collection = chosen(self.settings["ARCHIVES"], opts.collection or self.settings["COLLECTION"])
            asked = read_asked({"text": " ".join(args)} | {name: getattr(opts, name) for name in NAMES[1:]})
            with closing(connect_to_read(collection.search)) as index:
                answer = find(index, collection, asked)
                for page in range(2, answer.pages + 1) if opts.all else ():
                    answer.hits.extend(find(index, collection, replace(asked, page=page)).hits)
        except (Wrong, NoIndex, ValueError) as error:
            self._wrong(str(error))
            return
        except sqlite3.Error as error:
            self._wrong(f"{collection.search}: {error}; scrapy index --rebuild makes it anew")
            return
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # whoever reads may have read enough
        self.exitcode = 0 if answer.hits else 1
        for hit in answer.hits:
            print(_as_json(hit) if opts.json else _as_text(hit))
        print(_sum(answer, asked), file=sys.stderr if opts.json else sys.stdout)

    def _wrong(self, what: str) -> None:
        print(f"error: {shown(what)}", file=sys.stderr)
        self.exitcode = 2


def _as_json(hit: Hit) -> str:
    snippet = "".join(piece for piece, _ in hit.text)
    told = {"id": hit.id, "status": hit.status, "snippet": snippet, "row": hit.row}
    return shown_json(json.dumps(told, ensure_ascii=False))


def _as_text(hit: Hit) -> str:
    published = (hit.row.get("published") or {}).get("jalali") or "no date"
    province = BY_SLUG[hit.province].name_en if hit.province in BY_SLUG else "no province"
    gone = ", gone" if hit.status == "gone" else ""
    versions = f", version {hit.versions}" if hit.versions > 1 else ""
    head = shown(f"{hit.id}  {published}  {province}{versions}{gone}")
    address = shown(str(hit.row.get("canonical_url")))
    kicker = [f"  {_marked(hit.kicker)}"] if hit.kicker else []
    tags = [f"  {_marked(hit.tags)}"] if hit.tags else []
    lines = [head, *kicker, f"  {_marked(hit.title)}", f"  {_marked(hit.text)}", *tags, f"  {address}", ""]
    return "\n".join(lines)


def _marked(pieces: list[tuple[str, bool]]) -> str:
    on, off = (BOLD, PLAIN) if sys.stdout.isatty() else ("", "")
    return "".join(f"{on}{shown(piece)}{off}" if meant else shown(piece) for piece, meant in pieces)


def _sum(answer: Answer, asked: Asked) -> str:
    total = f"more than {MOST_COUNTED:,}" if answer.total > MOST_COUNTED else f"{answer.total:,}"
    part = answer.pages > 1 and len(answer.hits) <= PAGE
    where = f", page {asked.page} of {answer.pages:,}" if part else ""
    return f"{total} articles{where}"
