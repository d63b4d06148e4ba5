from __future__ import annotations

from lib.prompt.tokens import token_range


def test_a_token_is_at_least_a_byte():
    assert token_range(len("äöü".encode())).most == 6
    assert token_range(1_000) == (200, 333, 1_000)
