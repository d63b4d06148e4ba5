"""Whatever a notebook leaves in place of a result or of the insights is none, for everybody who looks at it beside a report."""

from __future__ import annotations

import json
import os

import pytest

from lib.published.pair import load_insights, load_results
from runner.cycle.headline import hold_since
from runner.cycle.message import lessons_of
from runner.cycle.noted import lessons_beside, notes_beside
from runner.cycle.run_files import json_of, results_of
from tests.lib.contract import made

KINDS = ["pipe", "folder", "torn", "null", "list", "deep", "nan", "binary", "link"]


@pytest.fixture(params=KINDS)
def run_dir(request, tmp_path):
    """A run folder in which every result and the insights are of one kind of nothing."""
    contents = {
        "torn": b'{"result": {',
        "null": b"null",
        "list": b"[]",
        "deep": b"[" * 200_000,
        "nan": b'{"result": NaN, "lessons": NaN}',
        "binary": b"\xff\xfe\x00",
    }
    (tmp_path / "results").mkdir()
    names = ["actual_trades", "optimal_vs_actual", "smart_backtest", "regime_and_wicks"]
    for path in [
        *(tmp_path / "results" / f"{name}.json" for name in names),
        tmp_path / "training_insights.json",
    ]:
        if request.param == "pipe":
            os.mkfifo(path)
        elif request.param == "folder":
            path.mkdir()
        elif request.param == "link":
            path.symlink_to(tmp_path / "nowhere")
        else:
            path.write_bytes(contents[request.param])
    return tmp_path


def test_it_is_nothing_for_everybody_who_looks(run_dir):
    assert lessons_beside(run_dir) == [] and notes_beside(results_of(run_dir), []) == {}
    assert lessons_of(run_dir) is None and hold_since(run_dir) == ""
    assert load_insights(run_dir) is None and set(load_results(run_dir).values()) == {None}
    assert set(results_of(run_dir)) == {None}


def test_what_is_there_is_read(tmp_path):
    (tmp_path / "results").mkdir()
    for name, result in {
        "actual_trades": made.actual(),
        "smart_backtest": {"of": "an older version"},
    }.items():
        (tmp_path / "results" / f"{name}.json").write_text(json.dumps({"result": result}))
    found = results_of(tmp_path)
    assert found.actual and found.actual.total_trades == made.actual()["total_trades"]
    assert found[1:] == (None, None, None)
    older = tmp_path / "results" / "smart_backtest.json"
    assert json_of(older) == {"result": {"of": "an older version"}}
    assert json_of(tmp_path / "none.json") is None
