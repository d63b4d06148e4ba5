"""Dollars: what a call cost, and what it can cost at worst (lib.prompt.tokens says how many tokens a text can be).

Costs are rounded up to the millionth of a dollar, so that sums err on the safe side.
"""

from __future__ import annotations

import math

from lib.prompt.tokens import token_range
from runner.claude.request_size import RequestSize
from runner.claude.settings import ClaudeSettings, Prices
from runner.trade.models import Usage

#: What the API adds around the texts: roles, separators, the instruction that goes with a schema.
FRAME_TOKENS = 1_000
_MILLION = 1_000_000


def round_up(dollars: float) -> float:
    """Up to the next millionth of a dollar."""
    return math.ceil(round(dollars * _MILLION, 3)) / _MILLION


def usage_cost(prices: Prices, fresh: int, output: int, cache_read: int, cache_write: int) -> float:
    """Dollars of one call, from its tokens as the API counts them: `fresh` are the input tokens outside the cache."""
    weighted = fresh + cache_read * prices.cache_read_factor + cache_write * prices.cache_write_factor
    return round_up((weighted * prices.input_usd + output * prices.output_usd) / _MILLION)


def counted(prices: Prices, fresh: int, output: int, cache_read: int, cache_write: int) -> Usage:
    """Usage with its cost."""
    cost = usage_cost(prices, fresh, output, cache_read, cache_write)
    return Usage(fresh, output, cache_read, cache_write, cost)


def worst_case(settings: ClaudeSettings, size: RequestSize) -> float:
    """Dollars that a call of this size costs at most (docs/guarantees.md, L5): nothing in the cache, all of the prefix written to it, the
    longest answer."""
    write, fresh = token_range(size.cached).most, token_range(size.fresh).most + FRAME_TOKENS
    return usage_cost(settings.prices, fresh, settings.max_tokens, 0, write)
