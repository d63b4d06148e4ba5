"""The next step of each page: it follows from the figures, in each case that these can be, and none is a trade that is not proven."""

from __future__ import annotations

import re
from typing import get_args, get_type_hints

import pytest

from lib.contract.actual_trades import ActualPerformance
from lib.contract.optimal_vs_actual import Learnable
from lib.contract.results import GroupStats
from lib.contract.smart_backtest import GridCell, RealisticBacktest
from lib.draw.html import Finding
from lib.draw.next_step import (
    backtest_step,
    exits_sentence,
    hindsight_step,
    history_step,
    lessons_step,
    trades_step,
)
from lib.experiments.folder import Judged
from lib.history.trends import trends
from tests.lib.contract import made
from tests.lib.draw.test_findings import stats
from tests.lib.draw.test_optimal_vs_actual import comparison
from tests.lib.history.test_log import FIRST, cycle

NONE = GroupStats(total=0, wins=0, win_rate=None)


def trades(group: GroupStats, **changes) -> ActualPerformance:
    return ActualPerformance(**made.actual()).model_copy(
        update={"overall": group, "total_trades": group.total, "open_trades": 0} | changes
    )


@pytest.mark.parametrize(
    ("group", "said"),
    [
        (stats(4, 2, 0.1, None, None), "wait; of fewer than 5 episodes nothing can be said."),
        (stats(40, 20, -0.1, -0.15, -0.05), "one bad window is no reason to change anything. What holds"),
        (stats(40, 20, 0.1, 0.05, 0.15), "one good window is no reason"),
        # 40 · (0.07 / 0.025)² = 313.6
        (
            stats(40, 20, -0.025, -0.095, 0.045),
            "Some 320 trades like these would be needed to tell it from zero.",
        ),
        (stats(40, 20, 0.001, -0.1, 0.102), "would take over 100 such windows"),
        (
            stats(40, 20, -0.025, -0.095, 0.045).model_copy(update={"total": 80}),
            "Some 630 trades like these",
        ),
        (stats(40, 20, 0.0, -0.1, 0.1), "Nobody can say how many more"),
        (stats(8, 6, 0.1, 0.05, 0.15), "Of so few (8 episodes) no figure is to be trusted"),
    ],
)
def test_trades_of_one_window_change_nothing(group, said):
    step = trades_step(trades(group))
    assert said in step and step.startswith("What to do: ") and step.endswith("stands under Insights.")


def test_without_a_trade_the_reason_is_asked_for():
    assert "wait until a trade is closed" in trades_step(trades(NONE, open_trades=1), "live")
    assert "`ribbon status --why 24h`" in trades_step(trades(NONE), "rules")
    assert "`ribbon cycle --lookback-hours 168`" in trades_step(trades(NONE), "imported")


def test_of_hindsight_nothing_is_copied():
    none = {
        "trades": 0,
        "pnl": 0.0,
        "pnl_pct": 0.0,
        "signatures": [],
        "past_events": 40,
        "past_signatures": 3,
    }
    assert "copy nothing" in hindsight_step(comparison(learnable=Learnable(**none)))
    lasting = none | {"signatures": ["LONG_MIXED"], "trades": 9, "rank": 0.97}
    assert "see whether that lasts" in hindsight_step(comparison(learnable=Learnable(**lasting)))
    assert "copy nothing" in hindsight_step(comparison(learnable=Learnable(**lasting | {"trades": 4})))
    assert hindsight_step(comparison(events=0)).startswith("What to do: nothing.")


def test_the_exits_that_did_not_gain_are_counted_and_ask_for_nothing():
    result = RealisticBacktest(**made.backtest())
    cell = GridCell(
        target_pct=0.3,
        stop_pct=0.15,
        total_trades=9,
        win_rate=33.3,
        breakeven_win_rate=57.8,
        net_mean_pct=None,
        total_pnl_pct=0.0,
    )
    grid = [cell.model_copy(update={"net_mean_pct": mean}) for mean in (-0.1, 0.2, None, 0.1)]
    assert exits_sentence(result.model_copy(update={"grid": grid})) == (
        "Of other exits 1 of 3 pairs of target and stop tried on these entries lose, "
        "and the best of so many (+0.200 % a trade) is expected to look good by luck."
    )
    none = exits_sentence(result.model_copy(update={"grid": grid[:1]}))
    assert none == "All 1 pairs of target and stop tried on these entries lose."
    assert exits_sentence(result.model_copy(update={"grid": []})) == ""
    assert backtest_step(result) == "What to do: nothing; the rule is only what trades are held against."
    assert "--lookback-hours" in backtest_step(result.model_copy(update={"total_trades": 0}))


@pytest.mark.parametrize(
    ("act_on", "more", "said"),
    [
        (None, {}, "look at what went wrong"),
        (2, {"held": True, "state": "running"}, "`ribbon lessons rollback --release`"),
        (0, {}, "nothing but collect more; the static rules stand until something is proven."),
        (0, {"needs": "About 9 more pairs."}, "is proven. Nearest to proof: About 9 more pairs."),
        (1, {}, "Claude is told this lesson already. To know whether telling helps, begin a controlled test"),
        (2, {"synthetic": True}, "these 2 lessons already, and this market is made up."),
        (1, {"state": "running"}, "wait; the controlled test is not decided yet"),
        (
            1,
            {"state": "helps"},
            "told this lesson already, and by the controlled test what is asked about helps",
        ),
        (1, {"state": "harms"}, "`ribbon experiment status`"),
        (
            0,
            {"state": "ended"},
            "nothing is proven that Claude could be told. The controlled test ended before",
        ),
    ],
)
def test_lessons_and_the_controlled_test(act_on, more, said):
    step = lessons_step(act_on, **more)
    assert said in step and step.startswith("What to do: ") and step.endswith(".")


def test_every_state_of_a_controlled_test_has_its_step():
    states = get_args(get_type_hints(Judged.state.fget)["return"])
    assert len({lessons_step(1, state=state) for state in states}) == len(states) == 4


def test_the_history_s_step_is_that_of_its_newest_cycle():
    assert "`ribbon cycle`" in history_step(trends([]))
    frame = trends([cycle(FIRST, [0.1], [], [])])
    assert history_step(frame.assign(lessons_to_act_on=2.0), "running") == lessons_step(2, state="running")
    assert "records how many" in history_step(frame.assign(lessons_to_act_on=float("nan")))


def test_a_step_is_marked_in_a_finding_and_its_commands_are_code():
    html = Finding(["First.", lessons_step(1), "<b>"])._repr_html_()
    assert re.search(
        r'<p class="step"><b>What to do:</b> nothing; .*<code>ribbon experiment start</code>', html
    )
    assert "&lt;b&gt;" in html
