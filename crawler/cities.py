"""Counties and cities of Iran by province (``cities.toml``): which of them a name means.

Of 1,306 names 1,285 stand in one of two lists that were made elsewhere (GeoNames; the official divisions), in
the same province; 21 are from our own knowledge.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

from crawler.normalise.text import name_key
from crawler.provinces import BY_SLUG, Province, named

_KIND = re.compile(r"^(?:شهرستان|شهر|بخش) +")
# Whoever writes these may mean a place in another country.
_ABROAD = frozenset(map(name_key, ("هرات", "حلب", "نیمروز", "قدس", "میامی", "فاریاب")))


@cache
def _cities() -> dict[str, dict[str, str]]:
    """Key of a name → slug of each province that has such a place → the name as we spell it."""
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    cities: dict[str, dict[str, str]] = {}
    for slug, names in table.items():
        for name, spellings in names.items():
            for spelling in (name, *spellings):
                cities.setdefault(name_key(spelling), {}).setdefault(slug, name)
    return cities


def _places(name: str) -> dict[str, str]:
    return _cities().get(name_key(name)) or _cities().get(name_key(_KIND.sub("", name)), {})


def city_named(name: str, province: Province) -> str | None:
    """The city of that province, as we spell it; None where we know none of that name there.

    >>> city_named("خرم آباد", BY_SLUG["lorestan"]) == "خرم\\u200cآباد"
    True
    >>> city_named("شهرستان نجف آباد", BY_SLUG["isfahan"]) == "نجف\\u200cآباد"
    True
    >>> city_named("ارومیه", BY_SLUG["yazd"]) is None
    True
    """
    return _places(name).get(province.slug)


def province_of(place: str) -> Province | None:
    """The province that a place is, or that the only city of that name is in; None where it is not certain.

    >>> province_of("یزد").slug, province_of("كاشان").slug
    ('yazd', 'isfahan')
    >>> province_of("فیروزآباد") is None, province_of("هرات") is None
    (True, True)
    """
    if province := named(place):
        return province
    slugs = [*_places(place)]
    abroad = {name_key(place), name_key(_KIND.sub("", place))} & _ABROAD
    whole = name_key(place) in _cities() and name_key(place) not in _ABROAD  # «شهر قدس» is one of ours
    return BY_SLUG[slugs[0]] if len(slugs) == 1 and (whole or not abroad) else None
