"""The place of a check: emptied for each run, and gone at the end."""

from __future__ import annotations

import pytest

from runner.lookahead.workplace import WHOLE, workplace
from tests.runner.lookahead.conftest import AS_OF


def test_each_run_finds_its_data_and_an_empty_run_folder_in_the_same_place(place, market):
    cut = place.prepare(market, AS_OF, "cut")
    rows = len((place.data / "ema_data_5min.csv").read_text().splitlines())
    assert rows == 61 and cut.later["ema_data_5min.csv"] == 60
    (place.run / "results" / "old.json").write_text("{}")
    (place.data / "old.csv").write_text("")
    place.prepare(market, AS_OF, WHOLE)
    assert len((place.data / "ema_data_5min.csv").read_text().splitlines()) == 121
    assert list((place.run / "results").iterdir()) == [] and not (place.data / "old.csv").exists()
    assert (market / "ema_data_5min.csv").is_file()  # what was linked to is not emptied


def test_the_place_is_gone_afterwards(forked):
    with pytest.raises(ValueError, match="midway"), workplace() as made:
        made.data.mkdir()
        root = made.root
        assert made.warm is not None
        raise ValueError("midway")
    assert not root.exists()
