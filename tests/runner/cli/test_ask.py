"""`ribbon ask` as it is typed: the answer on stdout, the rest on stderr, and what a mistake is told."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lib import paths
from lib.errors import EmptyWindowError, MissingDataError, ParameterError, QuestionError
from lib.questions.exploration import Exploration
from runner.cli import app
from tests.lib.questions.made import PEEK, WICKS, walk, write


@pytest.fixture(scope="module")
def candles(tmp_path_factory) -> Path:
    """A packed file of candles, as exchanges give them."""
    place = tmp_path_factory.mktemp("files") / "XYZUSDT_5m.csv.gz"
    table = walk().drop(columns="closed_at").assign(volume=1.0)
    table.index = table.index.strftime("%Y-%m-%dT%H:%M:%SZ")
    with gzip.open(place, "wt", encoding="utf-8") as file:
        table.to_csv(file, index_label="timestamp")
    return place


def ask(*words: object, fails: type[Exception] | None = None):
    done = CliRunner().invoke(app, ["ask", *map(str, words)])
    if fails is None:
        assert done.exit_code == 0, (done.output, done.exception)
        return done
    assert isinstance(done.exception, fails), done.exception
    return str(done.exception)


def test_explored_confirmed_and_listed(tmp_path, candles):
    asked, folder = write(tmp_path, WICKS), tmp_path / "new" / "data"
    given = asked, "--trading-data", folder, "--candles", candles
    told = ask(*given)
    assert told.stdout.startswith("Exploratory: falls ") and "after costs" in told.stdout.splitlines()[0]
    assert "As many entries at random times" in told.stdout and "buying and holding made" in told.stdout
    assert "1 question of XYZUSDT asked in this folder so far" in told.stdout
    found = Exploration.model_validate_json(ask(*given, "--json").stdout)
    assert found.question == "falls" and found.market == "XYZUSDT" and found.rows_checked == 200
    assert json.loads(ask("--trading-data", folder, "--list", "--json").stdout)["confirmed"] == []
    sealed = ask(*given, "--confirm")
    assert "sealed part" in sealed.stdout.splitlines()[0] and "spent for good" in sealed.stdout
    again = json.loads(ask(*given, "--confirm", "--json").stdout)
    assert again["again"] and again["opened"]["k"] == 1
    listed = ask("--trading-data", folder, "--list").stdout
    assert "questions explored 1, confirmed 1" in listed and "1. falls on XYZUSDT: " in listed
    assert "left: 0.975 % of 1 %; the next question is confirmed or followed at 0.025 %" in listed


def test_a_time_that_is_none_names_its_option(tmp_path):
    asked = write(tmp_path, WICKS)
    for given in ("yesterday", "2024-13-01", "2024-05-01T10:00"):
        assert ask(asked, "--until", given, fails=ParameterError).startswith("--until: ")


def test_a_file_for_a_folder_and_a_folder_for_a_file_are_refused(tmp_path, candles):
    asked = write(tmp_path, WICKS)
    assert "is named with --candles" in ask(asked, "--trading-data", candles, fails=ParameterError)
    told = ask(asked, "--trading-data", tmp_path, "--candles", tmp_path, fails=MissingDataError)
    assert "this is a folder, not a file of candles" in told
    assert "this is a folder, not a file. Name the question's Python file" in ask(
        tmp_path, fails=MissingDataError
    )


def test_kept_listed_and_dropped(tmp_path, monkeypatch):
    from tests.runner.question.made import KEPT_AT, clock_at, folder_of, question_of

    clock_at(monkeypatch, KEPT_AT)
    asked, folder = question_of(tmp_path).path, folder_of(tmp_path / "data")
    told = ask(asked, "--trading-data", folder, "--keep").stdout.splitlines()
    assert told[0].startswith("falls is followed from 2026-01-14 00:00Z on: each cycle of ")
    assert "number 1, 0.025 %: spent for good" in "\n".join(told)
    again = json.loads(ask(asked, "--trading-data", folder, "--keep", "--json").stdout)
    assert again["again"] and again["kept"]["k"] == 1
    assert "nothing was spent" in ask(asked, "--trading-data", folder, "--keep").stdout
    listed = ask("--trading-data", folder, "--list").stdout
    assert "questions explored 0, confirmed 0, followed 1" in listed and "left: 0.975 %" in listed
    assert "followed 1. falls on XYZUSDT, since 2026-01-14 00:00Z: n=0 trades yet, at 0.025 %" in listed
    (found,) = json.loads(ask("--trading-data", folder, "--list", "--json").stdout)["followed"]
    assert found["followed"] and found["level"] == 0.00025 and found["lesson"] is None
    dropped = json.loads(ask("--trading-data", folder, "--drop", "falls", "--json").stdout)["dropped"]
    assert [line["question"] for line in dropped] == ["falls"]
    assert "; dropped" in ask("--trading-data", folder, "--list").stdout
    assert "is not followed in" in ask("--trading-data", folder, "--drop", "falls", fails=ParameterError)


def test_a_folder_without_candles_follows_nothing(tmp_path):
    (tmp_path / "data").mkdir()
    told = ask(write(tmp_path, WICKS), "--trading-data", tmp_path / "data", "--keep", fails=MissingDataError)
    assert "the folder holds no candles of its own, so there is nothing to follow" in told


def test_a_folder_of_collected_rows_is_asked_as_it_is(tmp_path, sample_data):
    import shutil

    folder = tmp_path / "data"
    shutil.copytree(sample_data, folder)
    found = Exploration.model_validate_json(
        ask(paths.notebooks() / "questions/ribbon_flip.py", "--trading-data", folder, "--json").stdout
    )
    assert found.source == "folder" and found.market.startswith("SYNTHETIC")


@pytest.mark.parametrize(
    ("words", "error", "told"),
    [
        ([], ParameterError, "name the question's FILE"),
        (["FILE", "--list"], ParameterError, "--list and --drop NAME stand alone"),
        (
            ["FILE", "--confirm", "--since", "2026-01-01T00:00:00Z"],
            ParameterError,
            "leave --since and --until out",
        ),
        (["FILE", "--drop", "falls"], ParameterError, "--list and --drop NAME stand alone"),
        (["FILE", "--keep", "--confirm"], ParameterError, "ask for one of them"),
        (["FILE", "--keep", "--until", "2026-01-01T00:00:00Z"], ParameterError, "--keep counts what comes"),
        (["FILE", "--keep", "--symbol", "XYZUSDT"], ParameterError, "leave --candles and --symbol out"),
        (["FILE", "--since", "yesterday"], ParameterError, "'yesterday' is not a time"),
        (
            ["FILE", "--since", "2026-01-02T00:00:00Z", "--until", "2026-01-01T00:00:00Z"],
            ParameterError,
            "is not before",
        ),
        (["FILE", "--symbol", "X"], ParameterError, "--symbol goes with --candles"),
        (
            ["FILE"],
            MissingDataError,
            "holds no candles to ask of. Name a file of candles with --candles FILE",
        ),
        (["none.py"], MissingDataError, "there is no such file"),
    ],
)
def test_a_mistake_is_told_with_its_remedy(tmp_path, words, error, told):
    asked = write(tmp_path, WICKS)
    given = [asked if word == "FILE" else word for word in words]
    assert told in ask(*given, "--trading-data", tmp_path / "data", fails=error)


def test_files_that_cannot_be_asked_of(tmp_path, candles):
    asked, given = write(tmp_path, WICKS), ("--trading-data", tmp_path / "data", "--candles")
    unnamed = tmp_path / "some.csv.gz"
    unnamed.write_bytes(candles.read_bytes())
    assert "say it with --symbol" in ask(asked, *given, unnamed, fails=ParameterError)
    assert ask(asked, *given, unnamed, "--symbol", "XYZ/USDT").stdout.startswith("Exploratory")
    short = tmp_path / "XYZUSDT_short.csv"
    with gzip.open(candles, "rt", encoding="utf-8") as file:
        short.write_text("".join(file.readlines()[:500]), encoding="utf-8")
    assert "499 5-minute candles" in ask(asked, *given, short, fails=EmptyWindowError)


def test_a_question_that_peeks_is_refused_with_its_row_and_code_3(tmp_path, candles):
    told = ask(
        write(tmp_path, PEEK), "--trading-data", tmp_path / "data", "--candles", candles, fails=QuestionError
    )
    assert "falls.py: it looks ahead: of the row known at 2026-" in told and QuestionError.exit_code == 3


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", sorted((paths.notebooks() / "questions").glob("*.py")), ids=lambda path: path.stem
)
def test_the_examples_are_answered_on_real_candles(tmp_path, shared_data, path):
    from lib.questions.file import read_question

    asked = read_question(path)
    assert "Source: " in asked.claim and asked.own_exits is not None
    file = shared_data / "ETHUSDT_spot_5m_2024-01-01_2024-09-06.csv.gz"
    found = Exploration.model_validate_json(
        ask(path, "--trading-data", tmp_path, "--candles", file, "--json").stdout
    )
    assert found.trades.total > 50 and found.rows_checked == 200
    # What the guide says of it is what comes out.
    guide = (paths.repository_root() / "docs/guide/asking.md").read_text(encoding="utf-8")
    (line,) = [line for line in guide.splitlines() if line.startswith(f"| `{asked.name}`")]
    net = found.trades
    assert (
        f"{net.net_mean_pct:+.3f} [{net.net_low_pct:.3f} to {net.net_high_pct:.3f}]" in line
        and f"| {net.total:,} |" in line
    )


def test_there_are_ten_examples():
    assert len(list((paths.notebooks() / "questions").glob("*.py"))) == 10


@pytest.mark.slow
@pytest.mark.serial
def test_a_year_of_minutes_is_asked_within_twenty_seconds_of_a_processor(tmp_path):
    import resource
    import subprocess
    import sys

    import numpy as np
    import pandas as pd

    minutes = 525_600
    close = 100 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 3e-4, minutes)))
    opened = np.r_[100.0, close[:-1]]
    times = pd.date_range("2024-01-01", periods=minutes, freq="1min").strftime("%Y-%m-%dT%H:%M:%SZ")
    table = {
        "timestamp": times,
        "open": opened,
        "high": np.maximum(opened, close),
        "low": np.minimum(opened, close),
        "close": close,
    }
    file = tmp_path / "XYZUSDT_1m.csv"
    pd.DataFrame(table | {"volume": 1.0}).round(4).to_csv(file, index=False)
    command = [
        sys.executable,
        "-c",
        "from runner.main import main; main()",
        "ask",
        str(paths.notebooks() / "questions/macd_cross.py"),
    ]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [*command, "--trading-data", str(tmp_path / "data"), "--candles", str(file)],
        capture_output=True,
        text=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.stdout.startswith("Exploratory: macd_cross lost here"), done.stderr
    # Of a processor, not of the wall: what else the machine does is not this command's.
    assert (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime) < 20


def test_an_interruption_is_one_line(tmp_path, candles, monkeypatch):
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("runner.ask.explore.explore_in_folder", interrupted)
    words = ["ask", write(tmp_path, WICKS), "--trading-data", tmp_path / "data", "--candles", candles]
    done = CliRunner().invoke(app, [*map(str, words)])
    assert done.exit_code == 130 and done.stdout == ""
    assert done.stderr.splitlines() == ["ribbon: interrupted; the same command asks again"]
