"""The trades that one whole hour adds to each stream, seen through a window that ends with it.

An hour looks the same whether it is taken in when it is new or years later, because nothing later than it is read. Hours are taken
in order.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from lib import paths
from lib.analysis.streams.episodes import finished
from lib.analysis.streams.market import rule_entries, setup_entries, walk, wick_trades
from lib.analysis.streams.models import HOUR, LONGEST_WAIT, Carry
from lib.analysis.streams.own import HELD_MINUTES, declared, held, own_trades
from lib.analysis.trades import complete_trades
from lib.data import schema
from lib.data.times import parse_instant
from lib.data.window import MarketWindow, load_window
from lib.errors import EmptyWindowError, ParameterError
from lib.learning.lessons.hypotheses import FAMILIES, is_value
from lib.market.costs import DEFAULT_COSTS, price_trades
from lib.market.exits import STANDARD, PricePath
from lib.market.readings import instants

#: What an hour looks back at, hours, where nothing older waits: entries of the hour before it, and their exits.
LOOKBACK_HOURS = 3.0
_COLUMNS = ("entry_time", "exit_time", "net_pct", "worst_pct", "best_pct", "trade", "episode")
_OWN_COLUMNS = ("confidence",)
_BANDS = ((0.85, "high"), (0.75, "medium"), (-np.inf, "low"))
_HEAD_LINES = 200


def first_hour(trading_data: str | Path) -> pd.Timestamp | None:
    """The first whole hour after the oldest known-at of a folder's samples, candles and decisions; None where there is none."""
    folder = paths.trading_data(trading_data)
    steps = {schema.DECISIONS_FILE: 0, **dict.fromkeys(schema.SAMPLE_FILES.values(), 0)}
    steps |= {name: schema.MINUTES[timeframe] for timeframe, name in schema.CANDLE_FILES.items()}
    found = [
        instant + pd.Timedelta(minutes=minutes)
        for name, minutes in steps.items()
        if (instant := _first_time(folder / name)) is not None
    ]
    return min(found).ceil("h") if found else None


def _first_time(path: Path) -> pd.Timestamp | None:
    """The time of the first row that has one."""
    if not path.exists():
        return None
    with path.open(encoding="utf-8", errors="replace") as lines:
        for _, line in zip(range(_HEAD_LINES), lines, strict=False):
            try:
                return parse_instant(line.partition(",")[0].strip().strip('"'))
            except ParameterError:
                continue
    return None


def hour_tables(
    trading_data: str | Path, hour: pd.Timestamp, carry: Carry
) -> tuple[dict[str, pd.DataFrame], Carry]:
    """For each stream the trades of the episodes that finished by `hour` and were not handed out before, and the carry after it.

    Columns as lib.learning.lessons.episodes wants them; of own trades `confidence` beside. Raises what load_window does, but for an
    empty window, which has no trades.
    """
    after, now = carry.model_copy(deep=True), instants(pd.DatetimeIndex([hour]))[0].item()
    waiting = min(after.waiting_since.values(), default=now)
    lookback = max(LOOKBACK_HOURS, (now - max(waiting, now - LONGEST_WAIT - HOUR)) / HOUR + 1)
    try:
        window = load_window(trading_data, hour, lookback)
    except EmptyWindowError:
        return {stream: _empty(stream) for stream in FAMILIES}, after
    path = PricePath.of(window.candles_1min, window.candles_5min, window.samples_5min)
    own = own_trades(window)
    parts = {"trades": finished("trades", own, now, after)}
    parts |= {
        stream: _priced(walk(stream, entries(window), path, now, after), stream, after)
        for stream, entries in (("setups", setup_entries), ("rule", rule_entries))
    }
    parts["wicks"] = _priced(
        finished("wicks", _after_start(wick_trades(window, path), window), now, after), "wicks", after
    )
    described = dict(_described(parts, window))
    tables = {stream: _table(stream, described[stream]) for stream in parts}
    tables["held"] = _held(own, window, path, now, after)
    return {stream: tables[stream] for stream in FAMILIES}, after


def _after_start(trades: pd.DataFrame, window: MarketWindow) -> pd.DataFrame:
    """The trades that entered in the window itself: what lies before it was settled in its own hour."""
    return trades[(trades["entry_time"] > window.start).to_numpy()]


