from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from lib.contract import schema
from lib.data.window import load_window
from lib.errors import DataError, ParameterError
from runner.cli import app_for
from runner.cli.simulate import parse_edges
from runner.collect.chart_files import ChartFiles
from runner.fetch.simulated import NOTE_FILE, Simulation

FILES = {*schema.SAMPLE_FILES.values(), *schema.CANDLE_FILES.values(), schema.DECISIONS_FILE, NOTE_FILE}


def ribbon(*options: object) -> Result:
    return CliRunner().invoke(app_for("simulate"), ["simulate", *map(str, options)])


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def market(folder: Path, *options: object, seed: int = 5) -> Result:
    size = ("--days", 1, "--step", 60)
    return ribbon("--trading-data", folder, "--seed", seed, *size, "--decisions", "simulated", *options)


def test_the_files_the_note_and_the_summary(tmp_path) -> None:
    result = market(
        tmp_path / "m", "--edge", "LONG=0.1", "--edge", "SHORT_BREAKOUT=-0.2", "--gaps", 0, "--json"
    )
    assert result.exit_code == 0, result.output
    assert set(hashes(tmp_path / "m")) == FILES
    summary, note = (
        json.loads(result.stdout),
        json.loads((tmp_path / "m" / NOTE_FILE).read_text(encoding="utf-8")),
    )
    assert note["synthetic"] is True and note["parameters"]["edges"] == {"LONG": 0.1, "SHORT_BREAKOUT": -0.2}
    assert note["parameters"] == summary["parameters"] and note["truth"] == summary["truth"]
    assert summary["rows"][schema.SAMPLE_FILES["5min"]] == 1440
    assert summary["rows"][schema.CANDLE_FILES["15min"]] == 96
    assert note["truth"]["planted"]["LONG"]["realised"]["trades"] > 5
    assert "SYNTHETIC" in result.stderr and "planted LONG" in result.stderr


def test_every_sample_row_says_that_it_is_synthetic(tmp_path) -> None:
    market(tmp_path)
    header, *rows = (tmp_path / schema.SAMPLE_FILES["15min"]).read_text(encoding="utf-8").splitlines()
    place = header.split(",").index("symbol")
    assert {row.split(",")[place] for row in rows} == {schema.SYNTHETIC_SYMBOL}


def test_a_window_over_the_files_shows_the_market_that_was_drawn(tmp_path) -> None:
    market(tmp_path, "--end", "2025-06-03T00:00:00Z", seed=8)
    drawn = Simulation(1.0, 8, "2025-06-03T00:00:00Z", step_seconds=60, decisions="simulated").draw()
    window = load_window(tmp_path)
    assert window.source.synthetic and window.source.decisions == "simulated"
    assert window.as_of == drawn.prices.index[-1]
    for count in window.counts.values():
        assert count.rows_in == count.ok > 0
    for loaded, made in (
        (window.samples_5min, drawn.samples_5min),
        (window.samples_15min, drawn.samples_15min),
    ):
        shared = made.loc[loaded.index]
        assert (loaded["state"] == shared["state"]).all() and (loaded["price"] == shared["price"]).all()
        assert set(loaded["quality"]) == {"ok"}
    trades = window.decisions[window.decisions["executed"]]
    assert len(trades) >= 15
    expected = drawn.decisions.set_index("decision_id").loc[trades["decision_id"]]
    assert trades["net_pnl_pct"].fillna(0).to_numpy() == pytest.approx(
        expected["net_pnl_pct"].fillna(0).to_numpy()
    )


def test_files_of_a_header_alone_are_no_data_and_any_row_is(tmp_path) -> None:
    for timeframe in schema.SAMPLE_FILES:  # what a collector leaves that never read a chart
        with ChartFiles(tmp_path, timeframe, "ETHUSDT"):
            pass
    headers = {path.name: path.read_text() for path in tmp_path.glob("*.csv")}
    assert headers and all(text.count("\n") == 1 for text in headers.values())
    path = tmp_path / schema.CANDLE_FILES["5min"]
    path.write_text(headers[path.name] + "2025-06-03T00:00:00Z,1,")  # torn, but somebody's
    assert isinstance(market(tmp_path).exception, DataError)
    path.write_text(headers[path.name])
    assert market(tmp_path).exit_code == 0
    assert load_window(tmp_path).source.synthetic


def test_the_same_seed_writes_the_same_bytes_and_a_rerun_adds_nothing(tmp_path) -> None:
    for name in ("a", "b"):
        assert market(tmp_path / name).exit_code == 0
    first = hashes(tmp_path / "a")
    assert first == hashes(tmp_path / "b")
    again = market(tmp_path / "a", "--json")
    assert again.exit_code == 0 and set(json.loads(again.stdout)["rows"].values()) == {0}
    assert hashes(tmp_path / "a") == first


