"""What an experiment is said to cost before its first call."""

from __future__ import annotations

import re

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.decider import ClaudeDecider
from runner.claude.example import example_view
from runner.claude.settings import ClaudeSettings
from runner.experiment.arms import arms_set
from runner.experiment.costs import cost_lines
from runner.experiment.settings import ExperimentSettings
from runner.trade.settings import TradeSettings

CLAUDE = ClaudeSettings(api_key="")


def test_an_arm_with_a_first_model_costs_that_and_a_fifth_of_the_other(tmp_path):
    first = {"lessons": "none", "first_model": "claude-haiku-5-5"}
    settings = ExperimentSettings.model_validate({"a": {"lessons": "none"}, "b": first})
    found = arms_set(settings, CLAUDE, DEFAULT_TERMS)
    lines = cost_lines(tmp_path, found, settings, CLAUDE, TradeSettings(), DEFAULT_TERMS)
    alone, behind = (float(usd) for usd in re.findall(r"about \$(\d\.\d+) a call", "\n".join(lines)))
    cascade = CLAUDE.model_copy(update={"first_model": "claude-haiku-5-5"})
    told = ClaudeDecider(cascade, tmp_path, terms=DEFAULT_TERMS).dry_run(example_view())
    assert told.first is not None
    assert behind == pytest.approx(told.first.next_usd + told.uncached_usd / 5, abs=1e-4)
    assert told.first.next_usd < behind < alone
