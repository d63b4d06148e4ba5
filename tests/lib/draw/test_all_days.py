"""What the lessons of all days say beside figures of one window."""

from __future__ import annotations

from lib.contract.optimal_vs_actual import StandardExits
from lib.contract.results import GroupStats
from lib.draw.all_days import (
    chosen_sentence,
    contrast,
    losers_sentence,
    of_own,
    of_regime,
    of_setups,
    of_wicks,
    proven_sentence,
    regimes_sentence,
    rule_over_all_days,
    standing_sentence,
)
from lib.draw.apart import Apart
from lib.draw.lessons import COSTS_ONLY, sides_sentence
from tests.lib.contract import made
from tests.lib.lessons.made_lessons import candidate, lesson

GREEN = "LONG_BOTH_GREEN"


def stats(total: int, wins: int, mean: float) -> GroupStats:
    return GroupStats(**made.group(total, wins, mean=mean))


def test_what_was_chosen_stands_beside_the_same_taken_every_time():
    lessons = [
        lesson(f"answers.setup.{GREEN}.above", episodes=233),
        candidate(
            f"rule.setup.{GREEN}.above",
            episodes=393,
            net_mean_pct=-0.038,
            net_low_pct=-0.093,
            net_high_pct=0.017,
        ),
        candidate("rule.setup.SHORT_MIXED.above"),
    ]
    lost = stats(23, 12, -0.018)
    found = contrast(lessons, {GREEN: lost, "SHORT_MIXED": lost}, "rule")
    (table,) = found.tables
    assert table.caption == "LONG (both ribbons green)"
    assert table.frame.to_numpy().tolist() == [
        [
            "chosen by the trader, all days",
            "+0.071 % (n 233, +0.012 to +0.131)",
            "gain after costs, told to Claude",
        ],
        ["taken by the entry rule, all days", "−0.038 % (n 393, −0.093 to +0.017)", "no gain is proven"],
        [
            "taken by the entry rule, this window",
            "−0.018 % (n 23, −0.118 to +0.082)",
            "nothing: it is one window",
        ],
    ]
    assert found.words == (
        "The first row counts: it is proven. It is of moments that the trader chose while the setup stood; the other rows choose nothing. "
        "So Claude is told to favour it among what it would choose, not to take each one."
    )


def test_events_judged_alone_have_no_interval_and_another_lesson_other_words():
    every = StandardExits(n=12, win_rate=58.0, net_mean_pct=0.003)
    avoided = lesson(f"trades.setup.{GREEN}.below")
    found = contrast([avoided], {GREEN: every}, "setups")
    assert found.tables[0].frame.to_numpy().tolist()[1] == [
        "taken at each fresh signal, this window",
        "+0.003 % (n 12)",
        "nothing: it is one window",
    ]
    assert found.words.endswith("So Claude is told to avoid it.")
    both = contrast(
        [avoided, lesson("answers.setup.SHORT_MIXED.above")], {GREEN: every, "SHORT_MIXED": every}, "setups"
    )
    assert len(both.tables) == 2 and both.words.endswith("told to act on it where it would choose.")
    wicks = [lesson("wicks.kind.WICK_DOWN_LONG.above", episodes=134)]
    found = contrast(wicks, {"WICK_DOWN_LONG": stats(9, 2, -0.1)}, "wicks")
    assert [row[0] for row in found.tables[0].frame.to_numpy().tolist()] == [
        "taken every time, all days",
        "taken every time, this window",
    ]
    assert found.words.startswith("The first row counts: it is proven over all days. In one window")


def test_nothing_is_said_of_what_agrees_or_is_too_few():
    found = lesson(f"answers.setup.{GREEN}.above")
    assert contrast([found], {GREEN: stats(23, 20, 0.118)}, "rule") is None, (
        "its whole interval is above zero"
    )
    assert contrast([found], {GREEN: stats(23, 12, 0.018)}, "rule"), "not clearly"
    assert contrast([found], {GREEN: stats(4, 1, -0.018)}, "rule") is None
    assert (
        contrast(
            [lesson(f"answers.setup.{GREEN}.above", consequence="withheld")],
            {GREEN: stats(23, 1, -1.0)},
            "rule",
        )
        is None
    )
    assert contrast([lesson(f"trades.setup.{GREEN}.beats")], {GREEN: stats(23, 1, -1.0)}, "rule") is None


