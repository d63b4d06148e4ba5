"""How many tokens a text can be.

There is no tokenizer of the model outside the API, so a size is a range: a token is at least one byte of UTF-8 (`most`, safe for
money), and English prose with figures has never been more than five bytes a token (`least`, safe for the cache's minimum length).
"""

from __future__ import annotations

from typing import NamedTuple

_BYTES_PER_TOKEN, _MOST_BYTES_PER_TOKEN = 3.0, 5.0


class TokenRange(NamedTuple):
    """How many tokens a text has: at least, about, at most."""

    least: int
    about: int
    most: int


def token_range(size: int) -> TokenRange:
    """The range for a text of `size` bytes of UTF-8."""
    return TokenRange(int(size / _MOST_BYTES_PER_TOKEN), round(size / _BYTES_PER_TOKEN), size)
