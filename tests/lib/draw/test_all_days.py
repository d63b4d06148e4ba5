"""What the lessons of all days say beside figures of one window."""

from __future__ import annotations

from lib.contract.results import GroupStats
from lib.draw.all_days import opposed_sentence, regime_lessons, standing_sentence
from lib.draw.apart import Apart
from tests.lib.contract import made
from tests.lib.lessons.made_lessons import candidate, lesson

GREEN = "LONG_BOTH_GREEN"


def stats(total: int, wins: int, mean: float) -> GroupStats:
    return GroupStats(**made.group(total, wins, mean=mean))


def test_a_row_that_a_lesson_contradicts_is_named_with_what_counts():
    found = lesson(f"answers.setup.{GREEN}.above", episodes=233)
    lost = stats(23, 12, -0.018)
    told = opposed_sentence([found], {GREEN: lost, "SHORT_MIXED": lost}, "the entry rule")
    assert told == (
        "LONG (both ribbons green) lost here, in one window of the entry rule. The proven lesson to favour it is of the answers that "
        "were given, over all days (n 233), not of this window alone: the lesson counts."
    )
    gained = opposed_sentence([lesson("trades.direction.SHORT.below")], {"SHORT": stats(9, 9, 0.1)}, "wicks")
    assert gained.startswith(
        "SHORT gained here, in one window of wicks. The proven lesson to avoid it is of the trades"
    )


def test_nothing_is_said_of_what_agrees_or_is_too_few():
    found = lesson(f"answers.setup.{GREEN}.above")
    assert opposed_sentence([found], {GREEN: stats(23, 12, 0.018)}, "x") == ""
    assert opposed_sentence([found], {GREEN: stats(4, 1, -0.018)}, "x") == ""


def test_a_regime_s_streams_with_what_is_proven_of_them():
    regime = "RANGING_QUIET"
    table = regime_lessons(
        [
            candidate(f"answers.regime.{regime}_LONG.above", net_mean_pct=0.007, episodes=235),
            candidate(f"answers.regime.{regime}_LONG.below", episodes=235),
            candidate(f"answers.regime.{regime}_SHORT.above", net_mean_pct=-0.09, episodes=203),
            lesson(f"answers.regime.{regime}_SHORT.below", consequence="restates_costs"),
            candidate(f"trades.regime.{regime}_LONG.above"),  # answers tell of it
            candidate(f"rule.regime.{regime}_LONG.above", episodes=4),
            candidate(f"rule.regime.{regime}_SHORT.beats"),
            candidate(f"wicks.regime.{regime}_LONG.above", net_low_pct=None),
            candidate("answers.regime.BULLISH_TRENDING_LONG.above"),
            candidate("answers.direction.LONG.above"),
        ],
        regime,
    )
    rows = {row[0]: row[1:] for row in table.frame.to_numpy().tolist()}
    assert list(rows) == [
        "Answers, LONG",
        "Answers, SHORT",
        "The entry rule, LONG",
        "The entry rule, SHORT",
        "Wicks, LONG",
    ]
    assert rows["Answers, LONG"] == ["+0.007 % (n 235, −0.050 to +0.131)", "no gain or loss is proven"]
    assert rows["Answers, SHORT"][1] == "lose after costs, as every entry without an edge does"
    assert rows["The entry rule, LONG"] == ["too few (n 4)", "no gain is proven"]
    assert rows["The entry rule, SHORT"][0] == "–"
    assert "no interval yet" in rows["Wicks, LONG"][0]


def test_without_answers_the_trades_tell_and_of_nothing_seen_there_is_no_table():
    own = candidate("trades.regime.RANGING_QUIET_LONG.above")
    table = regime_lessons([own], "RANGING_QUIET")
    assert table.frame.iloc[0, 0] == "Entries, LONG"
    assert regime_lessons([own], "BULLISH_TRENDING") is None and regime_lessons([], "UNKNOWN") is None
    assert regime_lessons([own.model_copy(update={"episodes": 0})], "RANGING_QUIET") is None


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
        "Over all days: SHORT answers lose after costs, proven (n 562), as every entry without an edge does; nothing is proven of "
        "timeframes in conflict; LONG (both ribbons green) gain after costs, proven (n 200), told to Claude."
    )
    assert standing_sentence(lessons, groups[2:3]) == "" == standing_sentence(lessons, [])
