"""Persian sentences out of the bank in words/*.toml."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from random import Random

from .places import PROVINCES

_FOLDER = Path(__file__).parent / "words"
_PATTERNS: dict[str, list[str]] = tomllib.loads((_FOLDER / "patterns.toml").read_text(encoding="utf-8"))
SLOTS: dict[str, list[str]] = tomllib.loads((_FOLDER / "slots.toml").read_text(encoding="utf-8"))
_SLOT = re.compile(r"\{(\w+)\}")
_TO_PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")


def persian(number: object) -> str:
    """A number, or anything written with digits, in Persian digits."""
    return str(number).translate(_TO_PERSIAN)


class Writer:
    """Writes for one article: a source of chance, a province, a city."""

    def __init__(self, rng: Random, province: int, city: str | None) -> None:
        self.rng = rng
        self.province = PROVINCES[province]
        self.city = city or self.province.cities[0]

    def one(self, kind: str) -> str:
        """One text of a kind of pattern, or one word of a kind of slot."""
        bank = _PATTERNS.get(kind) or SLOTS[kind]
        return self.fill(self.rng.choice(bank))

    def some(self, kind: str, count: int) -> list[str]:
        """So many different ones."""
        return [self.fill(pattern) for pattern in self.rng.sample(_PATTERNS.get(kind) or SLOTS[kind], count)]

    def fill(self, pattern: str) -> str:
        """A pattern with its slots filled."""
        return _SLOT.sub(self._slot, pattern)

    def _slot(self, found: re.Match[str]) -> str:
        name, rng = found[1], self.rng
        match name:
            case "city":
                return self.city
            case "province":
                return self.province.name
            case "city2" | "city3":
                return rng.choice(rng.choice(PROVINCES).cities)
            case "name":
                return f"{rng.choice(SLOTS['first'])} {rng.choice(SLOTS['last'])}"
            case "few":
                return persian(rng.randint(2, 9))
            case "n":
                return persian(rng.randint(11, 98))
            case "big":
                return persian(rng.randint(105, 985))
            case "dec":
                return persian(f"{rng.randint(1, 9)}٫{rng.randint(1, 9)}")
            case "pct":
                return persian(f"{rng.randint(11, 95)}٪")
            case "time":
                return persian(f"{rng.randint(7, 21)}:{rng.choice(('۰۰', '۱۵', '۳۰', '۴۵'))}")
        return self.fill(rng.choice(SLOTS[name]))
