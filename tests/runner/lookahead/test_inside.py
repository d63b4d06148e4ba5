"""Notebooks moved back through their window: peeks are found whatever they publish, and what cannot be said is not called clean."""

from __future__ import annotations

import weakref

import pandas as pd
import pytest

from runner.lookahead import inside
from runner.lookahead.inside import instants_inside
from runner.lookahead.notebooks import check_notebook
from runner.lookahead.revised import revision

END = "2025-06-15T11:00:00Z"
HELD = 'trading_data = ""\nas_of = ""'
MOVED = f"{HELD}\nlookback_hours = 2.0"
PRICES = """import numpy as np, pandas as pd
from lib.data.window import load_window
window = load_window(trading_data, as_of, LOOKBACK)
price = window.in_window(window.samples_5min)["price"]"""
CLOSED = """def traded(price):
    direction = np.where(price.shift(SHIFT) > price, "LONG", "SHORT")
    left = price.index.to_series().shift(-2).to_numpy()
    return pd.DataFrame({"entry_time": price.index, "direction": direction, "exit_time": left}).dropna()
trades = traded(price)
len(trades)"""


@pytest.fixture
def check(market, place, own):
    def run(code: str, parameters: str = MOVED):
        loaded = PRICES.replace("LOOKBACK", "lookback_hours" if "lookback" in parameters else "2.0")
        return check_notebook(own(loaded, code, parameters=parameters), market, END, place, (), inside=True)

    return run


@pytest.mark.slow
@pytest.mark.parametrize(
    "code",
    [
        "side = np.sign(price.shift(-1) - price)\nfloat(side.sum())",
        "entry = price > price.rolling(7, center=True).mean()\nint(entry.sum())",
        "entry = (price - price.mean()) / price.std() < 0.1\nint(entry.sum())",
        CLOSED.replace("SHIFT", "-1"),
    ],
    ids=["the next price", "a centred mean", "a z-score of the window", "closed trades by the next price"],
)
def test_a_peek_is_found_though_only_a_sum_is_shown(check, code):
    found = check(code)
    assert found.verdict == "found" and found.instants == 1
    assert {each.mode for each in found.findings} == {"inside"}
    assert any(
        "of 2025-06-15T" in each.path and "as of 2025-06-15T10:00:00Z" in each.path for each in found.findings
    )


@pytest.mark.slow
def test_a_helper_beside_the_notebook_is_imported(check, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "steps.py").write_text("def rose(price):\n    return price > price.shift(1)\n")
    assert check("from steps import rose\nentry = rose(price)\nint(entry.sum())").verdict == "clean"


@pytest.mark.slow
def test_the_rows_of_one_earlier_run_are_held_at_a_time(check, monkeypatch):
    tables, alive = [], []

    def noting(earlier, last, at_us):
        alive.append(sum(each() is not None for each in tables))
        tables.extend(weakref.ref(table) for table in earlier.values())
        return revision(earlier, last, at_us)

    thirds = [pd.Timestamp(END) - pd.Timedelta(minutes=back) for back in (20, 40, 60)]
    monkeypatch.setattr(inside, "instants_inside", lambda *_: thirds)
    monkeypatch.setattr(inside, "revision", noting)
    assert (
        check("entry = price > price.shift(1)\nint(entry.sum())", MOVED.replace("2.0", "4.0")).verdict
        == "clean"
    )
    # Behind the first, at most that of the run before is still there.
    assert len(alive) == 3 and all(count <= len(tables) / 3 for count in alive)


@pytest.mark.slow
def test_a_notebook_without_a_lookback_keeps_its_window_and_loses_its_data(check):
    found = check("z = (price - price.mean()) / price.std()\nfloat(z.iloc[-1])", HELD)
    assert found.verdict == "found" and found.instants == 1
    assert check("entry = price > price.shift(1)\nint(entry.sum())", HELD).verdict == "clean"


@pytest.mark.slow
def test_what_rests_on_the_past_is_clean_and_was_compared(check):
    found = check("smooth = price.rolling(7).mean()\nentry = price > smooth\nint(entry.sum())")
    assert (found.verdict, found.findings, found.instants, found.instants_wanted) == ("clean", [], 1, 1)
    assert found.compared > 100
    assert check(CLOSED.replace("SHIFT", "1")).verdict == "clean"


@pytest.mark.slow
def test_what_leaves_nothing_with_a_time_is_not_called_clean(check):
    found = check("total = float(price.diff().abs().sum())\ndel price, window\ntotal")
    assert found.verdict == "unchecked" and "no variable" in found.notes[-1]


@pytest.mark.slow
def test_a_column_that_differs_from_run_to_run_is_told_and_not_clean(check):
    found = check("noise = price + np.random.default_rng().normal(size=len(price))\n1")
    assert (found.verdict, found.findings) == ("unchecked", []) and "noise" in found.notes[-1]


def test_the_instants_are_the_hours_of_the_window_or_some_spread_over_them():
    end = pd.Timestamp(END)
    hours = instants_inside(end, 24.0, None)
    assert (
        len(hours) == 23 and hours[0] == end - pd.Timedelta("1h") and hours[-1] == end - pd.Timedelta("23h")
    )
    assert [(end - at) / pd.Timedelta("1h") for at in instants_inside(end, 24.0, 3)] == [1, 12, 23]
    assert instants_inside(end, 24.0, 1) == hours[:1] and instants_inside(end, 1.0, None) == []
