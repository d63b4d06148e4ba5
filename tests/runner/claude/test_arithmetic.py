"""The day's cost by hand, and against what the local server bills for such a day."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest

from lib.market.terms import DEFAULT_TERMS
from lib.prompt.layout import MAX_BYTES
from lib.prompt.tokens import token_range
from lib.published.pair import PublishedPrompt
from runner.claude.arithmetic import Sizes, arithmetic_lines, day_cost, sizes_of
from runner.claude.example import example_view
from runner.claude.judgement import answer_schema
from runner.claude.prompt import Prompt, compose, prompt_of, request
from runner.claude.request_size import request_size
from runner.claude.settings import ClaudeSettings
from runner.claude.tick_text import tick_text
from tests.messages_server import MessagesServer
from tests.runner.claude.made import publish_lessons


def prompt_with(lessons: str) -> Prompt:
    return prompt_of("tick\n", ClaudeSettings(), PublishedPrompt(lessons, "sha", "", ""), DEFAULT_TERMS)


SIZES = Sizes(rules=2_000, lessons=1_000, fresh=500, answer=100)


def test_a_day_by_hand():
    day = day_cost(ClaudeSettings(), SIZES, 48)
    # Each: 500 at $2 and 100 at $10 = 0.002. Once 3,000 written at $4; 23 times 2,000 read at $0.20 and 1,000 written;
    # 24 times 3,000 read.
    assert day.cached_usd == pytest.approx(48 * 0.002 + 0.012 + 23 * (0.0004 + 0.004) + 24 * 0.0006)
    assert day.uncached_usd == pytest.approx(48 * (3_500 * 2e-6 + 0.001))


def test_too_few_calls_pay_for_a_cache_they_never_read():
    day = day_cost(ClaudeSettings(), SIZES, 12)
    assert day.cached_usd == pytest.approx(12 * (0.002 + 0.012))
    assert day.saved_pct < 0


def test_one_call_an_hour_is_enough_to_read_the_rules():
    day = day_cost(ClaudeSettings(), SIZES, 24)
    assert day.cached_usd == pytest.approx(24 * 0.002 + 0.012 + 23 * (0.0004 + 0.004))


def test_it_is_what_a_server_that_keeps_the_cache_bills(settings, tmp_path):
    seconds = [0.0]
    with MessagesServer(clock=lambda: seconds[0]) as server:
        configured = settings(base_url=server.url)
        server.output_tokens = 100
        for call in range(48):
            seconds[0] = call * 1_800.0
            lessons = f"lesson of hour {call // 2:02} " * 200
            server.message(request(prompt_with(lessons), configured), "", "end_turn")
        body = request(prompt_with(lessons), configured)
        sizes = replace(sizes_of(prompt_with(lessons)), answer=100)
        assert sum((sizes.rules, sizes.lessons, sizes.fresh)) == pytest.approx(
            token_range(request_size(body).total).about, abs=1
        )
        assert server.billed_usd == pytest.approx(day_cost(configured, sizes, 48).cached_usd, rel=0.001)


def test_sizes(tmp_path):
    none = sizes_of(compose(example_view(), ClaudeSettings(), tmp_path, DEFAULT_TERMS))
    assert none.lessons == token_range(MAX_BYTES).about
    text = publish_lessons(tmp_path)
    some = sizes_of(compose(example_view(), ClaudeSettings(), tmp_path, DEFAULT_TERMS))
    assert some.lessons == token_range(len(text.encode())).about
    assert some.rules == none.rules
    fresh = tick_text(example_view()) + json.dumps(answer_schema(DEFAULT_TERMS))
    assert some.fresh == none.fresh == token_range(len(fresh.encode())).about


def test_the_example_is_of_full_size():
    text = tick_text(example_view())
    assert text.count("145:") == 2
    assert len(re.findall(r"^\d+,\d+,\d+,\d+,\d+$", text, re.MULTILINE)) == 36
    assert "POSITION: LONG" in text
    assert "-g" not in text


def test_the_table():
    settings = ClaudeSettings()
    lines = arithmetic_lines(settings, SIZES, [day_cost(settings, SIZES, 48)])
    assert lines[0].startswith("claude-sonnet-5-5: $2 in, $10 out per million tokens; cache write 2 times")
    assert lines[-2:] == ["|---|---|---|---|", "| 48 | $0.22 | $0.38 | 42 % |"]
