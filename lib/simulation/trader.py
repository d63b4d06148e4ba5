"""A trader in a simulated market: takes wicks, breakouts, ribbon flips, aligned ribbons and mere whims, both ways, one position at a time.

It walks through the 5-minute candles once, because a planted edge bends the path after an entry, and with it all that the next entry
sees. What it knows at an entry is what the finished files show then: the tests hold its setups against `describe_entries`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from lib.contract.schema import UNKNOWN_SETUP
from lib.market.costs import SIGN, Costs
from lib.market.exits import STANDARD, Exit, find_exit
from lib.market.setups import BREAKOUT_CANDLES, BREAKOUT_FACTOR, alignment, signature_of
from lib.market.wicks import WICK_RANGE_PCT
from lib.simulation.path import to_price
from lib.simulation.planted import Barriers, Span, edges_on, planted_key
from lib.simulation.view import Market, RibbonTracker

#: How often each sight at a candle's close makes it enter, in the order in which it looks.
_APPETITE = {"wick": 0.85, "breakout": 0.5, "flip": 0.45, "aligned": 0.16, "whim": 0.1}
_SKIPPED_SHARE = 0.08
_HOLD_SHARE = 0.15
#: Draws a candle uses, taken whether needed or not, so that the same seed with another edge meets the same moods.
DRAWS = 7
_PROMPT_SECONDS = 90
_EXIT_WINDOWS = (70, 720)


@dataclass
class Trader:
    """Walks through a market; `decisions` and `planted` (one row a trade with an edge) are what it leaves behind."""

    market: Market
    first_step: int
    draws: np.ndarray
    costs: Costs
    edges: dict[str, float]
    spans: dict[str, Span] = field(default_factory=dict)
    decisions: list[dict[str, object]] = field(default_factory=list)
    planted: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.bar_steps = 5 * self.market.per_minute
        bars = len(self.market.path) // self.bar_steps
        self.candles = np.full((bars, 4), np.nan)
        self.ribbons = {"5min": RibbonTracker(), "15min": RibbonTracker()}
        self.free_from = 0
        self.last_state = "unknown"
        self.quarter_close: float | None = None  #: last price seen in the running quarter of an hour

    def run(self) -> Trader:
        """Trade the whole market."""
        for bar in range(len(self.candles)):
            state = self._close_bar(bar)
            last = (bar + 1) * self.bar_steps - 1
            if last >= self.first_step and last + self.bar_steps < len(self.market.path):
                self._decide(bar, last, state)
            self.last_state = state
        return self

    def _close_bar(self, bar: int) -> str:
        """Take in a finished 5-minute candle; the ribbon's state at its close, before the next candle begins."""
        path, steps = self.market.path, slice(bar * self.bar_steps, (bar + 1) * self.bar_steps)
        seen, state = np.flatnonzero(self.market.shown[steps]), "unknown"
        if len(seen):
            close = self.quarter_close = float(to_price(path.close[steps.start + seen[-1]]))
            state = self.ribbons["5min"].state(close)
            self.ribbons["5min"].close(close)
        if self.market.whole[5 * bar : 5 * bar + 5].all():
            opened, high, low = path.close[steps.start - 1], path.high[steps].max(), path.low[steps].min()
            self.candles[bar] = to_price(np.array([opened, high, low, path.close[steps.stop - 1]]))
        if bar % 3 == 2 and self.quarter_close is not None:
            self.ribbons["15min"].close(self.quarter_close)
            self.quarter_close = None
        return state

    def _triggers(self, bar: int) -> dict[str, str]:
        """The trigger that an entry in each direction has right after `bar`."""
        low_limit, high_limit = WICK_RANGE_PCT
        # The candle before these two closed 10 minutes before the last: more than that before any entry that follows.
        opened, high, low, close = self.candles[max(bar - 1, 0) : bar + 1].T
        down = (np.minimum(opened, close) - low) / close * 100
        up = (high - np.maximum(opened, close)) / close * 100
        wick_down, wick_up = ((size >= low_limit) & (size <= high_limit) for size in (down, up))
        before = self.candles[max(bar - BREAKOUT_CANDLES, 0) : bar]
        close_now = self.candles[bar, 3]
        full = len(before) == BREAKOUT_CANDLES
        above = full and close_now >= before[:, 1].max() * (1 + BREAKOUT_FACTOR)
        below = full and close_now <= before[:, 2].min() * (1 - BREAKOUT_FACTOR)
        there = full and not np.isnan(self.candles[bar - BREAKOUT_CANDLES : bar + 1]).any()
        return {
            direction: wick if shown else UNKNOWN_SETUP if not there else "BREAKOUT" if broken else ""
            for direction, wick, shown, broken in (
                ("LONG", "WICK_DOWN", wick_down.any(), above),
                ("SHORT", "WICK_UP", wick_up.any(), below),
            )
        }

    def _sight(self, triggers: dict[str, str], state: str, mood: float) -> tuple[str, str]:
        """What it sees first, and the direction that suggests; a coin decides where both sides show the same."""
        coin = "LONG" if mood < 0.5 else "SHORT"
        for sight, words in (("wick", ("WICK_DOWN", "WICK_UP")), ("breakout", ("BREAKOUT",))):
            sides = [direction for direction, word in triggers.items() if word in words]
            if sides:
                return sight, coin if len(sides) == 2 else sides[0]
        if state in ("all_green", "all_red"):
            return (
                "flip" if state != self.last_state else "aligned",
                "LONG" if state == "all_green" else "SHORT",
            )
        return "whim", coin

    def _decide(self, bar: int, last: int, state: str) -> None:
        enter, mood, delay, confidence, skip, hold, stubborn = self.draws[bar]
        triggers = self._triggers(bar)
        sight, direction = self._sight(triggers, state, mood)
        if stubborn < 0.12:  # now and then against what it sees
            direction = "SHORT" if direction == "LONG" else "LONG"
        prompt = max(1, _PROMPT_SECONDS // self.market.path.step_seconds)
        choices = self.bar_steps - 2 if sight in ("aligned", "whim") else min(prompt, self.bar_steps - 2)
        asked = last + int(delay * choices)
        if not self.market.shown[last : asked + 2].all() or asked < self.first_step:
            return
        row: dict[str, object] = {
            "step": asked,
            "confidence": round(0.6 + 0.35 * confidence, 2),
            "sight": sight,
            "holding": asked < self.free_from,
        }
        if row["holding"] or enter >= _APPETITE[sight]:
            if hold < _HOLD_SHARE:
                self.decisions.append(row | {"direction": "HOLD"})
            return
        row |= {"direction": direction}
        if skip >= _SKIPPED_SHARE:
            row |= self._enter(asked + 1, direction, triggers[direction])
        self.decisions.append(row)

    def _enter(self, step: int, direction: str, trigger: str) -> dict[str, object]:
        price, sign = float(to_price(self.market.path.close[step])), SIGN[direction]
        fill = round(self.costs.fill(price, sign), 4)
        states = [self.ribbons[name].state(price) for name in ("5min", "15min")]
        signature = signature_of(direction, trigger, alignment(*states))
        days = (step - self.first_step) * self.market.path.step_seconds / 86_400
        key = planted_key(signature, edges_on(days, self.edges, self.spans))
        drift = self._drift(step, sign, price, fill, self.edges[key]) if key else np.empty(0)
        found = self._exit(step, sign, fill, drift)
        left = self.market.step(found.at) if found else len(self.market.path) - 1
        if key:
            used = drift[: left - step]
            self.market.path.add_drift(step + 1, used)
            self.planted.append(
                {"key": key, "signature": signature, "drift_pct": float(used.sum() * 100), "steps": len(used)}
            )
        self.free_from = left + 1
        return {"entry_step": step, "entry_price": fill, "exit": found, "signature": signature}

    def _drift(self, step: int, sign: float, price: float, fill: float, net_mean_pct: float) -> np.ndarray:
        """Drift of each step until the time exit that gives this trade the net mean wanted (lib.simulation.planted)."""
        hold = int(STANDARD.hold_minutes) * self.market.per_minute
        timed = -(-(step + 1 + hold) // self.bar_steps) * self.bar_steps
        variance = (self.market.path.spread[step + 1 : timed] * 100) ** 2
        paid = abs(fill / price - 1) * 100
        # Barriers are measured from the fill, which lies `paid` beyond the price that the path is at.
        barriers = Barriers(STANDARD.target_pct + paid, STANDARD.stop_pct - paid)
        cost = self.costs.fees_pct + paid
        theta = barriers.drift_for(net_mean_pct, float(variance.sum()), cost, self.costs.slippage_pct)
        return sign * theta * variance / 100

    def _exit(self, step: int, sign: float, fill: float, drift: np.ndarray) -> Exit | None:
        entry_at = self.market.time(step)
        for minutes in _EXIT_WINDOWS:  # the long one where gaps keep the time exit waiting
            found = find_exit(self.market.exit_path(step, minutes, drift), sign, entry_at, fill)
            if found:
                return found
        return None
