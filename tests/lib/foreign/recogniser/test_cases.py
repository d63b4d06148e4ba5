"""Files as people have them (shared/cases): each is read to the true rows, which the real minutes beside them give."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from lib.errors import DataError, NaiveTimeError
from lib.foreign.market_name import market_of_file
from lib.foreign.ohlcv import CandleHistory, read_history
from lib.foreign.recogniser.reading import Hints

NOW = pd.Timestamp("2026-01-01T00:00:00Z")
PRICES = ["open", "high", "low", "close"]
#: Rows that are left, whether volumes are those of the market, and what a person must say.
CASES: dict[str, tuple[int, bool, Hints | None]] = {
    "binance_futures/ETHUSDT-1m-2025-05.csv": (300, True, None),
    "binance_futures/ETHUSDT-1m-2025-05.zip": (300, True, None),
    "binance_spot_ms/ETHUSDT-1m-2024-05.csv": (300, True, None),
    "binance_spot_us/ETHUSDT-1m-2025-05.csv": (300, True, None),
    "close_stamped/ETHUSDT_perp_1m.csv": (300, True, Hints(stamped="close")),
    "cryptodatadownload/Binance_ETHUSDT_2025_minute.csv": (300, True, None),
    "epoch_ms_timestamp/ETHUSDT_perp_1m.csv": (300, True, None),
    "freqtrade/ETH_USDT-1m.csv": (300, True, None),
    "freqtrade/ETH_USDT-1m.json": (300, True, None),
    "german_excel/ETHUSDT_perp_1m.csv": (300, True, None),
    "kraken/ETHUSDT_1.csv": (257, True, None),
    "mt5_utf16/ETHUSD_M1_202505041533_202505071012.csv": (300, False, Hints(timezone="UTC")),
    "names/BINANCE_ETHUSDT, 1.csv": (150, True, None),
    "no_trade_minutes/ETHUSDT_1m.csv": (605, True, None),
    "running_candle/ETHUSDT_perp_1m.csv": (300, True, None),
    "seam/ETHUSDT_tuesday.csv": (201, True, None),
    "thousands/ETHUSDT_1m.csv": (300, True, None),
    "tradingview/BINANCE_ETHUSDT.P, 1.csv": (300, True, None),
    "tradingview_studies/BINANCE_ETHUSDT.P, 1_ab12c.csv": (300, True, None),
}
#: Read by tests of their own: another market, and a day whose last candle was still running.
OTHERS = {"names/BINANCE_BTCUSDT, 1.csv", "seam/ETHUSDT_monday.csv"}


@pytest.fixture(scope="module")
def true(shared_data: Path) -> pd.DataFrame:
    """The real minutes."""
    return read_history(shared_data / "ETHUSDT_perp_1m_2025-05-04_2025-06-15.csv.gz", NOW).candles


def read(shared_cases: Path, name: str, hints: Hints | None = None) -> CandleHistory:
    return read_history(shared_cases / "candles" / name, NOW, hints)


def test_every_case_has_its_test(shared_cases: Path) -> None:
    folder = shared_cases / "candles"
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {*CASES} | OTHERS


@pytest.mark.parametrize("name", [*CASES])
def test_a_case_is_read_to_the_true_rows(shared_cases: Path, true: pd.DataFrame, name: str) -> None:
    rows, volume, hints = CASES[name]
    history = read(shared_cases, name, hints)
    assert len(history.candles) == rows
    wanted = true.loc[history.candles.index]
    names = [*PRICES, "volume"] if volume else PRICES
    pd.testing.assert_frame_equal(history.candles[names], wanted[names], check_freq=False)


def test_what_a_person_must_say_is_asked_for(shared_cases: Path) -> None:
    with pytest.raises(
        DataError, match=r"line 2, column timestamp: '2025-05-04T15:33:59.999Z' .*--stamped close"
    ):
        read(shared_cases, "close_stamped/ETHUSDT_perp_1m.csv")
    with pytest.raises(NaiveTimeError, match=r"line 2, column <DATE>: .*--timezone"):
        read(shared_cases, "mt5_utf16/ETHUSD_M1_202505041533_202505071012.csv")


@pytest.mark.parametrize(
    ("name", "market"),
    [
        ("tradingview/BINANCE_ETHUSDT.P, 1.csv", "ETHUSDT.P"),
        ("names/BINANCE_ETHUSDT, 1.csv", "ETHUSDT"),
        ("names/BINANCE_BTCUSDT, 1.csv", "BTCUSDT"),
        ("cryptodatadownload/Binance_ETHUSDT_2025_minute.csv", "ETHUSDT"),
        ("freqtrade/ETH_USDT-1m.csv", "ETHUSDT"),
    ],
)
def test_the_market_is_the_markets(shared_cases: Path, name: str, market: str) -> None:
    found = read(shared_cases, name)
    assert found.reading is not None
    assert market_of_file(Path(name).name, found.reading.symbol, found.candles.index[-1]) == market
