"""The ribbon: its lines on the forming bar, what a colour means, the state of all colours, and frozen stretches.

Source: docs/definitions.md, Ribbon. What would surprise: a bar is (open, open + interval], so a sample stamped exactly at a bar's end
shows that bar complete; a bar exists wherever any sample lies in it, so lines run on over a gap; a colour whose hue is none of
the palette's (a blue line, say) counts as no colour, because a direction is never guessed.
"""

from __future__ import annotations

import colorsys
import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

#: Version of the rule that turns colours into a state; written beside every state.
CLASSIFIER = "share85-1"
LINE_PERIODS: tuple[int, ...] = (*range(5, 91, 5), *range(100, 146, 5))
#: Reference lines: drawn yellow, never directional.
MARKER_PERIODS = (40, 100)
#: Closed candles that must be known before a computed line is more than its seed.
WARM_CANDLES = 3 * max(LINE_PERIODS)
FROZEN_SECONDS = 60.0

_LINE = re.compile(r"MMA(\d+)")
_COLOUR_WORDS = ("", "green", "red", "yellow", "gray")
_WORDS = {
    "green": "green",
    "lime": "green",
    "red": "red",
    "maroon": "red",
    "yellow": "yellow",
    "gold": "yellow",
    "gray": "gray",
    "grey": "gray",
    "silver": "gray",
    "neutral": "gray",
}
_SHADE = re.compile(r"^(light|dark|bright|pale)[\s_-]*")
_HEX = re.compile(r"#(?:[0-9a-f]{3}|[0-9a-f]{6}|[0-9a-f]{8})")
_RGB = re.compile(r"rgba?\(\s*(\d+)[,\s]\s*(\d+)[,\s]\s*(\d+)\s*(?:[,/]\s*[\d.]+%?\s*)?\)")


def line_names(columns: Iterable[str]) -> list[str]:
    """The line columns (`MMA<n>`) among `columns`, ordered by n."""
    names = [name for name in columns if _LINE.fullmatch(name)]
    return sorted(names, key=lambda name: int(name[3:]))


def colour_names(columns: Iterable[str]) -> list[str]:
    """The colour columns (`MMA<n>_color`) among `columns`, ordered by n."""
    names = [name for name in columns if name.endswith("_color") and _LINE.fullmatch(name[: -len("_color")])]
    return sorted(names, key=lambda name: int(name[3 : -len("_color")]))


def classify_colour(text: object) -> str:
    """One of green, red, yellow, gray, or "" where the text names no colour of the palette.

    Takes the palette's words (with light or dark before them), `#rrggbb` and `rgb(r, g, b)`; numbers go by hue, because users recolour.
    """
    if not isinstance(text, str):
        return ""
    word = _SHADE.sub("", text.strip().lower())
    if word in _WORDS:
        return _WORDS[word]
    channels = _channels(word)
    return _by_hue(*channels) if channels else ""


def _channels(text: str) -> tuple[int, int, int] | None:
    if _HEX.fullmatch(text):
        digits = text[1:] if len(text) > 4 else "".join(2 * digit for digit in text[1:])
        return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)
    match = _RGB.fullmatch(text)
    if match and all(int(part) <= 255 for part in match.groups()):
        red, green, blue = (int(part) for part in match.groups())
        return red, green, blue
    return None


def _by_hue(red: int, green: int, blue: int) -> str:
    hue, saturation, _ = colorsys.rgb_to_hsv(red / 255, green / 255, blue / 255)
    degrees = 360 * hue
    if saturation < 0.2:
        return "gray"
    if degrees <= 20 or degrees >= 315:  # the chart's maroon #880e4f lies at 328
        return "red"
    if 40 <= degrees <= 68:
        return "yellow"
    if 75 <= degrees <= 185:  # the chart's teal #26a69a lies at 174
        return "green"
    return ""


def ribbon_state(colours: Iterable[object]) -> str:
    """The state of one sample from the colours of its lines (any form `classify_colour` takes)."""
    words = [classify_colour(colour) for colour in colours]
    counts = [np.array([words.count(word)]) for word in ("green", "red", "gray")]
    return str(_states(*counts)[0])


