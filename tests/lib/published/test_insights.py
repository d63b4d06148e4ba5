from __future__ import annotations

import hashlib
import json
from itertools import product

import pandas as pd
import pytest

from lib.contract.analyzers import ANALYZER
from lib.errors import ParameterError, PublishError
from lib.market.terms import Terms
from lib.prompt.addition import compose_prompt
from lib.prompt.layout import MAX_BYTES
from lib.prompt.sections import SECTIONS
from lib.published.insights import TrainingInsights, compile_insights
from tests.lib.contract.made import AS_OF, NAMES, SOURCE, all_published, published
from tests.lib.lessons.made_lessons import candidate, lesson, lessons

EARLIER = "2025-10-19T14:00:00Z"
KEYS = [ANALYZER[name].key for name in NAMES]
TOP_LEVEL = [
    "last_updated",
    *KEYS,
    "best_setups",
    "worst_setups",
    "candidate_setups",
    "optimal_confidence_threshold",
    "lessons",
    "evidence",
    "sections",
    "provenance",
]


def before() -> dict:
    return compile_insights(all_published(EARLIER), None, EARLIER)


def test_all_four():
    insights = compile_insights(all_published(), None, AS_OF)
    assert list(insights) == TOP_LEVEL
    assert insights["last_updated"] == AS_OF and set(insights["sections"].values()) == {"ok"}
    for name in ("best_setups", "worst_setups", "candidate_setups", "lessons"):
        assert insights[name] == []
    assert insights["optimal_confidence_threshold"] is None
    told = insights["actual_performance"].pop("key_lessons")
    assert told == [
        "No lesson yet: n=0, no own trade is evidence yet (whole hours count, under the present terms); 0 hypotheses wait for it."
    ]
    insights["actual_performance"]["key_lessons"] = published("actual_trades").result["key_lessons"]
    assert insights["actual_performance"] == published("actual_trades").result
    insights["actual_performance"]["key_lessons"] = told
    provenance = insights["provenance"]
    assert provenance["source"] == SOURCE
    assert provenance["window"] == {
        "start": "2025-10-18T15:00:00Z",
        "as_of": AS_OF,
        "lookback_hours": 24.0,
        "data_until": AS_OF,
        "coverage": {},
    }
    assert provenance["rows"]["candlesticks_5min.csv"]["ok"] == 288
    assert provenance["thresholds"]["realistic_backtest"] == {"threshold": 1.0}
    prompt = compose_prompt(insights).encode()
    assert (provenance["prompt_sha256"], provenance["prompt_bytes"]) == (
        hashlib.sha256(prompt).hexdigest(),
        len(prompt),
    )


def test_setups_key_lessons_and_threshold_are_those_of_the_lessons():
    good = lesson("trades.setup.LONG_BOTH_GREEN.beats")
    bad = lesson("trades.setup.SHORT_BOTH_RED.below", net_mean_pct=-0.2, net_low_pct=-0.3, net_high_pct=-0.15)
    open_ = candidate("wicks.kind.WICK_DOWN_LONG.above")
    vetoed = lesson("trades.setup.LONG_MIXED.above", vetoed=True, consequence="withheld", withheld="veto")
    insights = compile_insights(
        all_published(), None, AS_OF, lessons(good, bad, open_, vetoed, threshold=0.75)
    )
    assert insights["best_setups"] == [good.statement]
    assert insights["worst_setups"] == [bad.statement]
    assert insights["candidate_setups"] == [open_.statement]
    assert insights["optimal_confidence_threshold"] == 0.75
    assert insights["actual_performance"]["key_lessons"] == [
        good.statement,
        bad.statement,
        f"Nearest to proof: {open_.statement}",
        "Proven, but no advice: vetoed by the trader (1).",
    ]
    assert [found["id"] for found in insights["lessons"]] == [
        found.id for found in (good, bad, open_, vetoed)
    ]
    assert insights["evidence"]["trades"] == 250


@pytest.mark.parametrize("with_previous", [False, True])
@pytest.mark.parametrize("present", list(product([False, True], repeat=len(NAMES))), ids=str)
def test_all_subsets(present, with_previous):
    results = {name: published(name) if there else None for name, there in zip(NAMES, present, strict=True)}
    previous = before() if with_previous else None
    kept = json.dumps(previous)
    if not any(present):
        with pytest.raises(PublishError, match="no analyzer has a valid result"):
            compile_insights(results, previous, AS_OF)
        assert json.dumps(previous) == kept
        return
    insights = compile_insights(results, previous, AS_OF)
    TrainingInsights.model_validate(insights)
    assert json.loads(json.dumps(insights, allow_nan=False)) == insights
    missing = "stale" if with_previous else "failed"
    prompt = compose_prompt(insights)
    for key, there in zip(KEYS, present, strict=True):
        assert insights["sections"][key] == ("ok" if there else missing)
        assert (insights[key] is None) == (not there and not with_previous)
        origin = insights["provenance"]["sections"][key]
        assert origin["as_of"] == (AS_OF if there else EARLIER if with_previous else None)
        assert origin["reason"] == (None if there else "no_result")
    # A mark stands over each section of a result: the regime's is two, the regime and its patterns.
    marks = sum(len(SECTIONS[name]) for name, there in zip(NAMES, present, strict=True) if not there)
    assert prompt.count("\nFAILED:" if missing == "failed" else "\nSTALE:") == marks
    assert len(prompt.encode()) <= MAX_BYTES


