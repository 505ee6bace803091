"""Cities: found whatever their spelling, told apart by province, and never guessed."""

from __future__ import annotations

import re

import pytest

from crawler.cities import _cities, city_named, province_of
from crawler.normalise.names import tidy_name
from crawler.normalise.text import canon
from crawler.provinces import BY_SLUG, PROVINCES, named

Z = "\u200c"


def test_every_name_is_canon_and_belongs_to_a_province() -> None:
    names = [name for places in _cities().values() for name in places.values()]
    assert len(set(names)) > 1_000
    assert all(canon(name) == name and re.fullmatch(f"[ء-ی{Z} ()]+", name) for name in names)
    slugs = {slug for places in _cities().values() for slug in places}
    assert slugs == {province.slug for province in PROVINCES}


@pytest.mark.parametrize(
    ("written", "slug", "city"),
    [
        ("ارومیه", "west-azerbaijan", "ارومیه"),
        ("اروميه", "west-azerbaijan", "ارومیه"),
        ("خرم آباد", "lorestan", f"خرم{Z}آباد"),
        ("خرماباد", "lorestan", f"خرم{Z}آباد"),
        ("شهرستان نجف آباد", "isfahan", f"نجف{Z}آباد"),
        ("شهر كرد", "chaharmahal-bakhtiari", "شهرکرد"),
        ("انزلی", "gilan", "بندر انزلی"),
        ("قم", "qom", "قم"),
        ("ارومیه", "yazd", None),
        ("ناکجاآباد", "qom", None),
        ("", "qom", None),
    ],
)
def test_a_city_is_found_in_its_province(written: str, slug: str, city: str | None) -> None:
    assert city_named(written, BY_SLUG[slug]) == city


@pytest.mark.parametrize(
    ("place", "slug"),
    [
        ("کاشان", "isfahan"),
        ("یزد", "yazd"),
        ("چهار محال وبختياري", "chaharmahal-bakhtiari"),
        ("آبادان", "khuzestan"),
        ("فیروزآباد", None),  # in several provinces
        ("خرم\u200cآباد", None),  # so is the capital of Lorestan
        ("هرات", None),  # Afghanistan has one too
        ("پاریس", None),
        ("شهر حلب", None),
        ("شهر هرات", None),
        ("شهر قدس", "tehran"),  # one of ours, and whole
        ("آشهر سارا", None),
        ("", None),
    ],
)
def test_a_place_tells_its_province_where_that_is_certain(place: str, slug: str | None) -> None:
    province = province_of(place)
    assert (province.slug if province else None) == slug


def test_each_capital_is_of_its_province() -> None:
    capitals = {"تبریز": "east-azerbaijan", "شیراز": "fars", "مشهد": "razavi-khorasan", "رشت": "gilan"}
    capitals |= {
        "ساری": "mazandaran",
        "سنندج": "kurdistan",
        "زاهدان": "sistan-baluchestan",
        "اراک": "markazi",
    }
    capitals |= {
        "اهواز": "khuzestan",
        "کرج": "alborz",
        "یاسوج": "kohgiluyeh-boyerahmad",
        "بیرجند": "south-khorasan",
    }
    assert {name: p.slug for name in capitals if (p := province_of(name))} == capitals
    for province in PROVINCES:
        assert province_of(province.name_fa) == named(province.slug)


@pytest.mark.parametrize(
    ("raw", "name"),
    [
        ("منبع: ایسنا", "ایسنا"),
        ("منبع:منبع: ايسنا", "ایسنا"),
        (" منبع ؛ خبرگزاری مهر. ", "خبرگزاری مهر"),
        ("استانداری قم،", "استانداری قم"),
        ("«فارس»", "فارس"),
        ("«فارس» و «مهر»", "«فارس» و «مهر»"),
        ("شهروندخبرنگار - قم", "شهروندخبرنگار - قم"),
        ("ایرنا (یزد)", "ایرنا (یزد)"),
        ("به نقل از: تسنیم /", "تسنیم"),
        ("منبع", "منبع"),
        ("خبرنگار: زهرا احمدی", "زهرا احمدی"),
        ("منبع: https://irna.ir/", "https://irna.ir/"),
        ("منبع: ", None),
        ("- . -", None),
        ("", None),
        (None, None),
    ],
)
def test_a_name_loses_what_is_no_part_of_it(raw: str | None, name: str | None) -> None:
    assert tidy_name(raw) == name
