"""Full disks and sudden ends: a file ends on a whole record, and what was acknowledged is in it."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler.warc.pointer import WarcPointer

from .warc_bytes import members, parse, records
from .writing import NAME, ROOT, is_whole, others_agree, page, points_at, writer


def acknowledged(lines: list[str]) -> dict[int, WarcPointer]:
    pairs = (line.split(" ", 1) for line in lines)
    return {int(number): WarcPointer.model_validate_json(pointer) for number, pointer in pairs}


def child(*words: str) -> subprocess.Popen[str]:
    code = f"import sys, tests.wire.writing as w; w.{words[0]}(*sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, *words[1:]], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize(
    "room", ["for nothing", "for half a warcinfo", "for half a response", "for half a request"]
)
def test_a_full_disk(tmp_path: Path, room: str) -> None:
    """What was acknowledged is whole, and what comes once there is room again is so too."""
    measure = writer(tmp_path)
    measure.write(page(0))
    measure.close()
    path = tmp_path / NAME.format(0)
    info, response, request = records(path)
    limit = {
        "for nothing": 0,
        "for half a warcinfo": info.length // 2,
        "for half a response": request.offset + request.length + response.length // 2,
        "for half a request": request.offset + request.length // 2,
    }[room]
    path.unlink()

    with child("fill", str(tmp_path), str(limit)) as process:
        lines = process.communicate(timeout=30)[0].splitlines()
    assert process.returncode == 0
    kept = acknowledged(lines)
    assert len(kept) == 7
    found = {record["WARC-Record-ID"]: record for path in tmp_path.iterdir() for record in is_whole(path)}
    for number, pointer in kept.items():
        assert found[pointer.record_id].block == page(number).attempts[0].response
        assert points_at(found[pointer.record_id], pointer)
    for path in tmp_path.iterdir():
        others_agree(path)


def test_a_kill_leaves_what_was_acknowledged(tmp_path: Path) -> None:
    with child("write_on", str(tmp_path)) as process:
        assert process.stdout
        lines = [process.stdout.readline() for _ in range(40)]
        process.kill()
        lines += [line for line in process.stdout if line.endswith("\n")]
    assert process.returncode == -signal.SIGKILL
    (path,) = tmp_path.iterdir()
    assert path.name == NAME.format(0) + ".open"

    data = path.read_bytes()
    found, end = members(data)
    whole = dict(found)
    kept = acknowledged(lines)
    assert len(kept) >= 40
    for number, pointer in kept.items():
        record = parse(pointer.file, pointer.offset, pointer.length, whole[pointer.offset])
        assert record.block == page(number).attempts[0].response
    assert len(data) - end < 21_000  # one record at most is torn

    saved = tmp_path / NAME.format(0)
    saved.write_bytes(data[:end])
    assert is_whole(saved)
    others_agree(saved)
