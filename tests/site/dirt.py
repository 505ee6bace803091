"""How a true text is written on a page: entities, Arabic letters and digits, stray blanks."""

from __future__ import annotations

import re
from random import Random
from urllib.parse import quote

_ARABIC = str.maketrans("یک", "يك")
_ARABIC_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩")
_ASCII_DIGITS = str.maketrans("۰۱۲۳۴۵۶۷۸۹", "0123456789")
_GLUE = "\0"
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
_MARKUP = str.maketrans(_ENTITIES)
_MARKUP_AND_QUOTES = str.maketrans({**_ENTITIES, "«": "&laquo;", "»": "&raquo;"})


def plain(text: str) -> str:
    """Escaped, and nothing else."""
    return text.translate(_MARKUP)


class Dirt:
    """The habits of the editor of one article."""

    def __init__(self, rng: Random, replaced: dict[str, str] | None = None) -> None:
        self.rng, self.replaced = rng, replaced or {}
        self.letters = rng.choices(("clean", "whole", "mixed"), (70, 15, 15))[0]
        self.zwnj = rng.choices(("&zwnj;", "&#8204;", "\u200c"), (65, 12, 23))[0]
        self.arabic_digits = rng.random() < 0.12
        self.markup = _MARKUP_AND_QUOTES if rng.random() < 0.2 else _MARKUP
        self.blanks = rng.random() < 0.6
        self.date_digits = rng.choices(("persian", "arabic", "ascii"), (80, 10, 10))[0]
        self.date_letters = rng.random() < 0.2

    def spell(self, text: str) -> str:
        """Letters and digits as this editor types them; no markup."""
        if self.arabic_digits:
            text = text.translate(_ARABIC_DIGITS)
        if self.letters == "whole":
            return text.translate(_ARABIC)
        if self.letters == "mixed":
            rng = self.rng
            return re.sub("[یک]", lambda m: m[0].translate(_ARABIC) if rng.random() < 0.4 else m[0], text)
        return text

    def attribute(self, text: str) -> str:
        """A text between double quotes."""
        return self.spell(text).translate(_MARKUP).replace("\u200c", self.zwnj)

    def write(self, text: str) -> str:
        """A text between tags."""
        if text not in self.replaced:
            return self._write(text)
        # Chance is spent as on the text before the edit, so that the rest of the page stays as it was.
        if before := self.replaced[text]:
            self._write(before)
        state = self.rng.getstate()
        written = self._write(text)
        self.rng.setstate(state)
        return written

    def _write(self, text: str) -> str:
        text = self.spell(text).translate(self.markup).replace("\u200c", self.zwnj)
        if self.blanks:
            words = text.split(" ")
            for _ in range(1 + len(words) // 25):
                at = self.rng.randrange(len(words))
                words[at] += self.rng.choice((" ", "&nbsp;", _GLUE, _GLUE, "\n"))
            text = " ".join(words).replace(_GLUE + " ", "&nbsp;").replace(_GLUE, "")
        return text

    def paragraph(self, text: str) -> str:
        """A text that may begin with the blank some editors leave."""
        blank = "&nbsp;" if self.blanks and self.rng.random() < 0.15 else ""
        return blank + self.write(text)

    def date(self, text: str) -> str:
        """A printed date."""
        if self.date_letters:
            text = text.translate(_ARABIC)
        if self.date_digits == "persian":
            return text
        return text.translate(_ARABIC_DIGITS if self.date_digits == "arabic" else _ASCII_DIGITS)

    def href(self, path: str, slug: str) -> str:
        """An address whose slug is percent-encoded, raw, or raw with entities."""
        form = self.rng.choices(("encoded", "raw", "entities"), (70, 15, 15))[0]
        if form == "encoded":
            return f"{path}/{quote(slug)}"
        return f"{path}/{slug}" if form == "raw" else f"{path}/{slug}".replace("\u200c", "&zwnj;")
