"""S3 on this machine: moto's server in a process of its own, behind a proxy that counts and hinders."""

from __future__ import annotations

import functools
import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import boto3

SECRET = "a-secret-that-nobody-may-read"
BUCKET = "releases"
_SERVER = """
import sys, time
from moto.server import ThreadedMotoServer
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
sys.stdin.read()  # till the tests' end closes it
"""


@contextmanager
def moto() -> Iterator[int]:
    """Its port."""
    words = [sys.executable, "-c", _SERVER]
    silent = subprocess.DEVNULL
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=silent, text=True
    ) as process:
        assert process.stdout is not None
        yield int(process.stdout.readline())
        process.kill()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):  # the end of whoever was killed
            super().handle_error(request, client_address)


@functools.cache
def _client(port: int) -> Any:
    """Straight to the server. To make one costs as much as a small upload."""
    return boto3.client(
        "s3",
        endpoint_url=f"http://127.0.0.1:{port}",
        region_name="us-east-1",
        aws_access_key_id="tester",
        aws_secret_access_key=SECRET,
    )


class S3:
    """A bucket behind a proxy. ``puts``: keys, a part's with "#" and its number, in the order of answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.puts: list[str] = []
        self.requests = 0
        self.hold_after: int | None = None  # so many PUTs are let through, the others hang for ever
        self._came = itertools.count()
        self.held = threading.Event()
        self.denied: tuple[str, ...] = ()  # methods
        self.swallowed = ""  # a key that is answered as if it had been kept
        self._proxy = _Proxy(("127.0.0.1", 0), _handler(self))
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._proxy.serve_forever, args=(0.02,))
        self._thread.start()
        self.client = _client(port)
        self.client.create_bucket(Bucket=BUCKET)

    def environment(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self._proxy.server_address[1]}",
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def keys(self) -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def body(self, key: str) -> bytes:
        return bytes(self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def digest(self, key: str) -> str:
        """As kept beside the object."""
        return str(self.client.head_object(Bucket=BUCKET, Key=key)["Metadata"].get("sha256"))

    def put(self, key: str, body: bytes) -> None:
        self.client.put_object(Bucket=BUCKET, Key=key, Body=body)

    def hangs(self) -> bool:
        """Whether a PUT was one too many: said when the test goes on."""
        if self.hold_after is None or next(self._came) < self.hold_after:
            return False
        wait_for(lambda: len(self.puts) == self.hold_after)
        self.held.set()
        self._over.wait()
        return True

    def go_on(self) -> None:
        """From nothing: counted anew, nothing hangs."""
        self.hold_after, self.puts = None, []
        self._over.set()

    def close(self) -> None:
        self._over.set()
        self._proxy.shutdown()
        self._proxy.server_close()
        self._thread.join()
        for key in self.keys():
            self.client.delete_object(Bucket=BUCKET, Key=key)


def _handler(far: S3) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

        def _pass(self) -> None:
            far.requests += 1
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            if self.command == "PUT" and far.hangs():
                self.close_connection = True
                return
            if self.command in far.denied:
                self._answer(
                    403, {}, b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
                )
                return
            path, _, query = self.path.partition("?")
            key = path.removeprefix(f"/{BUCKET}/")
            if far.swallowed and self.command == "PUT" and key == far.swallowed:
                self._answer(200, {"ETag": '"0"'}, b"")
                return
            self._answer(*_asked(far.port, self.command, self.path, dict(self.headers), body))
            if self.command == "PUT":
                part = query.partition("partNumber=")[2].partition("&")[0]
                far.puts.append(f"{key}#{part}" if part else key)

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                if name.lower() not in ("transfer-encoding", "connection", "date", "server"):
                    self.send_header(name, value)
            if "content-length" not in {name.lower() for name in headers}:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)

        do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = _pass  # noqa: N815  # http.server's names

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _asked(
    port: int, method: str, path: str, headers: dict[str, str], body: bytes
) -> tuple[int, dict[str, str], bytes]:
    connection = HTTPConnection("127.0.0.1", port)
    try:
        kept = {
            name: value for name, value in headers.items() if name.lower() not in ("expect", "connection")
        }
        connection.request(method, path, body, kept)
        response = connection.getresponse()
        return response.status, dict(response.getheaders()), response.read()
    finally:
        connection.close()


def wait_for(what: Callable[[], bool], seconds: float = 20) -> None:
    """Raises AssertionError where it does not come true."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.01)):
        if what():
            return
        pause.wait(0.01)
    raise AssertionError(f"not within {seconds} s")
