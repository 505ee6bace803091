"""A place that releases are uploaded to: what an upload needs of a storage that fsspec knows, and no more.

S3 keeps a digest beside each object and shows none before it is whole. Any other storage is written to under
a temporary name first, and what it has is read back to be believed.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crawler.dump.packages import NoPackages, package

BLOCK_BYTES = 8 * 2**20  # of a multipart upload, ten at once; S3 takes 5 MiB to 5 GiB, and 10,000 of them
SHA256 = "sha256"  # the name under which S3 keeps an object's digest: x-amz-meta-sha256
_TEMPORARY = ".uploading"
_CURE = "pip install -r requirements-s3.txt"
_EXAMPLE = "for example s3://bucket/prefix or file:///srv/releases"


class NoStorage(ValueError):
    """Nothing can be uploaded there, and nothing was; the message says why."""


class StorageFailed(OSError):
    """A storage refused, or cannot be reached; the message says what and where, and has no secret in it."""


class Storage:
    """All below one address. Paths are relative to it, with "/". Every method raises StorageFailed."""

    def __init__(self, url: str) -> None:
        """Nothing is asked of the storage yet. Raises NoStorage, NoPackages."""
        self.url = url.rstrip("/")
        scheme = _scheme_of(url)
        kind = _kind_of(scheme)
        self._is_s3 = scheme in ("s3", "s3a")
        self._is_local = scheme in ("file", "local")
        # Of its own: fsspec would hand out the same one again, with what it remembers of earlier listings.
        options: dict[str, Any] = {"skip_instance_cache": True}
        if self._is_s3:
            options["config_kwargs"] = {"connect_timeout": 10, "retries": {"mode": "standard"}}
        with self._named(self.url):
            self._files = kind(**options)
            self._root = str(kind._strip_protocol(self.url))

    def try_out(self) -> None:
        """Learn whether it can be reached and written to. Nothing that a reader could see is left behind."""
        with self._named(self.url):
            if self._is_s3:
                self._try_s3()
            else:
                probe = self._temporary("probe")
                self._files.makedirs(self._root, exist_ok=True)
                self._files.pipe_file(probe, b"")
                self._files.rm_file(probe)

    def sizes(self, folder: str) -> dict[str, int]:
        """Path below ``folder`` → bytes, as the storage tells them now; without what killed uploads left."""
        base = f"{self._root}/{folder}"
        with self._named(f"{self.url}/{folder}"):
            self._files.invalidate_cache()
            found = self._files.find(base, detail=True)
        names = {name[len(base) + 1 :]: int(about["size"]) for name, about in found.items()}
        return {
            name: size
            for name, size in names.items()
            if not name.endswith("/") and name and not _is_temporary(name)
        }

    def read(self, path: str) -> bytes | None:
        """A small object; None where there is none."""
        with self._named(f"{self.url}/{path}"):
            try:
                return bytes(self._files.cat_file(f"{self._root}/{path}"))
            except FileNotFoundError:
                return None

    def digest(self, path: str) -> str:
        """The SHA-256 of an object that is there, hexadecimal; "" where S3 was not told it."""
        with self._named(f"{self.url}/{path}"):
            if self._is_s3:
                return str(self._files.metadata(f"{self._root}/{path}").get(SHA256, ""))
            digest = hashlib.sha256()
            with self._files.open(f"{self._root}/{path}", "rb") as stream:
                while block := stream.read(2**20):
                    digest.update(block)
            return digest.hexdigest()

    def send(self, path: Path, target: str, sha256: str) -> None:
        """A file, whole under its name or not at all. ``sha256``: of its bytes."""
        final = f"{self._root}/{target}"
        with self._named(f"{self.url}/{target}"):
            if self._is_s3:
                self._files.put_file(str(path), final, chunksize=BLOCK_BYTES, Metadata={SHA256: sha256})
                return
            new = self._temporary(target)
            self._files.makedirs(final.rpartition("/")[0], exist_ok=True)
            self._files.put_file(str(path), new)
            if self._is_local:
                _sync(new)
            self._files.mv(new, final)
            if self._is_local:
                _sync(final.rpartition("/")[0])

    def forget_halves(self, folder: str) -> None:
        """Give up the multipart uploads below ``folder`` that kills left: nobody sees them, and they cost."""
        if not self._is_s3:
            return  # a half under a temporary name is written over
        bucket, start, _ = self._files.split_path(f"{self._root}/{folder}/")
        with self._named(f"{self.url}/{folder}"):
            try:
                found = self._files.call_s3("list_multipart_uploads", Bucket=bucket, Prefix=start)
                for half in found.get("Uploads", []):
                    given_up = {"Bucket": bucket, "Key": half["Key"], "UploadId": half["UploadId"]}
                    self._files.call_s3("abort_multipart_upload", **given_up)
            except (PermissionError, FileNotFoundError):
                return  # a right that an upload can do without; or it is gone by now

    def _temporary(self, target: str) -> str:
        folder, _, name = f"{self._root}/{target}".rpartition("/")
        return f"{folder}/.{name}{_TEMPORARY}"

    def _try_s3(self) -> None:
        """A multipart upload begun and given up: it asks for the right to write, and nobody ever sees it."""
        bucket, key, _ = self._files.split_path(f"{self._root}/probe{_TEMPORARY}")
        patience, self._files.retries = self._files.retries, 1
        try:
            begun = self._files.call_s3("create_multipart_upload", Bucket=bucket, Key=key)
        finally:
            self._files.retries = patience
        given_up = {"Bucket": bucket, "Key": key, "UploadId": begun["UploadId"]}
        self._files.call_s3("abort_multipart_upload", **given_up)

    @contextmanager
    def _named(self, where: str) -> Iterator[None]:
        try:
            yield
        except Exception as error:  # noqa: BLE001  # an edge: each storage raises what its own library raises
            raise StorageFailed(f"{where}: {reason_of(error)}") from None


def reason_of(error: Exception) -> str:
    """One line for people: what a storage's library says, with the cure where there is one; no secrets."""
    said = without_secrets(" ".join(str(error).split())) or type(error).__name__
    if isinstance(error, FileNotFoundError) and "bucket" in said.lower():
        return "there is no such bucket; make it first"
    if isinstance(error, PermissionError):
        return f"no permission ({said}); an upload lists, reads and writes there"
    if type(error).__name__ in ("NoCredentialsError", "PartialCredentialsError", "ProfileNotFound"):
        return f"{said}: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"
    if isinstance(error, NotImplementedError):
        return "fsspec can only read there"
    return said


