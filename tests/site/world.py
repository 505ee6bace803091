"""Which articles there are: when, where, under which id. Cheap for any number; no text here."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from random import Random
from zoneinfo import ZoneInfo

from persiantools.jdatetime import JalaliDate

from .places import OFF_THE_MENU, PROVEN, PROVINCES
from .weather import DELETED_AS, Weather

TEHRAN = ZoneInfo("Asia/Tehran")
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=TEHRAN)
MONTHS = [
    "فروردین",
    "اردیبهشت",
    "خرداد",
    "تیر",
    "مرداد",
    "شهریور",
    "مهر",
    "آبان",
    "آذر",
    "دی",
    "بهمن",
    "اسفند",
]
BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

_NEWEST_ID = 9_148_760
_OLD_FROM, _OLD_DAYS = date(2011, 3, 21), 4748  # the years 1390 to 1402, both whole
# Days and ids as known of the real site, so that an old article has an id of its time.
_ANCHORS = (
    (date(2011, 3, 1), 3_500_000),
    (date(2012, 12, 15), 4_204_518),
    (date(2013, 4, 15), 4_358_242),
    (date(2015, 7, 15), 5_268_655),
    (date(2018, 1, 1), 6_383_308),
    (date(2019, 5, 2), 6_919_119),
    (date(2020, 7, 4), 7_411_033),
    (date(2023, 2, 21), 8_369_785),
    (date(2025, 3, 1), 8_920_483),
)
# Editors publish out of order: the ids of neighbours in one province change places now and then.
_ORDERS = ((0, 1, 2, 3), (1, 0, 2, 3), (0, 1, 2, 3), (0, 2, 1, 3), (0, 1, 3, 2))


@lru_cache(10_000)
def jalali(day: date) -> tuple[int, int, int]:
    """Year, month, day in the Iranian calendar."""
    found = JalaliDate(day)
    return found.year, found.month, found.day


def short(number: int) -> str:
    """The six letters of the short link: base 62, padded with 0."""
    letters = ""
    while number:
        number, rest = divmod(number, 62)
        letters = BASE62[rest] + letters
    return letters.rjust(6, "0")


@dataclass(frozen=True, slots=True)
class Slot:
    """Where one article stands in time and place."""

    n: int
    id: int
    home: int
    second: int | None
    old: bool
    at: datetime

    @property
    def day(self) -> tuple[int, int, int]:
        """The Jalali day of publication."""
        return jalali(self.at.date())


class World:
    """All slots of a site of a size, and the addresses of its sections."""

    def __init__(
        self, seed: int, per_province: int, rotate_ids: bool, base: str, weather: Weather | None = None
    ) -> None:
        self.seed, self.per_province, self.rotate_ids, self.base = seed, per_province, rotate_ids, base
        self.weather = weather or Weather()
        changed, total = self.weather.edits + self.weather.deletions, per_province * len(PROVINCES)
        if changed > total:
            raise ValueError(f"edits and deletions together are {changed}; the site has {total} articles")
        self.services = [p.service for p in PROVINCES]
        if rotate_ids:
            loose = [i for i, p in enumerate(PROVINCES) if p.service not in PROVEN]
            for i, other in zip(loose, loose[1:] + loose[:1], strict=True):
                self.services[i] = PROVINCES[other].service

    def under(self, weather: Weather) -> World:
        """The same world under other weather."""
        return World(self.seed, self.per_province, self.rotate_ids, self.base, weather)

    def section(self, province: int) -> str:
        """The path of a province's section."""
        slug = PROVINCES[province].slug
        return f"/fa/{slug}" if slug else f"/fa/services/{self.services[province]}"

    def city_section(self, province: int, city: str) -> str:
        """The path of a city: a category of the section."""
        return f"{self.section(province)}/{100 + 10 * province + PROVINCES[province].cities.index(city)}"

    def ajax(self, province: int) -> int:
        """The number under which "more" of a section is asked for; unlike the service id."""
        return 211 + 3 * province

    def in_menu(self, province: int) -> bool:
        """Whether the province stands in the navigation."""
        return PROVINCES[province].name not in OFF_THE_MENU

    @cached_property
    def settled(self) -> list[Slot]:
        """All that were there from the first, gone or not, by number: the province goes round fastest, so
        low numbers are new. What pages show beside their own article comes from these, so that weather
        over one article changes no byte of another's page."""
        return [self._slot(n) for n in range(self.per_province * len(PROVINCES))]

    @cached_property
    def slots(self) -> list[Slot]:
        """All that are there now."""
        kept = [slot for slot in self.settled if slot.id not in self.deleted]
        return kept + [self._new(k) for k in range(self.weather.new)]

    @cached_property
    def _lots(self) -> list[Slot]:
        """The order in which weather takes articles: edits from the front, deletions from the back."""
        return Random(f"{self.seed}:lots").sample(self.settled, len(self.settled))

    @cached_property
    def edited(self) -> dict[int, int]:
        """The id of each edited article, and its place in the order of edits."""
        return {slot.id: place for place, slot in enumerate(self._lots[: self.weather.edits])}

    @cached_property
    def deleted(self) -> dict[int, str]:
        """The id of each article that has gone, and how."""
        kinds = DELETED_AS if self.weather.deleted_as == "mixed" else (self.weather.deleted_as,)
        gone = self._lots[::-1][: self.weather.deletions]
        return {slot.id: kinds[place % len(kinds)] for place, slot in enumerate(gone)}

    @cached_property
    def by_id(self) -> dict[int, Slot]:
        """All, by id."""
        return {slot.id: slot for slot in self.slots}

    @cached_property
    def newest(self) -> list[Slot]:
        """All, newest first."""
        return _newest_first(self.slots)

    @cached_property
    def settled_newest(self) -> list[Slot]:
        """The settled, newest first."""
        return _newest_first(self.settled)

    @cached_property
    def rosters(self) -> list[list[Slot]]:
        """For each province, all that stand in it, newest first."""
        rosters: list[list[Slot]] = [[] for _ in PROVINCES]
        for slot in self.newest:
            rosters[slot.home].append(slot)
            if slot.second is not None:
                rosters[slot.second].append(slot)
        return rosters

    @cached_property
    def months(self) -> dict[str, list[Slot]]:
        """Jalali month, as in 1405-08, to its articles; newest month first."""
        months: dict[str, list[Slot]] = {}
        for slot in self.newest:
            year, month, _ = slot.day
            months.setdefault(f"{year}-{month:02}", []).append(slot)
        return months

    @cached_property
    def gone(self) -> dict[int, str]:
        """Ids that lists still name: a 404 for each province, a soft one for every third."""
        gone = {_NEWEST_ID - 4 * p - 3: "404" for p in range(len(PROVINCES))}
        gone |= {_NEWEST_ID - 4 * (31 + p) - 3: "soft404" for p in range(0, len(PROVINCES), 3)}
        return gone

    def gone_in(self, province: int) -> list[int]:
        """The gone ids that a province's list names."""
        return [i for i in self.gone if (_NEWEST_ID - i) // 4 % 31 == province]

    def _new(self, k: int) -> Slot:
        """One that came later than all that are settled."""
        n, home = len(self.settled) + k, k % len(PROVINCES)
        rng = Random(f"{self.seed}:{n}:new")
        second = (home + rng.randrange(1, 31)) % 31 if rng.random() < 1 / 15 else None
        at = NOW + timedelta(seconds=20 * (k + 1) + rng.randrange(20))
        return Slot(n, _NEWEST_ID + 4 * (k + 1) - rng.randrange(3), home, second, False, at)

    def _slot(self, n: int) -> Slot:
        rng = Random(f"{self.seed}:{n}")
        k, home = divmod(n, len(PROVINCES))
        second = (home + rng.randrange(1, 31)) % 31 if rng.random() < 1 / 15 else None
        wait = rng.randrange(120, 900) if k == 0 else k * 14_400 + rng.randrange(7200)
        rest = rng.randrange(3)
        if n % 10 == _odd_one(self.seed, n // 10):
            return self._old(n, home, second, rng)
        turn = _ORDERS[(home * 7 + k // 4 * 3 + self.seed) % len(_ORDERS)]
        place = k // 4 * 4 + turn[k % 4]
        number = _NEWEST_ID - 4 * (place * 31 + home) - rest
        return Slot(n, number, home, second, False, NOW - timedelta(seconds=wait))

    def _old(self, n: int, home: int, second: int | None, rng: Random) -> Slot:
        # A stride through the days: all years, and no day twice before all have been used.
        lap, step = divmod(n // 10, _OLD_DAYS)
        day = _OLD_FROM + timedelta(days=(step * 1777 + self.seed) % _OLD_DAYS)
        # 7 to 22 o'clock: the hours that daylight saving repeats or leaves out lie around midnight.
        clock = timedelta(seconds=rng.randrange(7 * 3600, 23 * 3600))
        at = datetime(day.year, day.month, day.day, tzinfo=TEHRAN) + clock
        return Slot(n, _id_of(day) + lap * 53 + rng.randrange(50), home, second, True, at)


def _newest_first(slots: list[Slot]) -> list[Slot]:
    return sorted(slots, key=lambda slot: (slot.at, slot.id), reverse=True)


@lru_cache(10_000)
def _odd_one(seed: int, decade: int) -> int:
    """Which of ten articles is the old one."""
    return Random(f"{seed}:old:{decade}").randrange(10)


def _id_of(day: date) -> int:
    at = bisect_right(_ANCHORS, (day, 10**9)) - 1
    (first, low), (last, high) = _ANCHORS[at], _ANCHORS[at + 1]
    return low + (high - low) * (day - first).days // (last - first).days
