"""`ribbon status` says what it cannot read, whatever stands in a file; and a live reader goes on."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest

from lib.contract import schema
from lib.data.slices import read_tail
from lib.errors import MissingDataError
from runner.files.journal import Journal
from runner.status.status import status
from runner.trade.events import EVENTS_FILE, Event, EventLog
from runner.trade.feed import LiveFeed
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import TICKS_FILE
from tests.runner.trade.made import at_us
from tests.runner.trade.test_feed import HEADER, TwoClocks, row

FILES = (
    *schema.MARKET_FILES,
    TICKS_FILE,
    EVENTS_FILE,
    schema.INSIGHTS_FILE,
    "collector.json",
    "claude.json",
    "prompt_hold.json",
)


@pytest.mark.parametrize("name", FILES)
def test_status_answers_whatever_a_file_holds(tmp_path: Path, name: str) -> None:
    random = np.random.default_rng(9)
    whole = (HEADER + row(0) + row(10)).encode()
    contents = [
        *(
            b"",
            b"\n",
            b"\r\n\r\n",
            b"\0" * 5_000,
            b"{",
            b"[[[[",
            b"null\n",
            b"{}\n",
            b'"a"\n',
            random.bytes(3_000),
        ),
        gzip.compress(whole),
        whole.replace(b"Z,", b","),
        b"timestamp\r,price,state\n",
        b"timestamp," + b"x" * 140_000 + b"\n",
        b"\xff\xfe" + HEADER.encode("utf-16-le"),
    ]
    for content in contents:
        (tmp_path / name).write_bytes(content)
        found = status(tmp_path, TradeSettings(), at_us(100))
        assert all(isinstance(fault, str) for fault in found["faults"])
        assert set(found) >= {"data", "account", "last_decision", "model", "last_tick", "lessons", "faults"}


def test_each_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    (tmp_path / "ema_data_5min.csv").write_bytes(b"timestamp\r,price,state\n")
    (tmp_path / "ema_data_15min.csv").write_text(HEADER + row(10))
    (tmp_path / "candlesticks_5min.csv").write_bytes(gzip.compress(b"timestamp,open\n"))
    found = status(tmp_path, TradeSettings(), at_us(100))
    assert [fault.split(": ")[2].split(".")[0] for fault in found["faults"]] == [
        "the header lacks a column", "the file is packed with gzip, whatever its name says"
    ]  # fmt: skip
    assert found["data"]["ema_data_15min.csv"]["age_s"] == 90
    assert found["data"]["ema_data_5min.csv"] is None


def test_a_part_that_fails_in_a_way_nobody_knew_is_a_fault_of_that_part(tmp_path: Path, monkeypatch) -> None:
    def broken(*_: object) -> None:
        raise KeyError("surprise")

    monkeypatch.setattr("runner.status.account.account_of", broken)
    found = status(tmp_path, TradeSettings(), at_us(100))
    assert found["account"] is None
    assert found["faults"] == ["account: KeyError: 'surprise'"]


def test_one_naive_row_does_not_stop_the_live_reader(tmp_path: Path) -> None:
    for name in schema.SAMPLE_FILES.values():
        (tmp_path / name).write_text(HEADER + row(0) + row(10))
    clock = TwoClocks(at_us(30))
    feed = LiveFeed(tmp_path, clock)
    path = tmp_path / schema.SAMPLE_FILES["5min"]
    path.write_text(path.read_text() + row(20).replace("Z,", ","))
    assert feed.poll()  # a row that is none is a tick on which nothing is done
    assert feed.known.main.broken
    for name in schema.SAMPLE_FILES.values():
        (tmp_path / name).write_text((tmp_path / name).read_text() + row(30))
    assert feed.poll()
    assert feed.known.main.at[-1] == at_us(30)
    assert not feed.known.main.broken


def test_a_journal_opens_a_header_with_a_return_with_a_clear_error(tmp_path: Path) -> None:
    path = tmp_path / schema.CANDLE_FILES["5min"]
    path.write_bytes(b"timestamp\r,open,high,low,close,volume\n")
    with pytest.raises(Exception, match="has no column timestamp"), Journal(path, schema.CANDLE_COLUMNS):
        pass


def test_rows_ahead_of_the_clock_are_said_and_give_no_negative_age(tmp_path: Path) -> None:
    (tmp_path / "ema_data_5min.csv").write_text(HEADER + row(10) + row(2_000_000_000))
    trade = {"stop_pct": 0.15, "target_pct": 0.3, "hold_minutes": 45.0}
    with EventLog(tmp_path) as log:
        for event in (
            Event("open", at_us(0), price=1_000.0),
            Event("order", at_us(1), "a", "LONG", notional=100.0, valid_until=at_us(21), **trade),
            Event("fill", at_us(2_000_000_000), "a", "LONG", size=1.0, price=100.0, fee=0.1, **trade),
        ):
            log.append(event)
    found = status(tmp_path, TradeSettings(), at_us(100))
    assert found["data"]["ema_data_5min.csv"]["age_s"] == 90 and not found["faults"]
    assert [(wrong["part"], wrong["fix"]) for wrong in found["findings"]] == [("data", "Set the clock right")]
    assert found["findings"][0]["what"].startswith("ema_data_5min.csv has rows ahead")
    assert found["account"]["position"]["entry_time"] == "2026-01-05T00:01:40Z"
    assert found["account"]["day_fees"] == 0.1


@pytest.mark.parametrize("name", [*schema.MARKET_FILES, EVENTS_FILE])
def test_a_file_that_stands_packed_in_its_place_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.gz").write_bytes(gzip.compress(b"timestamp\n"))
    (told,) = status(tmp_path, TradeSettings(), at_us(100))["findings"]
    assert told == {
        "part": "data",
        "what": f"{name} is not there",
        "fix": f"{name}.gz stands beside it: unpack that",
    }
    with pytest.raises(MissingDataError, match=f"{name}.gz stands beside it: unpack that"):
        read_tail(tmp_path / name, 1_000)
