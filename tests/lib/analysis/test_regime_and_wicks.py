from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib.analysis.regime_and_wicks import strategy_sentence, study_regimes
from lib.analysis.sentences import MIN_EPISODES
from lib.contract.regime_and_wicks import RegimeWicks
from lib.contract.results import GroupStats
from lib.contract.schema import REGIMES
from tests.builders import candles, flat, known_until, random_market, samples, window

STILL = (100.0, 100.0, 100.0, 100.0)
WICK_DOWN = (100.0, 100.0, 99.6, 100.0)
WICK_UP = (100.0, 100.4, 100.0, 100.0)
TARGET_LONG = (100.0, 100.3, 100.0, 100.0)  # a wick of 0.3 % up, too
STOP_LONG = (100.0, 100.0, 99.85, 100.0)


def study(rows, start=0.0, end=None, **more):
    shown = candles(rows)
    return study_regimes(window(shown, start=start, end=len(rows) * 5.0 if end is None else end, **more))


def test_wick_outcomes_by_hand():
    # Quiet all along. The wick down closes at 135: a LONG at 100, target in 140-145: 0.3 - 0.11 = 0.19. The candle of
    # that target is a wick up: a SHORT at 145 (stop 100.15), stopped in 150-155: -0.15 - 0.11 = -0.26.
    rows = [*[STILL] * 26, WICK_DOWN, STILL, TARGET_LONG, STILL, (100, 100.2, 100, 100), *[STILL] * 10]
    found = study(rows)
    assert found.wicks["kind"].tolist() == ["WICK_DOWN_LONG", "WICK_UP_SHORT"]
    assert found.wicks["exit_reason"].tolist() == ["TP_HIT", "SL_HIT"]
    assert found.wicks["net_pct"].tolist() == pytest.approx([0.19, -0.26])
    assert found.wicks["regime"].tolist() == ["RANGING_QUIET"] * 2
    performance = found.result.wick_performance
    assert (performance["WICK_DOWN_LONG"].win_rate, performance["WICK_DOWN_LONG"].count) == (100.0, 1)
    assert (performance["WICK_UP_SHORT"].win_rate, performance["WICK_UP_SHORT"].count) == (0.0, 1)
    quiet = next(group for group in found.result.regimes if group.regime == "RANGING_QUIET")
    assert (quiet.wick_down_long.total, quiet.wick_up_short.total) == (1, 1)


def test_an_outcome_counts_once_its_exit_is_known():
    assert len(study([*[STILL] * 26, WICK_DOWN, STILL]).wicks) == 0
    assert len(study([*[STILL] * 26, WICK_DOWN, STILL, STOP_LONG]).wicks) == 1


def test_wicks_before_the_window_are_left_out():
    rows = [*[STILL] * 26, WICK_DOWN, STILL, STOP_LONG]
    assert len(study(rows, start=134.9).wicks) == 1
    assert len(study(rows, start=135).wicks) == 0


def test_overlapping_outcomes_are_one_episode():
    # The second wick, 0.35 / 100.25, stays between the first one's levels.
    rows = [*[STILL] * 26, WICK_DOWN, (100.25, 100.25, 99.9, 100.25), *[(100.2,) * 4] * 12]
    stats = study(rows).result.wick_performance["WICK_DOWN_LONG"]
    assert (stats.total, stats.episodes) == (2, 1)


def test_an_outcome_over_a_gap_is_null_and_counted_however_it_ended():
    # The wick down closes at 135 and its target comes at 145; the wick up of that candle is stopped at 155.
    rows = [*[STILL] * 26, WICK_DOWN, STILL, TARGET_LONG, STILL, (100, 100.2, 100, 100), *[STILL] * 10]
    for missing, gaps in (
        (35, (1, 1)),
        (37, (0, 1)),
        (38, (0, 0)),
    ):  # 175-180, 185-190, 190-195: 135 + 45, 145 + 45
        shown = [None if place == missing else row for place, row in enumerate([*rows, STILL, STILL])]
        found = study(shown).result.wick_performance
        counted = [found[key] for key in ("WICK_DOWN_LONG", "WICK_UP_SHORT")]
        assert tuple(stats.gap for stats in counted) == gaps
        assert tuple(stats.count for stats in counted) == tuple(1 - gap for gap in gaps)


