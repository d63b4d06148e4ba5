"""Whatever a notebook leaves in place of a result or of the insights is none, for everybody who looks at it beside a report."""

from __future__ import annotations

import json
import os

import pytest

from lib.published.pair import load_insights, load_results
from runner.cycle.headline import hold_since
from runner.cycle.message import lessons_of
from runner.cycle.noted import lessons_beside, notes_beside
from runner.cycle.run_files import json_of, result_of

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
    assert lessons_beside(run_dir) == [] and notes_beside(run_dir, []) == {}
    assert lessons_of(run_dir) is None and hold_since(run_dir) == ""
    assert load_insights(run_dir) is None and set(load_results(run_dir).values()) == {None}
    for name in ("actual_trades", "smart_backtest"):
        with pytest.raises((TypeError, KeyError)):
            result_of(run_dir, name)


def test_what_is_there_is_read(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "actual_trades.json").write_text(json.dumps({"result": {"n": 1.5}}))
    assert result_of(tmp_path, "actual_trades") == {"n": 1.5}
    assert json_of(tmp_path / "results" / "actual_trades.json") == {"result": {"n": 1.5}}
    assert json_of(tmp_path / "none.json") is None
