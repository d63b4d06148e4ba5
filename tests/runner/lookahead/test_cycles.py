"""Past cycles: the honest pass, each way of knowing the future is found, and what changed since is not called look-ahead."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from lib.errors import ParameterError
from lib.lessons.advance import note_terms
from lib.lessons.choices import add_choice
from lib.market.terms import DEFAULT_TERMS, Terms
from runner.lookahead.cycles import check_cycle, past_cycles
from tests.runner.cycle.conftest import fingerprint
from tests.runner.lookahead.conftest import AS_OF, READ, analyzer, only

OTHER = Terms(fee_pct=0.02)
#: The fee of the terms, and how many changes of them the folder holds.
TERMS_SEEN = 'fee_pct + (pathlib.Path(trading_data) / "terms.jsonl").read_text().count("fee_pct")'


@pytest.fixture
def check(tmp_path, place):
    def run(outputs: Path, *modes: str):
        (past,) = past_cycles(outputs, notebooks=tmp_path / "notebooks")
        return check_cycle(past, place, modes or ("cut", "poison"))

    return run


def result_of(outputs: Path) -> Path:
    (path,) = outputs.glob("*T*Z/results/actual_trades.json")
    return path


@pytest.mark.slow
def test_an_honest_cycle_is_clean_and_was_compared(cycled, check):
    found = check(cycled(n01=analyzer("honest")))
    assert (found.verdict, found.findings) == ("clean", [])
    assert found.compared > 40
    assert found.later_rows["ema_data_5min.csv"] == 60 and found.later_rows["candlesticks_5min.csv"] == 12


@pytest.mark.slow
def test_each_cheat_is_found_in_either_mode_and_nothing_else_is(cycled, check):
    ways = {
        "actual_trades": "reads on",
        "optimal_vs_actual": "shifts",
        "smart_backtest": "threshold",
        "regime_and_wicks": "sixth digit",
    }
    outputs = cycled(**{f"n0{n}": analyzer(how, result) for n, (result, how) in enumerate(ways.items(), 1)})
    found = check(outputs)
    assert found.verdict == "found"
    wanted = {
        (mode, f"results/{result}.json", "result.mean") for result in ways for mode in ("cut", "poison")
    }
    assert {(each.mode, each.file, each.path) for each in found.findings} == wanted
    by_place = {(each.mode, each.file): each for each in found.findings}
    small = by_place["cut", "results/regime_and_wicks.json"]
    assert small.then != small.now and small.then == pytest.approx(small.now, abs=1e-4)
    published = json.loads(result_of(outputs).read_text())["result"]["mean"]
    cut, poisoned = (by_place[mode, "results/actual_trades.json"] for mode in ("cut", "poison"))
    assert cut.then == published == poisoned.then
    assert poisoned.now > 2 * cut.now  # half of its rows are some ten times what they were


@pytest.mark.slow
def test_a_figure_that_was_altered_in_its_sixth_digit_is_found(cycled, check):
    outputs = cycled(**only(n01=analyzer("honest")))
    path = result_of(outputs)
    content = json.loads(path.read_text())
    true = content["result"]["mean"]
    content["result"]["mean"] = round(true + 1e-6, 9)
    path.write_text(json.dumps(content))
    found = check(outputs, "cut")
    assert found.verdict == "found"
    assert [(each.then, each.now) for each in found.findings] == [(content["result"]["mean"], true)]


@pytest.mark.slow
def test_a_cycle_is_run_again_under_its_own_terms_though_others_hold_now(cycled, check, market):
    note_terms(market, OTHER, "2025-06-15T09:30:00Z")
    outputs = cycled(terms=OTHER, **only(n01=analyzer(TERMS_SEEN)))
    published = json.loads(result_of(outputs).read_text())["result"]["mean"]
    note_terms(market, DEFAULT_TERMS, "2025-06-15T10:30:00Z")
    found = check(outputs)
    assert published == 1.02 and (found.verdict, found.findings, found.notes) == ("clean", [], [])


@pytest.mark.slow
def test_data_that_changed_since_are_named_and_not_called_look_ahead(cycled, check, market):
    outputs = cycled(**only(n01=analyzer("honest")))
    path = market / "ema_data_5min.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[3:]]))
    found = check(outputs)
    assert (found.verdict, found.findings) == ("changed", [])
    assert any("data (ema_data_5min.csv)" in note for note in found.notes)


@pytest.mark.slow
def test_what_a_person_chose_since_is_no_look_ahead(cycled, check, market):
    """What was chosen before it ran is an input of it, whatever its as_of."""
    count = """import pathlib
