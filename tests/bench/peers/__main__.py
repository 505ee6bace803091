"""Runs in a library's own environment, without anything of ours: strings in, what it makes of them out."""

import json
import sys
import warnings
from collections.abc import Callable
from datetime import datetime
from time import process_time
from typing import Any


def main() -> None:
    asked = json.load(sys.stdin)
    reader = DATES.get(sys.argv[1])
    json.dump(dates(reader(), asked) if reader else texts(TEXTS[sys.argv[1]](), asked), sys.stdout)


def hazm() -> Callable[[str], str]:
    from hazm import Normalizer

    return Normalizer().normalize


def shekar() -> Callable[[str], str]:
    from shekar import Normalizer

    return Normalizer()


def dateparser() -> Callable[[str], datetime | None]:
    import dateparser

    settings = {"RELATIVE_BASE": NOW, "TIMEZONE": "Asia/Tehran", "RETURN_AS_TIMEZONE_AWARE": True}
    return lambda raw: dateparser.parse(raw, languages=["fa", "en"], settings=settings)


def jalali() -> Callable[[str], datetime | None]:
    from dateparser.calendars.jalali import JalaliCalendar

    return lambda raw: getattr(JalaliCalendar(raw).get_date(), "date_obj", None)


NOW = datetime(2026, 10, 2, 12, 30, 45)  # that of the tables, in Tehran
TEXTS = {"hazm": hazm, "shekar": shekar}
DATES = {"dateparser": dateparser, "its JalaliCalendar": jalali}


def texts(normalise: Callable[[str], str], asked: dict[str, Any]) -> dict[str, Any]:
    normalise("یک بار")  # what is loaded with the first string is not counted
    began = process_time()
    normalise(asked["long"])
    seconds = process_time() - began
    once = [normalise(text) for text in asked["texts"]]
    return {"seconds": seconds, "once": once, "again": [normalise(text) for text in once]}


def dates(read: Callable[[str], datetime | None], asked: dict[str, Any]) -> dict[str, Any]:
    warnings.simplefilter("ignore")  # about dates without a year

    def told(raw: str) -> str | None:
        try:
            at = read(raw)
        except Exception:  # noqa: BLE001  # '' raises IndexError: that is no date either
            return None
        return at.isoformat() if at else None

    for raw in asked["texts"]:
        told(raw)
    began = process_time()
    once = [told(raw) for raw in asked["texts"]]
    return {"seconds": process_time() - began, "once": once}


main()