def test_a_folder_with_other_data_is_refused_and_left_alone(tmp_path) -> None:
    market(tmp_path)
    before = hashes(tmp_path)
    other = market(tmp_path, seed=6)
    assert isinstance(other.exception, DataError) and "another source" in str(other.exception)
    assert hashes(tmp_path) == before
    (tmp_path / NOTE_FILE).unlink()
    assert isinstance(market(tmp_path).exception, DataError)


def test_an_interrupted_run_is_completed(tmp_path) -> None:
    market(tmp_path)
    whole = hashes(tmp_path)
    samples = tmp_path / schema.SAMPLE_FILES["15min"]
    kept = samples.read_bytes().splitlines(keepends=True)
    samples.write_bytes(b"".join(kept[:500]))
    (tmp_path / schema.SAMPLE_FILES["5min"]).unlink()
    assert market(tmp_path).exit_code == 0
    assert hashes(tmp_path) == whole


def test_an_edge_makes_the_simulated_trader_decide(tmp_path) -> None:
    result = ribbon(
        "--trading-data", tmp_path, "--seed", 1, "--days", 0.5, "--step", 60, "--edge", "LONG=0.1", "--json"
    )
    assert json.loads(result.stdout)["parameters"]["decisions"] == "simulated"


def test_end_now_is_a_whole_minute_of_today(tmp_path) -> None:
    result = market(tmp_path, "--end", "now", "--json")
    end = json.loads(result.stdout)["parameters"]["end"]
    assert end.endswith(":00Z")
    last = (tmp_path / schema.SAMPLE_FILES["5min"]).read_text(encoding="utf-8").splitlines()[-1]
    assert last.startswith(f"{end},")


def test_an_edge_of_a_span_of_days_is_told_and_completed_like_any_other(tmp_path) -> None:
    edge = ("--edge", "LONG=0.15@0..0.5", "--edge", "SHORT=0.1")
    result = market(tmp_path, *edge)
    assert result.exit_code == 0 and "planted LONG +0.150 %: days 0 to 0.5, " in result.stdout
    note = json.loads((tmp_path / NOTE_FILE).read_text(encoding="utf-8"))
    assert note["parameters"]["edges"] == {"LONG": 0.15, "SHORT": 0.1}
    assert note["parameters"]["spans"] == {"LONG": [0.0, 0.5]}
    whole = hashes(tmp_path)
    (tmp_path / schema.SAMPLE_FILES["5min"]).unlink()
    assert market(tmp_path, *edge).exit_code == 0 and hashes(tmp_path) == whole
    assert isinstance(market(tmp_path, *edge[2:], *edge[:1], "LONG=0.15@0..0.6").exception, DataError)


def test_a_planted_edge_is_said_in_every_row_and_by_the_window(tmp_path) -> None:
    market(tmp_path, "--edge", "LONG=0.1")
    header, *rows = (tmp_path / schema.SAMPLE_FILES["5min"]).read_text(encoding="utf-8").splitlines()
    assert {row.split(",")[header.split(",").index("symbol")] for row in rows} == {schema.PLANTED_SYMBOL}
    assert json.loads((tmp_path / NOTE_FILE).read_text(encoding="utf-8"))["symbol"] == schema.PLANTED_SYMBOL
    source = load_window(tmp_path).source
    assert source.synthetic and source.coin == "coin"
    assert source.label == "simulated decisions on a synthetic market with planted edges"
    assert source.market == "synthetic market with planted edges"


@pytest.mark.parametrize(
    "texts",
    [
        ["LONG"],
        ["LONG="],
        ["LONG=x"],
        ["LONG=0.1", "LONG=0.2"],
        ["LONG=0.1", "LONG=0.2@0..1"],
        ["LONG=0.1@"],
        ["LONG=0.1@3"],
        ["LONG=0.1@1..x"],
    ],
)
def test_edges_that_cannot_be_read_are_refused(texts: list[str]) -> None:
    with pytest.raises(ParameterError, match="--edge"):
        parse_edges(texts)


def test_a_wrong_option_writes_nothing(tmp_path) -> None:
    for edge in ("LONG_GREEN=0.1", "LONG=0.1@2..1", "LONG=0.1@-1..1", "LONG=0.1@nan..1"):
        result = market(tmp_path / "m", "--edge", edge)
        assert isinstance(result.exception, ParameterError)
        assert not (tmp_path / "m").exists()
