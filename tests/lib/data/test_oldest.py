from __future__ import annotations

import pandas as pd
import pytest

from lib.contract.schema import SAMPLE_FILES
from lib.data.oldest import oldest_known_at
from lib.errors import NaiveTimeError
from tests.lib.data.made import at, candle, candles, decision, decisions, market, sample, samples


def test_the_oldest_of_every_file_counts_a_candle_at_its_close(tmp_path):
    samples(tmp_path, [sample(900), sample(910)])
    assert oldest_known_at(tmp_path) == at(900)
    candles(tmp_path, [candle(300), candle(600)])
    assert oldest_known_at(tmp_path) == at(600)
    candles(tmp_path, [candle(480)], timeframe="1min")
    assert oldest_known_at(tmp_path) == at(540)
    decisions(tmp_path, [decision(500, "two, words"), decision(2000)])
    assert oldest_known_at(tmp_path) == at(500)


def test_nothing_there_is_nothing(tmp_path):
    assert oldest_known_at(tmp_path) is None
    samples(tmp_path, [])
    assert oldest_known_at(tmp_path) is None


def test_broken_rows_at_the_beginning_are_passed_over_however_many(tmp_path):
    # More than the bytes that are read first.
    broken = ["2025-10-19T00:00:00Z,nonsense,mixed,1,2"] * 3000
    samples(tmp_path, [*broken, sample(50), sample(60)])
    assert (tmp_path / SAMPLE_FILES["5min"]).stat().st_size > 100_000
    assert oldest_known_at(tmp_path) == at(50)


def test_only_the_head_of_a_long_file_is_read(tmp_path, monkeypatch):
    market(tmp_path, minutes=600)
    read = []
    for name in ("parse_samples", "parse_candles"):
        parse = getattr(__import__("lib.data.oldest", fromlist=[name]), name)
        monkeypatch.setattr(
            f"lib.data.oldest.{name}",
            lambda piece, *rest, p=parse: read.append(len(piece.data)) or p(piece, *rest),
        )
    assert oldest_known_at(tmp_path) == at(0)
    size = (tmp_path / SAMPLE_FILES["5min"]).stat().st_size
    assert 0 < max(read) < size / 1.2


def test_a_time_without_zone_is_an_error_unless_the_zone_is_named(tmp_path):
    samples(tmp_path, ["2025-10-19T02:00:00,1,mixed,1,2"])
    with pytest.raises(NaiveTimeError):
        oldest_known_at(tmp_path)
    assert oldest_known_at(tmp_path, "Europe/Berlin") == pd.Timestamp("2025-10-19T00:00:00Z")
