"""Old recordings into a folder: once, and never among other data."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.data.loaders import load_candles, load_samples
from lib.errors import DataError, MissingDataError
from runner.fetch.recording import import_recording


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.csv"))}


def small(folder: Path, price: float = 100.0, minutes: range = range(16)) -> Path:
    """A recording with a sample every 30 s of those minutes after 10:00."""
    folder.mkdir()
    header = "timestamp,price,ribbon_state,MMA5_value,MMA5_color,MMA5_intensity\n"
    for name, slower in (("ema_data_5min.csv", 2), ("ema_data_15min.csv", 4)):
        rows = [
            f"2025-10-17T10:{minute:02d}:{second},{price + minute:.2f},mixed,{price + minute / slower:.2f},green,light\n"
            for minute in minutes
            for second in ("10", "40")
        ]
        (folder / name).write_text(header + "".join(rows))
    return folder


def test_samples_and_candles_in_utc(tmp_path: Path) -> None:
    outcome = import_recording(small(tmp_path / "old"), "+01:00", tmp_path / "new", quiet=True)
    assert sorted(contents(tmp_path / "new")) == [
        "candlesticks_15min.csv",
        "candlesticks_5min.csv",
        "ema_data_15min.csv",
        "ema_data_5min.csv",
    ]
    five = (tmp_path / "new" / "candlesticks_5min.csv").read_text().splitlines()
    assert five[1:] == [
        "2025-10-17T09:00:00Z,100,104,100,104,",
        "2025-10-17T09:05:00Z,105,109,105,109,",
        "2025-10-17T09:10:00Z,110,114,110,114,",
    ]
    assert outcome.files["candlesticks_15min.csv"]["rows"] == 1
    row = (tmp_path / "new" / "ema_data_5min.csv").read_text().splitlines()[3].split(",")
    assert row == [
        "2025-10-17T09:01:10Z",
        "101",
        "all_green",
        "100.5",
        "green",
        "ok",
        "share85-1",
        "",
        "3",
        "",
        "light",
    ]


def test_twice_is_once_and_an_interrupted_import_goes_on(tmp_path: Path) -> None:
    old, new = small(tmp_path / "old"), tmp_path / "new"
    import_recording(old, "+01:00", new, quiet=True)
    first = contents(new)
    import_recording(old, "UTC+1", new, quiet=True)
    assert contents(new) == first
    path = new / "ema_data_5min.csv"
    path.write_bytes(first[path.name][:900])
    import_recording(old, "+01:00", new, quiet=True)
    assert contents(new) == first


def test_other_data_of_the_same_time_is_refused(tmp_path: Path) -> None:
    new = tmp_path / "new"
    import_recording(small(tmp_path / "old"), "+01:00", new, quiet=True)
    before = contents(new)
    with pytest.raises(DataError, match=r"ema_data_5min\.csv: the file holds other samples"):
        import_recording(small(tmp_path / "other", price=200), "+01:00", new, quiet=True)
    with pytest.raises(DataError, match="other samples"):
        import_recording(tmp_path / "old", "+00:55", new, quiet=True)  # the same with another zone
    assert contents(new) == before


def test_one_chart_under_both_names_is_refused(tmp_path: Path) -> None:
    recorded = small(tmp_path / "old", minutes=range(40))
    (recorded / "ema_data_15min.csv").write_text((recorded / "ema_data_5min.csv").read_text())
    with pytest.raises(
        DataError, match=r"ema_data_5min.csv and ema_data_15min.csv hold the same lines from .*, 80 rows"
    ):
        import_recording(recorded, "UTC", tmp_path / "data", quiet=True)
    assert not (tmp_path / "data").exists()


def test_another_zone_than_each_time_names_is_refused(tmp_path: Path) -> None:
    recorded = small(tmp_path / "old")
    for path in recorded.iterdir():
        head, *rows = path.read_text().splitlines()
        path.write_text("\n".join([head, *(row.replace(",", "Z,", 1) for row in rows)]) + "\n")
    for zone in ("+01:00", "Europe/London"):
        with pytest.raises(
            DataError, match=r"each time names its zone, as '2025-10-17T10:00:10Z' does, and --timezone says"
        ):
            import_recording(recorded, zone, tmp_path / "new", quiet=True)
    assert not (tmp_path / "new").exists()
    import_recording(recorded, "UTC", tmp_path / "new", quiet=True)


def test_a_zone_that_some_of_the_times_need_is_theirs_alone(tmp_path: Path) -> None:
    recorded = small(tmp_path / "old")
    path = recorded / "ema_data_15min.csv"
    path.write_text(path.read_text().replace("T10:15:40,", "T10:15:40+01:00,"))
    import_recording(recorded, "+02:00", tmp_path / "new", quiet=True)
    times = (tmp_path / "new" / "ema_data_15min.csv").read_text().splitlines()
    assert times[-2].startswith("2025-10-17T08:15:10Z") and times[-1].startswith("2025-10-17T09:15:40Z")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    old = small(tmp_path / "old")
    (old / "ema_data_15min.csv").unlink()
    with pytest.raises(MissingDataError, match=r"ema_data_15min\.csv"):
        import_recording(old, "+01:00", tmp_path / "new", quiet=True)
    assert not (tmp_path / "new").exists()


def test_the_real_recording(shared_data: Path, tmp_path: Path) -> None:
    outcome = import_recording(shared_data / "recorded_ribbon", "+01:00", tmp_path, quiet=True)
    assert {name: file["rows"] for name, file in outcome.files.items()} == {
        "ema_data_5min.csv": 651,
        "ema_data_15min.csv": 651,
        "candlesticks_5min.csv": 23,
        "candlesticks_15min.csv": 7,
        "claude_decisions.csv": 4,
    }
    text = (tmp_path / "ema_data_5min.csv").read_text()
    assert text.count(",frozen,") == 513
    samples, counts = load_samples(tmp_path, "5min", None, None)
    assert counts.ok == 651
    assert (samples["quality"] == "frozen").sum() == 513
    candles, _ = load_candles(tmp_path, "5min", None, None)
    assert candles["volume"].isna().all()
