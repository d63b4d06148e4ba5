"""The nouns of the live loop: what a tick sees, what a decider answers, what is held.

Everything a decider may know is in a `TickView`; it reads no file and no clock, so that live and replayed ticks are decided alike. An
`Answer` is data that was validated already: what could not be is `Answer.hold` with a reason code.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import pandas as pd

from lib.contract.schema import Direction

Choice = Literal["LONG", "SHORT", "HOLD"]
ExitAdvice = Literal["keep", "exit"]
#: What a model that was asked first can advise to do.
FirstAdvice = Literal["LONG", "SHORT", "EXIT"]


@dataclass(frozen=True)
class Reading:
    """The newest sample of one timeframe. `state` is of schema.STATES, `quality` of schema.QUALITIES; colours as they were read."""

    timeframe: str
    at: pd.Timestamp
    price: float
    state: str
    quality: str
    symbol: str
    lines: Mapping[str, float] = field(default_factory=dict)
    colours: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Position:
    """What is held, one at a time. `size` in units; prices as filled; `peak_pct`, `worst_pct` are gross, from the entry."""

    decision_id: str
    direction: Direction
    size: float
    entry_price: float
    entry_time: pd.Timestamp
    stop_price: float
    target_price: float
    time_exit_at: pd.Timestamp
    fees: float
    peak_pct: float = 0.0
    worst_pct: float = 0.0


@dataclass(frozen=True)
class Account:
    """Where the account stands at a tick: money in quote currency, percentages of the equity they are measured from."""

    equity: float
    day_net: float
    day_net_pct: float
    drawdown_pct: float
    trades_this_hour: int
    trades_today: int
    halted: str = ""  #: why no entry is made until a person lifts it; "" if none


@dataclass(frozen=True)
class TickView:
    """All that is known at one tick. Candle frames hold closed candles only (index: open, column `closed_at`), the newest last."""

    at: pd.Timestamp
    readings: Mapping[str, Reading]  #: by timeframe: 5min, 15min
    candles_5min: pd.DataFrame
    candles_15min: pd.DataFrame
    position: Position | None
    account: Account
    gate_reason: str  #: why the decider is asked at all
    wick: str = ""  #: WICK_DOWN, WICK_UP or "": of a 5-minute candle closed within the last 10 minutes
    regime: str = "UNKNOWN"  #: of schema.REGIMES
    samples: Mapping[str, pd.DataFrame] = field(
        default_factory=dict
    )  #: recent samples by timeframe, the newest last

    @property
    def price(self) -> float:
        """The newest price of the 5-minute chart."""
        return self.readings["5min"].price


@dataclass(frozen=True)
class Usage:
    """Tokens of one call, as the API counted them, and what they cost in dollars."""

    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_tokens: int = 0
    cache_write_tokens: int = 0
    cost_usd: float = 0.0


@dataclass(frozen=True)
class FirstAnswer:
    """What a cheap model advised, so that a dearer one was asked too. Nothing is done by it alone."""

    model: str
    advice: FirstAdvice
    confidence: float
    request_sha: str  #: SHA-256 of what was sent to it
    usage: Usage


@dataclass(frozen=True)
class Answer:
    """A decider's answer, validated. Stop and target are distances from the fill in percent of it; None: the standard ones.

    `reason_code` is "" for a valid answer, else one lower-case word that says why it became HOLD (timeout, budget, refusal, …).
    """

    direction: Choice
    entry_recommended: bool
    confidence: float
    stop_pct: float | None = None
    target_pct: float | None = None
    valid_for_s: float = 20.0
    reasoning: str = ""
    exit_advice: ExitAdvice = "keep"
    reason_code: str = ""
    model: str = ""
    prompt_sha: str = ""
    request_sha: str = ""  #: SHA-256 of what was sent to a model; "" where nothing was
    usage: Usage = field(default_factory=Usage)
    first: FirstAnswer | None = (
        None  #: what a model advised that was asked before `model`; None where none was
    )

    @property
    def cost_usd(self) -> float:
        """Dollars of all calls that were made for it, as far as known."""
        return self.usage.cost_usd + (self.first.usage.cost_usd if self.first else 0.0)

    @classmethod
    def hold(cls, reason_code: str, **known: object) -> Answer:
        """No entry and no exit, because of `reason_code`; `known` are fields that are known all the same (model, usage, …)."""
        return cls("HOLD", False, 0.0, reason_code=reason_code, **known)  # type: ignore[arg-type]


class Decider(Protocol):
    """Who decides: Claude, the rule decider, or answers that were recorded."""

    name: str  #: what stands in the log's `model` column unless an answer names its own

    def decide(self, view: TickView, deadline_s: float) -> Answer:
        """The answer within `deadline_s` seconds, whatever happens; never raises."""
        ...
