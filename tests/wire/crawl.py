"""A real crawl of an origin, in a process of its own: ``python -m tests.wire.crawl <plan> <output>``.

The project's settings stand, but for what would keep a small spider from asking a small origin.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from time import sleep
from typing import Any

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings

from crawler.collection import Collection

ROOT = Path(__file__).parents[2]
MOST_BYTES = 3_500_000  # of a body
PATIENCE = 0.6  # seconds for an answer
POSTED = b"name=\xd8\xb3\xd9\x84\xd8\xa7\xd9\x85&x=1"
OVERRIDES: dict[str, Any] = {
    "ROBOTSTXT_OBEY": False,
    "RETRY_ENABLED": False,
    "HTTPERROR_ALLOW_ALL": True,
    "DOWNLOAD_DELAY": 0,
    "DOWNLOAD_DELAY_JITTER": 0,
    "DOWNLOAD_TIMEOUT": PATIENCE,
    "DOWNLOAD_MAXSIZE": MOST_BYTES,
    "DOWNLOAD_VERIFY_CERTIFICATES": False,  # the origin signed its own
    "SPIDER_MODULES": [],  # the one below is enough
    "ITEM_PIPELINES": {},
    "EXTENSIONS": {"crawler.warc.recorder.Recorder": 100},
    "DOWNLOADER_MIDDLEWARES": {},  # without Guard, which asks the spider for its site
}


@dataclass(frozen=True, slots=True)
class Seen:
    """How one request ended for the spider. ``url``: where redirects led; ``error``: instead of a status."""

    asked: str
    url: str
    status: int | None
    error: str | None
    body: str | None  # sha-256
    pointer: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Crawl:
    seen: list[Seen]
    folder: Path  # of the WARC files
    log: str

    @property
    def files(self) -> list[Path]:
        return sorted(self.folder.iterdir())


def crawl(urls: Sequence[str], folder: Path, concurrency: int, busy: float = 0, **settings: Any) -> Crawl:
    """Ask for ``urls`` in this order, so many at once. Fails where the crawl does not end well.

    ``busy``: seconds that the spider takes for an answer, in which nothing is sent or received.
    """
    plan, output = folder / "plan.json", folder / "seen.jsonl"
    settings |= {
        "CONCURRENT_REQUESTS": concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": concurrency,
        "ARCHIVES": str(folder),
    }
    plan.write_text(
        json.dumps({"urls": urls, "busy": busy, "settings": OVERRIDES | settings}), encoding="utf-8"
    )
    done = subprocess.run(
        [sys.executable, "-m", "tests.wire.crawl", plan, output],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    seen = [Seen(**json.loads(line)) for line in output.read_text(encoding="utf-8").splitlines()]
    return Crawl(seen, folder / "wire" / "warc", done.stderr)


class WireSpider(Spider):
    """Asks, and writes down what it saw."""

    name = "wire"
    run_id = "run-1"

    def __init__(self, urls: list[str], output: str, archives: str, busy: float) -> None:
        super().__init__()
        self._busy = busy
        self.collection = Collection(archives, "wire")
        self._urls, self._output = urls, Path(output).open("w", encoding="utf-8")  # noqa: SIM115

    async def start(self) -> AsyncIterator[Request]:
        for place, url in enumerate(self._urls):
            yield Request(
                url,
                self.answered,
                method="POST" if "/post/" in url else "GET",
                body=POSTED if "/post/" in url else b"",
                errback=self.failed,
                meta={"asked": url},
                priority=-place,  # in this order
                dont_filter=True,
            )

    def answered(self, response: Response) -> None:
        sleep(self._busy)
        self._note(response.meta, response.url, response.status, None, sha256(response.body).hexdigest())

    def failed(self, failure: Any) -> None:
        request = failure.request
        self._note(request.meta, request.url, None, type(failure.value).__name__, None)

    def closed(self, reason: str) -> None:  # noqa: ARG002  # Scrapy gives it
        self._output.close()

    def _note(
        self, meta: dict[str, Any], url: str, status: int | None, error: str | None, body: str | None
    ) -> None:
        capture = meta.get("capture")
        seen = Seen(
            meta["asked"], url, status, error, body, capture.pointer.model_dump() if capture else None
        )
        print(json.dumps(asdict(seen)), file=self._output, flush=True)


def main(plan: str, output: str) -> None:
    task = json.loads(Path(plan).read_text(encoding="utf-8"))
    settings = Settings()
    settings.setmodule("crawler.settings", priority="project")
    settings.update(task["settings"], priority="cmdline")
    for name in ("ITEM_PIPELINES", "EXTENSIONS", "DOWNLOADER_MIDDLEWARES"):
        settings.set(name, task["settings"][name], priority="cmdline")  # not merged with the project's
    process = AsyncCrawlerProcess(settings)
    process.crawl(
        WireSpider,
        urls=task["urls"],
        output=output,
        archives=task["settings"]["ARCHIVES"],
        busy=task["busy"],
    )
    process.start()


if __name__ == "__main__":
    main(*sys.argv[1:])