def test_stale_twice_keeps_its_own_time_and_a_rerun_gives_the_same_bytes():
    results = all_published() | {"smart_backtest": None}
    once = compile_insights(results, before(), AS_OF)
    assert json.dumps(compile_insights(results, once, AS_OF)) == json.dumps(once)
    later = "2025-10-19T16:00:00Z"
    twice = compile_insights(all_published(later) | {"smart_backtest": None}, once, later)
    assert twice["provenance"]["sections"]["realistic_backtest"]["as_of"] == EARLIER
    assert twice["sections"]["realistic_backtest"] == "stale"
    assert "the figures of 2025-10-19 14:00Z" in compose_prompt(twice)


def test_a_failed_section_is_not_revived():
    failed = compile_insights(all_published(EARLIER) | {"actual_trades": None}, None, EARLIER)
    again = compile_insights(all_published() | {"actual_trades": None}, failed, AS_OF)
    assert again["sections"]["actual_performance"] == "failed" and again["actual_performance"] is None


@pytest.mark.parametrize(
    ("until", "status"), [("2025-10-19T14:00:00Z", "ok"), ("2025-10-19T13:59:59Z", "stale")]
)
def test_data_over_an_hour_old_is_stale(until, status):
    results = all_published() | {"regime_and_wicks": published("regime_and_wicks", data_until=until)}
    insights = compile_insights(results, None, AS_OF)
    assert insights["sections"]["regime_analysis"] == status and insights["regime_analysis"] is not None
    assert ("STALE: its data ends at 2025-10-19 13:59Z." in compose_prompt(insights)) == (status == "stale")


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("other_as_of", {"as_of": EARLIER}),
        ("invalid_result", {"result": published("smart_backtest").result | {"total_trades": "many"}}),
        ("invalid_result", {"data_until": "today"}),
        ("invalid_result", {"window_start": "a day ago"}),
        ("other_source", {"source": SOURCE | {"decisions": "rules"}}),
        ("other_source", {"source": SOURCE | {"synthetic": True}}),
        ("other_source", {"source": SOURCE | {"symbol": "BTCUSDT"}}),
    ],
)
def test_a_result_that_does_not_belong_here_counts_as_failed(kind, changed):
    results = all_published() | {"smart_backtest": published("smart_backtest", **changed)}
    insights = compile_insights(results, None, AS_OF)
    assert insights["sections"]["realistic_backtest"] == "failed" and insights["realistic_backtest"] is None
    assert insights["provenance"]["sections"]["realistic_backtest"]["reason"] == kind


def test_another_analyzers_result_counts_as_failed():
    results = all_published() | {"smart_backtest": published("actual_trades")}
    told = compile_insights(results, None, AS_OF)["provenance"]["sections"]["realistic_backtest"]
    assert told["reason"] == "invalid_result"


def test_a_section_says_of_which_window_it_is():
    found = published("smart_backtest", window_start="2025-10-19T03:00:00Z", lookback_hours=12.0)
    told = compile_insights(all_published() | {"smart_backtest": found}, None, AS_OF)["provenance"][
        "sections"
    ]
    assert (told["realistic_backtest"]["window_start"], told["realistic_backtest"]["lookback_hours"]) == (
        "2025-10-19T03:00:00Z",
        12.0,
    )


def test_the_same_instant_in_another_form_is_the_same_as_of():
    results = {
        name: found.model_copy(update={"as_of": "2025-10-19T17:00:00+02:00"})
        for name, found in all_published().items()
    }
    assert compile_insights(results, None, pd.Timestamp(AS_OF))["last_updated"] == AS_OF
    with pytest.raises(ParameterError):
        compile_insights(results, None, "yesterday")


def test_the_window_is_the_first_results_and_its_data_end_with_the_newest():
    older = {"data_until": "2025-10-19T14:30:00Z", "coverage": {"candle_hours": 23.0}}
    results = {
        name: published(name, **(older if name == NAMES[0] else {"coverage": {"candle_hours": 24.0}}))
        for name in NAMES
    }
    window = compile_insights(results, None, AS_OF)["provenance"]["window"]
    assert (window["data_until"], window["coverage"]) == (AS_OF, {"candle_hours": 23.0})


def test_insights_are_of_the_terms_of_their_lessons():
    terms = Terms(fee_pct=0.02)
    insights = compile_insights(all_published(), None, AS_OF, lessons().model_copy(update={"terms": terms}))
    assert insights["provenance"]["terms"] == terms.model_dump()


@pytest.mark.parametrize("unfit", ["later", "undated", "other source", "other terms", "broken", "half"])
def test_previous_insights_that_may_not_stand_in(unfit):
    previous = before()
    if unfit == "later":  # a forced rerun of an older hour must not learn from a newer one
        later = "2025-10-19T16:00:00Z"
        previous = compile_insights(all_published(later), None, later)
    elif unfit == "other source":
        previous["provenance"]["source"]["decisions"] = "rules"
    elif unfit == "undated":
        previous["last_updated"] = "an hour ago"
    elif unfit == "other terms":
        previous["provenance"]["terms"]["fee_pct"] = 0.02
    elif unfit == "broken":
        previous["sections"] = 5
    else:
        del previous["provenance"]["sections"]["actual_performance"]
    insights = compile_insights(all_published() | {"actual_trades": None}, previous, AS_OF)
    assert insights["sections"]["actual_performance"] == "failed"
