"""Prints the tables of text and dates: ours beside hazm, shekar and dateparser, on the tests' own strings."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from time import process_time
from typing import Any

from crawler.normalise.dates import read
from crawler.normalise.lexicon import lexicon
from crawler.normalise.restore import restore
from crawler.normalise.text import canon, search_key
from tests.normalise import date_cases, spec_dates, spec_refused, spec_same, spec_texts, text_cases
from tests.normalise.half_spaces import Z, gold, places, shares

CHANGED = [*text_cases.CHANGED, *spec_texts.CHANGED]
SAME = [*text_cases.SAME, *spec_same.SAME]
READ = [*((raw, at) for raw, at, *_ in date_cases.READ), *((raw, at) for raw, at, _ in spec_dates.READ)]
REFUSED = [raw for raw, _ in (*date_cases.REFUSED, *spec_refused.REFUSED)]
PEERS = Path(".peers")
# As an old page may have it: letters of the Arabic keyboard, no-break spaces, a stroke here and there.
LONG = (gold() * 100).replace("ی", "ي").replace("ک", "ك").replace(" و ", "\xa0و ").replace("سا", "ســا")
SHARE = 20  # a library is timed on this part of it: some take a minute for the whole
MEGABYTES = len(LONG.encode()) / 1e6


def main() -> None:
    texts()
    half_spaces()
    dates()


def texts() -> None:
    strings = [raw for raw, _ in CHANGED] + SAME
    print(f"{len(CHANGED)} texts to change, {len(SAME)} to leave alone; speed: {MEGABYTES:.1f} MB of news")
    table("", "right", "damaged", "the same again", "MB/s")
    once = [canon(text) for text in strings]
    ours = {"seconds": timed(canon, LONG), "once": once, "again": [canon(text) for text in once]}
    table("canon", *text_shares(ours), f"{MEGABYTES / ours['seconds']:.1f}")
    table("search_key", "", "", "", f"{MEGABYTES / timed(search_key, LONG):.1f}")
    for peer in ("hazm", "shekar"):
        if found := asked(peer, strings, LONG[: len(LONG) // SHARE]):
            table(peer, *text_shares(found), f"{MEGABYTES / SHARE / found['seconds']:.2f}")
    print()


def text_shares(made: dict[str, Any]) -> list[str]:
    once, kept = made["once"], made["once"][len(CHANGED) :]
    right = sum(one == wanted for one, (_, wanted) in zip(once, CHANGED, strict=False))
    left = sum(one == wanted for one, wanted in zip(kept, SAME, strict=True))
    settled = sum(one == other for one, other in zip(once, made["again"], strict=True))
    return [f"{(right + left) / len(once):.1%}", f"{1 - left / len(SAME):.1%}", f"{settled / len(once):.1%}"]


def half_spaces() -> None:
    text = gold()
    lost = text.replace(Z, "")
    print(f"{text.count(Z)} half-spaces in {len(text.split()):,} words")
    table("", "precision", "recall", "false in 1,000 words that had lost none", "letters a second")
    words = lexicon()
    began = process_time()
    restore(lost, words)  # each word is new to it: of those that come again it would remember the spelling
    speed = len(lost) / (process_time() - began)
    table("restore", *restored(text, restore(lost), restore(text)), f"{speed:,.0f}")
    lines = [*lost.split("\n"), *text.split("\n")]
    for peer in ("hazm", "shekar"):
        if found := asked(peer, lines, ""):
            half = len(lines) // 2
            table(peer, *restored(text, "\n".join(found["once"][:half]), "\n".join(found["once"][half:])), "")
    print()


def restored(wanted: str, found: str, unharmed: str) -> list[str]:
    precision, recall, false = shares(places(wanted), places(found), places(unharmed), len(wanted.split()))
    return [f"{precision:.3f}", f"{recall:.3f}", f"{false:.1f}"]


def dates() -> None:
    print(f"{len(READ)} dates, {len(REFUSED)} strings that are none")
    table("", "right", "wrong", "refused", "accepted though none", "µs a date")
    strings = [raw for raw, _ in READ] + REFUSED
    once = [at.isoformat() if (at := read(raw, date_cases.NOW).at) else None for raw in strings]
    seconds = timed(lambda all_: [read(raw, date_cases.NOW) for raw in all_], strings)
    table("read", *date_counts(once), f"{1e6 * seconds / len(strings):,.0f}")
    for reader in ("dateparser", "its JalaliCalendar"):
        if found := asked(reader, strings, "", of="dateparser"):
            table(reader, *date_counts(found["once"]), f"{1e6 * found['seconds'] / len(strings):,.0f}")


def date_counts(once: list[str | None]) -> list[str]:
    read_, none = once[: len(READ)], once[len(READ) :]
    right = sum(same(at, wanted) for at, (_, wanted) in zip(read_, READ, strict=True))
    refused = read_.count(None)
    return [
        str(number) for number in (right, len(READ) - right - refused, refused, len(none) - none.count(None))
    ]


def same(at: str | None, wanted: str) -> bool:
    """A moment without an offset is taken for Tehran's."""
    if at is None:
        return False
    found, moment = datetime.fromisoformat(at), datetime.fromisoformat(wanted)
    return found == (moment if found.tzinfo else moment.replace(tzinfo=None))


def timed(function: Callable[[Any], object], value: Any) -> float:
    function(value)  # what is loaded or compiled with the first is not counted
    began = process_time()
    function(value)
    return process_time() - began


def asked(what: str, strings: list[str], long: str, of: str = "") -> dict[str, Any] | None:
    """What a library makes of strings, in its own environment; None where it does not install."""
    python = PEERS / (of or what) / "bin" / "python"
    if not python.exists():
        print(f"({what} does not install here)")
        return None
    done = subprocess.run(
        [python, Path(__file__).with_name("peers"), what],
        input=json.dumps({"texts": strings, "long": long}),
        text=True,
        capture_output=True,
        timeout=600,
    )
    if done.returncode:
        print(f"({what} fails here: {done.stderr.strip().splitlines()[-1]})")
        return None
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def table(*cells: str) -> None:
    """A line of a Markdown table; the head is the one whose first cell is empty."""
    print("| " + " | ".join(cells) + " |")
    if not cells[0]:
        print("| " + " | ".join("---" for _ in cells) + " |")


if __name__ == "__main__":
    main()