file = pathlib.Path(trading_data) / "lesson_choices.jsonl"
choices = len(file.read_text().splitlines()) if file.exists() else 0"""
    lessons = "trades.direction.LONG.above", "trades.direction.SHORT.above"
    add_choice(market, "pin", lessons[0], "2026-01-05T10:00:00Z", AS_OF)
    outputs = cycled(**only(n01=f"{count}\n{analyzer('choices')}"))
    assert json.loads(result_of(outputs).read_text())["result"]["mean"] == 1
    assert check(outputs).verdict == "clean"
    add_choice(market, "pin", lessons[1], "2126-01-05T10:00:00Z", AS_OF)
    found = check(outputs)
    assert (found.verdict, found.findings) == ("clean", [])


@pytest.mark.slow
def test_a_cheat_is_found_though_data_changed_since(cycled, check, market):
    outputs = cycled(**only(n01=analyzer("reads on")))
    path = market / "ema_data_5min.csv"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([lines[0], *lines[3:]]))
    assert check(outputs, "cut").verdict == "found"


@pytest.mark.slow
def test_a_notebook_that_changed_since_is_named(cycled, check, tmp_path):
    outputs = cycled(**only(n01=analyzer("honest")))
    path = tmp_path / "notebooks" / "01_actual_trades.ipynb"
    path.write_text(path.read_text().replace(".mean()", ".median()"))
    found = check(outputs, "cut")
    assert found.verdict == "changed"
    assert any("notebook 01_actual_trades" in note for note in found.notes)


@pytest.mark.slow
def test_a_notebook_that_needs_later_rows_to_run_is_found(cycled, check):
    needy = analyzer("honest", "optimal_vs_actual").replace("known =", "assert len(rows) > 100\nknown =")
    found = check(cycled(**only(n02=needy)), "cut")
    assert found.verdict == "found"
    assert any("AssertionError" in str(each.now) for each in found.findings)


@pytest.mark.slow
def test_a_notebook_that_runs_no_more_is_unchecked(cycled, check, tmp_path):
    outputs = cycled(**only(n02=analyzer("honest", "optimal_vs_actual")))
    path = tmp_path / "notebooks" / "02_optimal_vs_actual.ipynb"
    path.write_text(path.read_text().replace("import json", "import no_such_module"))
    found = check(outputs, "cut")
    assert (found.verdict, found.findings) == ("unchecked", [])
    assert "notebook 02_optimal_vs_actual fails on the whole data too" in found.notes[-1]


LEAVES = """
left = pathlib.Path(run_dir) / "results" / "lesson_history.json"
_ = left.write_text(json.dumps({"rows": len(ROWS)}))"""


@pytest.mark.slow
@pytest.mark.parametrize(("rows", "verdict"), [("known", "clean"), ("rows", "found")])
def test_what_the_history_notebook_leaves_is_compared_too(cycled, check, rows, verdict):
    outputs = cycled(**only(n01=analyzer("honest"), n06=READ + LEAVES.replace("ROWS", rows)))
    found = check(outputs, "cut")
    files = {each.file for each in found.findings}
    assert (found.verdict, files) == (
        verdict,
        set() if verdict == "clean" else {"results/lesson_history.json"},
    )


@pytest.mark.slow
def test_a_failed_notebook_is_left_out_and_the_others_are_compared(cycled, check):
    outputs = cycled(n01=analyzer("reads on"), n02="raise RuntimeError('then')")
    found = check(outputs, "cut")
    assert found.verdict == "found"
    assert {each.file for each in found.findings} == {"results/actual_trades.json"}


@pytest.mark.slow
def test_a_notebook_that_does_not_repeat_itself_is_unchecked(cycled, check):
    outputs = cycled(**only(n01=analyzer("__import__('time').time()")))
    found = check(outputs, "cut")
    assert (found.verdict, found.findings) == ("unchecked", [])
    assert any("run to run" in note for note in found.notes)


@pytest.mark.slow
def test_real_folders_are_only_read(cycled, check, market):
    outputs = cycled(**only(n01=analyzer("reads on")))
    before = fingerprint(market), fingerprint(outputs)
    check(outputs)
    assert (fingerprint(market), fingerprint(outputs)) == before


@pytest.mark.slow
def test_a_cycle_without_results_is_unchecked(cycled, check):
    outputs = cycled(**{f"n0{number}": "raise RuntimeError('no')" for number in range(1, 5)})
    found = check(outputs)
    assert (found.verdict, found.compared) == ("unchecked", 0)


@pytest.mark.slow
def test_the_insights_before_are_those_of_the_cycle_before(cycled, tmp_path):
    notebooks = only(n01=analyzer("honest"))
    cycled("2025-06-15T09:30:00Z", **notebooks)
    outputs = cycled(**notebooks)
    newest, first = past_cycles(outputs, last=None, notebooks=tmp_path / "notebooks")
    assert newest.before == first.run_dir and first.before is None
    (named,) = past_cycles(outputs, [first.manifest.cycle])
    assert named.manifest.as_of == "2025-06-15T09:30:00Z"


COMPILE_ON_EARLIER = """import json, pathlib
before = pathlib.Path(trading_data) / "training_insights.json"
found = json.loads(before.read_text())["last_updated"] if before.is_file() else "none"
origins = {"actual_performance": {"as_of": found if found != "none" else as_of}}
insights = {"last_updated": as_of, "before": found, "provenance": {"sections": origins}}
for folder in [run_dir, trading_data]:
    _ = (pathlib.Path(folder) / "training_insights.json").write_text(json.dumps(insights))
    _ = (pathlib.Path(folder) / "prompt_addition.md").write_text(f"before: {found}")"""


@pytest.mark.slow
def test_insights_that_rest_on_earlier_ones_are_given_those(cycled, check, tmp_path):
    """The data folder holds the cycle's own by now; what it found there is in the folder of the cycle before."""
    notebooks = only(n01=analyzer("honest"), n05=COMPILE_ON_EARLIER)
    cycled("2025-06-15T09:30:00Z", **notebooks)
    outputs = cycled(**notebooks)
    found = check(outputs, "cut")
    assert (found.verdict, found.findings) == ("clean", [])
    newest, first = past_cycles(outputs, last=None, notebooks=tmp_path / "notebooks")
    assert (
        json.loads((newest.run_dir / "training_insights.json").read_text())["before"] == first.manifest.as_of
    )
    # Once they are gone, the insights cannot be made again, and that is said.
    shutil.rmtree(first.run_dir)
    alone = check(outputs, "cut")
    assert alone.verdict == "clean" and alone.compared < found.compared
    assert any("insights not compared: actual_performance" in note for note in alone.notes)


def test_no_outputs_and_unknown_names_are_refused(tmp_path):
    with pytest.raises(ParameterError, match="no such folder"):
        past_cycles(tmp_path / "none")
    with pytest.raises(ParameterError, match="no finished cycle 20250101T000000Z"):
        past_cycles(tmp_path, ["20250101T000000Z"])
