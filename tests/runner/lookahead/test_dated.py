"""Which tables with times a notebook's variables and files hold, and what of them is left out as hindsight."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import pandas as pd
from pydantic import Field

from lib.analysis.smart_backtest import backtest_rule
from lib.contract.hindsight import HINDSIGHT
from lib.contract.results import Model
from lib.contract.times import microseconds
from runner.lookahead.dated import dated_tables, hand_over, read_handed_over, tables_of_files
from tests.builders import random_market

TIMES = pd.date_range("2025-06-15T00:00Z", periods=3, freq="5min")
FRAME = pd.DataFrame({"entry_time": TIMES, "price": [1.0, 2.0, float("nan")], "direction": "LONG"})


class Entry(Model):
    entry_time: str = Field(description="When, ISO time in UTC.")
    price: float = Field(description="At what price, dollars.")


class Found(Model):
    entries: list[Entry] = Field(description="All of them.")
    best: list[Entry] = Field(description="The best of them.", json_schema_extra=HINDSIGHT)


@dataclass
class Study:
    trades: pd.DataFrame
    optimum: pd.DataFrame = field(metadata=HINDSIGHT)


def test_frames_series_and_records_are_tables_wherever_they_lie():
    entries = [Entry(entry_time="2025-06-15T00:05:00Z", price=2.0)]
    names = {
        "frame": FRAME,
        "series": pd.Series([1.0, 2.0, 3.0], index=TIMES),
        "study": Study(FRAME, FRAME),
        "result": Found(entries=entries, best=entries),
        "kept": {"inner": [{"at": "2025-06-15T00:05:00+00:00", "n": 1}]},
        "untimed": pd.DataFrame({"x": [1, 2]}),
        "_private": FRAME,
        "hindsight_best": FRAME,
        "Out": {7: FRAME, 8: FRAME.tail(1)},
    }
    found = dated_tables(names)
    assert list(found) == ["frame", "series", "study.trades", "result.entries", "kept.inner", "output 8"]
    assert found["frame"].by == "entry_time" and found["series"].index == "index"
    assert found["frame"].values["price"] == [1.0, 2.0, None]
    assert found["result.entries"].dates == [microseconds(TIMES[1])]


def test_a_row_is_dated_by_when_it_is_known_where_it_says_so():
    candles = pd.DataFrame({"close": 1.0, "closed_at": TIMES + pd.Timedelta("5min")}, index=TIMES)
    table = dated_tables({"candles": candles})["candles"]
    assert table.dates == [microseconds(at) for at in candles["closed_at"]]


def test_what_is_handed_over_is_read_back(tmp_path):
    hand_over({"frame": FRAME}, str(tmp_path / "dated.json"))
    assert read_handed_over(tmp_path / "dated.json") == dated_tables({"frame": FRAME})


def test_files_of_a_run_are_looked_into(tmp_path):
    FRAME.to_csv(tmp_path / "signals.csv", index=False)
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "own.json").write_text(
        json.dumps({"trades": [{"entry_time": "2025-06-15T00:00:00Z"}]})
    )
    (tmp_path / "torn.json").write_text("{")
    found = tables_of_files(tmp_path)
    assert list(found) == ["results/own.json.trades", "signals.csv"]
    assert found["signals.csv"].dates == [microseconds(at) for at in TIMES]


def test_the_best_of_a_backtest_are_hindsight_by_their_model():
    backtest = backtest_rule(random_market(1, 288))
    assert backtest.result.top_trades
    assert list(dated_tables({"backtest": backtest, "result": backtest.result})) == ["backtest.trades"]
