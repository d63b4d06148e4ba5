from __future__ import annotations

import hashlib
import json

import pandas as pd
import pytest

from lib.errors import EmptyWindowError, MissingDataError, ParameterError, PublishError
from runner.cycle.inputs import inspect_window, published_as_of, refuse_older, resolve_as_of
from runner.errors import ClockError

NOW = pd.Timestamp("2025-06-15T11:30:00.25Z")


def test_now_in_whole_seconds_is_the_default(market):
    assert resolve_as_of(None, market, NOW) == pd.Timestamp("2025-06-15T11:30:00Z")


def test_newest_is_what_the_data_knew_last(market):
    assert resolve_as_of("newest", market, NOW) == pd.Timestamp("2025-06-15T11:00:00Z")


def test_the_newest_row_is_none_that_lies_ahead_of_the_clock(market):
    path = market / "ema_data_5min.csv"
    last = path.read_text().splitlines()[-1]
    path.write_text(path.read_text() + "2099" + last[4:] + "\n")
    assert resolve_as_of("newest", market, NOW) == pd.Timestamp("2025-06-15T11:00:00Z")


def test_a_time_is_read_with_its_offset(market):
    assert resolve_as_of("2025-06-15T12:00:00+02:00", market, NOW) == pd.Timestamp("2025-06-15T10:00:00Z")


@pytest.mark.parametrize(
    ("asked", "words"),
    [("soon", "not a time"), ("2025-06-15T10:00:00", "no zone"), ("2025-06-15T11:32:00Z", "lies ahead")],
)
def test_what_is_no_time_to_know_up_to(market, asked, words):
    with pytest.raises(ParameterError, match=words):
        resolve_as_of(asked, market, NOW)


def test_a_missing_folder_names_the_remedy(tmp_path):
    with pytest.raises(MissingDataError, match="ribbon backfill"):
        resolve_as_of(None, tmp_path / "none", NOW)
    with pytest.raises(MissingDataError):
        resolve_as_of("newest", tmp_path, NOW)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"last_updated": 3}', '{"last_updated": "soon"}'])
def test_insights_that_cannot_be_read_refuse_nothing(market, text):
    (market / "training_insights.json").write_text(text)
    assert published_as_of(market) is None
    refuse_older(NOW, market, force=False)


def test_an_older_as_of_is_refused_unless_forced(market):
    (market / "training_insights.json").write_text(json.dumps({"last_updated": "2025-06-15T11:00:00Z"}))
    refuse_older(pd.Timestamp("2025-06-15T11:00:00Z"), market, force=False)  # the same is a rerun
    older = pd.Timestamp("2025-06-15T10:59:59Z")
    with pytest.raises(PublishError, match="--force") as error:
        refuse_older(older, market, force=False)
    assert error.value.exit_code == 5
    refuse_older(older, market, force=True)


def test_what_is_published_ahead_of_the_clock_speaks_of_the_clock(market, monkeypatch):
    (market / "training_insights.json").write_text(json.dumps({"last_updated": "2026-06-15T11:00:00Z"}))
    now = pd.Timestamp("2026-06-15T09:00:00Z")
    monkeypatch.setattr("runner.cycle.inputs.now_utc", lambda: now)
    with pytest.raises(
        ClockError, match=r"ahead of this machine's clock.*.it says 2026-06-15T09:00:00Z.. Set the clock"
    ):
        refuse_older(now, market, force=False)
    refuse_older(now, market, force=True)


def test_the_window_is_named_with_sizes_and_hashes(market):
    inputs, _ = inspect_window(market, pd.Timestamp("2025-06-15T11:00:00Z"), 1.0)
    assert (inputs.start, inputs.as_of) == ("2025-06-15T10:00:00Z", "2025-06-15T11:00:00Z")
    assert inputs.source["synthetic"] is True
    assert inputs.source["label"] == "no decisions yet on a synthetic market"
    told = inputs.files["ema_data_5min.csv"]
    assert told["bytes"] == (market / "ema_data_5min.csv").stat().st_size
    # All rows count: the two hours of data lie within the hour asked for and its warm-up.
    window = (market / "ema_data_5min.csv").read_bytes().split(b"\n", 1)[1]
    assert told["window_bytes"] == len(window)
    assert told["sha256"] == hashlib.sha256(window).hexdigest()


def test_an_empty_window_names_the_newest_row(market):
    with pytest.raises(EmptyWindowError, match="2025-06-15T11:00:00Z") as error:
        inspect_window(market, pd.Timestamp("2025-06-20T11:00:00Z"), 24.0)
    assert error.value.exit_code == 4
