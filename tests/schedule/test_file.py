"""Faults of a schedule that people make, and what they are told."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.schedule.file import ScheduleError, parse_schedule, read_schedule

CRAWL = '[[crawl]]\nname = "a"\nwhen = "hourly"\n'
MAIL = CRAWL + '[mail]\nhost = "mail.example.org"\nuser = "ostan"\npassword_env = "P"\n'
FAULTS = {
    CRAWL.replace("[[crawl]]", "[crawl]"): "line 1: write [[crawl]], in two brackets: there may be several",
    CRAWL + "since = 2025-09-23": 'line 4: crawl "a": since: write it in quotes',
    CRAWL + "when = 06:00": "line 4",
    CRAWL.replace('"hourly"', "06:00:00"): 'line 3: crawl "a": when: write it in quotes',
    CRAWL + 'settings = { ARCHIVES = "x" }': 'line 4: crawl "a": settings: ARCHIVES cannot be set here',
    MAIL: "line 4: a password goes to mail.example.org only with security = starttls or tls",
}


@pytest.mark.parametrize("text", FAULTS, ids=FAULTS.values())
def test_a_fault_is_named_with_its_line_and_its_cure(text: str) -> None:
    with pytest.raises(ScheduleError) as fault:
        parse_schedule(text, "schedule.toml")
    assert FAULTS[text] in str(fault.value)


@pytest.mark.parametrize("more", ['security = "starttls"', 'security = "tls"'])
def test_a_password_goes_over_a_connection_that_nobody_reads(more: str) -> None:
    assert parse_schedule(MAIL + more, "schedule.toml").mail.password_env == "P"
    assert parse_schedule(MAIL.replace("mail.example.org", "localhost"), "x").mail.security == "none"


def test_a_mark_before_the_text_is_no_fault(tmp_path: Path) -> None:
    """Some editors write one."""
    path = tmp_path / "schedule.toml"
    path.write_text(CRAWL, encoding="utf-8-sig")
    assert read_schedule(path).crawl[0].name == "a"
