"""Arms as they are set: what the log names of them, what they are asked with, and what makes none."""

from __future__ import annotations

import pytest

from lib.contract.schema import INSIGHTS_FILE
from lib.market.terms import DEFAULT_TERMS
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text
from lib.prompt.lessons import told_words
from lib.published.insights import compile_insights
from lib.published.pair import publish, read_prompt
from runner.claude.rules import own_rules
from runner.claude.settings import ClaudeSettings
from runner.errors import ConfigError
from runner.experiment.arms import arms_set, claude_of, rules_of
from runner.experiment.briefing import lessons_of
from runner.experiment.settings import ExperimentSettings
from tests.lib.contract.made import AS_OF, all_published
from tests.lib.lessons.made_lessons import lesson, lessons

CLAUDE = ClaudeSettings(api_key="")


def arms(**fields: object):
    return arms_set(ExperimentSettings.model_validate(fields), CLAUDE, DEFAULT_TERMS)


def test_the_default_is_lessons_against_none():
    found = arms()
    assert (found.a.name, found.a.lessons) == ("lessons", "published")
    assert (found.b.name, found.b.lessons) == ("no lessons", "none")
    assert found.a.model == found.b.model == CLAUDE.model
    assert found.a.sha256() != found.b.sha256()


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ({"b": {"lessons": "published", "effort": "low"}}, ("effort medium", "effort low")),
        ({"b": {"decider": "rules"}}, ("lessons", "rules")),
        ({"a": {"decider": "rules"}, "b": {"decider": "rules"}}, ("rules (a)", "rules (b)")),
        ({"a": {"name": "mine"}}, ("mine", "no lessons")),
        (
            {"b": {"lessons": "published", "first_model": "claude-haiku-5-5"}},
            ("none first", "claude-haiku-5-5 first"),
        ),
        ({"lesson": "trades.wick.present.above"}, ("with the lesson", "without the lesson")),
        (
            {"b": {"lessons": "published", "model": "claude-haiku-5-5", "input_usd": 1, "output_usd": 5}},
            ("claude-sonnet-5-5", "claude-haiku-5-5"),
        ),
    ],
)
def test_an_arm_is_called_by_what_sets_it_apart(fields, names):
    found = arms(**fields)
    assert (found.a.name, found.b.name) == names


def test_another_model_is_asked_at_its_own_prices_or_not_at_all():
    fields = {"b": {"model": "claude-haiku-5-5", "input_usd": 1.0, "output_usd": 5.0}}
    settings = ExperimentSettings.model_validate(fields)
    made = claude_of(arms(**fields).b, CLAUDE, settings)
    assert (made.model, made.prices.input_usd, made.prices.output_usd) == ("claude-haiku-5-5", 1.0, 5.0)
    assert made.daily_cap_usd == CLAUDE.daily_cap_usd
    both = {"a": {"model": "claude-dear-9", "input_usd": 5.0, "output_usd": 25.0}} | fields
    settings = ExperimentSettings.model_validate(both)
    found = arms_set(settings, CLAUDE, DEFAULT_TERMS)
    prices = [claude_of(arm, CLAUDE, settings).prices for arm in (found.a, found.b)]
    assert [(each.input_usd, each.output_usd) for each in prices] == [(5.0, 25.0), (1.0, 5.0)]
    for half in ("input_usd", "output_usd"):
        given = ExperimentSettings.model_validate({"b": {"model": "claude-haiku-5-5", half: 1.0}})
        with pytest.raises(ConfigError, match="what claude-haiku-5-5 costs is not known"):
            claude_of(arms_set(given, CLAUDE, DEFAULT_TERMS).b, CLAUDE, given)
    unpriced = ExperimentSettings.model_validate({"b": {"model": "claude-haiku-5-5"}})
    found = arms_set(unpriced, CLAUDE, DEFAULT_TERMS)
    with pytest.raises(ConfigError, match="what claude-haiku-5-5 costs is not known"):
        claude_of(found.b, CLAUDE, unpriced)


def test_a_cascade_is_part_of_an_arm():
    cascade = CLAUDE.model_copy(update={"first_model": "claude-haiku-5-5"})
    settings = ExperimentSettings.model_validate({"b": {"lessons": "published", "first_model": "none"}})
    found = arms_set(settings, cascade, DEFAULT_TERMS)
    assert (found.a.first_model, found.b.first_model) == ("claude-haiku-5-5", "")
    assert claude_of(found.a, cascade, settings).first().model == "claude-haiku-5-5"
    assert claude_of(found.b, cascade, settings).first() is None
    assert found.a.sha256() != found.b.sha256()


def test_a_rules_file_is_kept_by_its_hash_and_told_though_the_file_is_gone(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text("Trade at {target} %.\n")
    found = arms(b={"rules": str(path)})
    found.keep(tmp_path)
    path.unlink()
    assert rules_of(found.b, tmp_path) == "Trade at {target} %.\n"
    assert rules_of(found.a, tmp_path) == "", "the rules that come with the program"
    assert own_rules() in found.rules.values()


@pytest.mark.parametrize(
    ("text", "said"), [(None, "cannot be read"), ("At {profit} %", "'profit' in braces"), ("{", "braces")]
)
def test_a_rules_file_that_is_none_is_refused_with_its_name(tmp_path, text, said):
    path = tmp_path / "mine.md"
    if text is not None:
        path.write_text(text)
    with pytest.raises(ConfigError, match=said) as error:
        arms(b={"rules": str(path)})
    assert "mine.md" in str(error.value)


def test_one_lesson_is_a_difference_of_published_ones_alone():
    with pytest.raises(ConfigError, match="left out of the published lessons"):
        arms(lesson="trades.wick.present.above", b={"lessons": "published"})


def told(folder, arm) -> str:
    return lessons_of(arm, "why", DEFAULT_TERMS)(folder).text


def test_what_each_arm_is_told(tmp_path):
    mine = lesson("trades.wick.present.above")
    other = lesson("trades.direction.LONG.above")
    found = lessons(mine, other)
    insights = compile_insights(all_published(AS_OF), None, AS_OF, found)
    publish(tmp_path, insights, compose_prompt(insights), force=True)
    with_, without = (getattr(arms(lesson=mine.id), letter) for letter in "ab")
    published = read_prompt(tmp_path).text
    assert told_words(mine) in published
    assert told(tmp_path, with_) == published
    left = told(tmp_path, without)
    assert told_words(mine) not in left
    assert told_words(other) in left
    assert (tmp_path / INSIGHTS_FILE).exists()
    assert told(tmp_path, arms().b) == ""
    assert lessons_of(arms().b, "why", DEFAULT_TERMS)(tmp_path).reason == "why"
    kept = archive_text(tmp_path, "FAVOUR: LONG\n")
    assert told(tmp_path, arms(a={"lessons": kept}).a) == "FAVOUR: LONG\n"


def test_a_kept_prompt_that_is_gone_is_none_with_the_reason(tmp_path):
    found = lessons_of(arms(a={"lessons": "0" * 64}).a, "why", DEFAULT_TERMS)(tmp_path)
    assert found.text == ""
    assert "is not kept" in found.reason