def states_from_colours(frame: pd.DataFrame) -> pd.Series:
    """The state of each row, recomputed from its `MMA<n>_color` columns; unknown where none holds a colour.

    Index as `frame`, values of schema.STATES. Raises ValueError without colour columns (then the logged state counts).
    """
    names = colour_names(frame.columns)
    if not names:
        raise ValueError("the frame has no MMA<n>_color columns: its logged state counts")
    known: dict[object, int] = {}
    counts = np.zeros((len(_COLOUR_WORDS), len(frame)), dtype=np.int32)
    for name in names:
        codes = _colour_codes(frame[name], known)
        for code in range(1, len(_COLOUR_WORDS)):
            counts[code] += codes == code
    return pd.Series(_states(counts[1], counts[2], counts[4]), index=frame.index, dtype="str", name="state")


def _colour_codes(column: pd.Series, known: dict[object, int]) -> np.ndarray:
    places, texts = pd.factorize(column)
    for text in texts:
        if text not in known:
            known[text] = _COLOUR_WORDS.index(classify_colour(text))
    table = np.array([known[text] for text in texts] + [0], dtype=np.int8)  # missing texts have place -1
    return table[places]


def _states(green: np.ndarray, red: np.ndarray, gray: np.ndarray) -> np.ndarray:
    lines = green + red + gray
    conditions = [
        lines == 0,
        100 * green >= 85 * lines,
        100 * red >= 85 * lines,
        (2 * green >= lines) & (2 * red >= lines),
        2 * green >= lines,
        2 * red >= lines,
    ]
    return np.select(
        conditions, ["unknown", "all_green", "all_red", "mixed", "mixed_green", "mixed_red"], "mixed"
    )


def frozen_mask(frame: pd.DataFrame) -> pd.Series:
    """True for each row of a frozen run: at least 60 s in which no line changed while the price did.

    `frame`: samples, index of times, columns `price` and lines. A run is the longest stretch of consecutive rows whose lines all
    equal those of the row before (two missing values are equal); the whole run counts. Without line columns nothing is frozen.
    """
    so_far, run = _frozen_so_far(frame)
    if not len(run):
        return pd.Series(so_far, index=frame.index, name="frozen")
    # The last row of a run has seen all of it.
    last = np.append(np.flatnonzero(np.diff(run)), len(run) - 1)
    return pd.Series(so_far[last][run], index=frame.index, name="frozen")


def frozen_so_far(frame: pd.DataFrame) -> np.ndarray:
    """True for each row by which its run is known to be frozen: what `frozen_mask` says of the row while it is the newest."""
    return _frozen_so_far(frame)[0]


def frozen_stretches(frame: pd.DataFrame) -> np.ndarray:
    """The frozen runs of `frame` as (k, 3) int64 microseconds: begun, known to be frozen, last row."""
    so_far, run = _frozen_so_far(frame)
    if not so_far.any():
        return np.empty((0, 3), dtype=np.int64)
    instants = _microseconds(frame.index)
    known = np.flatnonzero(so_far & np.diff(np.where(so_far, run, -1), prepend=-1).astype(bool))
    first, behind = run.searchsorted(run[known]), run.searchsorted(run[known], side="right")
    return np.stack([instants[first], instants[known], instants[behind - 1]], axis=1)


