"""What pages begin with: a sentence a case, each with its n and its interval, none that says more than the figures."""

from __future__ import annotations

import re

import pytest

from lib.contract.actual_trades import ActualPerformance
from lib.contract.dollars import Coin
from lib.contract.results import GroupStats
from lib.contract.smart_backtest import RealisticBacktest
from lib.draw import findings
from lib.history.whole_log import WholeLog
from tests.lib.contract import made
from tests.lib.history.test_log import FIRST, SECOND


def stats(total: int, wins: int, mean: float, low: float | None, high: float | None) -> GroupStats:
    return GroupStats(
        total=total,
        wins=wins,
        win_rate=round(100 * wins / total, 1),
        win_rate_low=26.0,
        win_rate_high=53.0,
        total_pnl=mean * total,
        episodes=total,
        net_mean_pct=mean,
        net_low_pct=low,
        net_high_pct=high,
    )


def told(net: float, gross: float | None, group: GroupStats, decisions: str = "live") -> findings.Found:
    return findings.figures_finding(group.total, net, gross, group, 53.3, decisions, Coin("ETH"))


def test_what_was_lost_stands_first_then_how_sure_that_is():
    said, sure = told(-69.61, 25.12, stats(44, 17, -0.066, -0.134, 0.001))
    assert said == [
        "You lost $69.61 per 1 ETH after costs on 44 trades; before costs you made $25.12.",
        "Costs took $94.73, $2.15 a trade. Whether the loss is more than chance cannot be told, and one window proves nothing.",
    ]
    assert sure == [
        "Mean −0.066 % a trade (n 44, 95 % −0.134 to +0.001); 38.6 % won (n 44, 95 % 26–53), 53.3 % needed to break even "
        "at the size of these wins and losses.",
    ]
    overlapping = stats(44, 17, -0.066, -0.134, 0.001).model_copy(update={"episodes": 40})
    assert (
        told(-69.61, 25.12, overlapping)
        .sure[0]
        .startswith("Mean −0.066 % an episode of overlapping trades (n 40,")
    )


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (
            -0.2,
            -0.1,
            "One window in forty loses so much by chance, so this one proves nothing.",
        ),
        (0.1, 0.2, "One window in forty gains so much by chance, so this one proves nothing."),
        (-0.1, 0.1, "Whether the gain is more than chance cannot be told"),
    ],
)
def test_the_interval_decides_what_is_said(low, high, words):
    assert words in told(1.0, 2.0, stats(20, 10, (low + high) / 2, low, high)).said[1]


def test_few_trades_get_no_rate_and_no_mean():
    (first, second), (third,) = told(3.0, 4.0, stats(4, 4, 0.2, 0.1, 0.3), "rules")
    assert (
        first == "The rule decider made $3.00 per 1 ETH after costs on 4 trades; before costs it made $4.00."
    )
    assert (
        second == "Costs took $1.00, $0.25 a trade. 4 episodes prove nothing."
        and third == "4 trades: too few for a win rate."
    )
    assert (
        told(1.0, None, stats(1, 1, 0.2, None, None)).said[0]
        == "You made $1.00 per 1 ETH after costs on 1 trade."
    )
    assert "Costs" not in told(4.0, 4.0, stats(4, 4, 0.2, 0.1, 0.3)).said[1]


def test_what_to_do_comes_after_what_happened_and_what_stands_out_is_folded():
    short = stats(16, 3, -0.15, -0.252, -0.059)
    trades = ActualPerformance(**made.actual()).model_copy(update={"short_stats": short})
    said, sure = findings.trades_finding(trades)
    assert [sentence.split(" ")[0] for sentence in said[1:]] == ["LONG", "What"]
    assert re.match(
        r"LONG (made|lost) \$[\d.]+ on \d+ trades? and SHORT (made|lost) \$[\d.]+ on 16 trades\. Costs ",
        said[1],
    )
    assert "SHORT lost" in sure[-2] and "SHORT, −0.252 to −0.059 %" in sure[-1]


def test_no_trade_is_nothing_to_judge():
    idle = ActualPerformance(**made.actual(total_trades=0, open_trades=2))
    assert findings.trades_finding(idle).said[0] == "No trade was closed in this window; 2 trades still open."
    none = findings.figures_finding(0, 0.0, 0.0, GroupStats(total=0, wins=0, win_rate=None), None)
    assert none.said[0].startswith("No trade") and not none.sure


