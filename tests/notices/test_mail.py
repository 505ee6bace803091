# ruff: noqa: ARG002, N802  # aiosmtpd names what it calls, and hands in all of it
"""Mail to a real server: down, up, STARTTLS, refusing; nothing in a notice becomes a header."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from crawler.notices.delivery import Counts, Delivery, deliver
from crawler.notices.mail import message, send
from crawler.notices.queue import Queue
from crawler.notices.telling import tell
from crawler.notices.webhook import Failed
from crawler.schedule.file import Mail, Notify
from tests.notices.receivers import AT, FAILED, ended, free_port

PASSWORD = "mail-password-0815"
MINUTE = timedelta(minutes=1)


class Mailbox:
    """What arrives; ``refuses``: what is said to a receiver's address, or to the mail, instead of yes."""

    def __init__(self, receiver: str = "", data: str = "") -> None:
        self.got: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.logins: list[LoginPassword] = []
        self._receiver, self._data = receiver, data

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self._receiver:
            return self._receiver
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self._data:
            return self._data
        self.raw.append(envelope.content)
        self.got.append(message_from_bytes(envelope.content, policy=default))
        return "250 OK"

    def login(
        self, server: Any, session: Any, envelope: Any, mechanism: str, data: LoginPassword
    ) -> AuthResult:
        self.logins.append(data)
        return AuthResult(success=data.password == PASSWORD.encode())


