"""What Claude is shown of one tick: numbers and enumerated words, nothing else (docs/guarantees.md, S1), in at most MOST_BYTES.

It is paid for anew at each call and the rules are read from the cache, so the rules say how to read it and it says figures alone.
Distances are whole numbers of at most three digits, in the unit that their heading gives. Every string of a TickView comes from a page,
a file or a model in the end, so none is copied: states, qualities, regimes and wicks are looked up, colours become one letter, a symbol
must look like one, and whatever does not fit becomes a word that says so.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping

import pandas as pd

from lib.contract.dollars import plain_number
from lib.contract.schema import MINUTES, PLANTED_SYMBOL, QUALITIES, RIBBON_TIMEFRAMES, SYNTHETIC_SYMBOL
from lib.contract.times import iso
from lib.contract.words import direction_word, number, regime_word, state_word
from lib.market.costs import SIGN
from lib.market.readings import LINE_NAME
from lib.market.ribbon import LINE_PERIODS, classify_colour
from runner.trade.models import Account, Position, Reading, TickView

#: How many closed candles are shown of each timeframe: two hours, three hours.
SHOWN_CANDLES = {"5min": 24, "15min": 12}
#: Bytes that a tick has at most, whatever the figures are.
MOST_BYTES = 2_000
#: Digits of a distance, and the finest power of ten that its unit can be, in percent.
_DIGITS, _FINEST = 3, -3
#: From here on a figure is written in powers of ten.
_LARGE = 10_000
#: What lies outside is no price.
_PRICES = (1e-15, 1e15)
#: Characters of a price.
_LONGEST_PRICE = 12
#: The longest period of a line that is shown.
_LONGEST = 999
NONE = "-"
#: What a question can say of a candle, and what stands where the lines of more questions find no room.
_VOICES = ("LONG", "SHORT", "none")
_MORE = "QUESTION others: unknown\n"
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


def tick_text(view: TickView, voices: Mapping[str, str] | None = None) -> str:
    """The last part of the prompt; ASCII, at most MOST_BYTES, ends in a newline.

    `voices`: what followed questions say of the newest closed candle, by name; names are of `a-z0-9_` (lib.questions.file).
    """
    lines = [
        f"TICK {iso(view.at.floor('s'))}, {symbol_word(view.readings['5min'].symbol)}, price now {price(view.price)}",
        f"asked because {gate_word(view.gate_reason)}",
        f"regime {regime_word(view.regime)}, wick {_wick(view.wick)}",
    ]
    for timeframe in RIBBON_TIMEFRAMES:
        lines += _ribbon(timeframe, view.readings.get(timeframe), view)
    for timeframe, frame in (("5min", view.candles_5min), ("15min", view.candles_15min)):
        lines += _candles(timeframe, frame, view.price)
    lines += [_position(view.position, view), _account(view.account)]
    return _with_voices("\n".join(lines) + "\n", voices or {})


def _with_voices(text: str, voices: Mapping[str, str]) -> str:
    """The text with a line for each question, as far as there is room; of those that find none it is said that they are unknown."""
    for place, (name, word) in enumerate(voices.items()):
        line = f"QUESTION {name}: {word if word in _VOICES else 'unknown'}\n"
        last = place == len(voices) - 1
        if len(text) + len(line) + (0 if last else len(_MORE)) > MOST_BYTES:
            return text + (_MORE if len(text) + len(_MORE) <= MOST_BYTES else "")
        text += line
    return text


def symbol_word(text: str) -> str:
    """A market name such as ETHUSDT, ETH/USDT or BINANCE:ETHUSDT.P; the word for a simulated one; else unnamed."""
    if text in (SYNTHETIC_SYMBOL, PLANTED_SYMBOL):
        return "a simulated market"
    return text if _SYMBOL.fullmatch(text) else "unnamed"


def gate_word(reason: str) -> str:
    """Why Claude is asked, in words of this module: by what the gate's reason begins with."""
    return _GATES.get(re.split(r"[^a-z]", reason.lower())[0], "the program's gate opened")


def price(value: float) -> str:
    """A price with seven significant digits, at most twelve characters; `-` where there is none, or none that can be one.

    A small one has six or five, so that it need not be a power of ten.
    """
    if not _PRICES[0] < value < _PRICES[1]:
        return NONE
    plain = (plain_number(value, digits) for digits in (7, 6, 5))
    return next((text for text in plain if len(text) <= _LONGEST_PRICE), f"{value:.7g}")


def _figure(value: float, digits: int = 0, sign: bool = False) -> str:
    """A number of at most ten characters; `-` where there is none."""
    if not math.isfinite(value):
        return NONE
    return number(value, digits, sign) if abs(value) < _LARGE else format(value, "+.2e" if sign else ".2e")


def _signed(value: float, digits: int = 2) -> str:
    return _figure(value, digits, sign=True)


def _wick(word: str) -> str:
    return word if word in ("WICK_DOWN", "WICK_UP") else "none"


