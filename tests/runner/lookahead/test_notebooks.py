"""A user's own notebooks: published results, or else what the cells show."""

from __future__ import annotations

import pandas as pd
import pytest

from lib.errors import MissingDataError, ParameterError
from runner.lookahead.notebooks import check_notebook, notebook_files, spread_instants
from tests.runner.lookahead.conftest import AS_OF, READ, analyzer

HONEST_LOADER = """from lib.data.window import load_window
window = load_window(trading_data, as_of, 1.0)
round(float(window.samples_5min["price"].mean()), 6), str(window.as_of)"""


@pytest.fixture
def check(market, place, own):
    def run(*cells: str, modes=("cut", "poison"), **named: str):
        return check_notebook(own(*cells, **named), market, AS_OF, place, modes)

    return run


@pytest.mark.slow
def test_honest_notebooks_are_clean_and_were_compared(check):
    published, shown = check(analyzer("honest")), check(HONEST_LOADER)
    for found in (published, shown):
        assert (found.verdict, found.findings) == ("clean", [])
        assert found.compared > 0 and found.later_rows["ema_data_5min.csv"] == 60
    assert published.compared == 8


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["cut", "poison"])
def test_a_published_figure_of_the_whole_file_is_found(check, mode):
    found = check(analyzer("threshold"), modes=(mode,))
    assert found.verdict == "found"
    assert [(each.mode, each.file, each.path) for each in found.findings] == [
        (mode, "results/actual_trades.json", "result.mean")
    ]


@pytest.mark.slow
def test_a_shown_figure_is_found_by_its_cell(check):
    found = check(READ, 'rows["price"].shift(-1)[: len(known)].iloc[-1]')
    assert {each.mode for each in found.findings} == {"cut", "poison"}
    assert {each.path.split("[")[0] for each in found.findings} == {"cell 4"}


@pytest.mark.slow
def test_a_picture_is_compared_by_its_bytes(check):
    draw = 'import matplotlib.pyplot as plt\nplt.plot(FRAME["price"].to_numpy());'
    assert check(READ, draw.replace("FRAME", "known"), modes=("cut",)).verdict == "clean"
    found = check(READ, draw.replace("FRAME", "rows"), modes=("cut",))
    assert found.verdict == "found" and any("image/png" in each.path for each in found.findings)


@pytest.mark.slow
def test_a_notebook_that_takes_no_as_of_is_found_with_the_reason(check):
    own_data = 'trading_data = ""'
    found = check(
        'import pandas as pd\nlen(pd.read_csv(trading_data + "/ema_data_5min.csv"))', parameters=own_data
    )
    assert found.verdict == "found" and any("no as_of" in note for note in found.notes)


@pytest.mark.slow
def test_what_cannot_be_compared_is_never_clean(check):
    silent, failing = check("x = 1", modes=("cut",)), check("raise ValueError('always')", modes=("cut",))
    unsteady = check("import time\ntime.time()", modes=("cut",))
    assert [found.verdict for found in (silent, failing, unsteady)] == ["unchecked"] * 3
    assert "shows nothing" in silent.notes[0] and "always" in failing.notes[0]
    assert "run to run" in unsteady.notes[0]


@pytest.mark.slow
def test_a_cell_may_show_its_time_but_a_published_figure_must_repeat_itself(check):
    timed = check("import time\n1", "time.time()", "2", modes=("cut",))
    clock = check(analyzer("__import__('time').time()"), modes=("cut",))
    assert (timed.verdict, clock.verdict) == ("clean", "unchecked")
    assert "1 values differ" in timed.notes[0] and timed.compared == 2


@pytest.mark.slow
def test_a_notebook_that_wants_results_in_its_run_folder_is_run_without_one(check):
    needy = "assert not run_dir, 'no results there'\nimport pandas as pd\nrows = pd.read_csv(trading_data + '/ema_data_5min.csv')"
    assert check(needy, "(rows['timestamp'] <= as_of).sum()").verdict == "clean"
    assert check(needy, "len(rows)", modes=("cut",)).verdict == "found"


@pytest.mark.slow
def test_failing_without_later_rows_is_a_finding(check):
    found = check(READ, "assert len(rows) > 100\n1", modes=("cut",))
    assert found.verdict == "found" and "AssertionError" in str([each.now for each in found.findings])


def test_notebooks_are_files_and_folders(own, tmp_path):
    one, two = own("1", name="one"), own("2", name="two")
    assert notebook_files([two.parent]) == [one, two]
    assert notebook_files([two]) == [two]
    with pytest.raises(ParameterError, match="no notebooks in this folder"):
        notebook_files([tmp_path])
    with pytest.raises(ParameterError, match="no such notebook"):
        notebook_files([tmp_path / "gone.ipynb"])
    with pytest.raises(ParameterError, match="no parameter trading_data"):
        notebook_files([own("1", name="deaf", parameters="x = 1")])


def test_instants_lie_spread_over_the_data(market, tmp_path):
    instants = [pd.Timestamp(text) for text in spread_instants(market)]
    assert instants == sorted(set(instants)) and len(instants) == 3
    assert pd.Timestamp("2025-06-15T09:01:00Z") < instants[0]
    assert instants[-1] < pd.Timestamp("2025-06-15T11:00:00Z")
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingDataError):
        spread_instants(tmp_path / "empty")
