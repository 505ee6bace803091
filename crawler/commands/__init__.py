"""``scrapy <verb>``: thin; read the arguments, call a room, print."""

from __future__ import annotations

from scrapy.exceptions import UsageError
from scrapy.settings import BaseSettings

from crawler.collection import Collection, collections


def asked_collections(settings: BaseSettings) -> list[Collection]:
    """A name that is none is a wrong argument, not a collection without faults."""
    try:
        return collections(settings["ARCHIVES"], settings["COLLECTION"] or "")
    except ValueError as error:
        raise UsageError(str(error), print_help=False) from None
