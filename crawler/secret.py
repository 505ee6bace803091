"""What must not be seen: which names are of secrets; texts without what lets a reader in or names a home."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

HIDDEN = "***"
SHORTEST = 6  # letters of a value that is looked for anywhere: a shorter one would blot out half the text
_NAME = re.compile("PASS|SECRET|TOKEN|KEY$|_KEY_")
_USERINFO = re.compile(r"(\b[a-z][a-z0-9+.-]*://)[^/?#\s@'\"<>]+@", re.IGNORECASE)
_HEADER = re.compile(
    r"((?:Proxy-)?Authorization|(?:Set-)?Cookie)(['\"]?\s*[:=,]\s*)(?:\[\s*)?(b?'[^']*'|b?\"[^\"]*\"|[^\r\n]*)",
    re.IGNORECASE,
)
_SETTING = re.compile(r"\b([A-Z][A-Z0-9_]*)(['\"]?\s*[:=]\s*)('[^']*'|\"[^\"]*\"|[^\s,}]+)")


def is_secret(name: str) -> bool:
    """Of a setting or an environment variable.

    >>> is_secret("AWS_SECRET_ACCESS_KEY"), is_secret("KEEP_ALIVE")
    (True, False)
    """
    return bool(_NAME.search(name))


def without_home(path: str, home: str) -> str:
    """``path``, of any text, as one that does not name the home folder in which it lies.

    >>> without_home("/home/sara/archives", "/home/sara"), without_home("/home/sarah/archives", "/home/sara")
    ('~/archives', '/home/sarah/archives')
    """
    inside = home not in ("/", "~") and (path == home or path.startswith(f"{home}/"))
    return f"~{path.removeprefix(home)}" if inside else path


def values_of(*tables: Mapping[str, object]) -> list[str]:
    """The values of secrets, the longest first: one may hold another."""
    found = {
        value
        for table in tables
        for name, value in table.items()
        if is_secret(name) and isinstance(value, str) and len(value) >= SHORTEST
    }
    return sorted(found, key=len, reverse=True)


def without_secrets(text: str, values: Iterable[str] = ()) -> str:
    """Userinfo of addresses, values of Authorization and Cookie, of settings whose names are of secrets, and
    ``values`` wherever they stand.

    >>> without_secrets("GET http://me:pw@a.example/x, {'SMTP_PASSWORD': 'pw2', 'KEEP_ALIVE': '1'}")
    "GET http://***@a.example/x, {'SMTP_PASSWORD': ***, 'KEEP_ALIVE': '1'}"
    >>> without_secrets("Authorization: Bearer abc"), without_secrets("it was hunter22", ["hunter22"])
    ('Authorization: ***', 'it was ***')
    """
    for value in values:
        text = text.replace(value, HIDDEN)
    text = _USERINFO.sub(rf"\1{HIDDEN}@", text)
    text = _HEADER.sub(rf"\1\2{HIDDEN}", text)
    return _SETTING.sub(
        lambda found: f"{found[1]}{found[2]}{HIDDEN}" if is_secret(found[1]) else found[0], text
    )
