"""What client and server say to each other over a unix socket: one request with file descriptors, then lines of JSON both ways.

The request is {"module", "argv", "env", "cwd"}, with stdin, stdout and stderr of the new process beside it. The server answers
{"pid", "head"} or {"refused"}, and once at the end {"exit"}. The client may send {"signal"}; when it closes its end, the process goes.
"""

from __future__ import annotations

import json
import socket
import struct
from dataclasses import asdict, dataclass
from typing import Any

_LENGTH = struct.Struct("!I")
_STREAMS = 3
#: Nobody has an environment this large; a length beyond it is not a request of ours.
_LARGEST = 16 << 20


@dataclass(frozen=True)
class Request:
    """Run `module` as `python -P -m module argv…` would, in `cwd`, with exactly the environment `env`."""

    module: str
    argv: list[str]
    env: dict[str, str]
    cwd: str


def send_request(connection: socket.socket, request: Request, streams: list[int]) -> None:
    """Send the request with the descriptors of stdin, stdout and stderr."""
    body = json.dumps(asdict(request)).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], streams)
    connection.sendall(body)


def receive_request(connection: socket.socket) -> tuple[Request, list[int]]:
    """The request and its three descriptors, which are the receiver's to close. Raises OSError or ValueError for anything else."""
    header, streams, _, _ = socket.recv_fds(connection, _LENGTH.size, _STREAMS, socket.MSG_WAITALL)
    if len(header) != _LENGTH.size or len(streams) != _STREAMS:
        raise ValueError("not a request")
    (length,) = _LENGTH.unpack(header)
    if length > _LARGEST:
        raise ValueError(f"a request of {length} bytes")
    body = bytearray()
    while len(body) < length:
        part = connection.recv(length - len(body))
        if not part:
            raise ValueError("the request ended early")
        body += part
    return Request(**json.loads(bytes(body))), streams


def send(connection: socket.socket, **said: Any) -> None:
    """Say one thing."""
    connection.sendall(json.dumps(said).encode() + b"\n")


class Lines:
    """What the other side says, line by line, from a connection that may be read without waiting."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self.ended = False
        self._rest = b""
        self._said: list[dict[str, Any]] = []

    def take(self, wait_s: float | None = 0.0) -> dict[str, Any] | None:
        """The next thing said; None if there is none within `wait_s` seconds (None: for ever) or the other side is gone (`ended`)."""
        while not self._said and not self.ended:
            self.connection.settimeout(wait_s)
            try:
                part = self.connection.recv(65536)
            except (BlockingIOError, TimeoutError):
                return None
            except OSError:
                part = b""
            if not part:
                self.ended = True
                break
            *lines, self._rest = (self._rest + part).split(b"\n")
            self._said += [json.loads(line) for line in lines]
        return self._said.pop(0) if self._said else None
