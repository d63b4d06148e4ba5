"""The server of the page: 127.0.0.1, one port, until it is told to stop."""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

from tornado.httpserver import HTTPServer

from runner.errors import PortTaken
from runner.serve.site import Site

HOST = "127.0.0.1"
#: A request is its headers and nothing more, bytes.
_MOST = 16 * 1024
_IDLE_S, _LOOK_S = 120.0, 0.2
_WAITING = 64


def listen(port: int) -> socket.socket:
    """A socket on a port, of this machine alone; 0 takes any that is free. Raises PortTaken, OSError."""
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # a port of a server that just ended is free
        made.setblocking(False)
        made.bind((HOST, port))
        made.listen(_WAITING)
        return made
    except OSError as error:
        made.close()
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        why = "is in use" if error.errno == errno.EADDRINUSE else "is not for this user"
        raise PortTaken(
            f"port {port} of {HOST} {why}, perhaps by another `ribbon serve` or by `ribbon up`. "
            "End that one, or choose another: `ribbon serve --port 0` takes any that is free, [serve] port sets it"
        ) from None


async def serve(
    site: Site, listening: socket.socket, ready: Callable[[int], None], wants_end: Callable[[], bool]
) -> None:
    """Answer until `wants_end`; `ready` is told the port once it listens."""
    site.port = listening.getsockname()[1]
    server = HTTPServer(
        site.application(), max_header_size=_MOST, max_body_size=_MOST, idle_connection_timeout=_IDLE_S
    )
    server.add_socket(listening)
    ready(site.port)
    while not wants_end():
        await asyncio.sleep(_LOOK_S)
    server.stop()
    await server.close_all_connections()
