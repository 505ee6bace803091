"""What the units send ends a crawl in order, and its exit code is the one they take for no failure."""

from __future__ import annotations

import signal
import subprocess
import time
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.warc.verify import verify_collection
from tests.crawling import NAME, ROOT, command
from tests.site import running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
def test_one_signal_ends_a_crawl_in_order(number: signal.Signals, tmp_path: Path) -> None:
    with running(3, slow=0.1) as site:
        words = command(tmp_path, "provinces=qom", SITE_URL=site.url, REQUISITES="none")
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not list(tmp_path.glob("*/articles/*")):
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(number)
        assert process.wait(60) == 3
    assert verify_collection(Collection(tmp_path, NAME)).faults == []
