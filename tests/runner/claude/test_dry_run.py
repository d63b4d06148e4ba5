"""The prompt laid open, with figures that agree with what a call then costs."""

from __future__ import annotations

import json

import pytest

from lib.market.terms import DEFAULT_TERMS
from lib.prompt.tokens import token_range
from runner.claude.dry_run import dry_run_of
from runner.claude.prompt import compose
from runner.claude.settings import CHEAP_MODEL, ClaudeSettings, Prices
from tests.runner.claude.made import publish_lessons, tick


def test_figures_and_their_order(tmp_path):
    publish_lessons(tmp_path)
    settings = ClaudeSettings()
    shown = dry_run_of(compose(tick(), settings, tmp_path, DEFAULT_TERMS), settings)
    assert shown.tokens.least < shown.tokens.about < shown.tokens.most
    assert shown.next_usd < shown.uncached_usd < shown.first_usd < shown.worst_usd
    assert shown.breakpoints == {"rules": True, "lessons": True}
    assert shown.notes == []
    assert "(estimate; surely " in shown.text()
    assert f"worst case ${shown.worst_usd:.4f}" in shown.lines()[1]
    summary = json.loads(json.dumps(shown.summary()))
    assert summary["parts"]["tick"].startswith("TICK")
    assert summary["tokens_estimated"] == shown.tokens._asdict() and "tokens" not in summary


def test_a_first_model_has_its_own_summary_in_it(tmp_path):
    settings = ClaudeSettings(first_model=CHEAP_MODEL)
    shown = dry_run_of(compose(tick(), settings, tmp_path, DEFAULT_TERMS), settings)
    assert shown.first is not None and shown.summary()["first"] == shown.first.summary()
    assert shown.summary()["first"]["model"] == CHEAP_MODEL
    alone = ClaudeSettings()
    assert dry_run_of(compose(tick(), alone, tmp_path, DEFAULT_TERMS), alone).summary()["first"] is None


def test_its_costs_by_hand(tmp_path):
    lessons = publish_lessons(tmp_path)
    # Of tokens so dear that a single one more or less shows: a hundredth of a dollar in, written 2 times, read 0.1 times that.
    settings = ClaudeSettings(prices=Prices(input_usd=10_000, output_usd=1e-9))
    prompt = compose(tick(), settings, tmp_path, DEFAULT_TERMS)
    stable = token_range(len((prompt.rules + lessons).encode())).about
    fresh = token_range(prompt.size().total - len((prompt.rules + lessons).encode())).about
    shown = dry_run_of(prompt, settings)
    assert shown.first_usd == pytest.approx((fresh + 2 * stable) / 100, abs=2e-6)
    assert shown.next_usd == pytest.approx((fresh + stable / 10) / 100, abs=2e-6)
    assert shown.uncached_usd == pytest.approx((fresh + stable) / 100, abs=2e-6)


def test_it_is_what_would_be_sent(server, deciding, tmp_path):
    publish_lessons(tmp_path)
    decider = deciding()
    shown = decider.dry_run(tick())
    answers = [decider.decide(tick(), 8) for _ in range(2)]
    sent = [block["text"] for block in server.requests[0].body["system"]]
    sent += [block["text"] for block in server.requests[0].body["messages"][0]["content"]]
    assert list(shown.parts.values()) == sent
    assert all(answer.usage.cost_usd <= shown.worst_usd for answer in answers)


def test_without_lessons_it_says_why(tmp_path):
    settings = ClaudeSettings()
    shown = dry_run_of(compose(tick(), settings, tmp_path, DEFAULT_TERMS), settings)
    assert list(shown.parts) == ["rules", "tick"]
    assert "note: no lessons: no valid training_insights.json" in shown.text()


def test_of_two_models_both_are_laid_open(tmp_path):
    publish_lessons(tmp_path)
    settings = ClaudeSettings(first_model=CHEAP_MODEL)
    shown = dry_run_of(compose(tick(), settings, tmp_path, DEFAULT_TERMS), settings)
    assert shown.first is not None and shown.first.first is None
    assert (shown.first.model, shown.model) == (CHEAP_MODEL, "claude-sonnet-5-5")
    assert (shown.first.breakpoints, shown.breakpoints) == (
        {"rules": True, "lessons": True}, {"rules": False, "lessons": False},
    )  # fmt: skip
    assert [line.split(";")[0].split()[1] for line in shown.lines() if line.startswith("model ")] == [
        CHEAP_MODEL, "claude-sonnet-5-5",
    ]  # fmt: skip
    assert shown.least_usd == shown.first.next_usd < shown.next_usd
    assert shown.most_usd == shown.worst_usd + shown.first.worst_usd
    assert shown.notes == []
    summary = json.loads(json.dumps(shown.summary()))
    assert summary["first"]["model"] == CHEAP_MODEL and summary["first"]["first"] is None
    alone = dry_run_of(compose(tick(), ClaudeSettings(), tmp_path, DEFAULT_TERMS), ClaudeSettings())
    assert (alone.least_usd, alone.most_usd, alone.first) == (alone.next_usd, alone.worst_usd, None)


def test_what_is_to_be_known_of_both_is_said_once(tmp_path):
    settings = ClaudeSettings(first_model=CHEAP_MODEL, first_min_cache_tokens=100_000)
    lines = dry_run_of(compose(tick(), settings, tmp_path, DEFAULT_TERMS), settings).lines()
    assert [line.split(":")[1].split()[0] for line in lines if line.startswith("note")] == ["no", "a"]