@contextmanager
def mailing(box: Mailbox, port: int, **options: Any) -> Iterator[Mailbox]:
    controller = Controller(box, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def mail(port: int, **changed: Any) -> Mail:
    return Mail(host="127.0.0.1", port=port, sender="ostan@archive.example", **changed)


class World:
    def __init__(self, folder: Path, server: Mail, **environment: str) -> None:
        self.said: list[str] = []
        self.now = AT
        self.queue = Queue(folder / "notices.sqlite")
        self.delivery = Delivery(lambda: server, environment, lambda: self.now, lambda: 0.0, self.said.append)
        tell(self.queue, FAILED, Notify(email="keeper@archive.example"), AT)

    def deliver(self, after: timedelta = timedelta(0)) -> Counts:
        self.now += after
        return deliver(self.queue, self.delivery)


def test_a_server_that_is_down_gets_it_once_it_is_up(tmp_path: Path) -> None:
    port = free_port()
    world = World(tmp_path, mail(port))
    assert world.deliver() == Counts(put_off=1)
    with mailing(Mailbox(), port) as box:
        assert world.deliver(MINUTE) == Counts(delivered=1)
        assert world.deliver(timedelta(days=1)) == Counts()
    (got,) = box.got
    assert got["Subject"] == "Ostan: daily of yjc: failed"
    assert (got["From"], got["To"]) == ("ostan@archive.example", "keeper@archive.example")
    assert got["Message-ID"] == f"<{got['X-Ostan-Notice']}@archive.example>"
    text = got.get_content()
    assert text.startswith(
        "Crawl daily of yjc failed with exit code 1: unreachable: timed out. See yjc/runs/"
    )
    assert "report: yjc/runs/run1.json" in text


def test_persian_arrives_as_it_was_written() -> None:
    port = free_port()
    with mailing(Mailbox(), port) as box:
        send(message("1", "استان قم", "می‌رود\n", "a@b.example", "c@d.example", AT), mail(port), None)
    assert box.got[0]["Subject"] == "استان قم"
    assert box.got[0].get_content().strip() == "می‌رود"
    box.raw[0].decode("ascii")


@pytest.mark.parametrize(
    "subject", ["a\r\nBcc: evil@x.example", "a\nBcc: evil@x.example\n\nbody", "a\u2028Bcc: x"]
)
def test_a_subject_cannot_become_a_header(subject: str) -> None:
    made = message_from_bytes(
        bytes(message("1", subject, "x", "a@b.example", "c@d.example", AT)), policy=default
    )
    assert made["Bcc"] is None
    assert made["Subject"].startswith("a Bcc:")
    assert made.get_content().strip() == "x"


@pytest.mark.parametrize("address", ["c@d.example\nBcc: evil@x.example", "c@d.example\r\n\r\nx"])
def test_an_address_cannot_either(address: str) -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        message("1", "s", "x", "a@b.example", address, AT)
    with pytest.raises(ValueError, match=r"linefeed|newline|header"):
        message("1", "s", "x", address, "c@d.example", AT)


REFUSALS = {
    "a receiver that there is not": (
        {"receiver": "550 no such user"},
        Counts(given_up=1),
        "SMTP 550 no such user",
    ),
    "a receiver that must wait": ({"receiver": "451 greylisted"}, Counts(put_off=1), "SMTP 451 greylisted"),
    "a mail that is not wanted": ({"data": "554 spam"}, Counts(given_up=1), "SMTP 554 spam"),
    "a mail that must wait": ({"data": "452 full"}, Counts(put_off=1), "SMTP 452 full"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_a_refusal_means(tmp_path: Path, name: str) -> None:
    box, counts, words = REFUSALS[name]
    port = free_port()
    world = World(tmp_path, mail(port))
    with mailing(Mailbox(**box), port):
        assert world.deliver() == counts
    assert world.said[0].endswith(words)


# -- encrypted -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of 127.0.0.1, signed by itself: key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    plain = (serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(key.private_bytes(pem, *plain) + made.public_bytes(pem))
    return path


def context(certificate: Path) -> ssl.SSLContext:
    made = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    made.load_cert_chain(certificate)
    return made


def test_a_password_goes_over_starttls_and_stays_out_of_everything(
    tmp_path: Path, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    port, box = free_port(), Mailbox()
    server = mail(port, security="starttls", user="ostan", password_env="MAIL_PASSWORD")
    world = World(tmp_path, server, MAIL_PASSWORD=PASSWORD)
    options = {"tls_context": context(certificate), "require_starttls": True, "authenticator": box.login}
    with mailing(box, port, **options):
        assert world.deliver() == Counts(delivered=1)
    assert [login.password for login in box.logins] == [PASSWORD.encode()]
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert PASSWORD.encode() not in everything + box.raw[0] + "\n".join(world.said).encode()


def test_a_strangers_certificate_is_not_believed(tmp_path: Path, certificate: Path) -> None:
    port, box = free_port(), Mailbox()
    world = World(tmp_path, mail(port, security="starttls"))
    with mailing(box, port, tls_context=context(certificate)):
        assert world.deliver() == Counts(put_off=1)
    assert "CERTIFICATE_VERIFY_FAILED" in world.said[0] or "certificate verify failed" in world.said[0]
    assert box.got == []


def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(tmp_path: Path) -> None:
    port, box = free_port(), Mailbox()
    world = World(tmp_path, mail(port, security="starttls", user="ostan", password_env="P"), P=PASSWORD)
    with mailing(box, port, authenticator=box.login, auth_require_tls=False):
        assert world.deliver() == Counts(put_off=1)
    assert (box.got, box.logins) == ([], [])


def test_a_password_is_not_sent_in_the_clear() -> None:
    made = message("1", "s", "x", "a@b.example", "c@d.example", AT)
    with pytest.raises(Failed, match="only over security"):
        send(made, Mail(host="mail.example", user="ostan"), PASSWORD)


def test_a_mail_names_all_events_in_one(tmp_path: Path) -> None:
    port = free_port()
    world = World(tmp_path, mail(port))
    blocked = ended(exit_code=1, run_id="run2", reason="blocked: HTTP 403 5 times in a row from x")
    tell(world.queue, blocked, Notify(email="keeper@archive.example"), AT)
    with mailing(Mailbox(), port) as box:
        assert world.deliver() == Counts(delivered=2)
    assert sorted(got["Subject"] for got in box.got)[1] == "Ostan: daily of yjc: failed, blocked"
