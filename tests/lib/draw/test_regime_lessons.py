"""The regimes over all days: the trader's own answers beside zero, the others as a table, and nothing where nothing was seen."""

from __future__ import annotations

import re

from bs4 import BeautifulSoup

from lib.draw.lessons import NO_LOSS
from lib.draw.regime_lessons import all_regimes
from tests.lib.lessons.made_lessons import candidate, lesson


def rows(html: str) -> list[str]:
    return [row.get_text(" ", strip=True) for row in BeautifulSoup(html, "html.parser").select(".lesson")]


def test_in_the_regime_of_now_stands_what_was_taken_every_time():
    regime = "RANGING_QUIET"
    shown = all_regimes(
        [
            candidate(f"answers.regime.{regime}_LONG.above", net_mean_pct=0.007, episodes=235),
            candidate(f"rule.regime.{regime}_LONG.above", episodes=4),
            candidate(f"rule.regime.{regime}_SHORT.beats"),
            candidate(f"wicks.regime.{regime}_LONG.above", net_low_pct=None),
            candidate(
                f"wicks.regime.{regime}_SHORT.above",
                net_mean_pct=-0.09,
                net_low_pct=-0.16,
                net_high_pct=-0.02,
            ),
            candidate("wicks.regime.BULLISH_TRENDING_LONG.above"),
        ],
        regime,
    )
    assert "Taken every time, in ranging quiet (4)</h3>" in shown
    _, _, rule, better, no_interval, lost = rows(shown)
    assert rule == "The entry rule, LONG No gain is proven. too few (n\u00a04)."
    assert better.startswith("The entry rule, SHORT ") and better.endswith(" –.")
    assert no_interval.startswith("Wicks, LONG ") and "no interval yet" in no_interval
    assert "No gain is proven; whether it loses is not asked, as costs alone" in lost
    assert shown.count('role="img"') == 2


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
    said = rows(shown)
    assert [text.partition(" No ")[0].partition(" None")[0].partition(" Proven:")[0] for text in said] == [
        "Bullish trending, now: LONG answers",
        "Bullish trending, now: SHORT answers",
        "Ranging quiet: SHORT answers",
        "Ranging quiet: LONG answers",
        "Bearish trending: LONG answers",
        "Bearish trending: SHORT answers",
    ]
    first, _, folded = shown.partition(
        "<details><summary>Other regimes, of which nothing is proven (3)</summary>"
    )
    assert len(rows(first)) == len(rows(folded)) == 3
    assert first.index("Dot: what an episode made") < first.index('class="lesson"'), (
        "the key stands above the rows"
    )
    assert said[5].endswith("No gain is proven. too few (n\u00a03).")
    assert said[0].endswith("No gain is proven. +0.009\u00a0% (n\u00a0219, −0.050 to +0.131).")
    assert f"Proven: lose after costs, but {NO_LOSS}. " in said[2] and said[1].endswith("None seen.")
    # One scale holds all of them, so that they can be compared.
    assert len(set(re.findall(r"currentColor 0 0\) calc\(([\d.]+)%", shown))) == 1


def test_without_answers_the_trades_tell_and_of_nothing_seen_there_is_nothing():
    own = candidate("trades.regime.RANGING_QUIET_LONG.above")
    assert rows(all_regimes([own], "RANGING_QUIET"))[0].startswith("Ranging quiet, now: LONG entries")
    assert "Taken every time" not in all_regimes([own], "RANGING_QUIET")
    rule = candidate("rule.regime.RANGING_QUIET_LONG.above")
    (only,) = rows(all_regimes([rule], "RANGING_QUIET"))
    assert only.startswith("The entry rule, LONG")
    assert all_regimes([rule], "BULLISH_TRENDING") == all_regimes([], "UNKNOWN") == ""
    assert all_regimes([rule.model_copy(update={"episodes": 0})], "RANGING_QUIET") == ""
