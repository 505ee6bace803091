"""Who asks: the crawl's User-Agent, and whom to write to about it."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler import VERSION

LOOPBACK = ("127.0.0.1", "localhost", "::1")
_IN_A_COMMENT = re.compile(r"[!-~]+")  # printable ASCII, no blank (RFC 9110 §5.6.5, without what needs a \)
_MAIL = re.compile(r"[^@/:]+@[^@/:]+\.[^@/:.]+")


def user_agent(contact: str) -> str:
    """The User-Agent of a crawl.

    >>> user_agent("https://archive.example/ostan")
    'Ostan/0.1.0 (archival crawler of province news; +https://archive.example/ostan)'
    """
    said = f"; +{contact}" if contact else ""
    return f"Ostan/{VERSION} (archival crawler of province news{said})"


def on_loopback(url: str) -> bool:
    """Whether an address is of one's own machine.

    >>> on_loopback("http://localhost:8765"), on_loopback("https://www.yjc.ir")
    (True, False)
    """
    return urlsplit(url).hostname in LOOPBACK


def check_identity(contact: str, own_agent: str, *, stranger: bool) -> None:
    """Raises ValueError that says what is wrong. ``own_agent``: a User-Agent given in place of ours.
    ``stranger``: somebody else's machine will be asked.

    >>> check_identity("", "", stranger=False)
    >>> check_identity("you@example.org", "Mine/1.0 (you@example.org)", stranger=True)
    """
    if contact and not _is_contact(contact):
        raise ValueError(
            f"CONTACT={contact!r}: must be an http(s) URL or a mail address, in ASCII, without blanks, "
            "control characters, brackets or backslashes; it stands in the User-Agent"
        )
    if stranger and not contact:
        raise ValueError(
            "CONTACT is empty: whom a crawl disturbs must be able to say so; "
            "write -s CONTACT=https://… or -s CONTACT=you@example.org (whoever runs this crawl)"
        )
    if not all(" " <= letter <= "~" for letter in own_agent):
        raise ValueError(f"USER_AGENT={own_agent!r}: must be printable ASCII")
    if own_agent and contact not in own_agent:
        raise ValueError(f"USER_AGENT={own_agent}: must contain the CONTACT, {contact}")


def _is_contact(text: str) -> bool:
    if not _IN_A_COMMENT.fullmatch(text) or re.search(r"[()\\<>\"]", text):
        return False
    try:
        parts = urlsplit(text)
        return (parts.scheme in ("http", "https") and bool(parts.hostname)) or bool(_MAIL.fullmatch(text))
    except ValueError:
        return False
