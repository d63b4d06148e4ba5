"""The result of 04_regime_and_wicks, with the parts that only it has; conventions as in lib.contract.results."""

from __future__ import annotations

from pydantic import Field

from lib.contract.results import GroupStats, Model, SignatureStats


class WickStats(GroupStats):
    """Outcomes of one kind of wick; `count` repeats `total` under the document's name."""

    count: int = Field(description="Closed trades of this kind: `total` under the document's name.")
    gap: int = Field(
        0,
        description="Others that are no trade because a candle is missing within the longest hold after them.",
    )


class RegimeWicks(Model):
    """Wick outcomes in one regime."""

    regime: str = Field(description="Name of the regime.")
    hours: float = Field(description="Hours of closed 5-minute candles of the window in it.")
    share: float | None = Field(
        description="Its share of the window's candles, percent; null without a candle."
    )
    wick_down_long: GroupStats = Field(
        description="LONG trades at the close of down wicks entered in it, standard exits."
    )
    wick_up_short: GroupStats = Field(
        description="SHORT trades at the close of up wicks entered in it, standard exits."
    )


class RegimeAnalysis(Model):
    """Result of 04_regime_and_wicks (`regime_analysis`)."""

    current_regime: str = Field(
        description="Regime at the last closed candle; UNKNOWN if that is over 10 minutes old or 24 of them hold a gap."
    )
    current_since: str | None = Field(
        description="Close of the first candle of the run that lasts until now, ISO time in UTC; null if UNKNOWN."
    )
    current_since_or_before: bool = Field(
        False,
        description="Whether the run may have begun before that: the window knows no regime of the candle before.",
    )
    range_pct: float | None = Field(
        description="Range of the last 24 candles, percent of their first open; null if UNKNOWN."
    )
    change_pct: float | None = Field(
        description="Change over the last 24 candles, percent of their first open; null if UNKNOWN."
    )
    regime_strategy: str = Field(
        description="What the figures of the current regime support, in one sentence."
    )
    strategy_supported: bool = Field(
        description="Whether they support a direction: a net mean of 10 episodes or more with its 95 % interval above 0."
    )
    wick_performance: dict[str, WickStats] = Field(
        description="Outcomes of the window's wicks by WICK_DOWN_LONG and WICK_UP_SHORT, standard exits."
    )
    ribbon_dips: dict[str, WickStats] = Field(
        description="Outcomes of dips beyond all lines by RIBBON_DIP_DOWN_LONG and RIBBON_DIP_UP_SHORT, standard exits."
    )
    regimes: list[RegimeWicks] = Field(
        description="Time spent in each regime of the window, and its wick outcomes."
    )
    current_patterns: list[SignatureStats] = Field(
        description="Backtest of the entry rule in the current regime, by signature; empty if UNKNOWN."
    )
    candles: int = Field(description="Closed 5-minute candles of the window.")
    unknown_candles: int = Field(
        description="Candles of them without a regime, because the 24 up to them hold a gap or are fewer."
    )
