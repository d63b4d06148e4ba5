"""Samples, candles and decisions into files: append only, no duplicates, one market and one kind a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.data.loaders import load_candles, load_samples
from lib.errors import DataError, MixedDecisionsError, NaiveTimeError
from lib.market.candles import with_closed_at
from lib.market.ribbon import ribbon_on_forming_bars
from runner.files.tables import (
    WriteCounts,
    decisions_journal,
    insert_decisions,
    write_candles,
    write_decisions,
)
from tests.builders import write_samples

START = pd.Timestamp("2025-01-01T00:00:00Z")


def samples(count: int, first: int = 0) -> pd.DataFrame:
    index = pd.date_range(START, periods=count + first, freq="10s", unit="us", name="timestamp")
    prices = pd.Series(100 + np.sin(np.arange(count + first)), index=index)
    return ribbon_on_forming_bars(prices, 5).iloc[first:]


def candles(*minutes: int, price: float = 100.0) -> pd.DataFrame:
    index = (START + pd.to_timedelta(list(minutes), unit="min")).as_unit("us").rename("timestamp")
    frame = pd.DataFrame(
        dict.fromkeys(("open", "high", "low", "close"), price + index.minute / 10), index=index
    )
    return with_closed_at(frame.assign(volume=1.5), 5)


def decision(time: str, model: str = "", **fields: object) -> dict[str, object]:
    return {"timestamp": pd.Timestamp(time), "direction": "LONG", "executed": True, "model": model} | fields


def decisions(*rows: dict[str, object]) -> pd.DataFrame:
    nothing = pd.DataFrame({name: pd.Series(dtype="str") for name in schema.DECISION_COLUMNS})
    frame = pd.concat([nothing, pd.DataFrame(list(rows))]).reset_index(drop=True)
    for name in ("timestamp", "entry_time", "exit_time"):
        frame[name] = pd.to_datetime(frame[name], utc=True).dt.as_unit("us")
    return frame.fillna(
        {name: "" for name in schema.DECISION_COLUMNS if name not in ("timestamp", "entry_time", "exit_time")}
    )


def test_inserted_decisions_leave_the_rows_there_are_as_they_are(tmp_path: Path) -> None:
    def imported(time: str, name: str, **fields: object) -> dict[str, object]:
        return decision(time, decision_id=name, reason_code=schema.IMPORTED, **fields)

    first = decisions(imported("2025-01-01T02:00:00Z", "b"), imported("2025-01-01T04:00:00Z", "d"))
    with decisions_journal(tmp_path, first) as journal:
        assert insert_decisions(journal, first) == WriteCounts(rows=2)
    kept = (tmp_path / schema.DECISIONS_FILE).read_text().splitlines()
    more = decisions(
        imported("2025-01-01T01:00:00Z", "a"),
        imported("2025-01-01T02:00:00Z", "b", model="other"),
        imported("2025-01-01T02:00:00Z", "c"),
        imported("2025-01-01T05:00:00Z", "e"),
    )
    with decisions_journal(tmp_path, more) as journal:
        assert insert_decisions(journal, more) == WriteCounts(rows=1, filled=2, skipped=1)
    lines = (tmp_path / schema.DECISIONS_FILE).read_text().splitlines()
    assert [line.split(",")[10] for line in lines[1:]] == ["a", "b", "c", "d", "e"]
    assert set(kept) <= set(lines)


def test_samples_are_appended_once_and_seq_only_grows(tmp_path: Path) -> None:
    assert write_samples(tmp_path, "5min", samples(3), "ETHUSDT") == WriteCounts(rows=3)
    assert write_samples(tmp_path, "5min", samples(5), "ETHUSDT") == WriteCounts(rows=2, skipped=3)
    lines = (tmp_path / "ema_data_5min.csv").read_text().splitlines()
    assert lines[0].startswith("timestamp,price,state,MMA5,MMA10,")
    assert [line.split(",")[-2] for line in lines[1:]] == ["1", "2", "3", "4", "5"]
    assert lines[1].startswith("2025-01-01T00:00:00Z,100.00,unknown,100.0000,")
    assert lines[1].endswith(",partial,share85-1,ETHUSDT,1,")


def test_what_is_written_is_what_the_loader_reads(tmp_path: Path) -> None:
    frame = samples(700).assign(quality="ok")
    frame["state"] = "all_green"  # not believed: recomputed from the colours
    write_samples(tmp_path, "15min", frame, "ETHUSDT")
    read, counts = load_samples(tmp_path, "15min", None, None)
    assert counts.rows_in == counts.ok == 700
    assert read.index.equals(frame.index)
    np.testing.assert_allclose(read["MMA145"], frame["MMA145"], atol=5.1e-5)
    assert (read["MMA5_color"] == frame["MMA5_color"]).all()


def test_another_symbol_is_refused(tmp_path: Path) -> None:
    write_samples(tmp_path, "5min", samples(3), "ETHUSDT")
    with pytest.raises(
        DataError, match=r"ema_data_5min\.csv: the file holds samples of ETHUSDT, not of BTCUSDT"
    ):
        write_samples(tmp_path, "5min", samples(5), "BTCUSDT")


def test_naive_times_are_not_followed_by_utc(tmp_path: Path) -> None:
    (tmp_path / "candlesticks_5min.csv").write_text(
        "timestamp,open,high,low,close,volume\n2024-12-31 23:55:00,1,1,1,1,1\n"
    )
    with pytest.raises(NaiveTimeError, match="no zone"):
        write_candles(tmp_path, "5min", candles(0), 2)


def test_candles_missing_in_between_are_filled_in_time_order(tmp_path: Path) -> None:
    path = tmp_path / "candlesticks_5min.csv"
    write_candles(tmp_path, "5min", candles(5, 20, 30), 2)
    kept = path.read_text().splitlines()
    path.write_text(path.read_text() + "what,is,this\n")
    assert write_candles(tmp_path, "5min", candles(0, 5, 10, 15, 20, 25, 30, 35), 2) == WriteCounts(
        rows=1, filled=4, skipped=3
    )
    lines = path.read_text().splitlines()
    times = [line.split(",")[0][11:16] for line in lines[1:] if line[0] == "2"]
    assert times == ["00:00", "00:05", "00:10", "00:15", "00:20", "00:25", "00:30", "00:35"]
    assert set(kept) <= set(lines)
    assert lines[-2] == "what,is,this"  # nothing is thrown away
    again = path.read_bytes()
    assert write_candles(tmp_path, "5min", candles(0, 5, 10, 15, 20, 25, 30, 35), 2) == WriteCounts(skipped=8)
    assert path.read_bytes() == again


def test_a_file_that_an_editor_gave_its_mark_and_line_ends_is_gone_on_with(tmp_path: Path) -> None:
    path = tmp_path / "candlesticks_5min.csv"
    write_candles(tmp_path, "5min", candles(5, 20), 2)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert write_candles(tmp_path, "5min", candles(0, 5, 10, 20, 25), 2) == WriteCounts(
        rows=1, filled=2, skipped=2
    )
    read, counts = load_candles(tmp_path, "5min", None, None)
    assert (counts.rows_in, counts.ok) == (5, 5)
    assert read.index.strftime("%H:%M").tolist() == ["00:00", "00:05", "00:10", "00:20", "00:25"]


def test_another_market_is_refused(tmp_path: Path) -> None:
    write_candles(tmp_path, "5min", candles(0, 5, 10), 2)
    with pytest.raises(DataError, match=r"another market"):
        write_candles(tmp_path, "5min", candles(0, 5, 10, price=60_000), 2)


def test_blank_volume_stays_blank(tmp_path: Path) -> None:
    write_candles(tmp_path, "5min", candles(0).assign(volume=np.nan), 2)
    assert (tmp_path / "candlesticks_5min.csv").read_text().splitlines()[
        1
    ] == "2025-01-01T00:00:00Z,100.00,100.00,100.00,100.00,"


def test_decisions_of_two_kinds_are_refused(tmp_path: Path) -> None:
    write_decisions(tmp_path, decisions(decision("2025-01-01T00:00:00Z", "claude-x")))
    with pytest.raises(
        MixedDecisionsError, match="holds decisions of kind live; rules cannot go beside them"
    ):
        write_decisions(tmp_path, decisions(decision("2025-01-01T01:00:00Z", "rules")))
    assert write_decisions(tmp_path, decisions(decision("2025-01-01T01:00:00Z", ""))) == WriteCounts(rows=1)


def test_an_open_decision_is_completed_by_its_exit(tmp_path: Path) -> None:
    first = decision(
        "2025-01-01T00:00:00Z", "rules", decision_id="a", entry_time=pd.Timestamp("2025-01-01T00:01:00Z")
    )
    write_decisions(tmp_path, decisions(first))
    closed = first | {"exit_time": pd.Timestamp("2025-01-01T00:09:00Z"), "exit_reason": "TP_HIT"}
    later = decision("2025-01-01T00:00:00Z", "rules", decision_id="b")  # at the same time
    assert write_decisions(tmp_path, decisions(closed, later)) == WriteCounts(rows=1, filled=1)
    assert write_decisions(tmp_path, decisions(closed, later)) == WriteCounts(skipped=2)
    lines = (tmp_path / "claude_decisions.csv").read_text().splitlines()
    assert len(lines) == 3
    assert ",TP_HIT," in lines[1]
    assert "2025-01-01T00:09:00Z" in lines[1]
