from __future__ import annotations

import json

import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from lib.errors import MissingDataError
from lib.history.lesson_effects import lesson_effects, verdict_counts
from lib.history.log import store_record
from runner.cli import app_for
from tests.lib.history.test_log import FIRST, SECOND, cycle
from tests.lib.lessons.made_ledger import HOUR, ledger_of, own


@pytest.fixture
def app() -> typer.Typer:
    return app_for("history")


def stored(folder) -> None:
    one = cycle(FIRST, [0.1], [0.1], [])
    store_record(folder, one)
    store_record(folder, cycle(SECOND, [0.1, -0.1], [-0.1], [one]))


def test_text(app, tmp_path):
    stored(tmp_path)
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path)])
    assert shown.exit_code == 0 and shown.stdout.startswith("Training history: 2 cycles") and not shown.stderr


def test_json_goes_to_stdout_and_text_to_stderr(app, tmp_path):
    stored(tmp_path)
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path), "--json", "--last", "1"])
    listing = json.loads(shown.stdout)
    assert (listing["cycles"], listing["set_aside"]) == (2, 0)
    assert [record["timestamp"] for record in listing["records"]] == [SECOND]
    assert listing["weeks"][0]["closed"] == 2 and listing["weeks"][0]["scalper_score"] is None
    assert shown.stderr.startswith("Training history")


def test_what_followed_the_lessons_as_the_newest_record_could_know_it(app, tmp_path):
    stored(tmp_path)
    begin = pd.Timestamp(FIRST) - 119 * HOUR
    with ledger_of(tmp_path, own([0.19, 0.19, 0.19, 0.19, -0.26] * 30, begin)) as store:
        expected = lesson_effects(store, SECOND)
        assert expected and expected != lesson_effects(store, begin + 150 * HOUR)
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path), "--json"])
    lessons = json.loads(shown.stdout)["lessons"]
    assert lessons["effects"] == [effect.model_dump(mode="json") for effect in expected]
    assert lessons["verdicts"] == verdict_counts(expected) and lessons["caveat"] in shown.stderr
    assert f"{expected[0].statement} (20" in shown.stderr


def test_nothing_recorded_yet_and_no_folder(app, tmp_path):
    shown = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path)])
    assert shown.exit_code == 0 and "ribbon cycle" in shown.stdout
    failed = CliRunner().invoke(app, ["history", "--trading-data", str(tmp_path / "none")])
    assert isinstance(failed.exception, MissingDataError)
