"""Notebooks stay thin and readable: the countable rules, each shown to catch what it forbids, then applied to the notebooks."""

from __future__ import annotations

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from lib.paths import notebooks
from scripts.strip_notebooks import stripped
from tests.notebook_rules import broken_rules

KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


def good_notebook() -> nbformat.NotebookNode:
    """A notebook that breaks no rule; the tests below break one each."""
    parameters = [
        'trading_data = ""  # folder',
        'run_dir = ""  # folder',
        'as_of = ""  # ISO',
        "lookback_hours = 24.0  # hours",
    ]
    compared = new_code_cell(
        "# NBVAL_CHECK_OUTPUT\nresult.trades", metadata={"keep_output": True}, execution_count=1
    )
    compared.outputs = [new_output("execute_result", data={"text/plain": "7"}, execution_count=1)]
    cells = [
        new_markdown_cell("# Trades\nQuestion: which won? Inputs: the log. Caveat: few."),
        new_code_cell("\n".join(parameters), metadata={"tags": ["parameters"]}),
        new_code_cell("from lib.analysis.actual_trades import analyze_actual"),
        compared,
        new_code_cell("publish(result, run_dir)\nresult"),
    ]
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL})


def edit(cell: int, **fields):
    return lambda notebook: notebook.cells[cell].update(fields)


def test_a_good_notebook_breaks_no_rule():
    assert broken_rules("01_trades", good_notebook()) == []


@pytest.mark.parametrize(
    ("break_it", "complaint"),
    [
        (edit(0, source="# Trades\nQuestion: which won? Inputs: the log."), "state its caveat"),
        (edit(1, metadata={}), "0 cells are tagged parameters"),
        (
            edit(1, source='trading_data = run_dir = as_of = ""\nlookback_hours = 24.0'),
            "not one parameter with a trailing comment",
        ),
        (edit(1, source="lookback_hours = 24.0  # hours"), "parameters lack as_of, run_dir, trading_data"),
        (edit(2, source="x = 1\n" * 13), "code cell 2 has 13 lines"),
        (edit(2, source="def f():\n    return 1"), "code cell 2 defines a function"),
        (edit(2, source="class Trade: ..."), "code cell 2 defines a function or class"),
        (edit(2, source="%matplotlib inline"), "code cell 2 is not plain Python"),
        (edit(2, source="from runner.cycle import lock"), "imports runner.cycle"),
        (edit(2, source="x = 1", outputs=[new_output("stream", text="1")]), "not stripped"),
        (edit(3, outputs=[], execution_count=None), "no key figure is compared"),
        (edit(4, source="result"), "does not publish"),
        (edit(4, source="x = publish(result, run_dir)"), "does not show"),
        (
            lambda notebook: [cell.update(source="x = 1\n" * 4) for cell in notebook.cells[2:4]],
            "no more than half",
        ),
    ],
)
def test_a_broken_rule_is_seen(break_it, complaint):
    notebook = good_notebook()
    break_it(notebook)
    assert any(complaint in rule for rule in broken_rules("01_trades", notebook))


def test_another_kernel_is_seen():
    notebook = good_notebook()
    notebook.metadata.kernelspec.name = "my-env"
    assert broken_rules("01_trades", notebook) == [
        "the kernel is not python3: plain papermill would not find it"
    ]


def test_notebooks_for_people_publish_nothing():
    notebook = good_notebook()
    del notebook.cells[3:]
    assert broken_rules("explore_ribbon", notebook) == []
    assert len(broken_rules("01_trades", notebook)) == 2
    assert broken_rules("00_start", notebook) == [
        rule for rule in broken_rules("01_trades", notebook) if "compared" in rule
    ]


@pytest.mark.parametrize("path", sorted(notebooks().glob("*.ipynb")), ids=lambda path: path.stem)
def test_notebooks_keep_the_rules(path):
    assert broken_rules(path.stem, nbformat.read(path, as_version=4)) == []


def test_stripping_keeps_what_is_compared_and_nothing_else():
    notebook = good_notebook()
    shown, compared = notebook.cells[2], notebook.cells[3]
    shown.update(outputs=[new_output("stream", text="1")], execution_count=8)
    compared.execution_count = compared.outputs[0].execution_count = 9
    notebook.metadata["language_info"] = {"name": "python", "version": "3.12.1"}
    clean = stripped(notebook)
    assert (clean.cells[2].outputs, clean.cells[2].execution_count) == ([], None)
    # nbval compares nothing where the count is missing.
    assert (clean.cells[3].outputs[0].data, clean.cells[3].execution_count) == ({"text/plain": "7"}, 1)
    assert clean.metadata.language_info == {"name": "python"}
    assert stripped(clean) == clean
