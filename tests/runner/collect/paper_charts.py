"""A ChartSource without a browser: what the script would bring from the chart page, at the time of a clock turned by hand."""

from __future__ import annotations

from typing import Any

from lib.contract import schema
from runner.errors import BrowserError
from tests.chart_page.market import PageMarket
from tests.runner.collect.clocks import HandClock
from tests.runner.collect.raws import chart, raw, row, series, value

COLOURS = {
    "lime": "rgb(0, 230, 118)",
    "green": "rgb(76, 175, 80)",
    "red": "rgb(255, 82, 82)",
    "maroon": "rgb(136, 14, 79)",
    "yellow": "rgb(255, 235, 59)",
    "gray": "rgb(120, 123, 134)",
}


class PaperCharts:
    """Charts of `market`; the market's time runs with the steady clock, whatever the wall clock does.

    `removed` periods are not shown; `lengths`: minutes of candles that are not what the label says; `averaged`: the timeframes that draw
    Heikin Ashi. `fault` makes a reading fail,
    `broken_starts` that many starts; `change` may alter what is brought.
    """

    def __init__(self, market: PageMarket, clock: HandClock) -> None:
        self.market, self.clock = market, clock
        self._offset = clock.wall() - clock.steady()
        self._read_until: dict[str, float] = {}
        self.removed: set[int] = set()
        self.lengths: dict[str, int] = {}
        self.averaged: set[str] = set()
        self.fault = False
        self.broken_starts = 0
        self.change = lambda timeframe, brought: brought
        self.events: list[str] = []
        self.running = False

    def now(self) -> float:
        """The market's time."""
        return self.clock.steady() + self._offset

    def start(self) -> None:
        self.events.append("start")
        if self.broken_starts:
            self.broken_starts -= 1
            raise BrowserError("no browser starts today")
        self.running = True
        self._read_until = {}

    def close(self) -> None:
        self.events.append("close")
        self.running = False

    @property
    def alive(self) -> bool:
        return self.running

    def reload(self, timeframe: str) -> None:
        self.events.append(f"reload {timeframe}")

    def read(self, timeframe: str) -> dict[str, Any]:
        if self.fault or not self.running:
            raise BrowserError("the tab hangs")
        now, minutes = self.now(), schema.MINUTES[timeframe]
        since = self._read_until.get(timeframe, now)
        shown = self.lengths.get(timeframe, minutes)
        times = self.market.times
        ticks = times[(times > max(since, now - 60)) & (times < now)][::2]  # one a second
        label = f"Chart for ETHUSDT, {minutes} minutes"
        seen = [
            {
                "at": float(tick) * 1_000,
                "charts": [
                    {
                        "label": label,
                        "hovered": False,
                        "series": self._series(float(tick), shown, timeframe),
                        "volume": None,
                    }
                ],
            }
            for tick in ticks
        ]
        self._read_until[timeframe] = now
        charts = [
            chart(label, series=self._series(now, shown, timeframe), studies=[self._ribbon(now, minutes)])
        ]
        return self.change(timeframe, raw(charts, now=now * 1_000, seen=seen))

    def _series(self, at: float, minutes: int, timeframe: str) -> dict[str, Any]:
        drawn = self.market.averaged_at if timeframe in self.averaged else self.market.candle_at
        candle = drawn(at, minutes)
        prices = (f"{price:,.2f}" for price in (candle.open, candle.high, candle.low, candle.close))
        return series(*prices, volume=f"{candle.volume:,.3f}")

    def _ribbon(self, at: float, minutes: int) -> dict[str, Any]:
        colours = self.market.colours_at(at, minutes)
        plots = [
            value(f"MMA{period:02d}", f"{line:,.2f}", COLOURS[colours[period]])
            for period, (line, _) in self.market.lines_at(at, minutes).items()
            if period not in self.removed
        ]
        return row("Madrid Ribbon", "close", plots)
