from __future__ import annotations

import pytest

from lib.contract.schema import MARKET_FILES
from runner.up.readiness import lacks_data, lacks_samples

READ = [name for name in MARKET_FILES if "1min" not in name and "decisions" not in name]


def write(folder, *names: str, text: str = "head\nrow\n") -> None:
    for name in names:
        (folder / name).write_text(text)


@pytest.mark.parametrize("text", ["", "head\n", "head\nhalf a ro"])
def test_a_header_and_a_torn_row_are_no_sample(tmp_path, text):
    assert "no sample" in lacks_samples(tmp_path / "none")
    write(tmp_path, "ema_data_5min.csv", text=text)
    assert "no sample" in lacks_samples(tmp_path)
    write(tmp_path, "ema_data_15min.csv")
    assert lacks_samples(tmp_path) == ""


def test_a_cycle_needs_samples_and_candles_of_both_charts(tmp_path):
    write(tmp_path, *READ[:-1])
    assert lacks_data(tmp_path).startswith(f"{READ[-1]} in ")
    write(tmp_path, READ[-1])
    assert lacks_data(tmp_path) == ""


def test_imported_trades_alone_will_do(tmp_path):
    write(tmp_path, "claude_decisions.csv")
    assert lacks_data(tmp_path) == ""
    write(tmp_path, READ[0])  # now it is a folder of a market that begins
    assert lacks_data(tmp_path)
