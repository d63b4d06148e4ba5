from __future__ import annotations

import pytest

from lib import paths
from lib.contract.analyzers import ANALYZERS
from lib.errors import ParameterError
from lib.market.terms import DEFAULT_TERMS, Terms
from runner.cycle.inputs import Asked, Inputs
from runner.cycle.models import WAITS, NotebookOutcome
from runner.cycle.parameters import declared_parameters, has_tag
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.stages import Settings, at_once, cycle_status, job_for, lacks, why_not

NAMES = [notebook.name for notebook in NOTEBOOKS]


def outcomes(analyzers: str, rest: str = "") -> dict[str, NotebookOutcome]:
    """One letter a notebook in order, the last analyzer's for all further ones: o(k), f(ailed), s(kipped), i(nterrupted)."""
    words = {"o": "ok", "f": "failed", "s": "skipped", "i": "interrupted"}
    letters = analyzers and analyzers.ljust(len(ANALYZERS), analyzers[-1]) + rest
    return {name: NotebookOutcome(name, words[letter]) for name, letter in zip(NAMES, letters, strict=False)}


@pytest.mark.parametrize(
    ("analyzers", "rest", "expected"),
    [
        ("o", "oo", "ok"),
        ("fo", "oo", "partial"),
        ("fffo", "oo", "partial"),
        ("o", "of", "partial"),
        ("o", "fs", "failed"),
        ("f", "ss", "failed"),
    ],
)
def test_status_of_a_cycle(analyzers, rest, expected):
    assert cycle_status(outcomes(analyzers, rest)) == expected


@pytest.mark.parametrize(
    ("analyzers", "rest", "stage", "runs"),
    [
        ("", "", "analyze", True),
        ("fffo", "", "compile", True),
        ("f", "", "compile", False),
        ("f", "s", "history", False),
        ("o", "f", "history", False),
        ("ffo", "o", "history", True),
    ],
)
def test_a_stage_needs_the_one_before(analyzers, rest, stage, runs):
    assert (why_not(stage, outcomes(analyzers, rest)) == "") is runs


@pytest.mark.parametrize("has_market", [True, False])
def test_without_candles_only_the_actual_trades_are_looked_at(has_market):
    inputs = Inputs("2025-06-15T11:00:00Z", "", 24.0, {}, {}, has_market=has_market)
    left = [notebook.name for notebook in NOTEBOOKS if not lacks(notebook, inputs)]
    assert left == (
        NAMES if has_market else ["01_actual_trades", "05_compile_insights", "06_training_history"]
    )
    told = {lacks(notebook, inputs) for notebook in NOTEBOOKS} - {""}
    assert has_market or all("ribbon backfill" in reason for reason in told)


def test_the_plan_runs_every_analyzer_of_lib():
    results = [path for notebook in NOTEBOOKS if notebook.stage == "analyze" for path in notebook.writes]
    assert results == [analyzer.file for analyzer in ANALYZERS]


def test_only_compile_and_history_are_told_to_publish(tmp_path):
    inputs = Inputs("2025-06-15T11:00:00Z", "", 24.0, {}, {})
    settings = Settings(tmp_path, tmp_path, DEFAULT_TERMS, force=True)
    extra = {n.name: set(job_for(n, settings, inputs, tmp_path, tmp_path).parameters) for n in NOTEBOOKS}
    common = {"trading_data", "run_dir", "as_of", "lookback_hours"}
    assert [extra[name] - common for name in NAMES] == [set()] * len(ANALYZERS) + [
        {"publish", "force"},
        {"publish"},
    ]


def test_every_notebook_is_given_those_of_the_terms_that_it_takes(tmp_path):
    """Each as its own parameter of the real notebook's; the compile notebook, whose ledger is of all of them, all as one."""
    inputs = Inputs("2025-06-15T11:00:00Z", "", 24.0, {}, {})
    terms = Terms(fee_pct=0.02, target_pct=0.6, stop_pct=0.3)
    settings = Settings(tmp_path, tmp_path, terms=terms)
    for notebook in NOTEBOOKS:
        declared = declared_parameters(paths.notebooks() / f"{notebook.name}.ipynb")
        given = job_for(notebook, settings, inputs, paths.notebooks(), tmp_path).parameters
        assert set(given) >= declared.keys() & {"terms", *Terms.model_fields}
        assert given.get("terms", terms.model_dump()) == terms.model_dump()
        assert all(given[name] == value for name, value in terms if name in given)


@pytest.mark.parametrize(
    "options", [{"lookback_hours": 0}, {"lookback_hours": float("nan")}, {"limit_s": 1.0}, {"jobs": -1}]
)
def test_options_without_sense_are_refused(tmp_path, options):
    with pytest.raises(ParameterError):
        Settings(tmp_path, tmp_path, DEFAULT_TERMS, **options).check()


def test_jobs_default_to_the_cores_but_at_most_four(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 32)
    assert at_once() == 4
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert at_once() == 2
    assert at_once(jobs=3) == 3


def test_forked_ones_run_four_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert at_once(warm=True) == 4
    assert at_once(jobs=1, warm=True) == 1


def test_every_notebook_of_a_cycle_can_be_begun_before_its_turn(tmp_path):
    """The analyzers before the data is looked at, the others before there are results."""
    settings = Settings(tmp_path, tmp_path, DEFAULT_TERMS)
    asked = Asked("2025-06-15T11:00:00Z", 24.0)
    for notebook in NOTEBOOKS:
        job = job_for(notebook, settings, asked, paths.notebooks(), tmp_path)
        assert job.waits
        assert has_tag(job.source, WAITS[notebook.stage != "analyze"])


def test_a_folder_that_no_notebook_could_be_told_of_is_refused_before_anything_runs(tmp_path):
    odd = tmp_path / b"d\xff".decode("utf-8", "surrogateescape")
    for folders in ((odd, tmp_path), (tmp_path, odd)):
        with pytest.raises(ParameterError, match="its name is no UTF-8"):
            Settings(*folders, DEFAULT_TERMS).check()
    Settings(tmp_path / "größer", tmp_path, DEFAULT_TERMS).check()


@pytest.mark.parametrize("limit_s", [float("inf"), float("nan"), 4.0])
def test_a_limit_that_is_none_is_refused(tmp_path, limit_s):
    Settings(tmp_path, tmp_path, DEFAULT_TERMS, limit_s=5.0).check()
    with pytest.raises(ParameterError, match="--limit-s"):
        Settings(tmp_path, tmp_path, DEFAULT_TERMS, limit_s=limit_s).check()
