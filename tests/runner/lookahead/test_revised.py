"""What an earlier run says of instants before its as_of, against the last run: peeks inside the window, and what may change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from lib.analysis.trades import actual_trades
from lib.contract.times import microseconds
from runner.lookahead.dated import dated_tables
from runner.lookahead.revised import OUTCOMES, probe, revision
from tests.builders import decisions, window

OPENS = pd.date_range("2025-06-15T00:00Z", periods=72, freq="5min", name="timestamp")
STEPS = np.random.default_rng(3).normal(0, 1, len(OPENS))
CLOSE = pd.Series(100 + STEPS.cumsum(), index=OPENS, name="close")
#: Six o'clock is the end; all hours inside are looked at.
HOURS = pd.date_range("2025-06-15T01:00Z", periods=5, freq="1h")


def known(at: pd.Timestamp, close: pd.Series = CLOSE) -> pd.Series:
    """The closes of candles that have closed."""
    return close[close.index + pd.Timedelta("5min") <= at]


def closed_at(close: pd.Series) -> pd.Series:
    return close.index.to_series() + pd.Timedelta("5min")


def trades(
    close: pd.Series, entry: pd.Series, open_too: bool = False, direction: object = "LONG"
) -> pd.DataFrame:
    """Trades of three candles each; closed ones, or open ones with a blank exit too."""
    left = close.shift(-3)
    frame = pd.DataFrame(
        {
            "entry_time": closed_at(close),
            "direction": direction,
            "exit_time": closed_at(close).shift(-3),
            "net_pct": (left / close - 1) * 100,
        }
    )[entry]
    return (frame if open_too else frame.dropna(subset="exit_time")).reset_index(drop=True)


def rising(close: pd.Series) -> pd.Series:
    return close > close.shift(1)


def peeking(close: pd.Series) -> pd.Series:
    return close.shift(-1) > close


def z_score(close: pd.Series) -> pd.Series:
    return (close - close.mean()) / close.std()


PEEKS = {
    "the next close as entry": lambda close: {"entry": peeking(close)},
    "its sign as direction": lambda close: {"side": np.sign(close.shift(-1) - close)},
    "its sign, blanks dropped": lambda close: {
        "close": close,
        "side": np.sign(close.shift(-1) - close).dropna(),
    },
    "rows chosen by it": lambda close: {
        "chosen": pd.DataFrame({"entry_time": closed_at(close)})[peeking(close)]
    },
    "trades chosen by it": lambda close: {"trades": trades(close, peeking(close), open_too=True)},
    "a centred mean": lambda close: {"entry": close > close.rolling(7, center=True).mean()},
    "a centred mean, filled": lambda close: {"smooth": close.rolling(7, center=True, min_periods=1).mean()},
    "a z-score of the window": lambda close: {"z": z_score(close)},
    "an entry by that": lambda close: {"entry": z_score(close) < -0.5},
    "records in a list": lambda close: {
        "rows": [{"time": t.isoformat(), "z": z} for t, z in z_score(close).items()]
    },
}
HONEST = {
    "an entry by what was": lambda close: {"entry": rising(close), "smooth": close.rolling(7).mean()},
    "what it chose, dated by opens": lambda close: {"close": close, "chosen": close[rising(close)]},
    "closed and open trades": lambda close: {
        "closed": trades(close, rising(close)),
        "all": trades(close, rising(close), open_too=True),
    },
    "outcomes by their names": lambda close: {"forward_15min": close.shift(-3) / close - 1},
    "declared hindsight": lambda close: {"hindsight_best": close.nlargest(5)},
    "sums of the window": lambda close: {
        "total": close.sum(),
        "per_state": close.groupby(rising(close)).mean(),
    },
}


def found(say, at: pd.Timestamp):
    """The revision of the run at `at` by the last run."""
    return revision(dated_tables(say(known(at))), dated_tables(say(CLOSE)), microseconds(at))


@pytest.mark.parametrize("peek", PEEKS)
def test_a_peek_inside_the_window_is_found(peek):
    assert any(found(PEEKS[peek], at).differences for at in HOURS)


@pytest.mark.parametrize("honest", HONEST)
def test_what_rests_on_the_past_alone_is_clean(honest):
    for at in HOURS:
        revised = found(HONEST[honest], at)
        assert (revised.differences, revised.unlisted) == ([], {})


def test_what_is_found_says_which_value_changed_and_when():
    first = next(each for at in HOURS for each in found(PEEKS["an entry by that"], at).differences)
    assert first.file == "entry" and first.path.startswith("entry of 2025-06-15T0")
    assert {first.then, first.now} == {True, False}


def test_rows_of_candle_opens_are_known_a_candle_later():
    """At 01:00 the candle of 01:00 has not begun: that the run of then lacks it is no finding."""
    revised = found(lambda close: {"close": close}, HOURS[0])
    assert (revised.differences, revised.compared) == ([], 12)


def test_an_as_of_between_two_candles_has_the_candle_that_is_not_closed_wait():
    """One-minute opens lie beside those of five minutes, which are among them."""
    minutes = pd.date_range(OPENS[0], periods=360, freq="1min", name="timestamp")
    fine = pd.Series(range(360), index=minutes)
    at = pd.Timestamp("2025-06-15T01:58:30Z")

    def said(until: pd.Timestamp):
        known_fine = fine[fine.index + pd.Timedelta("1min") <= until]
        return dated_tables({"fine": known_fine, "close": known(until), "entry": rising(known(until))})

    revised = revision(said(at), said(pd.Timestamp("2025-06-15T06:00Z")), microseconds(at))
    assert revised.differences == [] and revised.compared > 100


def test_numbers_that_differ_in_their_last_digits_only_are_the_same():
    later = pd.Series([1.0, 2.0], index=pd.DatetimeIndex(["2025-06-15T00:00Z", "2025-06-15T00:07Z"]))
    at = microseconds(later.index[1])
    for factor, count in ((1 + 1e-13, 0), (1 + 1e-6, 2)):
        assert (
            len(revision(dated_tables({"x": later * factor}), dated_tables({"x": later}), at).differences)
            == count
        )


def otherwise(at: pd.Timestamp, factor: float) -> pd.Series:
    """Closes that are absurd after `at`."""
    return CLOSE.where(closed_at(CLOSE) <= at, CLOSE * factor)


@pytest.mark.parametrize(("entry", "differ"), [(rising, False), (peeking, True)])
def test_trades_that_are_listed_once_closed_are_probed_with_an_absurd_future(entry, differ):
    differences = []
    for at in HOURS[:-1]:
        revised = found(lambda close: {"trades": trades(close, entry(close))}, at)
        assert revised.differences == []
        last = dated_tables({"trades": trades(CLOSE, entry(CLOSE))})
        for factor in (10, 0.1):
            absurd = otherwise(at, factor)
            probe(revised, dated_tables({"trades": trades(absurd, entry(absurd))}), last, microseconds(at))
        differences += revised.differences
        assert entry is peeking or revised.doubtful == set()
    assert bool(differences) == differ


def test_a_trade_that_is_not_there_in_a_probe_is_doubtful():
    revised = found(lambda close: {"trades": trades(close, rising(close))}, HOURS[0])
    assert revised.unlisted
    probe(revised, {}, dated_tables({"trades": trades(CLOSE, rising(CLOSE))}), microseconds(HOURS[0]))
    assert {name for name, _ in revised.doubtful} == {"trades"}


def test_what_an_exit_decides_of_a_trade_has_the_name_of_an_outcome():
    """A trades frame lists only what has closed, so its columns tell the check by name what was still to come."""
    entered = {"timestamp": 70, "direction": "LONG", "entry_time": 70.5, "entry_price": 100.0, "size": 2.0}
    ended = (
        {"exit_time": 80.5, "exit_price": 100.5, "exit_reason": "TP_HIT"},
        {"exit_time": 90.5, "exit_price": 99.0, "exit_reason": "SL_HIT"},
    )
    one, other = (
        actual_trades(window(decided=decisions([entered | end]), end=300)).closed.iloc[0] for end in ended
    )
    known = one.index[one.notna()]
    decided = {name for name in known if one[name] != other[name]}
    assert {"exit_time", "gross_usd", "net_pct", "gross_account", "net_account", "win"} <= decided
    assert [name for name in decided if not name.startswith(OUTCOMES)] == []
