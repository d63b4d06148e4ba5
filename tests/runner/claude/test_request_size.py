"""One ruler: what is reserved, what claude-cost reckons with and what the server bills are the same bytes."""

from __future__ import annotations

import json

import pytest

from lib.market.terms import DEFAULT_TERMS
from lib.prompt.tokens import token_range
from runner.claude.arithmetic import sizes_of
from runner.claude.costs import FRAME_TOKENS, usage_cost
from runner.claude.judgement import answer_schema
from runner.claude.prompt import compose, request
from runner.claude.request_size import RequestSize, prompt_blocks, request_size
from runner.claude.settings import ClaudeSettings
from tests.messages_server.cache import PromptCache
from tests.runner.claude.made import publish_lessons, tick

MARK = {"type": "ephemeral", "ttl": "1h"}


def test_by_hand():
    asked = {
        "model": "any",
        "system": [
            {"type": "text", "text": "€uro", "cache_control": MARK},
            {"type": "text", "text": "12345"},
        ],
        "messages": [{"role": "user", "content": [{"type": "text", "text": "tick"}]}],
        "output_config": {"effort": "low", "format": {"type": "json_schema", "schema": {"a": 1}}},
    }
    assert request_size(asked) == RequestSize((6,), 6 + 5 + 4 + 8)
    assert (request_size(asked).cached, request_size(asked).fresh) == (6, 17)
    asked["system"][1]["cache_control"] = MARK  # type: ignore[index]
    assert (request_size(asked).prefixes, request_size(asked).cached) == ((6, 11), 11)
    plain = {"system": "rules", "messages": [{"role": "user", "content": "now"}]}
    assert request_size(plain) == RequestSize((), 8) and request_size(plain).fresh == 8
    assert request_size({"messages": plain["messages"]}) == RequestSize((), 3)
    assert list(prompt_blocks(plain)) == [{"type": "text", "text": "rules"}, {"type": "text", "text": "now"}]


@pytest.mark.parametrize("min_cache_tokens", [1_024, 100_000])
def test_the_ledger_the_arithmetic_and_the_server_measure_alike(tmp_path, min_cache_tokens):
    publish_lessons(tmp_path)
    settings = ClaudeSettings(min_cache_tokens=min_cache_tokens)
    prompt = compose(tick(), settings, tmp_path, DEFAULT_TERMS)
    size = request_size(request(prompt, settings))
    schema = len(json.dumps(answer_schema(DEFAULT_TERMS)).encode())
    stable = len((prompt.rules + prompt.lessons).encode())
    assert size == prompt.size()
    assert size.total == stable + len(prompt.tick.encode()) + schema
    # The reservation: every byte a token.
    written, fresh = (stable, size.total - stable) if min_cache_tokens < 100_000 else (0, size.total)
    worst = usage_cost(settings.prices, fresh + FRAME_TOKENS, settings.max_tokens, 0, written)
    assert prompt.worst_case_usd(settings) == worst
    # The arithmetic and the server: about three bytes a token, the schema among the fresh ones.
    sizes = sizes_of(prompt)
    assert sizes.fresh == token_range(len(prompt.tick.encode()) + schema).about
    first = PromptCache(min_cache_tokens).count(request(prompt, settings))
    assert (first.read, first.written) == (0, token_range(written).about)
    assert first.fresh + first.written == token_range(size.total).about
    assert first.fresh + first.written == pytest.approx(sizes.rules + sizes.lessons + sizes.fresh, abs=1)
