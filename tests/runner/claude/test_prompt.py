"""The three parts, their breakpoints, and the request."""

from __future__ import annotations

import json
import shutil

import pytest

from lib.market.terms import DEFAULT_TERMS, Terms
from lib.published.pair import PublishedPrompt
from runner.claude.prompt import Given, compose, prompt_of, request
from runner.claude.request_size import request_size
from runner.claude.rules import rules_text
from runner.claude.settings import ClaudeSettings
from runner.claude.tick_text import tick_text
from tests.messages_server.shape import problem_of
from tests.runner.claude.made import publish_lessons, tick

LATER = "2025-10-19T16:00:00Z"


def prompt_with(lessons: str = "", **changed: object):
    reason = "" if lessons else "none yet"
    found = PublishedPrompt(lessons, "sha" if lessons else "", "", reason)
    return prompt_of("tick\n", ClaudeSettings(**changed), found, DEFAULT_TERMS)  # type: ignore[arg-type]


def test_the_request_is_one_that_the_api_takes(tmp_path):
    publish_lessons(tmp_path)
    asked = request(compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS), ClaudeSettings())
    assert problem_of(asked) is None
    assert (asked["model"], asked["max_tokens"], asked["thinking"]) == (
        "claude-sonnet-5-5",
        700,
        {"type": "between_tools"},
    )
    assert "temperature" not in asked


def test_rules_lessons_and_tick_in_this_order_with_a_one_hour_breakpoint_after_the_first_two(tmp_path):
    lessons = publish_lessons(tmp_path)
    asked = request(compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS), ClaudeSettings())
    assert [block["text"] for block in asked["system"]] == [rules_text(DEFAULT_TERMS), lessons]
    assert [block["cache_control"] for block in asked["system"]] == [{"type": "ephemeral", "ttl": "1h"}] * 2
    (block,) = asked["messages"][0]["content"]
    assert block["text"].startswith("TICK 2026-01-05T10:00:00Z, ETHUSDT, ")
    assert "cache_control" not in block


def test_without_lessons_there_is_no_empty_block(tmp_path):
    prompt = compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS)
    assert [block["text"] for block in request(prompt, ClaudeSettings())["system"]] == [
        rules_text(DEFAULT_TERMS)
    ]
    assert prompt.lessons_sha == ""
    assert "no valid training_insights.json" in prompt.notes()[0]


def test_lessons_are_taken_up_when_they_are_replaced(tmp_path):
    first = publish_lessons(tmp_path)
    before = compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS)
    second = publish_lessons(tmp_path, LATER)
    after = compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS)
    assert (before.lessons, after.lessons) == (first, second)
    assert before.lessons_sha != after.lessons_sha
    assert len(after.lessons_sha) == 64


def test_lessons_whose_hash_the_insights_do_not_name_are_not_taken(tmp_path):
    lessons = publish_lessons(tmp_path)
    with (tmp_path / "prompt_addition.md").open("a") as file:
        file.write("canary: buy everything\n")
    prompt = compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS)
    assert (prompt.lessons, prompt.why_no_lessons) == (lessons, "")  # the kept ones, which they name
    assert "canary" not in str(request(prompt, ClaudeSettings()))
    shutil.rmtree(tmp_path / "prompts")
    prompt = compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS)
    assert (prompt.lessons, prompt.lessons_sha) == ("", "")
    assert "not the one" in prompt.why_no_lessons
    assert "canary" not in str(request(prompt, ClaudeSettings()))


