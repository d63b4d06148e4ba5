"""Costs by hand, and a worst case that nothing can pass."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from runner.claude.costs import FRAME_TOKENS, counted, round_up, usage_cost, worst_case
from runner.claude.request_size import RequestSize
from runner.claude.settings import ClaudeSettings, Prices


def test_cost_of_a_call_by_hand():
    # 1,000 fresh at $2, 200 out at $10, 3,000 read at $0.20, 2,000 written at $4, all per million.
    assert usage_cost(Prices(), 1_000, 200, 3_000, 2_000) == 0.002 + 0.002 + 0.0006 + 0.008
    assert counted(Prices(), 1_000, 200, 3_000, 2_000).cost_usd == 0.0126
    assert (
        usage_cost(Prices(input_usd=3, output_usd=15, cache_write_factor=1.25), 0, 1_000, 0, 1_000) == 0.01875
    )


def test_fractions_of_a_millionth_are_rounded_up():
    assert round_up(0.0000001) == 0.000001
    assert round_up(0.0126) == 0.0126
    assert usage_cost(Prices(), 0, 0, 1, 0) == 0.000001


def test_worst_case_by_hand():
    settings = ClaudeSettings(max_tokens=700)
    # 10,000 bytes written at $4, 3,000 bytes and the frame at $2, 700 tokens out at $10.
    assert (
        worst_case(settings, RequestSize((4_000, 10_000), 13_000))
        == 0.04 + (3_000 + FRAME_TOKENS) * 2e-6 + 0.007
    )


@given(
    cached=st.integers(0, 20_000),
    fresh=st.integers(0, 20_000),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1)),
    output=st.integers(0, 700),
)
def test_no_call_costs_more_than_its_worst_case(cached, fresh, shares, output):
    settings = ClaudeSettings(max_tokens=700)
    written = int(cached * shares[0])
    read = int((cached - written) * shares[1])
    rest = cached - written - read + fresh + FRAME_TOKENS
    assert usage_cost(settings.prices, rest, output, read, written) <= worst_case(
        settings, RequestSize((cached,), cached + fresh)
    )