def test_a_dip_after_a_missing_candle_is_none():
    ribbon = samples([(20, 100, "mixed")], MMA5=99.9, MMA10=99.95)
    rows = [*[STILL] * 4, (100.0, 100.0, 99.5, 99.9), *[STILL] * 10]
    missing = [*rows[:3], None, *rows[4:]]
    found = study(missing, samples_5min=ribbon).result
    assert (
        found.ribbon_dips["RIBBON_DIP_DOWN_LONG"].count,
        found.ribbon_dips["RIBBON_DIP_DOWN_LONG"].gap,
    ) == (0, 0)
    assert found.wick_performance["WICK_DOWN_LONG"].count == 1  # a wick needs no candle before it


def test_ribbon_dips_are_reported_apart():
    rows = [*[STILL] * 4, (100.0, 100.0, 99.5, 99.9), *[STILL] * 10]
    ribbon = samples(
        [(20, 100, "mixed")], MMA5=99.9, MMA10=99.95
    )  # 0.4 / 99.9 below all lines, and back at 99.9
    found = study(rows, samples_5min=ribbon)
    assert found.dips["kind"].tolist() == ["RIBBON_DIP_DOWN_LONG"]
    assert found.result.ribbon_dips["RIBBON_DIP_DOWN_LONG"].count == 1
    assert found.result.ribbon_dips["RIBBON_DIP_UP_SHORT"].count == 0
    # The candle's own wick, 0.4 / 99.9, is a wick as well.
    assert found.result.wick_performance["WICK_DOWN_LONG"].count == 1


def test_time_in_each_regime():
    # 48 candles: 23 unknown, 25 quiet
    result = study([STILL] * 48).result
    shares = {group.regime: (group.hours, group.share) for group in result.regimes}
    assert shares["UNKNOWN"] == (1.92, 47.9)
    assert shares["RANGING_QUIET"] == (2.08, 52.1)
    assert (result.candles, result.unknown_candles) == (48, 23)
    # Only candles of the window count; those before it warm up.
    result = study([STILL] * 48, start=120).result
    assert {group.regime: group.share for group in result.regimes}["RANGING_QUIET"] == 100.0
    assert (result.candles, result.unknown_candles) == (24, 0)


@settings(max_examples=15)
@given(seed=st.integers(0, 10_000), gaps=st.integers(0, 3))
def test_shares_sum_to_100_and_wicks_to_all(seed, gaps):
    found = study_regimes(random_market(seed, gaps=gaps))
    result = found.result
    assert [group.regime for group in result.regimes] == list(REGIMES)
    # five shares, each rounded to 0.1
    assert sum(group.share for group in result.regimes) == pytest.approx(100, abs=0.25)
    assert sum(group.hours for group in result.regimes) == pytest.approx(result.candles / 12, abs=0.03)
    for side, key in (("wick_down_long", "WICK_DOWN_LONG"), ("wick_up_short", "WICK_UP_SHORT")):
        assert (
            sum(getattr(group, side).total for group in result.regimes) == result.wick_performance[key].count
        )
    assert (found.wicks["entry_time"] > random_market(seed, gaps=gaps).start).all()


# ---- the current regime


def test_the_current_regime_and_since_when():
    # Quiet since the 24th candle, closed at 120.
    result = study([STILL] * 30).result
    assert (result.current_regime, result.current_since) == ("RANGING_QUIET", "2026-01-05T02:00:00Z")
    # Before that the window has too few candles to tell: it may have been quiet for days.
    assert result.current_since_or_before
    assert (result.range_pct, result.change_pct) == (0.0, 0.0)


def test_a_change_of_regime_begins_anew():
    # The 31st candle, closed at 155, rises by 2 %.
    result = study([*[STILL] * 30, (100, 102, 100, 102), (102, 102, 102, 102)]).result
    assert (result.current_regime, result.current_since) == ("BULLISH_TRENDING", "2026-01-05T02:35:00Z")
    assert not result.current_since_or_before
    assert (result.range_pct, result.change_pct) == (2.0, 2.0)