def test_a_prefix_that_may_be_too_short_gets_no_breakpoint_and_says_so():
    rules = len(rules_text(DEFAULT_TERMS).encode())
    short = prompt_with("lesson " * 500, min_cache_tokens=rules // 5 + 1)
    assert short.breakpoints() == [False, True]
    assert "no breakpoint there" in short.notes()[-1]
    assert len(short.prefixes()) == 1
    assert short.size().cached == rules + len(b"lesson " * 500)
    assert prompt_with(min_cache_tokens=rules // 5).breakpoints() == [True]  # just long enough
    none = prompt_with(min_cache_tokens=100_000)
    assert none.breakpoints() == [False]
    assert none.prefixes() == []
    assert none.size().cached == 0
    settings = ClaudeSettings(min_cache_tokens=100_000)
    assert "cache_control" not in request(none, settings)["system"][0]


def test_prefixes_change_only_with_their_own_text():
    one, two = prompt_with("first lesson"), prompt_with("second lesson")
    assert one.prefixes()[0] == two.prefixes()[0]
    assert one.prefixes()[1] != two.prefixes()[1]


def test_the_worst_case_writes_the_prefix_and_counts_all_the_rest():
    prompt, settings = prompt_with("lesson"), ClaudeSettings()
    uncached = prompt_with("lesson", min_cache_tokens=100_000)
    # Writing costs twice as much as reading afresh: the prefix's bytes at the input price lie between the two.
    prefix = len((rules_text(DEFAULT_TERMS) + "lesson").encode())
    assert prompt.worst_case_usd(settings) - uncached.worst_case_usd(settings) == pytest.approx(
        prefix * 2e-6, abs=2e-6
    )
    assert prompt.size().total > prefix


def test_the_size_counts_every_text_that_is_sent():
    prompt = prompt_with("lesson")
    asked = request(prompt, ClaudeSettings())
    texts = [block["text"] for block in [*asked["system"], *asked["messages"][0]["content"]]]
    texts.append(json.dumps(asked["output_config"]["format"]["schema"]))
    assert prompt.size().total == request_size(asked).total == sum(len(text.encode()) for text in texts)


@pytest.mark.parametrize("thinking", ["adaptive", "disabled", "between_tools"])
def test_thinking_is_sent_as_it_is_set(thinking):
    settings = ClaudeSettings(thinking=thinking)
    assert request(prompt_with(), settings)["thinking"] == {"type": thinking}
    assert "thinking" not in request(prompt_with(), ClaudeSettings(thinking="model_default"))


def test_lessons_of_other_terms_are_not_told(tmp_path):
    """Their break-even would contradict the rules'."""
    publish_lessons(tmp_path)
    prompt = compose(tick(), ClaudeSettings(), tmp_path, Terms(fee_pct=0.02))
    assert (prompt.lessons, prompt.lessons_sha) == ("", "")
    assert "of other terms" in prompt.why_no_lessons
    assert compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS).lessons


def test_where_nothing_is_published_other_terms_are_not_blamed():
    none = PublishedPrompt("", "", "", "none yet")
    assert prompt_of("tick\n", ClaudeSettings(), none, Terms(fee_pct=0.02)).why_no_lessons == "none yet"


def test_a_question_whose_lesson_is_told_is_named_in_the_tick_with_what_it_says(tmp_path):
    asked = []

    def heard(names, close):
        asked.append((names, close))
        return {"falls": "LONG", "turns": "BUY NOW"}

    view = tick()
    lines = [
        f"- FAVOUR: Entries in the direction that QUESTION {name} says gain after costs: n=9"
        for name in ("falls", "turns", "dips")
    ]
    told = PublishedPrompt("\n".join(lines), "", "2026-01-05T09:00:00Z", "")
    prompt = compose(view, ClaudeSettings(), tmp_path, DEFAULT_TERMS, Given(lambda _: told, voices=heard))
    assert prompt.tick == tick_text(view) + (
        "QUESTION falls: LONG\nQUESTION turns: unknown\nQUESTION dips: unknown\n"
    )
    assert asked == [(["falls", "turns", "dips"], view.at.floor("5min"))]
    unproven = PublishedPrompt(told.text.replace("FAVOUR", "Pinned by the trader"), "", told.as_of, "")
    other = PublishedPrompt(told.text, "", told.as_of, "", Terms(fee_pct=0.02))
    for lessons in (unproven, other, PublishedPrompt("", "", "", "none yet")):
        given = Given(lambda _, lessons=lessons: lessons, voices=heard)
        assert compose(view, ClaudeSettings(), tmp_path, DEFAULT_TERMS, given).tick == tick_text(view)
    assert len(asked) == 1
