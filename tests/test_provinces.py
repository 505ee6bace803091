"""The closed list of provinces, held against the ISO list of another package."""

from __future__ import annotations

import pycountry
import pytest

from crawler.provinces import PROVINCES, choose, named, named_in_title


def test_codes_are_those_of_iso_3166_2() -> None:
    iso = {row.code: row.name for row in pycountry.subdivisions.get(country_code="IR")}
    assert sorted(province.code for province in PROVINCES) == sorted(iso)
    for province in PROVINCES:
        # ISO romanises: Āz̄ārbāyjān-e Shārqī. The consonants that both spellings share are enough to tell.
        found = named(iso[province.code])
        assert found in (province, None)


# ISO's own names, by hand: the numbers were changed in 2020, and old lists still go round.
@pytest.mark.parametrize(
    ("code", "slug"),
    [
        ("IR-00", "markazi"),
        ("IR-03", "east-azerbaijan"),
        ("IR-07", "fars"),
        ("IR-10", "isfahan"),
        ("IR-16", "ilam"),
        ("IR-23", "tehran"),
        ("IR-25", "qom"),
        ("IR-30", "alborz"),
    ],
)
def test_numbers_are_the_current_ones(code: str, slug: str) -> None:
    found = named(code)
    assert found is not None
    assert found.slug == slug


@pytest.mark.parametrize(
    ("written", "slug"),
    [
        ("چهار محال و بختیاری", "chaharmahal-bakhtiari"),
        ("چهارمحال وبختیاری", "chaharmahal-bakhtiari"),
        ("كهگيلويه و بوير احمد", "kohgiluyeh-boyerahmad"),
        ("سیستان وبلوچستان", "sistan-baluchestan"),
        ("آذربايجان\u200cشرقي", "east-azerbaijan"),
        (" خراسان  رضوی ", "razavi-khorasan"),
        ("IR-14", "chaharmahal-bakhtiari"),
        ("ir-14", "chaharmahal-bakhtiari"),
        ("SOUTH KHORASAN", "south-khorasan"),
        ("استان البرز", "alborz"),
    ],
)
def test_spellings(written: str, slug: str) -> None:
    found = named(written)
    assert found is not None
    assert found.slug == slug


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("باشگاه خبرنگاران جوان | قم", "qom"),
        ("قم", "qom"),
        ("گیلان | باشگاه خبرنگاران جوان", "gilan"),
        ("آخرین اخبار استان کرمان - باشگاه خبرنگاران جوان", "kerman"),
        ("باشگاه خبرنگاران جوان", None),
        ("اخبار تهران | قم", None),  # two: refused
        ("قم میزبان زائران", None),  # a sentence about a province is not its name
        ("کرمانشاهان", None),
        ("", None),
    ],
)
def test_a_title_names_one_province_or_none(title: str, slug: str | None) -> None:
    found = named_in_title(title)
    assert (found.slug if found else None) == slug


def test_choosing_keeps_the_order_of_the_table_and_no_doubles() -> None:
    assert choose(["all"]) == PROVINCES
    assert [province.slug for province in choose(["yazd", "یزد", "gilan"])] == ["gilan", "yazd"]
