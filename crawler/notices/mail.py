"""A notice as a mail. What a receiver reads is plain text, UTF-8."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from crawler.identity import LOOPBACK
from crawler.notices.webhook import Failed
from crawler.schedule.file import Mail

TIMEOUT = 20.0  # seconds for connecting, and for each answer


def message(
    notice_id: str, subject: str, text: str, sender: str, receiver: str, at: datetime
) -> EmailMessage:
    """Raises ValueError for an address or subject that could become another header."""
    mail = EmailMessage(policy=SMTP)
    for name, value in (
        ("Subject", " ".join(subject.split())),
        ("From", sender),
        ("To", receiver),
        ("Date", format_datetime(at)),
        ("Message-ID", f"<{notice_id}@{sender.rpartition('@')[2]}>"),
        ("Auto-Submitted", "auto-generated"),  # no out-of-office answers
        ("X-Ostan-Notice", notice_id),
    ):
        mail[name] = value
    mail.set_content(text, charset="utf-8", cte="quoted-printable")  # servers that take ASCII only take it
    return mail


def send(mail: EmailMessage, server: Mail, password: str | None, timeout: float = TIMEOUT) -> None:
    """Raises Failed. It is final where the server says for good that this mail or its receiver is refused."""
    if password is not None and server.security == "none" and server.host not in LOOPBACK:
        raise Failed("a password goes only over security = starttls or tls")
    try:
        with _connected(server, timeout) as connection:
            if server.user is not None and password is not None:
                connection.login(server.user, password)
            connection.send_message(mail)
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise Failed(f"the receiver was refused: {_answer(code, said)}", final=code >= 500) from None
    except smtplib.SMTPDataError as error:
        words = _answer(error.smtp_code, error.smtp_error)
        raise Failed(f"the mail was refused: {words}", final=error.smtp_code >= 500) from None
    except smtplib.SMTPAuthenticationError as error:
        raise Failed(f"user or password were refused: SMTP {error.smtp_code}") from None
    except smtplib.SMTPResponseException as error:
        raise Failed(_answer(error.smtp_code, error.smtp_error)) from None
    except TimeoutError:
        raise Failed("no answer in time") from None
    except (smtplib.SMTPException, OSError, ValueError) as error:
        words = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Failed(f"no connection: {words}") from None


def _connected(server: Mail, timeout: float) -> smtplib.SMTP:
    if server.security == "tls":
        return smtplib.SMTP_SSL(
            server.host, server.port, timeout=timeout, context=ssl.create_default_context()
        )
    connection = smtplib.SMTP(server.host, server.port, timeout=timeout)
    if server.security == "starttls":
        try:
            connection.starttls(context=ssl.create_default_context())  # refused by the server: it raises
        except BaseException:
            connection.close()
            raise
    return connection


def _answer(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return f"SMTP {code} {' '.join(text.split())[:200]}"
