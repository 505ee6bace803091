"""``scrapy schedule`` as it is typed, of a schedule with a crawl and a trial."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import forked
from tests.crawling import ROOT

Typed = Callable[..., subprocess.CompletedProcess[str]]
FILE = """
[[crawl]]
name = "few"
when = "daily 06:00"
provinces = "qom"
limit = 1
settings = { REQUISITES = "none", KEEP_ALIVE = true }

[[crawl]]
name = "trial"
when = "1st of jalali month 03:00"
provinces = "qom"
limit = 1
settings = { REQUISITES = "none" }
test = true
"""


@pytest.fixture
def typed(tmp_path: Path) -> Typed:
    (tmp_path / "schedule.toml").write_text(FILE, encoding="utf-8")

    def type_it(*words: str) -> subprocess.CompletedProcess[str]:
        given = ("SCHEDULE={0}/schedule.toml", "ARCHIVES={0}/archives", "CONTACT=you@example.org")
        settings = [word for one in given for word in ("-s", one.format(tmp_path))]
        own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        return forked.scrapy(["schedule", *words, *settings], ROOT, own, 60)

    return type_it
