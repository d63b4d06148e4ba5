"""The regimes over all days: the trader's own answers beside zero, the others as a table, and nothing where nothing was seen."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from lib.draw.lessons import COSTS_ONLY
from lib.draw.regime_lessons import all_regimes, regime_lessons
from tests.lib.lessons.made_lessons import candidate, lesson


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
            candidate(
                f"wicks.regime.{regime}_SHORT.above",
                net_mean_pct=-0.09,
                net_low_pct=-0.16,
                net_high_pct=-0.02,
            ),
            candidate("answers.regime.BULLISH_TRENDING_LONG.above"),
            candidate("answers.direction.LONG.above"),
        ],
        regime,
    )
    rows = {row[0]: row[1:] for row in table.frame.to_numpy().tolist()}
    assert list(rows) == [
        "The entry rule, LONG",
        "The entry rule, SHORT",
        "Wicks, LONG",
        "Wicks, SHORT",
    ]
    assert rows["Wicks, SHORT"][1].startswith("no gain is proven; losses are not asked for, as costs alone")
    assert rows["The entry rule, LONG"] == ["too few (n 4)", "no gain is proven"]
    assert rows["The entry rule, SHORT"][0] == "–"
    assert "no interval yet" in rows["Wicks, LONG"][0]


def test_the_regimes_stand_side_by_side():
    shown = all_regimes(
        [
            candidate("answers.regime.BULLISH_TRENDING_LONG.above", net_mean_pct=0.009, episodes=219),
            candidate("answers.regime.RANGING_QUIET_LONG.above", net_mean_pct=0.007, episodes=235),
            candidate("answers.regime.RANGING_QUIET_LONG.below", episodes=235),
            candidate("answers.regime.RANGING_QUIET_SHORT.above", net_mean_pct=-0.09, episodes=203),
            lesson("answers.regime.RANGING_QUIET_SHORT.below", consequence="restates_costs"),
            candidate("trades.regime.RANGING_QUIET_LONG.above", net_mean_pct=0.5),  # answers tell of it
            candidate("rule.regime.RANGING_VOLATILE_LONG.above"),  # not the trader's own
            candidate("answers.regime.BEARISH_TRENDING_SHORT.above", episodes=3),
            candidate("answers.direction.LONG.above"),
        ],
        "BULLISH_TRENDING",
    )
    said = [card.get_text(" ", strip=True) for card in BeautifulSoup(shown, "html.parser").select(".lesson")]
    assert [text.partition(" No ")[0].partition(" None")[0].partition(" Proven:")[0] for text in said] == [
        "Bullish trending, now: LONG answers",
        "Bullish trending, now: SHORT answers",
        "Ranging quiet: LONG answers",
        "Ranging quiet: SHORT answers",
        "Bearish trending: LONG answers",
        "Bearish trending: SHORT answers",
    ]
    assert said[5].endswith("No gain is proven. too few (n\u00a03).")
    assert said[0].endswith("No gain is proven. +0.009\u00a0% (n\u00a0219, −0.050 to +0.131).")
    assert f"Proven: lose after costs, but {COSTS_ONLY}" in said[3] and said[1].endswith("None seen.")
    # One scale holds all of them, so that they can be compared.
    assert len(set(re.findall(r"currentColor 0 0\) calc\(([\d.]+)%", shown))) == 1
    assert all_regimes([candidate("rule.regime.RANGING_QUIET_LONG.above")], "RANGING_QUIET") == ""


def test_without_answers_the_trades_tell_and_of_nothing_seen_there_is_no_table():
    own = candidate("trades.regime.RANGING_QUIET_LONG.above")
    assert "Ranging quiet, now: LONG entries" in all_regimes([own], "RANGING_QUIET")
    assert regime_lessons([own], "RANGING_QUIET") is None
    own = candidate("rule.regime.RANGING_QUIET_LONG.above")
    assert regime_lessons([own], "RANGING_QUIET").frame.iloc[0, 0] == "The entry rule, LONG"
    assert regime_lessons([own], "BULLISH_TRENDING") is None and regime_lessons([], "UNKNOWN") is None
    assert regime_lessons([own.model_copy(update={"episodes": 0})], "RANGING_QUIET") is None