def test_what_is_proven_of_the_subject_of_a_page():
    regime = "RANGING_QUIET"
    parts = {"this regime": of_regime(regime), "wicks": of_wicks}
    short = lesson(f"answers.regime.{regime}_SHORT.below", consequence="restates_costs", episodes=203)
    lessons = [
        lesson(f"trades.regime.{regime}_SHORT.below", consequence="restates_costs"),  # answers tell of it
        short,
        lesson("answers.regime.BULLISH_TRENDING_LONG.above"),
        candidate(f"rule.regime.{regime}_LONG.above"),
    ]
    alone = f"but {COSTS_ONLY}"
    told = f"Proven over all days of this regime: SHORT answers in ranging quiet lose after costs (n 203), {alone}"
    assert proven_sentence(lessons, parts) == f"{told}; of wicks: nothing."
    wick = lesson("wicks.kind.WICK_DOWN_LONG.above", episodes=40)
    assert proven_sentence([wick], parts) == (
        "Proven over all days of this regime: nothing; of wicks: wicks down taken LONG gain after costs (n 40), told to Claude."
    )
    nothing = "Proven over all days of this regime and wicks: nothing."
    assert proven_sentence(lessons[2:], parts) == nothing
    many = [
        lesson(f"trades.setup.{name}.above")
        for name in ("LONG_MIXED", "SHORT_MIXED", GREEN, "SHORT_BOTH_RED")
    ]
    assert proven_sentence(many, {"setups": of_setups}).endswith(", 1 more.")
    assert proven_sentence([], parts) == ""


def test_of_own_entries_those_to_act_on_are_named_or_else_every_one():
    short = lesson("answers.direction.SHORT.below", consequence="restates_costs", episodes=562)
    told = lesson(f"answers.setup.{GREEN}.above", episodes=233)
    rule = lesson("rule.setup.LONG_MIXED.above")
    every = [short, told, rule]
    assert proven_sentence(every, {"own entries": of_own(every)}) == (
        "Proven over all days of own entries: LONG (both ribbons green) answers gain after costs (n 233), told to Claude."
    )
    better = lesson("trades.pattern.all_green.beats", episodes=438, effect_pct=0.01)
    assert proven_sentence([better, told], {"own entries": of_own([told])}) == (
        "Proven over all days of own entries: LONG (both ribbons green) answers gain after costs (n 233) and entries at a 5-minute "
        "ribbon that is all green do better than all others (n 438), told to Claude."
    )
    assert "SHORT answers lose" in proven_sentence([short, rule], {"own entries": of_own([short, rule])})
    assert proven_sentence([rule], {"own entries": of_own([rule])}).endswith("of own entries: nothing.")


def test_what_stands_out_in_one_window_is_held_against_all_days():
    groups = [
        Apart("SHORT", "direction", "SHORT", stats(16, 3, -0.156)),
        Apart("timeframes in conflict", "timeframes", "apart", stats(11, 1, -0.2)),
        Apart("confidence 0.85+", "", "", stats(12, 8, 0.1)),
        Apart("LONG (both ribbons green)", "setup", GREEN, stats(17, 12, 0.1)),
    ]
    lessons = [
        lesson(f"trades.setup.{GREEN}.beats", episodes=90),
        lesson("trades.direction.SHORT.below", consequence="withheld", episodes=500),
        lesson("answers.direction.SHORT.below", consequence="restates_costs", episodes=562),
        candidate("answers.timeframes.apart.below"),
        lesson(f"trades.setup.{GREEN}.above", episodes=200),
        lesson(f"answers.setup.{GREEN}.above", consequence="too_small", episodes=233),
    ]
    assert standing_sentence(lessons, groups) == (
        f"Over all days: SHORT answers lose after costs, proven (n 562), but {COSTS_ONLY}; nothing is proven of "
        "timeframes in conflict; LONG (both ribbons green) gain after costs, proven (n 200), told to Claude."
    )
    assert standing_sentence(lessons, groups[2:3]) == "" == standing_sentence(lessons, [])