def test_the_entry_rule_stands_beside_what_its_exits_need():
    result = RealisticBacktest(**made.backtest()).model_copy(
        update={"total_trades": 46, "overall": stats(46, 17, -0.1, -0.2, -0.1), "breakeven_win_rate": 57.8}
    )
    assert (
        "57.8 % needed at its fixed exits (target 0.30 %, stop 0.15 %, costs; trades with wins and losses "
        "of other sizes need another share). "
        "That is below what they need." in findings.backtest_finding(result).sure[0]
    )
    near = result.model_copy(update={"breakeven_win_rate": 40.0})
    assert "That cannot be told apart from what they need." in findings.backtest_finding(near).sure[0]
    said = findings.backtest_finding(result).said
    assert said[1].startswith(
        "The rule goes LONG where the 5-minute ribbon is all green, SHORT mirrored; target, stop or time ends"
    )
    assert "a trade, slippage among them. One window in forty loses so much" in said[1]
    assert said[2].startswith("What to do: ") and len(said) == 3
    folded = findings.rule_words(result)
    assert folded.summary == "How the rule enters and leaves"
    assert repr(folded.parts[0]).startswith("The entry rule goes LONG where")
    assert repr(folded).endswith("It leaves at target 0.30 %, at stop 0.15 %, or by time.")
    assert "explore_sweep" in findings.backtest_finding(result).sure[1]
    assert "ipynb" not in " ".join(said)
    idle = findings.backtest_finding(result.model_copy(update={"total_trades": 0}))
    assert "nothing to judge" in idle.said[1]


@pytest.mark.parametrize(
    ("counts", "first", "then"),
    [
        ((0, 0, 338), "Nothing is proven that could be acted on.", "None of 338 questions is proven."),
        ((0, 20, 338), "Nothing is proven", "20 of 338 questions are proven, but no advice."),
        (
            (1, 1, None),
            "1 lesson is proven and large enough for Claude to act on.",
            "No other is proven.",
        ),
        ((2, 3, 10), "2 lessons are proven", "1 more of 10 questions is proven, but no advice."),
        ((None, None, None), "What is proven is not known", ""),
    ],
)
def test_what_is_proven(counts, first, then):
    said = findings.lessons_finding(*counts)
    assert said[0].startswith(first) and (not then or said[1].startswith(then))


def test_what_is_told_and_what_is_new():
    assert findings.told_sentence(0) == "Claude is told no lesson to act on and decides by the static rules."
    assert findings.told_sentence(1).startswith("Claude is told this lesson")
    assert "which a person holds" in findings.told_sentence(0, "2026-01-05T10:00:00Z")
    assert findings.told_sentence(None) == "What Claude is told is not known."
    bare = "# N\n## LESSONS\n- FAVOUR: LONG: n=9 in 9 ep\n"
    window = f"{bare}## ACTUAL TRADES (your trades)\n"
    rest = "and figures of this window that prove nothing."
    assert findings.told_sentence(2, prompt=f"{window}- LONG: n=12 in 12 ep\n").endswith(
        f", the static rules, {rest}"
    )
    for text in (bare, window, f"{window}No trade has closed, n=0.\n"):
        assert (
            findings.told_sentence(1, prompt=text)
            == "Claude is told 1 proven lesson to act on and the static rules."
        )
    change = {"sha256_before": "f", "before_lost": False, "lessons": [], "lessons_more": 0}
    change |= {
        "came": [{"text": "a"}, {"text": "b", "figures": True}],
        "came_more": 1,
        "went": [],
        "went_more": 0,
    }
    assert findings.change_finding(change) == "Since the cycle before: 2 new lines in what Claude is told."
    same = change | {"came": [], "came_more": 0}
    assert "only figures changed" in findings.change_finding(same)
    assert "first prompt" in findings.change_finding(change | {"sha256_before": ""})
    assert "not recorded" in findings.change_finding({})


def whole_log(**more) -> WholeLog:
    figures = {"trades": 213, "since": FIRST, "net": -12.5, "gross": 30.0, "lowest": -20.0, "highest": 5.0}
    return WholeLog(**({"as_of": SECOND, "points": [], "cycles": 2} | figures | more))


def test_the_history_begins_with_what_all_trades_made():
    assert findings.history_finding(whole_log(), Coin("ETH")) == [
        "In all, 213 trades over 1 hour lost $12.50 per 1 ETH: on average a trade made $0.14 before costs, and costs took $0.20.",
        "2 cycles learned from them; whether telling lessons helps is not known.",
    ]
    assert findings.history_finding(whole_log(cycles=0)) == [
        "No cycle is recorded yet.",
        "`ribbon cycle` records one.",
    ]


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("running", "whether what Claude is told helps is being tested."),
        ("ended", "whether what Claude is told helps is not known, as the test ended undecided."),
        ("helps", "by the controlled test, what is asked about helps."),
        ("harms", "by the controlled test, what is asked about harms."),
    ],
)
def test_whether_telling_helps_is_said_by_the_controlled_test_alone(state, said):
    more = ["Experiment e1: so far.", "That all lose is not proven.", ""]
    named = "Proven, told to Claude now: LONG entries gain."
    _, told, helps, *others = findings.history_finding(
        whole_log(), state=state, told=named, more=more, step="What to do: wait."
    )
    assert told == named, "right below the money"
    assert helps.endswith(f"; {said}") and others == [*more[:2], "What to do: wait."]
