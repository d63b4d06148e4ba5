"""What Claude is shown of one tick: numbers and enumerated words, nothing else (docs/guarantees.md, S1).

Every string of a TickView comes from a page, a file or a model in the end, so none is copied: states, qualities, regimes and wicks are
looked up, colours become one letter, a symbol must look like one, and whatever does not fit becomes a word that says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping

import pandas as pd

from lib.contract.schema import MINUTES, PLANTED_SYMBOL, QUALITIES, RIBBON_TIMEFRAMES, SYNTHETIC_SYMBOL
from lib.contract.times import iso
from lib.contract.words import direction_word, number, regime_word, state_word
from lib.market.costs import SIGN
from lib.market.readings import LINE_NAME
from lib.market.ribbon import classify_colour
from runner.trade.models import Account, Position, Reading, TickView

#: How many closed candles are shown of each timeframe: two hours, three hours.
SHOWN_CANDLES = {"5min": 24, "15min": 12}
NONE = "-"
_QUOTES = "USDT|USDC|FDUSD|BUSD|USD|EUR|GBP|JPY|BTC|ETH"
_SYMBOL = re.compile(rf"(?:[A-Z]{{3,8}}:)?[A-Z0-9]{{2,6}}[/]?(?:{_QUOTES})(?:\.P|PERP)?", re.ASCII)
_GATES = {
    "flip": "the ribbon flipped",
    "wick": "a wick has closed",
    "position": "an event of the open position",
    "interval": "time has passed",
    "signal": "the original entry rule gives a signal",
}
_LETTERS = {"green": "g", "red": "r", "gray": "n", "yellow": "y"}


def tick_text(view: TickView) -> str:
    """The last part of the prompt; ASCII, ends in a newline."""
    lines = [
        f"TICK {iso(view.at)}",
        f"instrument: {symbol_word(view.readings['5min'].symbol)}; price now: {price(view.price)}",
        f"asked because: {gate_word(view.gate_reason)}",
        f"regime: {regime_word(view.regime)}; wick within 10 minutes: {_wick(view.wick)}",
    ]
    for timeframe in RIBBON_TIMEFRAMES:
        lines += ["", *_ribbon(timeframe, view.readings.get(timeframe), view)]
    lines += ["", *_candles("5min", view.candles_5min), "", *_candles("15min", view.candles_15min)]
    lines += ["", *_position(view.position, view), "", *_account(view.account)]
    return "\n".join(lines) + "\n"


def symbol_word(text: str) -> str:
    """A market name such as ETHUSDT, ETH/USDT or BINANCE:ETHUSDT.P; the word for a simulated one; else unnamed."""
    if text in (SYNTHETIC_SYMBOL, PLANTED_SYMBOL):
        return "a simulated market"
    return text if _SYMBOL.fullmatch(text) else "unnamed"


def gate_word(reason: str) -> str:
    """Why Claude is asked, in words of this module: by what the gate's reason begins with."""
    return _GATES.get(re.split(r"[^a-z]", reason.lower())[0], "the program's gate opened")


def price(value: float) -> str:
    """A price with seven significant digits; `-` where there is none."""
    return f"{value:.7g}" if math.isfinite(value) else NONE


def _signed(value: float, digits: int = 2) -> str:
    return number(value, digits, sign=True) if math.isfinite(value) else NONE


def _wick(word: str) -> str:
    return word if word in ("WICK_DOWN", "WICK_UP") else "none"


def _ribbon(timeframe: str, reading: Reading | None, view: TickView) -> list[str]:
    if reading is None:
        return [f"RIBBON {timeframe}: no reading"]
    quality = reading.quality if reading.quality in QUALITIES else "unknown"
    age = (view.at - reading.at).total_seconds()
    return [
        f"RIBBON {timeframe}: state {state_word(reading.state)}, quality {quality}, read {number(age)} s before the tick",
        "price minus line, percent of the line, with its colour (g green, r red, n gray, y reference):",
        " ".join(_lines(reading.lines, reading.colours, view.price)) or "no lines",
    ]


def _lines(values: Mapping[str, float], colours: Mapping[str, str], now: float) -> Iterator[str]:
    named = {int(match[1]): name for name in values if (match := LINE_NAME.fullmatch(name))}
    for period in sorted(named):
        name = named[period]
        value = values[name]
        away = (now / value - 1) * 100 if math.isfinite(value) and value > 0 else math.nan
        colour = colours.get(name, colours.get(f"{name}_color", ""))
        yield f"{period}:{_signed(away, 3)}{_LETTERS.get(classify_colour(colour), '')}"


def _candles(timeframe: str, frame: pd.DataFrame) -> list[str]:
    shown = frame.tail(SHOWN_CANDLES[timeframe])
    lines = [f"CANDLES {timeframe}, closed, the newest last: opened,open,high,low,close,volume"]
    step, before = pd.Timedelta(minutes=MINUTES[timeframe]), None
    for opened, candle in zip(shown.index, shown.to_dict("records"), strict=True):
        if before is not None and opened - before > step:
            lines.append("gap")
        volume = candle.get("volume", math.nan)
        prices = ",".join(price(candle[name]) for name in ("open", "high", "low", "close"))
        lines.append(f"{opened:%H:%M},{prices},{f'{volume:.6g}' if math.isfinite(volume) else ''}")
        before = opened
    return lines if len(lines) > 1 else [*lines, "none"]


def _position(held: Position | None, view: TickView) -> list[str]:
    if held is None:
        return ["POSITION: none"]
    now = SIGN.get(held.direction, math.nan) * (view.price / held.entry_price - 1) * 100
    left, age = held.time_exit_at - view.at, view.at - held.entry_time
    return [
        f"POSITION: {direction_word(held.direction)} from {price(held.entry_price)}, "
        f"for {number(age.total_seconds() / 60, 1)} min, time exit in {number(left.total_seconds() / 60, 1)} min",
        f"stop {price(held.stop_price)}, target {price(held.target_price)}; gross now {_signed(now, 3)} %, "
        f"best {_signed(held.peak_pct, 3)} %, worst {_signed(held.worst_pct, 3)} %",
    ]


def _account(account: Account) -> list[str]:
    entries = "none until a person lifts a halt" if account.halted else "allowed"
    return [
        f"ACCOUNT: today {_signed(account.day_net_pct)} % net, drawdown {number(account.drawdown_pct, 2)} %; "
        f"trades this hour {number(account.trades_this_hour)}, today {number(account.trades_today)}; entries: {entries}"
    ]
