from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.market.exits import STANDARD, ExitRule
from lib.market.terms import DEFAULT_TERMS
from lib.questions.confirmation import CONFIRMED, Confirmation, confirmation
from lib.questions.file import NO_TARGET_PCT
from lib.questions.telling import confirmation_sentences
from tests.builders import times

#: At the target, and at the stop, of the standard exits, net.
GAIN, LOSS = 0.19, -0.26


def judged(x: np.ndarray, k: int = 1, days: float = 30.0, exits: ExitRule = STANDARD) -> Confirmation:
    minutes = np.arange(len(x)) * days * 1440 / max(len(x), 1)
    closed = pd.DataFrame(
        {
            "entry_time": times(minutes),
            "exit_time": times(minutes + 1),
            "net_pct": x,
            "episode": np.arange(len(x)),
        }
    )
    return confirmation(closed, k, "2026-01-05T00:00:00Z", "2026-02-04T00:00:00Z", days, exits, DEFAULT_TERMS)


def drawn(n: int, win_share: float, seed: int = 1) -> np.ndarray:
    return np.where(np.random.default_rng(seed).random(n) < win_share, GAIN, LOSS)


def test_an_edge_is_proven_and_a_loss_is_proven_worse():
    found = judged(drawn(600, 0.80))
    assert (found.verdict, found.level) == ("proven", 0.00025) and found.evidence >= 1 > found.evidence_worse
    assert 0 < found.net_low_pct < found.net_mean_pct < found.net_high_pct
    worse = judged(drawn(600, 0.40))
    assert worse.verdict == "proven worse" and worse.net_high_pct < 0 and worse.evidence < 1
    assert found.more_episodes is None and worse.more_episodes is None


def test_what_is_not_shown_says_what_more_it_would_take_or_that_an_edge_is_ruled_out():
    found = judged(drawn(60, 0.62), days=30)
    assert found.verdict == "not shown" and not found.ruled_out
    assert found.more_episodes > 300 and found.more_days == pytest.approx(found.more_episodes / 2, rel=0.01)
    nothing = judged(drawn(20_000, 0.578))
    assert nothing.verdict == "not shown" and nothing.ruled_out and nothing.more_episodes is None
    assert "an edge of 0.05 % an episode is ruled out" in " ".join(
        confirmation_sentences("q", "m", nothing, [])
    )
    assert "more episodes to show, some" in " ".join(confirmation_sentences("q", "m", found, []))


def test_every_later_number_is_judged_no_less_strictly():
    x = drawn(400, 0.72)
    evidence = [judged(x, k).evidence for k in (1, 20, 21, 40, 400)]
    assert (
        evidence[0] == evidence[1]
        and evidence == sorted(evidence, reverse=True)
        and evidence[-1] < evidence[0]
    )
    assert sum(CONFIRMED.level(k) for k in range(1, 100_000)) == pytest.approx(0.01, abs=1e-5)


def test_without_a_trade_nothing_is_shown():
    found = judged(np.empty(0))
    assert (found.verdict, found.trades, found.net_mean_pct, found.net_low_pct) == (
        "not shown",
        0,
        None,
        None,
    )
    assert found.more_days is None and found.more_episodes > 0
    assert "It made no trade there." in confirmation_sentences("q", "m", found, [])


def test_an_edge_that_showed_and_faded_is_proven_and_a_loss_beyond_what_was_declared_is_counted():
    faded = judged(np.r_[drawn(400, 0.85), drawn(300, 0.45)])
    assert faded.verdict == "proven"
    assert judged(np.r_[drawn(50, 0.6), -0.9]).beyond_declared == 1


def test_without_a_target_a_loss_can_be_proven_and_a_gain_beyond_the_furthest_target_is_counted():
    exits = ExitRule(NO_TARGET_PCT, 0.15, 45.0)
    x = drawn(3_000, 0.40)
    assert (
        judged(x, exits=exits).verdict == "proven worse"
        and judged(x, exits=exits).evidence_worse < judged(x).evidence_worse
    )
    assert judged(np.r_[drawn(50, 0.6), 6.0], exits=exits).beyond_declared == 1


def test_days_that_hang_together_temper_the_evidence():
    draw = np.random.default_rng(2)
    share = np.repeat(np.where(draw.random(60) < 0.7, 0.95, 0.1), 10)
    x = np.where(draw.random(600) < share, GAIN, LOSS)
    tempered, free = judged(x, days=60), judged(np.random.default_rng(3).permutation(x), days=60)
    assert tempered.inflation > 2 > free.inflation and tempered.evidence < free.evidence


def test_a_worthless_question_is_hardly_ever_proven():
    # 400 questions of mean zero, at a level a hundred times looser than theirs would be: at most 2.5 % by theorem.
    runs = [judged(drawn(300, 0.26 / 0.45, seed)).evidence for seed in range(400)]
    loose = np.log(1 / 0.025) / np.log(1 / 0.00025)
    assert np.mean(np.array(runs) >= loose) <= 0.025


def test_the_answer_says_who_has_looked():
    found = judged(drawn(600, 0.80))
    said = " ".join(confirmation_sentences("q", "m", found, ["3 cycles of `ribbon cycle`"]))
    assert (
        said.startswith("Proven on the sealed part: q gains after costs")
        and "3 cycles" in said
        and "only as far as" in said
    )
    assert "Nothing else of this folder" in confirmation_sentences("q", "m", found, [])[-1]
