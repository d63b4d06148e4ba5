"""A tick is short, whatever the figures are, and nothing that the rules speak of is lost by it."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.contract.schema import MINUTES, QUALITIES, REGIMES, STATES
from lib.market.ribbon import LINE_PERIODS, ribbon_on_forming_bars
from lib.market.terms import DEFAULT_TERMS
from runner.claude.example import example_view
from runner.claude.rules import rules_text
from runner.claude.tick_text import MOST_BYTES, SHOWN_CANDLES, power_for, tick_text
from runner.claude.tick_text import _with_voices as with_voices
from runner.trade.models import Account, TickView
from tests.builders import at
from tests.runner.claude.made import held, reading, tick

PRICES = ("open", "high", "low", "close")


def size(view: TickView) -> int:
    return len(tick_text(view).encode())


def candles_of(figures: np.ndarray, timeframe: str, until: float = 600) -> pd.DataFrame:
    """Candles (n, 4) of a timeframe, the last of which closes at `until`."""
    step = pd.Timedelta(minutes=MINUTES[timeframe])
    index = pd.date_range(end=at(until) - step, periods=len(figures), freq=step)
    return pd.DataFrame(figures, columns=list(PRICES), index=index).assign(volume=1.0)


# How long


def widest(timeframe: str, price: float, low: float, high: float) -> pd.DataFrame:
    """As many candles as are shown, each figure as far above the lowest low as it can be."""
    figures = np.full((SHOWN_CANDLES[timeframe], 4), high)
    figures[0, 2] = low
    return candles_of(figures, timeframe)


@pytest.mark.parametrize("low", [0.0, 0.00101, 1_000.0, 2_090.0])
def test_the_longest_tick_there_can_be(low):
    """Every word the longest, every figure of most digits, lines with periods that no ribbon of ours has."""
    far = {f"MMA{period}": 2_100.5 / 0.00101 for period in range(700, 1_000)}
    worst = {
        "price": 2_100.512345,
        "state": max(STATES, key=len),
        "quality": max(QUALITIES, key=len),
        "symbol": "BINANCED:ABCDEF/FDUSDPERP",
        "at": pd.Timestamp("1970-01-01T00:00:00.123456Z"),
        "lines": far,
        "colours": dict.fromkeys(far, "green"),
    }
    view = tick(
        at=at(600) + pd.Timedelta("0.123456s"),
        readings={name: reading(name, **worst) for name in ("5min", "15min")},
        candles_5min=widest("5min", 2_100.512345, low, 2_120.0),
        candles_15min=widest("15min", 2_100.512345, low, 2_120.0),
        position=held(
            direction="SHORT",
            entry_price=1.234567e-14,
            stop_price=1.234567e-14,
            target_price=1.234567e-14,
            entry_time=pd.Timestamp("1970-01-01T00:00Z"),
            time_exit_at=pd.Timestamp("1970-01-01T00:00Z"),
            peak_pct=-1e300,
            worst_pct=-1e300,
        ),
        account=Account(0, 0, -1e300, -1e300, -(10**12), -(10**12), "halted"),
        gate_reason="signal",
        wick="WICK_DOWN",
        regime=max(REGIMES, key=len),
    )
    assert 1_700 < size(view) <= MOST_BYTES == 2_000
    eight = {f"{place}{'a' * 30}": "unknown" for place in "abcdefgh"}
    assert tick_text(view, eight) == tick_text(view)  # no such tick is of a market


@pytest.mark.parametrize(
    ("left", "names", "told"),
    [
        (19, ["abc"], ["abc: LONG"]),  # the last one needs no room for a word on others
        (18, ["abc"], []),
        (25, ["a" * 30], ["others: unknown"]),
        (24, ["a" * 30], []),
        (43, ["abc", "a" * 30], ["others: unknown"]),
        (44, ["abc", "a" * 30], ["abc: LONG", "others: unknown"]),
        (38, ["abc", "abd"], ["others: unknown"]),
        (44, ["abc", "abd"], ["abc: LONG", "abd: LONG"]),
    ],
)
def test_questions_fill_the_room_that_is_left_and_no_more(left, names, told):
    text = "x" * (MOST_BYTES - left)
    found = with_voices(text, dict.fromkeys(names, "LONG"))
    assert found == text + "".join(f"QUESTION {each}\n" for each in told)


def test_of_questions_that_find_no_room_it_is_said_that_they_are_unknown():
    usual = tick_text(tick())
    many = {f"q{place:030d}": "SHORT" for place in range(60)}
    text = tick_text(tick(), many)
    assert text.startswith(usual) and MOST_BYTES - 50 < len(text.encode()) <= MOST_BYTES
    *named, last = text.removeprefix(usual).splitlines()
    assert named == [f"QUESTION {name}: SHORT" for name in many][: len(named)]
    assert last == "QUESTION others: unknown"


def shown_periods(*periods: int) -> list[int]:
    lines = {f"MMA{period}": 2_000.0 for period in periods}
    text = tick_text(tick(readings={"5min": reading("5min", lines=lines, colours={})}))
    row = text.partition("RIBBON 5min: ")[2].splitlines()[1]
    return [int(told.partition(":")[0]) for told in row.split() if ":" in told]


def test_of_more_lines_than_a_ribbon_has_its_own_are_shown_and_then_the_shorter_ones():
    assert shown_periods(*LINE_PERIODS, 1, 2, 3, 200) == list(LINE_PERIODS)
    assert shown_periods(*LINE_PERIODS[3:], 999, 1, 200, 2) == [1, 2, *LINE_PERIODS[3:], 200]
    assert shown_periods(998, 999, 1_000, 10**6) == [998, 999]


def test_large_figures_are_short_and_the_second_is_the_finest():
    view = tick(
        at=at(600) + pd.Timedelta("0.6s"),
        readings={"5min": reading("5min", at=at(600) - pd.Timedelta("12345s"))},
        account=Account(0, 0, -10_000.0, 9_999.99, 9_999, 10_000),
    )
    text = tick_text(view)
    assert text.startswith("TICK 2026-01-05T10:00:00Z, ") and ", 1.23e+04 s old, " in text
    assert "today -1.00e+04 % net, drawdown 9,999.99 %; trades this hour 9,999, today 1.00e+04;" in text


FIGURES = st.one_of(
    st.floats(),
    st.floats(1e-9, 1e9),
    st.floats(-1e300, 1e300),
    st.sampled_from([0.0, -0.0, 1e-320, 1e308, 999.4, 999.6]),
)


@given(st.data())
def test_no_figures_make_it_longer_or_fail(data):
    def frame(timeframe: str) -> pd.DataFrame:
        count = data.draw(st.integers(0, SHOWN_CANDLES[timeframe] + 3))
        figures = data.draw(st.lists(FIGURES, min_size=5 * count, max_size=5 * count))
        made = candles_of(np.array(figures, dtype=float).reshape(count, 5)[:, :4], timeframe)
        made["volume"] = figures[4::5]
        return made[data.draw(st.lists(st.booleans(), min_size=count, max_size=count))]

    periods = data.draw(st.lists(st.integers(0, 10**6), max_size=60, unique=True))
    lines = {f"MMA{period}": data.draw(FIGURES) for period in periods}
    far = {"price": data.draw(FIGURES), "lines": lines, "colours": dict.fromkeys(lines, "red")}
    view = tick(
        readings={name: reading(name, **far) for name in ("5min", "15min")},
        candles_5min=frame("5min"),
        candles_15min=frame("15min"),
        position=held(entry_price=data.draw(FIGURES.filter(bool)), peak_pct=data.draw(FIGURES)),
        account=Account(0, 0, data.draw(FIGURES), data.draw(FIGURES), 10**9, 10**9, "x"),
    )
    text = tick_text(view)
    assert len(text.encode()) <= MOST_BYTES and text.isascii()


def test_a_tick_of_real_prices(shared_data):
    """Spot ETH of eight months, two crashes among them, at hundreds of instants, with a position and all lines."""
    frames = {
        name: pd.read_csv(
            shared_data / f"ETHUSDT_spot_{name[:-2]}_2024-01-01_2024-09-06.csv.gz",
            index_col="timestamp",
            parse_dates=["timestamp"],
        )
        for name in ("5min", "15min")
    }
    frames = {
        name: frame.tz_localize("UTC") if frame.index.tz is None else frame for name, frame in frames.items()
    }
    closes = {
        name: frame["close"].set_axis(frame.index + pd.Timedelta(minutes=MINUTES[name]))
        for name, frame in frames.items()
    }
    ribbons = {name: ribbon_on_forming_bars(closes[name], MINUTES[name]) for name in frames}
    calm = closes["15min"].index[1_000::120]
    crashes = [pd.date_range(day, periods=96, freq="15min", tz="UTC") for day in ("2024-01-03", "2024-08-05")]
    sizes = []
    for now in sorted({*calm, *crashes[0], *crashes[1]}):
        known = {
            name: frame[frame.index + pd.Timedelta(minutes=MINUTES[name]) <= now]
            for name, frame in frames.items()
        }
        price = float(known["5min"]["close"].iloc[-1])
        readings = {}
        for name, ribbon in ribbons.items():
            row = ribbon.loc[ribbon.index[ribbon.index <= now][-1]]
            lines = {f"MMA{period}": float(row[f"MMA{period}"]) for period in LINE_PERIODS}
            colours = {line: str(row[f"{line}_color"]) for line in lines}
            readings[name] = reading(
                name, price=price, lines=lines, colours=colours, at=now, state=row["state"]
            )
        view = tick(
            at=now, readings=readings, candles_5min=known["5min"], candles_15min=known["15min"],
            position=held(entry_price=price * 1.001, entry_time=now, time_exit_at=now),
        )  # fmt: skip
        sizes.append(size(view))
    assert len(sizes) > 300
    assert max(sizes) <= 1_850  # far from the limit: it is there for what no market shows


# Nothing is lost


def test_the_unit_is_the_finest_in_which_three_digits_are_enough():
    assert [power_for([value]) for value in (0.0, 0.5, 0.9994, 0.9996, 9.99, 99.94, 99.96, 1e6)] == [
        -3, -3, -3, -2, -2, -1, 0, 4,
    ]  # fmt: skip
    assert power_for([]) == power_for([float("nan"), float("inf")]) == -3
    assert power_for([-5.0, 0.1]) == -2


def read_back(text: str, timeframe: str, now: float) -> np.ndarray:
    """The candles (n, 4) that the rules' reader makes of a tick: prices, as far as the lowest low is known from the price now."""
    section = text.partition(f"CANDLES {timeframe}: ")[2]
    heading, *rows = section.partition("CANDLES")[0].partition("POSITION")[0].splitlines()
    found = re.fullmatch(r"newest opened \d\d:\d\d, unit (\S+) %, price now (-?\d+)", heading)
    assert found
    unit, above = float(found[1]), int(found[2])
    distances = np.array([[int(field) for field in row.split(",")[:4]] for row in rows])
    return now * (1 + (distances - above) * unit / 100)


