"""The words of a Persian date: months, weekdays, spelled numbers.

Names are looked up `joined`: without blanks and half-spaces, for سه شنبه and سی ام are spelled with either
and with none.
"""

from crawler.normalise.text import ZWNJ

GAP = f"[ {ZWNJ}]?"

MONTHS = {
    "فروردین": 1, "اردیبهشت": 2, "خرداد": 3, "تیر": 4, "مرداد": 5, "امرداد": 5, "شهریور": 6,
    "مهر": 7, "آبان": 8, "ابان": 8, "آذر": 9, "اذر": 9, "دی": 10, "بهمن": 11, "اسفند": 12,
}  # fmt: skip
MONTH = f"{'|'.join(MONTHS)}|اردی{GAP}بهشت"

WEEKDAYS = {
    "دوشنبه": 0, "سهشنبه": 1, "چهارشنبه": 2, "پنجشنبه": 3, "جمعه": 4, "آدینه": 4, "شنبه": 5, "یکشنبه": 6,
    "2شنبه": 0, "3شنبه": 1, "4شنبه": 2, "5شنبه": 3, "1شنبه": 6,
}  # fmt: skip
WEEKDAY = rf"(?:روز )?(?P<weekday>(?:(?:یک|دو|سه|چهار|پنج|[1-5]){GAP})?شنبه|جمعه|آدینه)"

_CARDINALS = (
    "یک", "دو", "سه", "چهار", "پنج", "شش", "هفت", "هشت", "نه", "ده", "یازده", "دوازده", "سیزده", "چهارده",
    "پانزده", "شانزده", "هفده", "هجده", "نوزده", "بیست",
)  # fmt: skip
_ORDINALS = {"سه": "سوم", "سی": f"سی{GAP}ام"}  # the others only take an م
_TWICE = {"یکم": ("اول",), "هجدهم": ("هیجدهم",), "هجده": ("هیجده",)}


def _spelled(*, ordinals: bool = True) -> dict[str, int]:
    """Patterns of the numbers up to 31 (the days of a month) and what they count."""
    numbers = {name: i for i, name in enumerate(_CARDINALS, 1)} | {"سی": 30}
    if ordinals:
        numbers |= {_ORDINALS.get(name, name + "م"): i for name, i in numbers.items()}
    numbers |= {
        other: numbers[name] for name, others in _TWICE.items() if name in numbers for other in others
    }
    tens = {f"{ten}{GAP}و{GAP}{name}": value + i for ten, value, last in (("بیست", 20, 9), ("سی", 30, 1))
            for name, i in numbers.items() if i <= last}  # fmt: skip
    return numbers | tens


_SPELLED = _spelled()
# The longer first: a number of two words begins like one of one.
SPELLED = "|".join(sorted(_SPELLED, key=len, reverse=True))
COUNTED = "|".join(sorted(_spelled(ordinals=False), key=len, reverse=True))
NUMBERS = {pattern.replace(GAP, ""): value for pattern, value in _SPELLED.items()}


def joined(name: str) -> str:
    """A name as the tables have it.

    >>> NUMBERS[joined("بیست و یکم")], NUMBERS[joined("سی\u200cام")], WEEKDAYS[joined("سه شنبه")]
    (21, 30, 1)
    """
    return name.replace(" ", "").replace(ZWNJ, "")