def test_a_regime_is_a_reason_only_where_that_is_proven():
    told = lesson("answers.regime.BULLISH_TRENDING_LONG.above")
    assert regimes_sentence([told, candidate("answers.regime.RANGING_QUIET_LONG.above")]) == (
        "Proven: LONG answers in bullish trending gain after costs (n 180). "
        "No other regime is proven to be a reason to trade, or not to."
    )
    wick = lesson("wicks.kind.WICK_DOWN_LONG.above")
    assert regimes_sentence([wick]).startswith(
        "Proven: wicks down taken LONG gain after costs (n 180). No other"
    )
    loser = lesson("answers.regime.RANGING_QUIET_SHORT.below", consequence="restates_costs")
    assert regimes_sentence([loser]) == "No regime is proven to be a reason to trade, or not to."
    assert regimes_sentence([]) == ""


def test_a_proven_loser_of_the_regime_is_said_with_what_follows():
    loser = lesson("answers.regime.RANGING_QUIET_SHORT.below", consequence="restates_costs", episodes=203)
    same = lesson("trades.regime.RANGING_QUIET_SHORT.below", consequence="restates_costs", episodes=192)
    said = f"SHORT answers in ranging quiet lose after costs (n 203) is proven, but {COSTS_ONLY}."
    assert losers_sentence([same, loser], "RANGING_QUIET") == f"That {said}"
    assert "SHORT entries in ranging quiet" in losers_sentence([same], "RANGING_QUIET")
    assert losers_sentence([loser], "BULLISH_TRENDING") == ""
    assert losers_sentence([lesson("answers.regime.RANGING_QUIET_LONG.above")], "RANGING_QUIET") == ""


def test_long_and_short_are_held_against_one_another_where_both_were_compared():
    figures = {"episodes": 495, "net_low_pct": -0.009, "net_high_pct": 0.118}
    better = candidate("trades.direction.LONG.beats", net_mean_pct=0.057, **figures)
    worse = candidate("trades.direction.SHORT.beats", net_mean_pct=-0.057, **figures)
    said = "That LONG entries do better than SHORT ones is not proven (n 495 pairs, −0.009 to +0.118 %)."
    assert sides_sentence([worse, better]) == said
    proven = lesson("trades.direction.SHORT.beats", net_mean_pct=0.01)
    assert sides_sentence([better, proven]).startswith(
        "That SHORT entries do better than LONG ones is proven (n 180 pairs"
    )
    assert sides_sentence([better.model_copy(update={"episodes": 4})]) == sides_sentence([]) == ""
    short = [Apart("SHORT", "direction", "SHORT", stats(16, 3, -0.156))]
    assert standing_sentence([better], short) == f"Over all days: nothing is proven of SHORT. {said}"
    assert said not in standing_sentence([better], [Apart("x", "timeframes", "apart", stats(11, 1, -0.2))])


def test_chosen_and_every_signal_are_told_only_where_both_are_known():
    chosen, every = lesson("answers.setup.LONG_MIXED.above"), candidate("setups.setup.LONG_MIXED.above")
    assert chosen_sentence([chosen, every]) == (
        "Proven over all days: LONG (mixed ribbons) answers gain after costs as the trader chose them (n 180); taken at every signal no "
        "gain is proven (n 180)."
    )
    proven = every.model_copy(update={"status": "proven", "consequence": "act_on"})
    assert chosen_sentence([chosen, proven]).endswith("; taken at every signal they do, too (n 180).")
    for found in (
        [chosen],
        [every],
        [chosen, every.model_copy(update={"episodes": 0})],
        [lesson("trades.setup.LONG_MIXED.beats"), every],
    ):
        assert chosen_sentence(found) == ""


def test_the_rule_over_all_days_needs_trades():
    assert rule_over_all_days([candidate("rule.setup.LONG_MIXED.above", n=4)]) == ""
    assert rule_over_all_days([candidate("rule.regime.RANGING_QUIET_LONG.above")]) == ""