@given(
    base=st.floats(1e-6, 1e6),
    moves=st.lists(st.floats(-0.01, 0.01), min_size=24, max_size=24),
    last=st.floats(-0.02, 0.02),
)
def test_candles_read_back_are_those_that_were(base, moves, last):
    """To a thousandth of what they and the price now span, and no finer than 0.001 %."""
    closes = base * np.cumprod(1 + np.array(moves))
    opens = np.append(base, closes[:-1])
    figures = np.column_stack(
        [opens, np.maximum(opens, closes) * 1.003, np.minimum(opens, closes) * 0.998, closes]
    )
    now = float(closes[-1] * (1 + last))
    text = tick_text(
        tick(readings={"5min": reading("5min", price=now)}, candles_5min=candles_of(figures, "5min"))
    )
    span = max(figures.max(), now) - min(figures.min(), now)
    worst = np.abs(read_back(text, "5min", now) - figures).max()
    # Two roundings of half a unit; a unit is at most a hundredth of the span, and 0.001 % at least.
    assert worst <= max(span / 100, now * 1.1e-5)


@given(away=st.lists(st.floats(-9, 9), min_size=1, max_size=28, unique=True))
def test_lines_read_back_are_those_that_were(away):
    periods = LINE_PERIODS[: len(away)]
    lines = {f"MMA{period}": 2_000 / (1 + pct / 100) for period, pct in zip(periods, away, strict=True)}
    colours = {line: ("#089981", "#f23645", "gray", "yellow")[place % 4] for place, line in enumerate(lines)}
    view = tick(readings={"5min": reading("5min", price=2_000.0, lines=lines, colours=colours)})
    heading, row = tick_text(view).partition("RIBBON 5min: ")[2].splitlines()[:2]
    unit = float(re.search(r"unit (\S+) %", heading)[1])  # type: ignore[index]
    for place, (told, period, pct) in enumerate(zip(row.split(), periods, away, strict=True)):
        named, distance, letter = re.fullmatch(r"(\d+):(-?\d+)([grny])", told).groups()  # type: ignore[union-attr]
        assert int(named) == period and letter == "grny"[place % 4]
        assert abs(int(distance) * unit - pct) <= unit * 0.51
    assert unit <= max(max(map(abs, away)) / 99, 0.001)


