"""``scrapy dump RELEASE --to URL``: against a server that speaks S3. Elsewhere: test_upload_elsewhere.py."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.dump.manifest import digest_of
from crawler.dump.storage import BLOCK_BYTES
from tests.dump.far_end import BUCKET, S3, SECRET, moto
from tests.dump.releases import folder_of, tree
from tests.dump.test_command import said

ROOT = Path(__file__).parents[2]
TO = f"s3://{BUCKET}/out"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def server() -> Iterator[int]:
    with moto() as port:
        yield port


@pytest.fixture
def s3(server: int) -> Iterator[S3]:
    far = S3(server)
    yield far
    far.close()


@pytest.fixture
def archives(made: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(made, tmp_path / "archives"))


def words(archives: Path, *arguments: str) -> list[str]:
    return ["dump", *arguments, "-s", f"ARCHIVES={archives}"]


def environment(s3: S3 | None = None) -> dict[str, str]:
    own = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return own | (s3.environment() if s3 else {})


@pytest.fixture
def run(s3: S3, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """The command in this process: (exit code, stdout, stderr). No output ever has the secret."""

    def running(archives: Path, *arguments: str, **more: str) -> tuple[int, str, str]:
        for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
            monkeypatch.delenv(name)
        for name, value in (s3.environment() | more).items():
            monkeypatch.setenv(name, value)
        code = said(archives, *arguments)
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        return code, out, err

    return running


def assert_there(s3: S3, archives: Path, release: str) -> None:
    """Every object equals its file and tells its digest, and there is no other."""
    files = tree(folder_of(archives, release))
    start, there = f"out/{release}/", s3.keys()
    assert sorted(key for key in there if key.startswith(start)) == sorted(start + name for name in files)
    for name, digest in files.items():
        assert s3.body(start + name) == (folder_of(archives, release) / name).read_bytes()
        assert s3.digest(start + name) == digest


def test_an_upload_and_the_same_again(s3: S3, run: Run, made: Path) -> None:
    files = tree(folder_of(made, "r2"))
    code, out, err = run(made, "r2", "--to", TO)
    assert (code, err) == (0, "")
    assert out.startswith(f"{TO}/r2: {len(files)} objects, of which {len(files)} were sent now (")
    assert_there(s3, made, "r2")
    assert s3.body("out/latest.json") == Collection(made, "yjc").latest.read_bytes()
    kinds = [name.removeprefix("out/r2/").partition("-")[0].partition("/")[0] for name in s3.puts]
    order = list(dict.fromkeys(kinds))
    assert order[:3] == ["articles", "parquet", "delta"]
    assert s3.puts[-2:] == ["out/r2/manifest.json", "out/latest.json"]
    s3.go_on()
    code, out, err = run(made, "r2", "--to", f"{TO}/")
    assert (code, err, s3.puts) == (0, "", [])
    assert "of which 0 were sent now (0 bytes)" in out


def test_one_command_makes_and_uploads(s3: S3, run: Run, archives: Path) -> None:
    code, out, err = run(archives, "r3", "--no-parquet", "--to", f"s3://{BUCKET}")
    assert (code, err) == (0, "")
    assert "13 rows of 13 articles" in out
    assert json.loads(s3.body("latest.json"))["release"] == "r3"
    assert s3.body("r3/manifest.json") == (folder_of(archives, "r3") / "manifest.json").read_bytes()


def killed(s3: S3, *command: str, after: int) -> None:
    """A process of its own that is killed while its PUT number ``after`` + 1 is on its way."""
    s3.hold_after = after
    silent = subprocess.DEVNULL
    with subprocess.Popen(command, cwd=ROOT, env=environment(s3), stdout=silent, stderr=silent) as process:
        assert s3.held.wait(30)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL


def test_a_killed_upload_goes_on(s3: S3, run: Run, archives: Path) -> None:
    killed(s3, sys.executable, "-m", "scrapy", *words(archives, "r1", "--to", TO), after=4)
    before = list(s3.puts)
    assert len(before) == 4
    assert sorted(s3.keys()) == sorted(before)
    assert not {"out/latest.json", "out/r1/manifest.json"} & set(before)
    s3.go_on()
    assert run(archives, "r1", "--to", TO)[0] == 0
    assert_there(s3, archives, "r1")
    assert not set(before) & set(s3.puts)
    assert sorted(before + s3.puts) == sorted(s3.keys())  # each was sent once
    assert s3.puts[-2:] == ["out/r1/manifest.json", "out/latest.json"]


def test_a_large_file_goes_by_parts_and_is_seen_whole_or_not_at_all(s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(random.Random(1).randbytes(2 * BLOCK_BYTES + 1000))
    code = (
        "import sys; from pathlib import Path; from crawler.dump.storage import Storage; "
        "Storage(sys.argv[1]).send(Path(sys.argv[2]), 'r/large', sys.argv[3])"
    )
    command = [sys.executable, "-c", code, TO, str(path), digest_of(path)]
    killed(s3, *command, after=1)
    assert len(s3.puts) == 1
    assert s3.keys() == []
    s3.go_on()
    subprocess.run(command, cwd=ROOT, env=environment(s3), check=True)
    assert sorted(s3.puts) == [f"out/r/large#{part}" for part in (1, 2, 3)]
    assert s3.body("out/r/large") == path.read_bytes()
    assert s3.digest("out/r/large") == digest_of(path)


def test_what_differs_is_sent_again(s3: S3, run: Run, archives: Path) -> None:
    """Of the right size or not, as long as no manifest says that it is a release."""
    files = sorted(tree(folder_of(archives, "r1")))
    s3.put("out/r1/", b"")  # as consoles make folders
    s3.put("out/r1/parquet/", b"")
    s3.client.create_multipart_upload(Bucket=BUCKET, Key=f"out/r1/{files[0]}")  # as a kill leaves it
    s3.put(f"out/r1/{files[0]}", b"torn")
    s3.put(f"out/r1/{files[1]}", bytes((folder_of(archives, "r1") / files[1]).stat().st_size))
    assert run(archives, "r1", "--to", TO)[0] == 0
    assert "Uploads" not in s3.client.list_multipart_uploads(Bucket=BUCKET, Prefix="out/r1/")
    for folder in ("out/r1/", "out/r1/parquet/"):
        s3.client.delete_object(Bucket=BUCKET, Key=folder)
    assert_there(s3, archives, "r1")


def test_what_does_not_arrive_is_not_the_last(s3: S3, run: Run, archives: Path) -> None:
    s3.swallowed = "out/r1/README.md"
    code, _, err = run(archives, "r1", "--to", TO)
    assert code == 1
    assert err == (
        f"error: {TO}: 1 objects are not there at their size although they were sent: r1/README.md; "
        "what was sent stays, and the same command goes on\n"
    )
    assert not {"out/latest.json", "out/r1/manifest.json"} & set(s3.keys())


def test_another_release_of_that_name(s3: S3, run: Run, archives: Path) -> None:
    s3.put("out/r1/manifest.json", b"{}")
    code, _, err = run(archives, "r1", "--to", TO)
    assert code == 1
    assert "out/r1 is another release of that name (its manifest.json differs)" in err
    assert s3.keys() == ["out/r1/manifest.json"]
    s3.put("out/r9/manifest.json", b"{}")
    code, _, err = run(archives, "r9", "--to", TO)
    assert code == 1
    assert "out/r9 is a release already, and none is here: choose another name" in err
    assert not folder_of(archives, "r9").exists()


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_no_permission(s3: S3, run: Run, archives: Path, method: str) -> None:
    s3.denied = (method,)
    code, _, err = run(archives, "r9", "--to", TO)
    assert code == 2
    assert err.startswith(f"error: nothing can be uploaded to {TO}")
    assert "no permission (Access Denied); an upload lists, reads and writes there" in err
    assert (s3.puts, folder_of(archives, "r9").exists()) == ([], False)


def test_no_permission_any_more(s3: S3, run: Run, archives: Path) -> None:
    s3.denied = ("PUT",)
    code, _, err = run(archives, "r1", "--to", TO)
    assert code == 1
    assert err.startswith(f"error: {TO}/r1/articles-2026-11-01-001.jsonl.zst: no permission (Access Denied)")
    assert err.endswith("; what was sent stays, and the same command goes on\n")
    s3.denied = ()
    assert run(archives, "r1", "--to", TO)[0] == 0


def test_no_such_bucket(s3: S3, run: Run, archives: Path) -> None:
    code, _, err = run(archives, "r9", "--to", "s3://elsewhere/out")
    message = "error: nothing can be uploaded to s3://elsewhere/out: there is no such bucket; make it first\n"
    assert (code, err) == (2, message)
    assert not folder_of(archives, "r9").exists()


def test_nobody_answers(s3: S3, run: Run, archives: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        there = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = run(
            archives, "r9", "--to", TO, AWS_ENDPOINT_URL=f"http://{there}", AWS_MAX_ATTEMPTS="1"
        )
    assert code == 2
    assert err.startswith(f"error: nothing can be uploaded to {TO}: Could not connect to the endpoint URL")
    assert err.count("\n") == 1


def test_without_fsspec(s3: S3, run: Run, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fsspec", None)
    code, _, err = run(made, "r1", "--to", TO)
    cure = "which is not installed: pip install -r requirements-s3.txt"
    assert (code, err) == (2, f"error: an upload needs the package fsspec, {cure}\n")
    assert s3.requests == 0


def test_without_s3fs(made: Path) -> None:
    """A python that has none, beside an fsspec that other packages brought."""
    code = "import sys; sys.modules['s3fs'] = None; from scrapy.cmdline import execute; execute()"
    command = [sys.executable, "-c", code, *words(made, "r1", "--to", TO)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert "the package s3fs, which is not installed: pip install -r requirements-s3.txt" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_release_that_is_not_whole(s3: S3, run: Run, archives: Path) -> None:
    (folder_of(archives, "r1") / "README.md").write_text("", encoding="utf-8")
    code, _, err = run(archives, "r1", "--to", TO)
    assert code == 1
    assert "r1 is not whole, nothing is uploaded: README.md: has 0 bytes" in err
    assert s3.keys() == []
