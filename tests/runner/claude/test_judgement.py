"""Answers let through, and each way of falling short."""

from __future__ import annotations

import json
import math

import pytest

from lib.market.terms import DEFAULT_TERMS, Terms
from runner.claude.judgement import REASONING_LENGTH, Judgement, answer_schema, judge, judgement_under, tidy
from runner.trade.models import Answer
from runner.trade.rails import Rails
from runner.trade.settings import RailSettings
from tests.messages_server import reply_text


def problem(holding: bool = False, **changed: object) -> str:
    return judge(reply_text(**changed), holding, DEFAULT_TERMS).problem


def test_a_good_answer():
    found = judge(
        reply_text(direction="SHORT", confidence=0.8, stop_pct=0.2, target_pct=None), False, DEFAULT_TERMS
    )
    assert found.problem == ""
    assert found.judgement is not None
    assert (found.judgement.direction, found.judgement.stop_pct, found.judgement.target_pct) == (
        "SHORT",
        0.2,
        None,
    )


@pytest.mark.parametrize(
    "changed",
    [
        {"confidence": 1.01},
        {"confidence": -0.01},
        {"stop_pct": 0.04},
        {"stop_pct": 1.1},
        {"target_pct": 5.1},
        {"valid_for_s": 21},
        {"valid_for_s": 0},
        {"stop_pct": math.nan},
        {"confidence": -1, "valid_for_s": 21, "stop_pct": math.inf},
    ],
)
def test_out_of_range(changed):
    assert problem(**changed) == "range"


@pytest.mark.parametrize(
    "changed", [{"confidence": 1}, {"confidence": 0}, {"stop_pct": 0.05}, {"valid_for_s": 20.0}]
)
def test_the_ends_of_a_range_belong_to_it(changed):
    assert problem(**changed) == ""


@pytest.mark.parametrize(
    "changed",
    [
        {"direction": "long"},
        {"direction": None},
        {"entry_recommended": "true"},
        {"entry_recommended": 1, "direction": "LONG"},
        {"confidence": "0.8"},
        {"confidence": None},
        {"exit_advice": "close"},
        {"reasoning": 7},
        {"leverage": 5},
    ],
)
def test_nothing_is_coerced_and_nothing_more_may_be_there(changed):
    assert problem(**changed) == "shape"


@pytest.mark.parametrize("field", Judgement.model_fields)
def test_nothing_may_be_missing(field):
    fields = json.loads(reply_text())
    del fields[field]
    assert judge(json.dumps(fields), False, DEFAULT_TERMS).problem == "shape"


@pytest.mark.parametrize(
    "text", ["", "HOLD", "{", '{"direction": "HOLD"', "```json\n{}\n```", reply_text() + "x"]
)
def test_not_json(text):
    assert judge(text, False, DEFAULT_TERMS).problem == "not_json"


@pytest.mark.parametrize("text", ["[]", "null", "{}", '"HOLD"', "[" * 10_000])
def test_json_that_is_no_answer(text):
    assert judge(text, False, DEFAULT_TERMS).judgement is None


@pytest.mark.parametrize("word", ["NaN", "Infinity", "1e999"])
def test_no_number_that_is_none(word):
    assert judge(reply_text().replace("0.5", word), False, DEFAULT_TERMS).judgement is None


def test_a_verdict_given_twice_is_none():
    twice = reply_text(direction="LONG")[:-1] + ', "direction": "SHORT"}'
    assert judge(twice, False, DEFAULT_TERMS) == (None, "duplicate_key")


def test_contradictions():
    assert problem(entry_recommended=True) == "contradiction"
    assert problem(exit_advice="exit") == "contradiction"
    assert problem(exit_advice="exit", holding=True) == ""


def test_reasoning_is_cut_and_cleaned_and_costs_no_trade():
    long = "a\x00b\n\tc " * 1_000
    assert problem(reasoning=long) == ""
    told = tidy(long)
    assert told.startswith(r"a\x00b c a\x00b c")
    assert len(told) == REASONING_LENGTH
    assert told.isprintable()
    whole = "x" * REASONING_LENGTH
    assert tidy(whole) == whole
    assert tidy(whole + "y") == whole[:-1] + "…"


def test_the_schema_asks_for_exactly_what_is_checked():
    schema, checked = answer_schema(DEFAULT_TERMS), judgement_under(DEFAULT_TERMS).model_fields
    assert list(schema["properties"]) == schema["required"] and set(schema["required"]) == set(checked)
    assert schema["required"][0] == "reasoning"
    assert schema["additionalProperties"] is False
    for field in ("stop_pct", "target_pct", "valid_for_s"):
        limits = [limit for rule in checked[field].metadata for limit in vars_of(rule)]
        assert all(f"{limit:g}" in schema["properties"][field]["description"] for limit in limits)
        assert len(limits) == 2


def test_the_schema_by_hand():
    schema = answer_schema(DEFAULT_TERMS)
    assert schema["type"] == "object"
    assert all(field["description"] for field in schema["properties"].values())
    assert {name: (field["type"], field.get("enum")) for name, field in schema["properties"].items()} == {
        "reasoning": ("string", None),
        "direction": ("string", ["LONG", "SHORT", "HOLD"]),
        "entry_recommended": ("boolean", None),
        "confidence": ("number", None),
        "stop_pct": (["number", "null"], None),
        "target_pct": (["number", "null"], None),
        "valid_for_s": ("number", None),
        "exit_advice": ("string", ["keep", "exit"]),
    }


def vars_of(rule: object) -> list[float]:
    return [value for name in ("ge", "le") if (value := getattr(rule, name, None)) is not None]


@pytest.mark.parametrize("name", ["stop_pct", "target_pct"])
@pytest.mark.parametrize("value", [0.09, 0.1, 0.25, 0.4, 0.41])
def test_the_ranges_are_those_of_the_terms_and_the_rails_have_the_same(tmp_path, name, value):
    ranges = {f"{end}_{name}": limit for end, limit in (("min", 0.1), ("max", 0.4))}
    terms = Terms(stop_pct=0.2, target_pct=0.3, **ranges)
    passes = 0.1 <= value <= 0.4
    judged = judge(reply_text(direction="LONG", entry_recommended=True, **{name: value}), False, terms)
    assert judged.problem == ("" if passes else "range")
    asked = Answer("LONG", True, 0.9, **{name: value})
    code = Rails(RailSettings(), tmp_path).after(asked, terms)
    assert code == ("" if passes else name.removesuffix("_pct"))
    assert "0.1 to 0.4;" in answer_schema(terms)["properties"][name]["description"]
