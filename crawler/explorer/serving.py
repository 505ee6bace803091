"""The two servers, on this machine alone, until they are told to stop."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

import uvicorn
from starlette.types import ASGIApp

from crawler.explorer.app import explorer_app
from crawler.explorer.replay import replay_app
from crawler.explorer.shelf import Shelf

HOME = "127.0.0.1"
PATIENCE = 1  # seconds for answers under way, once it is told to stop


class Ports:
    """Both ports, taken at once. OSError: one is not free. 0 takes any that is."""

    def __init__(self, explorer: int, replay: int | None) -> None:
        self.explorer = _listening(explorer, "--port")
        try:
            wanted = self.number + 1 if replay is None and explorer else replay or 0
            self.replay = _listening(wanted, "--replay-port")
        except OSError:
            self.explorer.close()
            raise

    @property
    def number(self) -> int:
        return int(self.explorer.getsockname()[1])

    @property
    def replay_number(self) -> int:
        return int(self.replay.getsockname()[1])


def _listening(port: int, option: str) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOME, port))
        listener.listen()  # two that are only bound could have the same port
    except (OSError, OverflowError) as error:
        listener.close()
        why = getattr(error, "strerror", "") or "there is no such port"
        raise OSError(f"port {port} of {HOME}: {why}; choose another with {option}") from None
    return listener


def serve(shelf: Shelf, ports: Ports, ready: Callable[[], None]) -> None:
    """Returns after SIGINT or SIGTERM, the answers under way being finished or, where somebody is slow to
    take them, cut off. ``ready`` is called once both answer."""
    apps = {
        ports.explorer: explorer_app(shelf, ports.replay_number),
        ports.replay: replay_app(shelf, ports.number, ports.replay_number),
    }
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(apps, ready))


async def _serve(apps: dict[socket.socket, ASGIApp], ready: Callable[[], None]) -> None:
    servers = [_Server(app) for app in apps.values()]
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, _stop, servers)
    tasks = [
        asyncio.ensure_future(server.serve([listener]))
        for server, listener in zip(servers, apps, strict=True)
    ]
    while not all(server.started for server in servers) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    ready()
    await asyncio.gather(*tasks)


class _Server(uvicorn.Server):
    def __init__(self, app: ASGIApp) -> None:
        # No log of who read what; a question of 64 kB and more is refused.
        super().__init__(
            uvicorn.Config(
                app,
                http="h11",
                log_level="warning",
                access_log=False,
                server_header=False,
                lifespan="off",
                timeout_graceful_shutdown=PATIENCE,
            )
        )

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """None: one handler stops both servers."""
        yield


def _stop(servers: list[_Server]) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # an answer that is cut off now is no error
    for server in servers:
        server.should_exit = True
