"""The day's cost by hand, and against what the local server bills for such a day."""

from __future__ import annotations

import json
import random
import re
from dataclasses import replace

import pytest

from lib.market.terms import DEFAULT_TERMS
from lib.prompt.layout import MAX_BYTES
from lib.prompt.tokens import token_range
from lib.published.pair import PublishedPrompt
from runner.claude.arithmetic import Sizes, arithmetic_lines, day_cost, day_of_two, sizes_of
from runner.claude.dry_run import USUAL_ANSWER_TOKENS
from runner.claude.example import example_view
from runner.claude.judgement import answer_schema
from runner.claude.prompt import Prompt, compose, prompt_of, request
from runner.claude.request_size import request_size
from runner.claude.settings import CHEAP_MODEL, ClaudeSettings
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


# A normal day: 120 asks, a fifth of them asked on, the longest lessons, the example's tick, answers of the usual length

NORMAL = 120
TWO = ClaudeSettings(first_model=CHEAP_MODEL)


def normal(settings: ClaudeSettings, hour: int = 0) -> Prompt:
    lessons = f"{hour:02}" + "x" * (MAX_BYTES - 2)
    return prompt_of(
        tick_text(example_view()), settings, PublishedPrompt(lessons, "sha", "", DEFAULT_TERMS), DEFAULT_TERMS
    )


def test_a_normal_day_costs_at_most_75_cents_and_35_with_a_cheap_model_first():
    alone = day_of_two(ClaudeSettings(), sizes_of(normal(ClaudeSettings())), NORMAL, 20)
    both = day_of_two(TWO, sizes_of(normal(TWO)), NORMAL, 20)
    assert alone.cached_usd <= 0.75 and both.cached_usd <= 0.35
    assert (alone.asked_on, both.asked_on) == (0, 24)


def billed_day(settings: ClaudeSettings, asked_on: set[int]) -> float:
    """What the server bills for a day of asks, twelve minutes apart, of which these are asked on."""
    seconds = [0.0]
    with MessagesServer(clock=lambda: seconds[0]) as server:
        server.output_tokens = USUAL_ANSWER_TOKENS
        for ask in range(NORMAL):
            seconds[0] = ask * 86_400 / NORMAL
            prompt, first = normal(settings, int(seconds[0] // 3_600)), settings.first()
            if first:
                server.message(request(prompt.asked_first(first), first), "", "end_turn")
            if not first or ask in asked_on:
                server.message(request(prompt, settings), "", "end_turn")
        return server.billed_usd


@pytest.mark.parametrize(
    "asked_on",
    [
        set(range(0, NORMAL, 5)),
        set(range(24)),
        set(range(4, 28, 2)) | set(range(80, 104, 2)),
        set(random.Random(1).sample(range(NORMAL), 24)),
        set(random.Random(2).sample(range(NORMAL), 24)),
    ],
    ids=["every hour", "all at once", "two stretches", "by chance", "by another chance"],
)
def test_a_server_bills_no_more_whenever_it_is_asked_on(asked_on):
    assert len(asked_on) == 24
    expected = day_of_two(TWO, sizes_of(normal(TWO)), NORMAL, 20).cached_usd
    assert billed_day(TWO, asked_on) == pytest.approx(expected, rel=0.002)
    assert billed_day(TWO, asked_on) <= 0.35


def test_a_server_bills_no_more_for_one_model_alone():
    expected = day_of_two(ClaudeSettings(), sizes_of(normal(ClaudeSettings())), NORMAL, 20).cached_usd
    assert billed_day(ClaudeSettings(), set()) == pytest.approx(expected, rel=0.002)
    assert billed_day(ClaudeSettings(), set()) <= 0.75


def test_a_day_of_two_by_hand():
    day = day_of_two(TWO, SIZES, 48, 25)
    # A twentieth of the cheap model's day above, and 12 times 3,500 at $2 and 100 at $10.
    first = (48 * 0.002 + 0.012 + 23 * (0.0004 + 0.004) + 24 * 0.0006) / 20
    assert day.cached_usd == pytest.approx(first + 12 * (0.007 + 0.001), abs=1e-4)
    assert day.uncached_usd == pytest.approx(48 * 0.008 / 20 + 12 * 0.008, abs=1e-4)
    assert (day.calls, day.asked_on) == (48, 12)
    assert day_of_two(ClaudeSettings(), SIZES, 48, 25) == day_cost(ClaudeSettings(), SIZES, 48)
    assert day_of_two(TWO, SIZES, 48, 0).cached_usd == pytest.approx(first, abs=1e-4)


def test_what_is_asked_on_pays_for_no_cache_and_to_the_token():
    sizes = Sizes(rules=1_000, lessons=1_000, fresh=1_000, answer=1_000)
    day, first = day_of_two(TWO, sizes, 10_000, 50), day_cost(TWO.first(), sizes, 10_000)
    assert day.asked_on == 5_000
    prices = TWO.prices
    dear = 5_000 * (3_000 * prices.input_usd + 1_000 * prices.output_usd) / 1_000_000
    assert day.cached_usd == pytest.approx(first.cached_usd + dear, abs=1e-9)


def test_the_table_of_two():
    lines = arithmetic_lines(TWO, SIZES, [day_of_two(TWO, SIZES, 48, 25)])
    assert [line.split(":")[0] for line in lines[:2]] == [CHEAP_MODEL, "claude-sonnet-5-5"]
    assert lines[0].startswith(f"{CHEAP_MODEL}: $0.1 in, $0.5 out per million tokens")
    assert lines[-3:] == [
        "| decisions a day | asked on | with the cache | without |",
        "|---|---|---|---|",
        "| 48 | 12 | $0.11 | $0.12 |",
    ]


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
