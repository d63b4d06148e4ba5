"""The stand-in as a process of its own: says its address on stdout and serves until its stdin ends.

`python -m tests.fake_venue [--port N] [--rise PERCENT]`: the price rises so much over ten minutes, which turns both ribbons green.
"""

from __future__ import annotations

import argparse
import sys

from tests.fake_venue.server import running

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rise", type=float, default=0.0)
    given = parser.parse_args()
    moves = [(0.0, 600.0, given.rise)] if given.rise else []
    with running(given.port, given.seed, moves) as venue:
        print(venue.address, flush=True)
        sys.stdin.read()
