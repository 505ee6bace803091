"""Short links of the CMS: ``/00cHfy`` is the news id in base 62, padded to six (seen 2019-2026)."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits

ALPHABET = digits + ascii_uppercase + ascii_lowercase
WIDTH = 6
HIGHEST_ID = 99_999_999  # ids had 7 digits in 2026; beyond this six letters are a word, not an id


def to_code(news_id: int) -> str:
    """
    >>> to_code(9124414), to_code(7223852)
    ('00cHfy', '00UJFk')
    """
    code = ""
    while news_id:
        news_id, rest = divmod(news_id, 62)
        code = ALPHABET[rest] + code
    return code.rjust(WIDTH, "0")


def from_code(code: str) -> int | None:
    """The id of a short code; None for anything else, ordinary words of six letters included.

    >>> from_code("00cHfy")
    9124414
    >>> from_code("mobile") is None, from_code("00cHf") is None
    (True, True)
    """
    if len(code) != WIDTH or not code.isascii() or not code.isalnum():
        return None
    news_id = 0
    for letter in code:
        news_id = news_id * 62 + ALPHABET.index(letter)
    return news_id if 0 < news_id <= HIGHEST_ID else None
