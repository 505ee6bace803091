"""The page that a shield sends in a page's place, to be solved by a browser: with status 200."""

from __future__ import annotations

import re

MOST_BYTES = 5_000  # longer pages that name the shield are about it
# ArvanCloud's, as others have met it on sites of this kind (never reported of yjc, 2026-10).
_MARKS = re.compile(r"arvancloud|__arcsjs|transferring to the website", re.IGNORECASE)
_HTML = re.compile(r"<(?:!doctype html|html|head|body|script|title|meta)\b", re.IGNORECASE)


def is_challenge(text: str) -> bool:
    """Whether a decoded answer of status 200 is a challenge. A feed or script that names the shield is none.

    >>> is_challenge("<html><script>__arcsjs()</script></html>"), is_challenge("<html>خبر</html>")
    (True, False)
    >>> is_challenge('<?xml version="1.0"?><rss><title>arvancloud</title></rss>')
    False
    """
    if len(text) > MOST_BYTES or not _MARKS.search(text) or text.lstrip("\ufeff \t\r\n").startswith("<?xml"):
        return False
    return bool(_HTML.search(text)) and len(text.encode("utf-8", "replace")) < MOST_BYTES