@pytest.mark.parametrize(
    ("end", "regime"), [(150, "RANGING_QUIET"), (160, "RANGING_QUIET"), (160.1, "UNKNOWN")]
)
def test_a_regime_over_ten_minutes_old_is_unknown(end, regime):
    result = study([STILL] * 30, end=end).result
    assert result.current_regime == regime
    assert (result.current_since is None) == (regime == "UNKNOWN")
    assert not result.strategy_supported


def test_a_gap_makes_the_regime_unknown():
    result = study([*[STILL] * 30, None, *[STILL] * 5]).result
    assert (result.current_regime, result.range_pct) == ("UNKNOWN", None)


def test_an_empty_window_is_unknown():
    result = study_regimes(window()).result
    assert (result.current_regime, result.candles) == ("UNKNOWN", 0)
    assert {group.share for group in result.regimes} == {None}


# ---- the sentence


def groups(down=None, up=None, regime="RANGING_QUIET"):
    none = GroupStats(total=0, wins=0, win_rate=None)
    return [
        RegimeWicks(
            regime=name,
            hours=0.0,
            share=None,
            wick_down_long=(down or none) if name == regime else none,
            wick_up_short=(up or none) if name == regime else none,
        )
        for name in REGIMES
    ]


def paid(low=0.01, episodes=MIN_EPISODES, total=14):
    return GroupStats(
        total=total,
        wins=9,
        win_rate=64.3,
        episodes=episodes,
        net_mean_pct=0.08,
        net_low_pct=low,
        net_high_pct=None if low is None else 0.15,
    )


@pytest.mark.parametrize(
    ("down", "supported"),
    [
        (paid(), True),
        (paid(low=0.0), False),
        (paid(low=-0.01), False),
        (paid(low=None), False),
        (paid(episodes=MIN_EPISODES - 1), False),
        (None, False),
    ],
)
def test_a_strategy_is_supported_only_by_a_bound_above_zero_over_ten_episodes(down, supported):
    sentence, said = strategy_sentence("RANGING_QUIET", groups(down=down))
    assert said is supported
    assert ("LONG after WICK_DOWN" in sentence) is supported
    assert sentence.startswith("No wick strategy is supported in RANGING_QUIET") is not supported
    assert "SHORT after WICK_UP" not in sentence


def test_the_sentence_names_what_it_rests_on():
    sentence, _ = strategy_sentence("RANGING_QUIET", groups(up=paid()))
    assert "SHORT after WICK_UP" in sentence
    assert "LONG after WICK_DOWN" not in sentence
    assert "14" in sentence
    assert "nproven" in sentence


def test_another_regimes_wicks_support_nothing():
    assert strategy_sentence("RANGING_QUIET", groups(down=paid(), regime="BULLISH_TRENDING"))[1] is False
    sentence, said = strategy_sentence("UNKNOWN", groups(down=paid(), regime="UNKNOWN"))
    assert (said, "unknown" in sentence) == (False, True)


# ---- later rows


@pytest.mark.parametrize("minutes", [150, 251, 302])
def test_no_result_changes_when_later_rows_are_added(minutes):
    market = random_market(9, gaps=2)
    once, again = known_until(market, minutes), known_until(known_until(market, minutes + 50), minutes)
    assert study_regimes(once).result == study_regimes(again).result
    early, late = study_regimes(once), study_regimes(market)
    assert early.regimes["regime"].tolist() == late.regimes["regime"].tolist()[: len(early.regimes)]
    known = late.wicks[late.wicks["exit_time"] <= once.as_of]
    assert early.wicks["net_pct"].tolist() == known["net_pct"].tolist()


def test_flat_candles_have_no_wicks():
    result = study_regimes(window(flat(60), end=300)).result
    assert all(stats.count == 0 and stats.win_rate is None for stats in result.wick_performance.values())
    assert result.regime_strategy.startswith("No wick strategy is supported")


def test_what_price_moved_since_the_regime_began_and_over_the_window():
    rows = [(price,) * 4 for price in (*[100.0] * 20, *[98.0] * 20, 98.49)]
    # A candle's close is known at its end: the window from 95 min has one more close of 100.
    assert study(rows, start=95.0).window_moved_pct == pytest.approx(-1.51)
    assert study(rows, start=100.0).window_moved_pct == pytest.approx(0.5)
    assert study(rows, start=200.0).window_moved_pct is None
