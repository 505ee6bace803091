"""Text from outside, fit to be looked at: what would not be seen, or would move what is seen, is spelled."""

from __future__ import annotations

import json
import re
import unicodedata

# Format characters that belong to a text: the half-space and its sister, signs drawn over Arabic figures.
_FIT = "\u200c\u200d\u0600\u0601\u0602\u0603\u0604\u0605\u06dd"
_UNFIT_KINDS = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_PERHAPS = re.compile(r"[^ -~\xa1-\xac\xae-\u05ff\u0606-\u061b\u061d-\u06dc\u06de-\u070e]")


def shown(text: str) -> str:
    r"""``text`` with control characters, direction marks, what is invisible and halves of pairs escaped.

    >>> shown("abc\u202egpj.exe\x1b[2J")
    'abc\\u202egpj.exe\\x1b[2J'
    >>> shown("می‌رود") == "می‌رود"
    True
    """
    return _PERHAPS.sub(lambda found: _spelled(found[0]), text)


def shown_json(text: str) -> str:
    r"""JSON in which the same is escaped as JSON does it: another spelling of the same values.

    >>> shown_json('"abc\u202egpj.exe"') == r'"abc\u202egpj.exe"'
    True
    """
    return _PERHAPS.sub(lambda found: found[0] if _is_fit(found[0]) else json.dumps(found[0])[1:-1], text)


def _is_fit(character: str) -> bool:
    return character in _FIT or unicodedata.category(character) not in _UNFIT_KINDS


def _spelled(character: str) -> str:
    if _is_fit(character):
        return character
    point = ord(character)
    if point < 0x100:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point < 0x10000 else f"\\U{point:08x}"
