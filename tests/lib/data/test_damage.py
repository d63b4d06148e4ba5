"""One damaged row among thousands costs that row, is counted, and stops nothing; a file that is none is a clear error."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from lib.data.decisions import load_decisions, odd_kinds
from lib.data.loaders import load_candles, load_samples
from lib.data.window import load_window, newest_known_at
from lib.errors import DataError, HeaderError
from tests.lib.data import made

ROWS = 3_000
HUGE = "x" * 140_000
MODELLED = made.DECISION_HEADER + ",model"


def samples(folder: Path, place: int, damage) -> Path:
    rows = [made.sample(10 * step) for step in range(ROWS)]
    rows[place] = damage(rows[place])
    return made.samples(folder, rows)


DAMAGES = {
    "naive_time": lambda row: row.replace("Z,", ",", 1),
    "bad_timestamp": lambda row: row.replace("T", "x", 1),
    "malformed": lambda row: row.replace(",mixed", ',"' + HUGE + '"', 1),
    "malformed ": lambda row: row.replace(",mixed", ',"mi\rxed"', 1),
    "malformed  ": lambda row: row.replace(",mixed", ",mi\0xed", 1),
}


@pytest.mark.parametrize("reason", [*DAMAGES])
@pytest.mark.parametrize("place", [0, 1_500, ROWS - 1])
def test_a_damaged_sample(tmp_path: Path, reason: str, place: int) -> None:
    samples(tmp_path, place, DAMAGES[reason])
    frame, counts = load_samples(tmp_path, "5min", None, None)
    assert (counts.rows_in, counts.ok, counts.set_aside) == (ROWS, ROWS - 1, {reason.strip(): 1})
    assert len(frame) == ROWS - 1
    middle = made.at(14_000), made.at(16_000)
    assert load_samples(tmp_path, "5min", *middle)[1].rows_in == 200
    assert newest_known_at(tmp_path) == made.at(10 * (ROWS - (2 if place == ROWS - 1 else 1)))


def decisions(folder: Path, models: list[str]) -> None:
    made.decisions(
        folder, [f"{made.decision(10 * step)},{model}" for step, model in enumerate(models)], MODELLED
    )


@pytest.mark.parametrize("cell", ["", "ru les", "rul", "simulated", "claude-x"])
def test_one_damaged_model_cell_is_set_aside(tmp_path: Path, cell: str) -> None:
    made.market(tmp_path, 60)
    decisions(tmp_path, [*["rules"] * 20, cell, *["rules"] * 5])
    assert load_decisions(tmp_path, None, None)[1].set_aside == {"bad_value": 1}
    assert load_window(tmp_path).source.decisions == "rules"


def test_more_than_a_damaged_cell_is_a_mixture() -> None:
    assert odd_kinds(["rules"] * 9 + ["live"]).sum() == 0  # among so few nobody can say which is right
    assert odd_kinds(["rules"] * 20 + ["live"] * 2).sum() == 0
    assert odd_kinds(["live"] * 40).sum() == 0
    assert odd_kinds(["rules"] * 3_000 + ["live"] * 3).sum() == 3
    assert odd_kinds([]).sum() == 0


def packed(path: Path) -> None:
    path.write_bytes(gzip.compress(path.read_bytes()))


def pointer(path: Path) -> None:
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n")


def lost(path: Path) -> None:
    path.write_bytes(b"\0" * 50_000)


def returned(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"timestamp,", b"timestamp\r,", 1))


def zeroed(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"timestamp,", b"time\0stamp,", 1))


def huge(path: Path) -> None:
    path.write_bytes(path.read_bytes().replace(b"\n", f",{HUGE}\n".encode(), 1))


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        (packed, "packed with gzip"),
        (pointer, "pointer that Git LFS .*git lfs pull"),
        (lost, "NUL bytes where text .*Fetch or copy it again"),
        (returned, "lacks a column"),
        (zeroed, "lacks a column"),
        (huge, "lacks a column"),
    ],
)
def test_a_header_that_is_none_is_a_clear_error(tmp_path: Path, damage, told: str) -> None:
    made.samples(tmp_path, [made.sample(10 * step) for step in range(30)])
    made.candles(tmp_path, [made.candle(300 * step) for step in range(30)])
    decisions(tmp_path, ["rules"] * 30)
    for name in ("ema_data_5min.csv", "candlesticks_5min.csv", "claude_decisions.csv"):
        damage(tmp_path / name)
    with pytest.raises(HeaderError, match=rf"ema_data_5min\.csv, line 1.*{told}"):
        load_samples(tmp_path, "5min", None, None)
    with pytest.raises(HeaderError, match=told):
        load_candles(tmp_path, "5min", None, None)
    with pytest.raises(HeaderError, match=rf"claude_decisions\.csv, line 1.*{told}"):
        load_decisions(tmp_path, None, None)
    with pytest.raises(DataError, match="line 1"):
        newest_known_at(tmp_path)