def without_secrets(text: str) -> str:
    """A library's words without passwords of addresses and without what the environment keeps secret.

    >>> without_secrets("cannot reach http://me:pw@127.0.0.1/x")
    'cannot reach http://…@127.0.0.1/x'
    """
    for name in ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID"):
        if secret := os.environ.get(name):
            text = text.replace(secret, "…")
    return re.sub(r"//[^/@\s\"']+@", "//…@", text)


def _scheme_of(url: str) -> str:
    """Raises NoStorage for what is no address of a storage, or has a secret in it."""
    scheme, _, rest = url.partition("://")
    if urlsplit(url).password is not None:
        raise NoStorage(
            f"--to {scheme}://…: no password belongs in an address: others see it in lists of processes"
        )
    segments = rest.rstrip("/").split("/")
    if segments[0] == "" and len(segments) > 1:
        segments = segments[1:]  # file:///srv, memory:///x
    if scheme == "file" and not rest.startswith("/"):
        raise NoStorage(f"--to {url}: a whole path follows file://, {_EXAMPLE}")
    plain = re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme) and not re.search(r"[\s?#*\[\]]|::", rest)
    if not plain or any(segment in ("", ".", "..") for segment in segments):
        raise NoStorage(f"--to {without_secrets(url)}: this is no address of a storage; {_EXAMPLE}")
    return scheme


def _kind_of(scheme: str) -> Any:
    """fsspec's class for an address. Raises NoStorage, NoPackages."""
    registry = package("fsspec", "an upload", _CURE)
    try:
        return registry.get_filesystem_class(scheme)
    except ImportError as error:
        if scheme in ("s3", "s3a"):
            package("s3fs", "an upload to S3", _CURE)
        raise NoPackages(f"an upload to {scheme}:// needs a package more: {error}") from None
    except ValueError:
        raise NoStorage(f"--to {scheme}://…: fsspec knows no such storage; {_EXAMPLE}") from None


def _is_temporary(name: str) -> bool:
    last = name.rpartition("/")[2]
    return last.startswith(".") and last.endswith(_TEMPORARY)


def _sync(path: str) -> None:
    """On disk before it gets its name."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
