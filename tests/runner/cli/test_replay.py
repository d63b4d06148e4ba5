"""`ribbon replay`: a thin shell; what it prints and what it refuses."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.errors import EmptyWindowError, ParameterError
from lib.experiments.folder import experiments_in
from runner.cli import app
from tests.builders import random_market
from tests.runner.replay.test_replay import write_market


def invoke(source, outputs, *options):
    times = ["--from", "2026-01-05T01:00:00Z", "--to", "2026-01-05T05:00:00Z"]
    given = ["replay", *times, "--trading-data", str(source), "--outputs", str(outputs), *options]
    return CliRunner().invoke(app, given)


def test_a_replay_without_learning(tmp_path):
    source = write_market(tmp_path / "source", random_market(2))  # which both won and lost
    done = invoke(source, tmp_path / "out", "--no-learn", "--no-rails", "--json")
    assert done.exit_code == 0
    told = json.loads(done.stdout)
    assert told == json.loads((tmp_path / "out" / "summary.json").read_text())
    assert told["trades"]["total"] > 0
    assert told["ticks"] == sum(told["outcomes"].values()) == 480
    assert told["account"]["entries"] == told["trades"]["total"] + told["open_trades"]
    assert "ticks" in done.stderr
    sides, trades = told["by_direction"], told["trades"]
    assert sides["LONG"]["total"] + sides["SHORT"]["total"] == trades["total"]
    assert trades["gross_pnl_pct"] > trades["total_pnl_pct"] and 0 < trades["breakeven_win_rate"] < 100
    held = told["holding"]
    assert held["gross_pct"] == round((held["to_price"] / held["from_price"] - 1) * 100, 4)
    assert held["net_pct"] == round(held["gross_pct"] - 0.11, 4)
    assert "prompt" in told["may_know_market"] and told["training_warning"] == ""
    assert told["versions"]["ribbon-lab"] and "commit" in told
    assert told["no_samples"] == []


def test_what_the_data_do_not_hold_of_the_period_is_in_the_summary(tmp_path):
    source = write_market(tmp_path / "source", random_market(2))
    for path in source.glob("ema_data_*.csv"):
        head, *rows = path.read_text().splitlines()
        kept = [row for row in rows if not "2026-01-05T02:00:00" <= row < "2026-01-05T03:30:00"]
        path.write_text("\n".join([head, *kept, ""]))
    done = invoke(
        source, tmp_path / "out", "--to", "2026-01-07T00:00:00Z", "--no-learn", "--no-rails", "--json"
    )
    hole, behind = json.loads(done.stdout)["no_samples"]
    assert hole == {"from": "2026-01-05T01:59:30Z", "to": "2026-01-05T03:30:00Z"}
    assert behind["to"] == "2026-01-07T00:00:00Z"
    assert "no samples, so nothing was replayed: 2026-01-0" in done.stderr


def test_an_interrupted_replay_says_that_it_does_not_go_on_and_one_that_wrote_nothing_does_not(
    tmp_path, monkeypatch
):
    source = write_market(tmp_path / "source", random_market(1))

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runner.replay.command.write_summary", stopped)
    done = invoke(source, tmp_path / "out", "--no-learn")
    assert done.exit_code == 130
    assert (
        f"ribbon: interrupted; a replay does not go on: give another --outputs, or remove {tmp_path / 'out'}"
        in done.stderr
    )
    told = invoke(source, tmp_path / "out", "--no-learn").exception
    assert isinstance(told, ParameterError) and "does not go on" in str(told)

    monkeypatch.setattr("runner.replay.command.run_replay", stopped)
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "mine").touch()
    for outputs in (tmp_path / "new", kept):  # what is not of this replay is not to be removed
        assert "remove" not in invoke(source, outputs, "--no-learn").stderr


def test_what_makes_no_replay_is_refused(tmp_path):
    source = write_market(tmp_path / "source", random_market(1))
    assert isinstance(invoke(source, tmp_path / "out", "--decider", "oracle").exception, ParameterError)
    for given in (["--from", "soon"], ["--to", "2026-02"]):
        told = invoke(source, tmp_path / "odd", *given).exception
        assert isinstance(told, ParameterError) and str(told).startswith(f"{given[0]}: ")
    late = ["--from", "2027-01-01", "--to", "2027-01-02"]
    assert isinstance(invoke(source, tmp_path / "day", *late).exception, EmptyWindowError)
    late = ["--from", "2027-01-01T00:00:00Z", "--to", "2027-01-02T00:00:00Z"]
    assert isinstance(invoke(source, tmp_path / "late", *late).exception, EmptyWindowError)


def test_an_experiment_runs_in_a_replay_and_its_seed_draws_the_arms(tmp_path, monkeypatch):
    source = write_market(tmp_path / "source", random_market(2))
    config = tmp_path / "ribbon.toml"
    config.write_text(
        '[experiment]\npaired = false\na = {decider = "rules"}\nb = {decider = "rules", lessons = "none"}\n'
    )
    monkeypatch.setenv("RIBBON_CONFIG", str(config))

    def drawn(name, *options):
        done = invoke(source, tmp_path / name, "--no-learn", "--json", *options)
        assert done.exit_code == 0, done.output
        log = experiments_in(tmp_path / name)
        return [draw.arm for draw in log.newest.draws] if log.newest else []

    assert drawn("without") == []
    first = drawn("seed 1", "--experiment")
    assert len(first) >= 4 and first == drawn("again", "--experiment", "--seed", "1")
    others = [drawn(f"seed {seed}", "--experiment", "--seed", str(seed)) for seed in (2, 3, 4)]
    assert any(other != first for other in others)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (("--seed", "1"), "--seed: not with a replay without --experiment"),
        (("--decisions", "x"), "--decisions: not with --decider rules"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(tmp_path, options, told):
    done = invoke(tmp_path / "source", tmp_path / "out", *options)
    assert isinstance(done.exception, ParameterError) and told in str(done.exception)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--yes"], "--yes: not with --decider rules"),
        (["--no-learn", "--lookback-hours", "24"], "--lookback-hours: not with --no-learn"),
        (["--decisions", "."], "--decisions: not with --decider rules"),
        (["--seed", "0"], "--seed: not with a replay without --experiment"),
    ],
)
def test_what_would_do_nothing_is_refused(tmp_path, options, told):
    refused = invoke(tmp_path, tmp_path / "out", *options)
    assert isinstance(refused.exception, ParameterError)
    assert str(refused.exception) == f"{told}. Leave it out"
