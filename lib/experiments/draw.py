"""Which arm a block is given: from the seed and the block's number alone, so that nothing about tick or answer can choose it.

A draw that was written is never made again; that it would come out the same is a check on the log (`lib.experiments.log`), no way to make
it good.
"""

from __future__ import annotations

import hashlib

from lib.experiments.arm import Letter

_BITS = 53


def draw(seed: int, experiment: str, block: int, probability: float) -> Letter:
    """Arm `a` with the given probability, else `b`: a uniform number out of SHA-256 of seed, experiment and block, below it or not.

    `block` counts from 1. Raises ValueError for a number below.
    """
    if block < 1:
        raise ValueError(f"block {block}: they count from 1")
    digest = hashlib.sha256(f"{seed}:{experiment}:{block}".encode()).digest()
    uniform = (int.from_bytes(digest[:8], "big") >> (64 - _BITS)) / 2**_BITS
    return "a" if uniform < probability else "b"
