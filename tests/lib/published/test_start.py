"""What the first notebook says of data and cycles, and that its links lead to files."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from lib import paths
from lib.published.start import cycles_text, data_text, newest_cycles, notebooks_text
from runner.cycle.plan import NOTEBOOKS


@pytest.fixture
def outputs(tmp_path) -> Path:
    """Outputs with a page of all cycles, two cycles, one without a page, and a folder of something else."""
    root = tmp_path / "outputs"
    for hour in (10, 11, 12):
        folder = root / f"20250615T{hour}0000Z"
        for name in (
            "notebooks/01_actual_trades.ipynb",
            "reports/01_actual_trades.html",
            "notebooks/02_gone.ipynb",
            "reports/prompt_addition.html",
        ):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).touch()
        told = {"parameters": {"as_of": f"2025-06-15T{hour}:00:00Z"}, "source": {"label": "your trades"}}
        (folder / "manifest.json").write_text(json.dumps(told))
        if hour < 12:
            (folder / "index.html").touch()
    (root / "index.html").touch()
    (root / "latest").mkdir()
    (root / "latest" / "index.html").touch()
    return root


def links(text: str) -> list[str]:
    return re.findall(r"\]\(([^)]+)\)", text)


def test_the_newest_cycle_that_has_a_page_comes_first(outputs):
    assert [cycle.as_of for cycle in newest_cycles(outputs, 5)] == [
        "2025-06-15T11:00:00Z",
        "2025-06-15T10:00:00Z",
    ]
    assert len(newest_cycles(outputs, 1)) == 1
    text = cycles_text(outputs, outputs.parent / "notebooks")
    assert text.startswith(
        "**Newest cycle: [known up to 2025-06-15 11:00 UTC](../outputs/20250615T110000Z/index.html)**, your trades"
    )
    assert "| Gone | [open](../outputs/20250615T110000Z/notebooks/02_gone.ipynb) | – |" in text
    assert (
        "| Prompt addition | – | [open](../outputs/20250615T110000Z/reports/prompt_addition.html) |" in text
    )
    assert (outputs / "index.html").as_uri() in text
    assert "| of it | executed notebook | page |\n|---|---|---|\n" in text and "Before it ([all](" in text


def test_as_many_cycles_before_the_newest_are_listed_as_one_reads(outputs):
    for hour in range(9):
        shutil.copytree(outputs / "20250615T100000Z", outputs / f"20250614T0{hour}0000Z")
    assert cycles_text(outputs, outputs.parent / "notebooks").count("\n- [known up to") == 8


def test_links_are_from_the_notebooks_where_no_folder_is_named(outputs, monkeypatch):
    monkeypatch.setattr(paths, "notebooks", lambda: outputs.parent / "notebooks")
    assert cycles_text(outputs) == cycles_text(outputs, outputs.parent / "notebooks")


def test_every_link_leads_to_a_file_below_the_repository(outputs):
    found = links(cycles_text(outputs, outputs.parent / "notebooks"))
    assert len(found) == 7
    for link in found:
        assert Path(os.path.normpath(outputs.parent / "notebooks" / link)).is_file(), link


def test_what_a_manifest_says_is_shown_only_where_it_looks_like_ours(outputs):
    manifest = outputs / "20250615T110000Z" / "manifest.json"
    for told in (
        "{",
        "[]",
        json.dumps({"parameters": {"as_of": "[x](y)"}, "source": {"label": "<b>[x](y)"}}),
        json.dumps({"parameters": {"as_of": 20250615}}),
    ):
        manifest.write_text(told)
        assert cycles_text(outputs, outputs.parent / "notebooks").startswith(
            "**Newest cycle: [20250615T110000Z](../outputs/20250615T110000Z/index.html)**\n"
        )


def test_outputs_that_jupyterlab_cannot_open_are_named(outputs, tmp_path):
    text = cycles_text(outputs, tmp_path / "elsewhere" / "notebooks")
    assert not links(text) and str(outputs / "index.html") in text


def test_without_data_or_cycles_it_says_how_to_get_some(tmp_path):
    assert "make demo" in cycles_text(tmp_path / "none") and "make demo" in data_text(tmp_path / "none")
    assert data_text(tmp_path).startswith("**No data yet.**")


def test_the_data_is_told_with_whose_it_is(sample_data):
    assert data_text(sample_data).startswith(
        "**rule decider on a synthetic market**, known up to 2025-06-15 12:00 UTC: in the last 24 hours "
    )


def test_data_without_a_row_in_its_window_is_told_all_the_same(sample_data):
    assert "0 decisions, 0 of them executed, and 0 candles" in data_text(sample_data, "2025-07-15T12:00:00Z")


def test_every_other_notebook_is_listed_with_its_question():
    assert notebooks_text().startswith("| notebook | question |\n|---|---|\n")
    text, names = notebooks_text(), {path.name for path in paths.notebooks().glob("*.ipynb")}
    assert set(links(text)) == names - {"00_start.ipynb"}
    assert all(line.count("|") == 3 and line.endswith("? |") for line in text.splitlines()[2:])


def test_no_cycle_runs_the_first_notebook():
    assert "00_start" not in {notebook.name for notebook in NOTEBOOKS}
    assert (paths.notebooks() / "00_start.ipynb").is_file()