def _priced(trades: pd.DataFrame, stream: str, carry: Carry) -> pd.DataFrame:
    """Market trades net of the round trip, with declared bounds, a name and, where they never overlap, an episode each."""
    if "episode" not in trades:
        first = carry.episodes.get(stream, 0)
        trades = trades.assign(episode=np.arange(first, first + len(trades)))
        carry.episodes[stream] = first + len(trades)
    cost = DEFAULT_COSTS.round_trip_pct
    worst, best = declared(np.array([STANDARD.stop_pct]), np.array([STANDARD.target_pct]), cost)
    names = trades["entry_time"].dt.strftime("%Y%m%dT%H%MZ-") + trades["direction"].astype("str")
    return price_trades(trades, cost).assign(worst_pct=worst[0], best_pct=best[0], trade=names)


def _described(parts: dict[str, pd.DataFrame], window: MarketWindow) -> Iterator[tuple[str, pd.DataFrame]]:
    """The trades of all streams with setup, regime and states at their entries; looked up at once, because that is what takes time."""
    whole = pd.concat([part.assign(stream=stream) for stream, part in parts.items()], ignore_index=True)
    ordered = whole.sort_values(["entry_time", "exit_time"], kind="stable").reset_index(drop=True)
    keep = ordered[["stream", "episode", "worst_pct", "best_pct", "trade"]]
    described = complete_trades(ordered.drop(columns="episode"), window).drop(columns="episode").join(keep)
    for stream in parts:
        mine = described[described["stream"] == stream]
        yield stream, mine.sort_values(["episode", "entry_time"], kind="stable").reset_index(drop=True)


def _table(stream: str, trades: pd.DataFrame) -> pd.DataFrame:
    """One stream's columns, a column a family."""
    families = {name: _values(stream, name, trades) for name in FAMILIES[stream]}
    more = _OWN_COLUMNS if stream == "trades" else ()
    return trades[[*_COLUMNS, *more]].assign(**families)


def _values(stream: str, family: str, trades: pd.DataFrame) -> pd.Series:
    """The group of each trade in a family, "" where it has none."""
    direction = trades["direction"].astype("str")
    wick = trades["trigger"].isin(["WICK_DOWN", "WICK_UP"])
    found = {
        "all": lambda: pd.Series("trades", index=trades.index),
        "direction": lambda: direction,
        "band": lambda: _bands(trades["confidence"]),
        "pattern": lambda: trades["state_5min"],
        "wick": lambda: wick.map({True: "present", False: "absent"}),
        "timeframes": lambda: _timeframes(trades),
        "regime": lambda: trades["regime"].astype("str") + "_" + direction,
        "setup": lambda: trades["signature"],
        "kind": lambda: direction.map({"LONG": "WICK_DOWN_LONG", "SHORT": "WICK_UP_SHORT"}),
    }[family]()
    values = [value if is_value(stream, family, value) else "" for value in found.astype(object)]
    return pd.Series(values, index=trades.index, dtype=object)


def _bands(confidence: pd.Series) -> pd.Series:
    """The confidence band of each trade (DEFINITIONS, Confidence); sums of tenths lie a hair below their figure."""
    value = confidence.astype(float) + 1e-9
    names = np.select([value >= limit for limit, _ in _BANDS], [name for _, name in _BANDS], default="")
    return pd.Series(names, index=confidence.index).where(confidence.notna(), "")


def _timeframes(trades: pd.DataFrame) -> pd.Series:
    """Whether both ribbons are of one colour family; "" where either is unknown."""
    colours = [
        trades[name].astype("str").str.extract("(green|red)", expand=False).fillna("none")
        for name in ("state_5min", "state_15min")
    ]
    unknown = (trades[["state_5min", "state_15min"]] == "unknown").any(axis=1)
    agree = (colours[0] == colours[1]) & (colours[0] != "none")
    return pd.Series(np.where(unknown, "", np.where(agree, "agree", "apart")), index=trades.index)


def _held(own: pd.DataFrame, window: MarketWindow, path: PricePath, now: int, carry: Carry) -> pd.DataFrame:
    parts = [
        finished(f"held{minutes}", held(own, minutes, window, path, carry), now, carry)
        for minutes in HELD_MINUTES
    ]
    whole = pd.concat(parts, ignore_index=True)
    ends = whole.groupby(["hold", "episode"])["exit_time"].transform("max")
    ordered = whole.assign(ended=ends).sort_values(["ended", "hold", "episode", "entry_time"], kind="stable")
    first = carry.episodes.get("held", 0)
    numbers = ordered.groupby(["ended", "hold", "episode"], sort=True).ngroup() + first
    carry.episodes["held"] = int(numbers.max()) + 1 if len(numbers) else first
    return ordered.assign(episode=numbers)[[*_COLUMNS, "hold"]].reset_index(drop=True)


def _empty(stream: str) -> pd.DataFrame:
    more = _OWN_COLUMNS if stream == "trades" else ()
    return pd.DataFrame(columns=[*_COLUMNS, *more, *FAMILIES[stream]])