def power_for(values: Iterable[float]) -> int:
    """The power of ten, in percent, in which the largest of `values` (percent) has at most three digits; at least that of 0.001 %."""
    largest = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    power = _FINEST
    if largest > 0:
        power = max(power, math.floor(math.log10(largest)) + 1 - _DIGITS)
    # 999.6 is of three digits until it is rounded.
    return power + (round(largest / 10.0**power) >= 10**_DIGITS)


def _whole(value: float, power: int) -> str:
    return f"{round(value / 10.0**power):d}" if math.isfinite(value) else NONE


def _unit(power: int) -> str:
    return f"unit {10.0**power:g} %"


def _away(value: float, from_: float) -> float:
    """How far `value` lies above `from_`, percent of that; NaN where that cannot be said."""
    return (value / from_ - 1) * 100 if math.isfinite(from_) and from_ > 0 else math.nan


def _ribbon(timeframe: str, reading: Reading | None, view: TickView) -> list[str]:
    if reading is None:
        return [f"RIBBON {timeframe}: no reading"]
    quality = reading.quality if reading.quality in QUALITIES else "unknown"
    age = (view.at - reading.at).total_seconds()
    named = _shown_lines(reading.lines)
    away = {period: _away(view.price, reading.lines[name]) for period, name in named.items()}
    power = power_for(away.values())
    return [
        f"RIBBON {timeframe}: {state_word(reading.state)}, {quality}, {_figure(age)} s old, {_unit(power)}",
        " ".join(
            f"{period}:{_whole(away[period], power)}{_letter(reading.colours, name)}"
            for period, name in named.items()
        )
        or "no lines",
    ]


def _shown_lines(values: Mapping[str, float]) -> dict[int, str]:
    """Names of the lines by period, at most as many as a ribbon has; of more those of a ribbon come first, then the shorter ones."""
    named = {int(match[1]): name for name in values if (match := LINE_NAME.fullmatch(name))}
    short = [period for period in named if period <= _LONGEST]
    kept = sorted(short, key=lambda period: (period not in LINE_PERIODS, period))[: len(LINE_PERIODS)]
    return {period: named[period] for period in sorted(kept)}


def _letter(colours: Mapping[str, str], name: str) -> str:
    return _LETTERS.get(classify_colour(colours.get(name, colours.get(f"{name}_color", ""))), "")


def _candles(timeframe: str, frame: pd.DataFrame, now: float) -> list[str]:
    """Closed candles of the hours that are shown, the newest last; where some are missing a row says how many.

    Prices are distances above the lowest of them, so none has a sign, and the price now is on the same scale.
    """
    shown, step = frame.tail(SHOWN_CANDLES[timeframe]), pd.Timedelta(minutes=MINUTES[timeframe])
    if shown.empty:
        return [f"CANDLES {timeframe}: none"]
    newest = shown.index[-1]
    shown = shown[shown.index > newest - SHOWN_CANDLES[timeframe] * step]
    candles = shown.to_dict("records")
    away = [[_away(candle[name], now) for name in ("open", "high", "low", "close")] for candle in candles]
    known = [value for of_candle in away for value in of_candle if math.isfinite(value)]
    lowest = min(known, default=math.nan)
    power = power_for([*(value - lowest for value in known), -lowest])
    volumes = _shares([candle.get("volume", math.nan) for candle in candles])
    lines = [
        f"CANDLES {timeframe}: newest opened {newest:%H:%M}, {_unit(power)}, price now {_whole(-lowest, power)}"
    ]
    before = shown.index[0]
    for opened, of_candle, volume in zip(shown.index, away, volumes, strict=True):
        if opened - before > step:
            lines.append(f"gap of {math.ceil((opened - before) / step) - 1}")
        lines.append(",".join([*(_whole(value - lowest, power) for value in of_candle), volume]))
        before = opened
    return lines


def _shares(volumes: list[float]) -> Iterator[str]:
    """Volumes in percent of the largest; blank where there is none."""
    known = [value for value in volumes if math.isfinite(value) and value >= 0]
    largest = max(known, default=0.0)
    for value in volumes:
        of_it = value / largest if largest > 0 else 0.0
        yield f"{round(100 * of_it):d}" if math.isfinite(value) and value >= 0 else ""


def _position(held: Position | None, view: TickView) -> str:
    if held is None:
        return "POSITION: none"
    now = SIGN.get(held.direction, math.nan) * _away(view.price, held.entry_price)
    left, age = held.time_exit_at - view.at, view.at - held.entry_time
    return (
        f"POSITION: {direction_word(held.direction)} from {price(held.entry_price)} for {_minutes(age)} min, "
        f"time exit in {_minutes(left)} min, stop {price(held.stop_price)}, target {price(held.target_price)}; "
        f"gross {_signed(now, 3)}, best {_signed(held.peak_pct, 3)}, worst {_signed(held.worst_pct, 3)} %"
    )


def _minutes(span: pd.Timedelta) -> str:
    return _figure(span.total_seconds() / 60, 1)


def _account(account: Account) -> str:
    entries = "halted" if account.halted else "allowed"
    return (
        f"ACCOUNT: today {_signed(account.day_net_pct)} % net, drawdown {_figure(account.drawdown_pct, 2)} %; "
        f"trades this hour {_figure(account.trades_this_hour)}, today {_figure(account.trades_today)}; entries {entries}"
    )
