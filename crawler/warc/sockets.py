"""What lies under a connection of Twisted's: its socket, asked directly."""

from __future__ import annotations

import select
from typing import Any


def socket_of(transport: Any) -> Any:
    """What is under TLS, where there is TLS."""
    return getattr(transport, "transport", transport)


def is_closing(transport: Any) -> bool:
    """An origin that says goodbye within TLS closes what is under it first: until the reactor's next turn the
    upper half still seems open, and a request written to it would go nowhere."""
    return bool(transport.disconnecting or socket_of(transport).disconnecting)


def readable(transport: Any) -> bool:
    """Whether bytes wait there that nobody has read, or the end."""
    socket = getattr(socket_of(transport), "socket", None)
    if socket is None:
        return False
    poll = select.poll()
    poll.register(socket, select.POLLIN)
    return bool(poll.poll(0))


def tls_of(transport: Any) -> tuple[str, str] | None:
    """(protocol, cipher); None without TLS."""
    handle = transport.getHandle()
    if not hasattr(handle, "get_cipher_name"):
        return None
    return handle.get_protocol_version_name(), handle.get_cipher_name() or ""
