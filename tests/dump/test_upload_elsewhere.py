"""``scrapy dump RELEASE --to URL``: what is no address of a storage, and storages that are not S3."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crawler.collection import Collection
from crawler.disk import hold
from tests.dump.far_end import SECRET
from tests.dump.releases import folder_of, tree
from tests.dump.test_command import said


@pytest.fixture
def archives(made: Path, tmp_path: Path) -> Path:
    """A copy, to be changed."""
    return Path(shutil.copytree(made, tmp_path / "archives"))


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
    assert said(made, "r1", "--to", to, "--provinces", "qom", "--gzip", "--rows", "x") == 2
    assert (
        "another selection (--provinces, --since, --until, --without), --rows, --gzip"
        in capsys.readouterr().err
    )
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


def test_an_older_release_does_not_become_the_last(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for release, last in (("r1", "r1"), ("r2", "r2"), ("r1", "r2")):
        assert said(made, release, "--to", f"file://{tmp_path}") == 0
        assert f"the last release there is {last}" in capsys.readouterr().out
    assert (tmp_path / "latest.json").read_bytes() == Collection(made, "yjc").latest.read_bytes()


@pytest.mark.parametrize(
    ("there", "last"),
    [
        ('{"release": "r2"}', "r2"),  # known here only, and later
        ('{"release": "r7"}', "r7"),  # nobody knows whether it is later: r2 is the last one here, not r1
        ('{"release": "../x"}', "r1"),
        ("torn", "r1"),
    ],
)
def test_what_the_far_end_calls_its_last(
    made: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], there: str, last: str
) -> None:
    (tmp_path / "latest.json").write_text(there, encoding="utf-8")
    assert said(made, "r1", "--to", f"file://{tmp_path}") == 0
    assert f"the last release there is {last}" in capsys.readouterr().out
    assert said(made, "r2", "--to", f"file://{tmp_path}") == 0
    assert "the last release there is r2" in capsys.readouterr().out


def test_another_upload_under_way(archives: Path, capsys: pytest.CaptureFixture[str]) -> None:
    hold(Collection(archives, "yjc").uploads_lock, "scrapy dump r2 --to s3://a/b, process 1")
    assert said(archives, "r1", "--to", "memory://held") == 2
    assert "scrapy dump r2 --to s3://a/b, process 1; wait for its end" in capsys.readouterr().err


def test_memory(made: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert said(made, "r1", "--to", "memory://out") == 0
    assert said(made, "r1", "--to", "memory://out") == 0
    assert "of which 0 were sent now" in capsys.readouterr().out
