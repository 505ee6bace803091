"""python -m tests.site --port 8765 --articles 40"""

from __future__ import annotations

import argparse
import asyncio
import signal

from .places import PROVINCES
from .server import Server
from .weather import SWITCHES, Weather
from .world import World


async def serve(arguments: argparse.Namespace) -> None:
    """Serve until told to end."""
    server = Server()
    listening = await asyncio.start_server(server.serve, arguments.host, arguments.port)
    port = listening.sockets[0].getsockname()[1]
    base = f"http://{arguments.host}:{port}"
    server.show(World(arguments.seed, arguments.articles, arguments.rotate_ids, base, _weather(arguments)))
    end = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, end.set)
    print(f"sample site: {base}/ ({len(PROVINCES)} provinces x {arguments.articles} articles)", flush=True)
    await end.wait()
    listening.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.site", description="Serves the sample site.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8765, help="0: any free one")
    parser.add_argument("--articles", type=int, default=40, help="articles a province")
    parser.add_argument("--seed", type=int, default=1404)
    parser.add_argument(
        "--rotate-ids", action="store_true", help="service ids that are not the expected ones"
    )
    _add_switches(parser)
    arguments = parser.parse_args()
    if arguments.articles < 1:
        parser.error("--articles must be 1 or more")
    try:
        World(arguments.seed, arguments.articles, arguments.rotate_ids, "", _weather(arguments))
    except ValueError as wrong:
        parser.error(str(wrong))
    asyncio.run(serve(arguments))


def _add_switches(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group(
        "weather",
        "Can be changed while the site runs, too: /__weather__?edits=50&slow=0.5 sets what it names, and"
        " /__weather__ tells all. Counts of page requests begin anew with each change. A page is all but"
        " /robots.txt, /files and /client.",
    )
    for name, (kind, does, _) in SWITCHES.items():
        option, shape = "--" + name.replace("_", "-"), f"{does} ({kind.allowed})".replace("%", "%%")
        if kind.bare:
            group.add_argument(option, metavar="X", help=shape, nargs="?", const=kind.bare)
        else:
            group.add_argument(option, metavar="X", help=shape)


def _weather(arguments: argparse.Namespace) -> Weather:
    given = {name: getattr(arguments, name) for name in SWITCHES}
    return Weather().changed({name: value for name, value in given.items() if value is not None})


if __name__ == "__main__":
    main()
