from __future__ import annotations

import os
from copy import deepcopy

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from runner.cycle.executed import (
    FAILURE_TAG,
    cut_outputs,
    error_in,
    read_executed,
    running_cell,
    sign,
    stamp,
    traceback_in,
    write_executed,
)
from tests.runner.cycle.conftest import is_signed


def ran(source: str, *outputs, count: int | None = 1, started: bool = True):
    times = {"start_time": "2025-06-15T11:00:00Z"} if started else {}
    cell = new_code_cell(
        source,
        execution_count=count,
        outputs=list(outputs),
        metadata={"papermill": {"status": "completed", **times}},
    )
    return cell


ERROR = new_output(
    "error", ename="KeyError", evalue="\x1b[31m'a'\x1b[0m", traceback=["\x1b[31mfirst\x1b[0m", "second"]
)


@pytest.fixture
def failed():
    """Heading, a cell that ran, one that failed, one that never ran though papermill says completed."""
    cells = [
        new_markdown_cell("# T"),
        ran("a = 1"),
        ran("# look it up\nb['a']", deepcopy(ERROR), count=2),
        ran("c", count=None, started=False),
    ]
    return new_notebook(cells=cells)


def test_an_error_is_found_with_its_cell(failed):
    assert error_in(failed) == "KeyError: 'a' (cell 3)"
    assert running_cell(failed) == "cell 3 (`b['a']`)"
    assert traceback_in(failed) == "first\nsecond"


def test_a_cell_left_out_is_no_success():
    notebook = new_notebook(cells=[ran("import sys; sys.exit(0)"), ran("b", count=None)])
    assert error_in(notebook) == "cell 2 was never executed"


def test_an_error_that_a_cell_is_there_to_show_is_none():
    shown = ran("1 / 0", ERROR)
    shown.metadata["tags"] = ["raises-exception"]
    assert error_in(new_notebook(cells=[shown, ran("  ", count=None)])) == ""


def test_a_stamp_says_failed_in_every_place_a_reader_looks(failed):
    stamped = stamp(failed, "failed", "KeyError: 'a'", "a\nb")
    assert stamped.metadata.ribbon == {"status": "failed", "error": "KeyError: 'a'"}
    assert stamped.metadata.papermill["exception"] is True
    assert (
        stamped.cells[0].source
        == "# This run failed: what stands below is incomplete\n\n    KeyError: 'a'\n    \n    a\n    b\n"
    )
    assert [cell.metadata.papermill["status"] for cell in stamped.cells[2:]] == [
        "completed",
        "failed",
        "pending",
    ]


def test_a_second_stamp_replaces_the_first(failed):
    stamp(failed, "failed", "x")
    stamp(failed, "ok")
    assert [cell for cell in failed.cells if FAILURE_TAG in cell.metadata.get("tags", [])] == []
    assert failed.metadata.ribbon["status"] == "ok"


@pytest.mark.parametrize("torn", ["", "{", '{"cells": [{"cell_ty'])
def test_a_torn_copy_is_replaced_by_the_source_without_outputs(tmp_path, failed, torn):
    write_executed(failed, tmp_path / "source.ipynb")
    (tmp_path / "out.ipynb").write_text(torn)
    found = read_executed(tmp_path / "out.ipynb", tmp_path / "source.ipynb", 10_000)
    assert [cell.get("outputs", []) for cell in found.cells] == [[], [], [], []]
    assert error_in(found)


@pytest.mark.parametrize(
    "content", ['{"cells": null, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}', "[]", "pipe"]
)
def test_of_a_source_that_is_no_notebook_there_is_an_empty_copy(tmp_path, content):
    if content == "pipe":
        os.mkfifo(tmp_path / "source.ipynb")
    else:
        (tmp_path / "source.ipynb").write_text(content)
    assert read_executed(tmp_path / "out.ipynb", tmp_path / "source.ipynb", 10_000).cells == []


def test_a_cell_that_lacks_what_every_cell_has_makes_no_copy(tmp_path, failed):
    write_executed(failed, tmp_path / "source.ipynb")
    (tmp_path / "out.ipynb").write_text(
        '{"cells": [{"cell_type": "code"}], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    )
    assert len(read_executed(tmp_path / "out.ipynb", tmp_path / "source.ipynb", 10_000).cells) == 4


def test_a_copy_that_is_too_large_is_not_read(tmp_path, failed):
    write_executed(failed, tmp_path / "source.ipynb")
    write_executed(failed, tmp_path / "out.ipynb")
    size = (tmp_path / "out.ipynb").stat().st_size
    read = [
        read_executed(tmp_path / "out.ipynb", tmp_path / "source.ipynb", limit) for limit in (size, size - 1)
    ]
    assert [bool(copy.cells[2].outputs) for copy in read] == [True, False]


def test_of_what_was_printed_too_much_the_beginning_stays():
    stream, table = new_output("stream", text="x" * 60), new_output("display_data", {"text/html": "y" * 60})
    notebook = new_notebook(
        cells=[new_code_cell("a", outputs=[table, stream]), new_code_cell("b", outputs=[stream])]
    )
    cut_outputs(notebook, 50)
    assert [len(cell.outputs) for cell in notebook.cells] == [0, 0]
    notebook.cells[0].outputs, notebook.cells[1].outputs = [stream, table], [stream]
    stream.text = "x" * 60
    cut_outputs(notebook, 100)
    assert [[output.output_type for output in cell.outputs] for cell in notebook.cells] == [["stream"], []]


def test_a_run_without_any_file_still_gives_a_notebook(tmp_path):
    assert read_executed(tmp_path / "no.ipynb", tmp_path / "none.ipynb", 10_000).cells == []


def test_a_signed_copy_is_trusted_and_a_changed_one_is_not(tmp_path, monkeypatch, failed):
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "jupyter"))
    path = tmp_path / "n.ipynb"
    write_executed(failed, path)
    assert not is_signed(path)
    assert sign(path) == ""
    assert is_signed(path)
    # An open database is a warning on Python 3.13 only.
    assert [file.path for file in psutil.Process().open_files() if "nbsignatures" in file.path] == []
    failed.cells[2].outputs[0].evalue = "other"
    write_executed(failed, path)
    assert not is_signed(path)


def test_a_signature_that_cannot_be_kept_is_a_warning(tmp_path, monkeypatch, failed):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "file" / "jupyter"))
    write_executed(failed, tmp_path / "n.ipynb")
    assert "could not be signed" in sign(tmp_path / "n.ipynb")


@pytest.mark.parametrize("home", ["file", "file/home"])
def test_without_a_home_that_takes_files_nobody_lacks_a_signature(tmp_path, monkeypatch, failed, home):
    """Each cycle of a container's user had a warning a notebook, and nothing to do about it."""
    (tmp_path / "file").touch()
    for name in ("JUPYTER_DATA_DIR", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / home))
    write_executed(failed, tmp_path / "n.ipynb")
    assert sign(tmp_path / "n.ipynb") == ""
