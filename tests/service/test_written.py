"""An export knows its own files again, and leaves all others alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from crawler.schedule.file import Schedule
from crawler.service.export import CRONTAB, crontab, systemd_units
from crawler.service.written import told, write_export
from tests.service.test_export import NOW, SCHEDULE, plain


def test_a_second_export_changes_what_changed_and_names_what_is_left(tmp_path: Path) -> None:
    files = systemd_units(SCHEDULE, plain())
    assert write_export(tmp_path, files).written == list(files)
    assert write_export(tmp_path, files).unchanged == list(files)
    fewer = Schedule(crawl=SCHEDULE.crawl[:1])
    done = write_export(tmp_path, systemd_units(fewer, plain(memory="1G")))
    assert done.written == ["ostan-daily.service", "ostan.service"]
    assert done.left == [
        f"{name}.{kind}"
        for name in ("ostan-monthly_1", "ostan-week", "ostan.notices")
        for kind in ("service", "timer")
    ]
    said = "\n".join(told(done, plain()))
    assert "systemctl disable --now ostan-monthly_1.timer ostan-week.timer ostan.notices.timer" in said
    assert "systemctl enable --now ostan-daily.timer\n" in said
    assert f"{tmp_path}/ostan*.service {tmp_path}/ostan*.timer /etc/systemd/system/" in said
    done = write_export(tmp_path, {CRONTAB: crontab(fewer, plain(), NOW)})
    assert done.left == []
    assert f"crontab -u ostan {tmp_path}/ostan.crontab" in "\n".join(told(done, plain()))


@pytest.mark.parametrize("theirs", ["edited", "foreign", "not text", "cut"])
def test_what_others_wrote_is_left_alone(theirs: str, tmp_path: Path) -> None:
    files = systemd_units(SCHEDULE, plain())
    write_export(tmp_path, files)
    path = tmp_path / "ostan-week.timer"
    before = path.read_bytes()
    changed = {
        "edited": before.replace(b"Persistent=true", b"Persistent=false"),
        "foreign": b"[Timer]\n",
        "not text": b"\xff",
        "cut": before[:-10],
    }[theirs]
    path.write_bytes(changed)
    with pytest.raises(
        ValueError, match=r"^ostan-week\.timer in .* changed by hand since; nothing was written"
    ):
        write_export(tmp_path, systemd_units(SCHEDULE, plain(memory="1G")))
    assert path.read_bytes() == changed
    assert "MemoryMax" not in (tmp_path / "ostan-daily.service").read_text(encoding="utf-8")