def _frozen_so_far(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """By row: whether its run up to it is frozen, and the run's number; no runs without lines."""
    names = line_names(frame.columns)
    if not names or frame.empty:
        return np.zeros(len(frame), dtype=bool), np.empty(0, dtype=np.int64)
    lines = frame[names].to_numpy(float)
    same = (lines[1:] == lines[:-1]) | (np.isnan(lines[1:]) & np.isnan(lines[:-1]))
    run = np.concatenate([[0], np.cumsum(~same.all(axis=1))])
    instants = _microseconds(frame.index)
    first = np.flatnonzero(np.diff(run, prepend=-1))
    long_enough = instants - instants[first][run] >= FROZEN_SECONDS * 1e6
    prices = frame["price"].reset_index(drop=True).astype(float).groupby(run)
    moved = (prices.cummax() > prices.cummin()).to_numpy()
    return long_enough & moved, run


def ribbon_on_forming_bars(
    prices: pd.Series, interval_minutes: int, history_closes: pd.Series | None = None, colours: bool = True
) -> pd.DataFrame:
    """The ribbon a chart of `interval_minutes` shows at each of `prices`: a samples frame with lines, colours, state, quality.

    prices: f64, index = the instant each was known (UTC, strictly increasing). history_closes: closes of earlier bars, index =
    bar open; bars that `prices` reach themselves are ignored. A line is prev + α (price − prev), prev its value after the last
    bar before; the first bar of all is the seed. Columns: price, state, quality, symbol (""), MMA<n>…, and with `colours` MMA<n>_color….
    """
    step = interval_minutes * 60_000_000
    instants = _microseconds(prices.index)
    price = prices.to_numpy(float)
    bar = (instants - 1) // step
    first = np.flatnonzero(np.diff(bar, prepend=bar[:1] - 1))
    order = np.cumsum(np.diff(bar, prepend=bar[:1]) != 0)
    closes = price[np.append(first[1:], len(price)) - 1] if len(price) else price
    history = _closes_before(history_closes, bar[:1], step)
    before = _closed_lines(np.concatenate([history, closes]))[len(history) :]
    # In the first bar of all there is no earlier value: the line is the price itself.
    previous = np.where(np.isnan(before[order]), price[:, None], before[order])
    lines = previous + _alphas() * (price[:, None] - previous)
    closed = len(history) + order + (instants % step == 0)
    return _frame(prices, lines, np.sign(lines - previous).astype(np.int8), closed < WARM_CANDLES, colours)


def _closes_before(closes: pd.Series | None, first_bar: np.ndarray, step: int) -> np.ndarray:
    if closes is None or not len(first_bar):
        return np.empty(0)
    return closes.to_numpy(float)[_microseconds(closes.index) // step < first_bar[0]]


def _alphas() -> np.ndarray:
    return 2.0 / (np.array(LINE_PERIODS, dtype=float) + 1.0)


def _closed_lines(closes: np.ndarray) -> np.ndarray:
    """(bars, lines): each line as it stood before the bar, that is after the bar before it closed; NaN before the first."""
    alphas = _alphas()
    before = np.full((len(closes), len(alphas)), np.nan)
    line = np.repeat(closes[:1], len(alphas))
    for bar in range(1, len(closes)):
        before[bar] = line
        line = line + alphas * (closes[bar] - line)
    return before


def _frame(
    prices: pd.Series, lines: np.ndarray, direction: np.ndarray, partial: np.ndarray, colours: bool
) -> pd.DataFrame:
    index = pd.DatetimeIndex(prices.index).as_unit("us").rename("timestamp")
    directional = ~np.isin(LINE_PERIODS, MARKER_PERIODS)
    green, red, gray = ((direction[:, directional] == sign).sum(axis=1) for sign in (1, -1, 0))
    columns: dict[str, object] = {
        "price": prices.to_numpy(float),
        "state": np.where(partial, "unknown", _states(green, red, gray)),
        "quality": np.where(partial, "partial", "ok"),
        "symbol": np.full(len(index), ""),
    }
    words = np.array(["gray", "green", "red"], dtype=object)  # places 0, 1 and -1
    for place, period in enumerate(LINE_PERIODS):
        columns[f"MMA{period}"] = lines[:, place]
    for place, period in enumerate(LINE_PERIODS if colours else ()):
        word = (
            words[direction[:, place]] if directional[place] else np.full(len(index), "yellow", dtype=object)
        )
        columns[f"MMA{period}_color"] = pd.array(word, dtype="str")
    frame = pd.DataFrame(columns, index=index)
    return frame.astype({"state": "str", "quality": "str", "symbol": "str"})


def _microseconds(index: pd.Index) -> np.ndarray:
    return pd.DatetimeIndex(index).as_unit("us").asi8
