"""An origin on plain sockets that does what its table says and remembers each byte, by connection."""

from __future__ import annotations

import re
import select
import socket
import ssl
import struct
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import sleep

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from .behaviours import TABLE, Asked, End, Say, Step, Wait

PATIENCE = 8.0  # seconds after which a client that neither speaks nor goes is left


@dataclass(slots=True)
class Logged:
    """A request that came whole, and what was said to it. ``stray``: said behind the message, unasked.

    ``crossed``: the next request was on its way by then. Which is whose, no client can tell; so such a stray
    is judged only where connections are not used twice. Else the client had it before it asked again, or
    within the millisecond that is granted between its last look and the sending.
    """

    connection: int
    turn: int
    path: str
    token: bytes
    request: bytes
    message: bytes = b""
    interim: bytes = b""
    stray: bytes = b""
    crossed: bool = False


@dataclass(slots=True)
class Origin:
    """``logged`` is complete once the origin has been left."""

    scheme: str
    port: int
    logged: list[Logged] = field(default_factory=list)

    def url(self, path: str) -> str:
        # A name for one, an address for the other: the record must tell the address in both cases.
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}{path}"


class _Connection:
    """One client, served in a thread of its own until either side goes."""

    def __init__(self, number: int, line: socket.socket, origin: Origin, lock: threading.Lock) -> None:
        self._number, self._line, self._origin, self._lock = number, line, origin, lock
        self._unread = b""

    def serve(self) -> None:
        turn, goes_on = 0, True
        # A client may go at any moment; what was meant for it stays logged.
        with suppress(OSError), self._line:
            while goes_on and (request := self._read()):
                goes_on = self._answer(request, turn)
                turn += 1

    def _read(self) -> bytes:
        """A whole request; nothing if the client went."""
        while True:
            head, blank, rest = self._unread.partition(b"\r\n\r\n")
            length = re.search(rb"(?i)\r\ncontent-length: (\d+)", head)
            missing = (int(length[1]) if length else 0) - len(rest)
            if blank and missing <= 0:
                end = len(self._unread) + missing
                request, self._unread = self._unread[:end], self._unread[end:]
                return request
            data = self._line.recv(65536)
            if not data:
                return b""
            self._unread += data

    def _answer(self, request: bytes, turn: int) -> bool:
        path = request.split(b" ", 2)[1]
        with self._lock:
            token = b"%s!%d" % (path, len(self._origin.logged))
            entry = Logged(self._number, turn, path.decode("ascii"), token, request)
            self._origin.logged.append(entry)
        behaviour = TABLE[entry.path.split("/")[1]]
        return self._perform(behaviour(Asked(token, turn, request.partition(b"\r\n\r\n")[2])), entry)

    def _perform(self, steps: Iterable[Step], entry: Logged) -> bool:
        held, polite = b"", False
        for step in steps:
            match step:
                case Say(data, part, glued):
                    setattr(entry, part, getattr(entry, part) + data)  # before it goes: it may go in part
                    held += data
                    if not glued:
                        self._line.sendall(held)
                        held = b""
                    entry.crossed = part == "stray" and polite and self._spoken(0.001)
                    if entry.crossed:
                        return False
                case Wait(seconds, politely=False):
                    sleep(seconds)
                case Wait(seconds):
                    polite = True
                    if self._spoken(seconds):
                        return True
                case End():
                    self._end(step)
                    return False
        return True

    def _spoken(self, seconds: float) -> bool:
        """Whether the client says anything within so long."""
        return bool(self._unread or select.select([self._line], [], [], seconds)[0])

    def _end(self, how: End) -> None:
        if how is End.CLOSE and isinstance(self._line, ssl.SSLSocket):
            self._line.settimeout(0.2)  # the other's close_notify may never come
            self._line = self._line.unwrap()
        if how is End.RESET:
            self._line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if how is End.HANG:
            while self._line.recv(65536):
                pass


def certificate(folder: Path) -> Path:
    """A new key and a certificate for localhost that it signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = folder / "origin.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return path


@contextmanager
def running(scheme: str, folder: Path) -> Iterator[Origin]:
    """An origin on a free port of this machine. Left only after every connection has ended."""
    context = None
    if scheme == "https":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate(folder))
    lock, threads = threading.Lock(), list[threading.Thread]()
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        origin = Origin(scheme, listening.getsockname()[1])

        def serve(line: socket.socket, number: int) -> None:
            line.settimeout(PATIENCE)
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if context:
                try:
                    line = context.wrap_socket(line, server_side=True)
                except OSError:  # gone before the handshake was over
                    line.close()
                    return
            _Connection(number, line, origin, lock).serve()

        def accept() -> None:
            with suppress(OSError):  # shut down
                while True:
                    line, _ = listening.accept()
                    threads.append(threading.Thread(target=serve, args=(line, len(threads))))
                    threads[-1].start()

        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield origin
        finally:
            listening.shutdown(socket.SHUT_RDWR)  # wakes accept()
            accepting.join()
            for thread in threads:
                thread.join()
