"""Figures as a person reads them."""

from __future__ import annotations


def took(seconds: float) -> str:
    """
    >>> [took(9.94), took(754), took(90_000)]
    ['9.9 s', '12 min 34 s', '25 h 0 min']
    """
    if seconds < 60:
        return f"{seconds:,.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60:,} h {minutes % 60} min"


def size(number: int) -> str:
    """
    >>> [size(17), size(7_505_307), size(1_000_000_000)]
    ['17 bytes', '7.5 MB', '1.0 GB']
    """
    for unit, of in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if number >= of:
            return f"{number / of:,.1f} {unit}"
    return f"{number:,} bytes"
