"""``scrapy dump RELEASE --to URL``: against a server that speaks S3, and against folders."""

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
from tests.dump.releases import dumped, tree
from tests.dump.rows import article, written
from tests.dump.test_command import said

ROOT = Path(__file__).parents[2]
TO = f"s3://{BUCKET}/out"
DAYS = 5
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


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An archive with r1 and r2, the later one with a delta: some thirty files each."""
    archives = tmp_path_factory.mktemp("archives")
    rows = [article(number, day=number % DAYS) for number in range(4 * DAYS)]
    collection = written(archives, {"a": rows})
    collection.runs.mkdir()
    dumped(collection, "r1")
    written(archives, {"b": [article(100, day=9)]})
    dumped(collection, "r2", delta_from="r1")
    return archives


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
        for name, value in (s3.environment() | more).items():
            monkeypatch.setenv(name, value)
        code = said(archives, *arguments)
        out, err = capsys.readouterr()
        assert SECRET not in out + err
        return code, out, err

    return running


def folder_of(archives: Path, release: str) -> Path:
    return Collection(archives, "yjc").release(release).folder


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
    # An older one beside it: latest.json stays with the later one.
    code, out, err = run(made, "r1", "--to", TO)
    assert (code, err) == (0, "")
    assert "the last release there is r2" in out
    assert json.loads(s3.body("out/latest.json"))["release"] == "r2"


def test_one_command_makes_and_uploads(s3: S3, run: Run, archives: Path) -> None:
    code, out, err = run(archives, "r3", "--no-parquet", "--to", f"s3://{BUCKET}")
    assert (code, err) == (0, "")
    assert "21 rows of 21 articles" in out
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


def test_a_killed_upload_goes_on(s3: S3, archives: Path) -> None:
    command = words(archives, "r1", "--to", TO)
    killed(s3, sys.executable, "-m", "scrapy", *command, after=7)
    before = list(s3.puts)
    assert len(before) == 7
    assert sorted(s3.keys()) == sorted(before)
    assert not {"out/latest.json", "out/r1/manifest.json"} & set(before)
    s3.go_on()
    again = [sys.executable, "-m", "scrapy", *command]
    done = subprocess.run(again, cwd=ROOT, env=environment(s3), capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
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
    s3.put(f"out/r1/{files[0]}", b"torn")
    s3.put(f"out/r1/{files[1]}", bytes((folder_of(archives, "r1") / files[1]).stat().st_size))
    assert run(archives, "r1", "--to", TO)[0] == 0
    assert_there(s3, archives, "r1")


def test_what_does_not_arrive_is_not_the_last(s3: S3, run: Run, archives: Path) -> None:
    s3.swallowed = "out/r1/README.md"
    code, _, err = run(archives, "r1", "--to", TO)
    assert code == 1
    assert err == (
        f"error: {TO}: 1 objects are not there at their size although they were sent: r1/README.md; "
        "run the same command again\n"
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


def test_no_such_bucket(s3: S3, run: Run, archives: Path) -> None:
    code, _, err = run(archives, "r9", "--to", "s3://elsewhere/out")
    message = "error: nothing can be uploaded to s3://elsewhere/out: there is no such bucket; make it first\n"
    assert (code, err) == (2, message)
    assert not folder_of(archives, "r9").exists()


def test_nobody_answers(s3: S3, run: Run, archives: Path) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        there = f"127.0.0.1:{taken.getsockname()[1]}"
        code, _, err = run(archives, "r9", "--to", TO, AWS_ENDPOINT_URL=f"http://{there}")
    assert code == 2
    assert err.startswith(f"error: nothing can be uploaded to {TO}: Could not connect to the endpoint URL")
    assert err.count("\n") == 1


@pytest.mark.parametrize("name", ["fsspec", "s3fs"])
def test_without_its_packages(made: Path, name: str) -> None:
    code = f"import sys; sys.modules[{name!r}] = None; from scrapy.cmdline import execute; execute()"
    command = [sys.executable, "-c", code, *words(made, "r1", "--to", TO)]
    done = subprocess.run(command, cwd=ROOT, env=environment(), capture_output=True, text=True)
    assert done.returncode == 2
    assert (
        f"needs the package {name}, which is not installed: pip install -r requirements-s3.txt" in done.stderr
    )
    assert done.stderr.count("\n") == 1


def test_a_release_that_is_not_whole(s3: S3, run: Run, archives: Path) -> None:
    (folder_of(archives, "r1") / "README.md").write_text("", encoding="utf-8")
    code, _, err = run(archives, "r1", "--to", TO)
    assert code == 1
    assert "r1 is not whole, nothing is uploaded: README.md: has 0 bytes" in err
    assert s3.keys() == []


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("bucket/prefix", "no address of a storage; for example s3://bucket/prefix"),
        ("s3://", "no address of a storage"),
        ("s3://a//b", "no address of a storage"),
        ("s3://a/../b", "no address of a storage"),
        ("simplecache::s3://a/b", "no address of a storage"),
        ("file://a/b", "a whole path follows file://"),
        ("nowhere://a/b", "fsspec knows no such storage"),
        (f"sftp://me:{SECRET}@host/x", "no password belongs in an address"),
        ("file:///proc/x", "nothing can be uploaded to file:///proc/x"),
    ],
)
def test_addresses_that_are_none(
    made: Path, capsys: pytest.CaptureFixture[str], to: str, message: str
) -> None:
    assert said(made, "r1", "--to", to) == 2
    err = capsys.readouterr().err
    assert message in err
    assert SECRET not in err


def test_other_arguments_than_it_was_made_with(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = f"file://{tmp_path}"
    assert said(made, "r1", "--to", to, "--provinces", "qom", "--gzip") == 2
    assert "another selection (--provinces, --since, --until), --gzip" in capsys.readouterr().err
    assert said(made, "r2", "--to", to, "--delta-from", "r1") == 0
    assert said(made, "r1", "--to", to, "--check") == 2


def test_a_folder(archives: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    far, to = tmp_path / "far", f"file://{tmp_path}/far"
    assert said(archives, "r1", "--to", to) == 0
    assert tree(far / "r1") == tree(folder_of(archives, "r1"))
    assert [path.name for path in far.iterdir() if path.is_file()] == ["latest.json"]
    # A torn file, other bytes of the same size, and what a kill leaves: made good, never taken for it.
    shard, readme = sorted((far / "r1").glob("articles-*"))[0], far / "r1" / "README.md"
    shard.write_bytes(shard.read_bytes()[:10])
    readme.write_bytes(bytes(readme.stat().st_size))
    (far / "r1" / f".{shard.name}.uploading").write_bytes(b"half")
    capsys.readouterr()
    assert said(archives, "r1", "--to", to) == 0
    assert "of which 2 were sent now" in capsys.readouterr().out
    assert tree(far / "r1") == tree(folder_of(archives, "r1"))
    (far / "r1" / "mine.txt").touch()
    assert said(archives, "r1", "--to", to) == 1
    assert "r1 has what is not of this release: mine.txt: remove it" in capsys.readouterr().err


def test_memory(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(made, "r1", "--to", "memory://out") == 0
    assert said(made, "r1", "--to", "memory://out") == 0
    assert "of which 0 were sent now" in capsys.readouterr().out
