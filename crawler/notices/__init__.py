"""What is told of a crawl that ended, to whom, and how it gets there: events → queue → webhook or mail."""

from crawler.notices.delivery import Deliverer, Delivery, deliver
from crawler.notices.events import EndedCrawl, Said, events_of
from crawler.notices.queue import Notice, Queue, QueueError
from crawler.notices.success import note_success, read_successes
from crawler.notices.telling import tell

__all__ = [
    "Deliverer",
    "Delivery",
    "EndedCrawl",
    "Notice",
    "Queue",
    "QueueError",
    "Said",
    "deliver",
    "events_of",
    "note_success",
    "read_successes",
    "tell",
]