#: What the rules say is seen, in their words, and how a tick says it.
NAMED = {
    "Ribbon": [
        ("state on the 5-minute and on the 15-minute chart", r"RIBBON 5min: mixed_green, .*\n.*\nRIBBON 15min: mixed_green, "),
        ("quality of the reading and its age", r"mixed_green, ok, 2 s old"),
        ("where the price stands against each line, in percent of the line", r"unit 0.001 %\n5:25g "),
        ("named by their period", r" ".join(rf"{period}:-?\d+g" for period in LINE_PERIODS)),
        ("a letter for its colour", r"145:730g\n"),
    ],
    "Candles": [
        ("Closed 5-minute candles of the last two hours", r"CANDLES 5min: .*\n(\d+,\d+,\d+,\d+,\d+\n){24}CANDLES"),
        ("15-minute candles of the last three", r"CANDLES 15min: .*\n(\d+,\d+,\d+,\d+,\d+\n){12}POSITION"),
        ("says when that one opened", r"newest opened 11:55, "),
        ("the price now on the same scale", r"unit 0.001 %, price now 241\n"),
    ],
    "Wick": [("A wick counts for 10 minutes", r"wick WICK_DOWN\n")],
    # Seen in the candles: the last closes and the extreme of the three before each.
    "Breakout": [("A 5-minute close at least", r"CANDLES 5min: ")],
    "Regime": [("RANGING_QUIET", r"regime RANGING_QUIET, ")],
    "Position and account": [
        ("What is held, at which price", r"POSITION: LONG from 3405.11 "),
        ("how it stands", r"gross \+0.213, best \+0.250, worst -0.050 %"),
        ("when it will be closed by time", r"for 12.0 min, time exit in 33.0 min, stop 3400, target 3415.33"),
        ("what the day has brought so far", r"ACCOUNT: today \+0.32 % net, drawdown 0.40 %; trades this hour 1, today 3;"),
        ("Entries are allowed, or halted", r"entries allowed\n"),
    ],
    "Why you are asked": [("a flip of the ribbon", r"asked because the ribbon flipped\n")],
}  # fmt: skip
ELSEWHERE = [("at the next price the program sees, not at the price you see", r"price now 3412.37\n")]


@pytest.mark.parametrize(
    ("thing", "told"), [pair for pairs in [*NAMED.values(), ELSEWHERE] for pair in pairs]
)
def test_what_the_rules_speak_of_is_in_the_tick(thing, told):
    assert thing in " ".join(rules_text(DEFAULT_TERMS).split())
    assert re.search(told, tick_text(example_view()))


def test_nothing_that_the_rules_speak_of_is_left_out_above():
    seen = rules_text(DEFAULT_TERMS).partition("# What you see")[2].partition("\n# ")[0]
    assert re.findall(r"^- ([^.]+)\.", seen, re.MULTILINE) == [
        "Ribbon", "Candles", "Wick", "Breakout", "Regime", "Position and account", "Why you are asked",
    ]  # fmt: skip
    assert set(NAMED) == set(re.findall(r"^- ([^.:]+)[.:]", seen, re.MULTILINE))
