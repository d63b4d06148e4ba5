"""The stand-in as a process of its own: says its address on stdout and serves until its stdin ends."""

from __future__ import annotations

import sys

from tests.fake_exchange.server import running

if __name__ == "__main__":
    with running() as server:
        server.strict_time = True
        server.hang_s = 0.3
        print(server.address, flush=True)
        sys.stdin.read()
