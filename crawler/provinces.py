"""The 31 provinces of Iran: the closed list that every argument, page and row is matched against.

Codes: ISO 3166-2:IR as renumbered on 2020-11-24 (IR-00 Markazi to IR-30 Alborz); a test compares
them with the ISO list that pycountry carries. Service ids are the site's business: see ``sites/``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from crawler.normalise.text import name_key


@dataclass(frozen=True, slots=True)
class Province:
    """One province. ``slug`` is ours, fixed, ASCII; ``spellings`` are other names that have been seen."""

    code: str
    slug: str
    name_fa: str
    name_en: str
    spellings: tuple[str, ...] = ()


# Blanks, half-spaces and Arabic letters need no spelling of their own: name_key() ignores them.
PROVINCES: tuple[Province, ...] = (
    Province("IR-00", "markazi", "مرکزی", "Markazi"),
    Province("IR-01", "gilan", "گیلان", "Gilan", ("Guilan",)),
    Province("IR-02", "mazandaran", "مازندران", "Mazandaran"),
    Province("IR-03", "east-azerbaijan", "آذربایجان شرقی", "East Azerbaijan", ("Azarbaijan-e Sharqi",)),
    Province("IR-04", "west-azerbaijan", "آذربایجان غربی", "West Azerbaijan", ("Azarbaijan-e Gharbi",)),
    Province("IR-05", "kermanshah", "کرمانشاه", "Kermanshah"),
    Province("IR-06", "khuzestan", "خوزستان", "Khuzestan", ("Khouzestan",)),
    Province("IR-07", "fars", "فارس", "Fars"),
    Province("IR-08", "kerman", "کرمان", "Kerman"),
    Province("IR-09", "razavi-khorasan", "خراسان رضوی", "Razavi Khorasan", ("Khorasan-e Razavi",)),
    Province("IR-10", "isfahan", "اصفهان", "Isfahan", ("Esfahan",)),
    Province(
        "IR-11",
        "sistan-baluchestan",
        "سیستان و بلوچستان",
        "Sistan and Baluchestan",
        ("Sistan va Baluchestan", "Sistan and Baluchistan"),
    ),
    Province("IR-12", "kurdistan", "کردستان", "Kurdistan", ("Kordestan",)),
    Province("IR-13", "hamadan", "همدان", "Hamadan", ("Hamedan",)),
    Province(
        "IR-14",
        "chaharmahal-bakhtiari",
        "چهارمحال و بختیاری",
        "Chaharmahal and Bakhtiari",
        ("Chaharmahal va Bakhtiari",),
    ),
    Province("IR-15", "lorestan", "لرستان", "Lorestan"),
    Province("IR-16", "ilam", "ایلام", "Ilam"),
    Province(
        "IR-17",
        "kohgiluyeh-boyerahmad",
        "کهگیلویه و بویراحمد",
        "Kohgiluyeh and Boyer-Ahmad",
        ("Kohgiluyeh va Boyer-Ahmad", "کهکیلویه و بویراحمد"),
    ),
    Province("IR-18", "bushehr", "بوشهر", "Bushehr"),
    Province("IR-19", "zanjan", "زنجان", "Zanjan"),
    Province("IR-20", "semnan", "سمنان", "Semnan"),
    Province("IR-21", "yazd", "یزد", "Yazd"),
    Province("IR-22", "hormozgan", "هرمزگان", "Hormozgan"),
    Province("IR-23", "tehran", "تهران", "Tehran"),
    Province("IR-24", "ardabil", "اردبیل", "Ardabil", ("Ardebil",)),
    Province("IR-25", "qom", "قم", "Qom", ("Ghom",)),
    Province("IR-26", "qazvin", "قزوین", "Qazvin", ("Ghazvin",)),
    Province("IR-27", "golestan", "گلستان", "Golestan"),
    Province("IR-28", "north-khorasan", "خراسان شمالی", "North Khorasan", ("Khorasan-e Shomali",)),
    Province("IR-29", "south-khorasan", "خراسان جنوبی", "South Khorasan", ("Khorasan-e Jonubi",)),
    Province("IR-30", "alborz", "البرز", "Alborz"),
)

BY_SLUG: dict[str, Province] = {province.slug: province for province in PROVINCES}


def _plain(name: str) -> str:
    """Match names whatever their blanks, half-spaces, hyphens and letter forms."""
    return name_key(name).replace("-", "").replace("_", "").casefold()


@cache
def _names() -> dict[str, Province]:
    return {
        _plain(name): province
        for province in PROVINCES
        for name in (
            province.code,
            province.slug,
            province.name_fa,
            f"استان {province.name_fa}",
            province.name_en,
            *province.spellings,
        )
    }


def named(name: str) -> Province | None:
    """The province of that slug, code, Persian or English name; None where it is none of them.

    >>> named("IR-25").slug, named("چهار محال و بختیاري").slug, named("Esfahan").slug
    ('qom', 'chaharmahal-bakhtiari', 'isfahan')
    >>> named("قمصر") is None
    True
    """
    return _names().get(_plain(name))


def named_in_title(title: str) -> Province | None:
    """The province that a page's or feed's title names as one of its parts, or None.

    Parts are what stands between the marks that the CMS puts there (``|``, ``-``, ``»``, ``،``).
    A title in which two provinces stand names none: refused, not guessed.

    >>> named_in_title("باشگاه خبرنگاران جوان | قم").slug
    'qom'
    >>> named_in_title("اخبار استان گيلان - باشگاه خبرنگاران جوان").slug
    'gilan'
    >>> named_in_title("مسجد جمکران قم میزبان زائران") is None
    True
    """
    parts = title
    for mark in "|-–—»«›،:/":
        parts = parts.replace(mark, "\n")
    found = {match for part in parts.split("\n") if (match := _part(part))}
    return found.pop() if len(found) == 1 else None


def _part(part: str) -> Province | None:
    key = _plain(part)
    for lead in ("اخبار", "خبرهای", "آخریناخبار"):
        key = key.removeprefix(_plain(lead))
    return _names().get(key)


def choose(words: Iterable[str]) -> tuple[Province, ...]:
    """The provinces that these words name, each once, in the order of the table.

    Raises ValueError that lists what is allowed, for a word that names none.

    >>> [province.slug for province in choose(["gilan", "قم", "IR-01"])]
    ['gilan', 'qom']
    """
    chosen: set[Province] = set()
    for word in words:
        if word.strip().casefold() == "all":
            chosen.update(PROVINCES)
            continue
        province = named(word)
        if province is None:
            allowed = ", ".join(f"{p.slug} ({p.code} {p.name_fa})" for p in PROVINCES)
            raise ValueError(f"no province is called {word.strip()!r}; allowed: all, {allowed}")
        chosen.add(province)
    if not chosen:
        raise ValueError("provinces= names no province; write all, or names with commas between them")
    return tuple(province for province in PROVINCES if province in chosen)
