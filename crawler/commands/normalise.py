"""``scrapy normalise text|date [STRING|-]``: what the pipeline makes of a string, and by which rule."""

from __future__ import annotations

import argparse
import os
import sys
import unicodedata
from collections import Counter
from datetime import UTC, datetime

from scrapy.commands import ScrapyCommand
from scrapy.exceptions import UsageError

from crawler.dating import read_date
from crawler.normalise import dates, text
from crawler.normalise.lexicon import NoLexicon
from crawler.normalise.restore import has_lost_half_spaces, restore


class Command(ScrapyCommand):
    requires_project = True
    requires_crawler_process = False

    def syntax(self) -> str:
        return "text|date [--explain] [STRING|-]"

    def short_desc(self) -> str:
        return "Show what the pipeline makes of a text or a date"

    def long_desc(self) -> str:
        return f"{self.short_desc()}. Without STRING, or with -, it is read from stdin: dates, one a line."

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        super().add_options(parser)
        parser.add_argument("--explain", action="store_true", help="with the rules, and all that is known")
        parser.add_argument("--restore", action="store_true", help="text: put lost half-spaces back")
        parser.add_argument(
            "--now", help="date: when it was fetched, ISO 8601 with an offset; now if not given"
        )

    def run(self, args: list[str], opts: argparse.Namespace) -> None:
        if not args or args[0] not in ("text", "date"):
            raise UsageError("say what the string is: text or date", print_help=False)
        now, words = _moment(opts.now), _words(args[1:])
        piped = words in ([], ["-"])
        string = _stdin() if piped else " ".join(words)
        try:
            if args[0] == "text":
                self._text(string, opts)
            elif piped:
                for line in string.splitlines() or [""]:
                    if not self._date(line, now, opts.explain):
                        print()  # line for line what was asked
            else:
                self._date(string, now, opts.explain)
            sys.stdout.flush()
        except BrokenPipeError:  # whoever reads has enough; nothing more may be written, at the end neither
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

    def _text(self, raw: str, opts: argparse.Namespace) -> None:
        clean = text.canon(raw)
        try:
            shown = restore(clean) if opts.restore else clean
            if not opts.explain:
                print(shown, end="" if shown.endswith("\n") else "\n")
                return
            print(f"text        {shown}")
            print(f"search key  {text.search_key(raw)}")
            for rule, before, after in text.explain(raw):
                print(f"rule        {rule}: {_difference(before, after)}")
            if opts.restore:
                lost = "shows" if has_lost_half_spaces(clean) else "does not show"
                put = shown.count(text.ZWNJ) - clean.count(text.ZWNJ)
                print(f"restored    {put} half-spaces; the text {lost} signs of having lost them")
        except NoLexicon as error:
            raise UsageError(str(error), print_help=False) from None

    def _date(self, raw: str, now: datetime, explain: bool) -> bool:
        found, dated = dates.read(raw, now), read_date(raw, "printed", now)
        if dated.at is None or isinstance(found, dates.Refusal):
            print(f"refused: {dated.refused}" + (f" ({raw.strip()})" if raw.strip() else ""), file=sys.stderr)
            self.exitcode = 1
            return False
        print(dated.at.isoformat())
        if explain:
            print(f"jalali     {dated.jalali}")
            print(f"rule       {found.rule}")
            print(f"precision  {found.precision}")
            print(f"calendar   {found.calendar}")
            if found.fold:
                print("fold       the clocks were changed in that hour: it came twice, or never")
        return True


def _words(words: list[str]) -> list[str]:
    """Scrapy takes an option that it does not know for an argument."""
    if words[:1] == ["--"]:
        return words[1:]
    for word in words:
        if word.startswith("-") and word != "-":
            raise UsageError(f"no such option: {word}; write -- before a string like that", print_help=False)
    return words


def _stdin() -> str:
    if sys.stdin.isatty():
        raise UsageError("no string given: write one, or send it to stdin", print_help=False)
    # Whatever the terminal's encoding is: pages, rows and dumps are UTF-8.
    try:
        return sys.stdin.buffer.read().decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError(f"stdin is not UTF-8: {error}", print_help=False) from None


def _moment(now: str | None) -> datetime:
    if now is None:
        return datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(now)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not 1900 < moment.year < 2200:
        raise UsageError(f"--now={now}: write 2026-11-26T12:00+03:30", print_help=False)
    return moment


def _difference(before: str, after: str) -> str:
    """Which characters went and came, and how many.

    >>> _difference("علي", "علی")
    'ARABIC LETTER YEH → ARABIC LETTER FARSI YEH'
    """
    gone, come = Counter(before) - Counter(after), Counter(after) - Counter(before)
    return f"{_names(gone) or 'moved'} → {_names(come) or 'nothing'}"


def _names(characters: Counter[str]) -> str:
    return ", ".join(
        unicodedata.name(character, f"U+{ord(character):04X}") + (f" × {count}" if count > 1 else "")
        for character, count in sorted(characters.items())
    )
