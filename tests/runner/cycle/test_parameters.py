from __future__ import annotations

import os

import nbformat
import pytest

from lib.errors import ParameterError
from runner.cycle.parameters import UNKNOWN, check_parameters, declared_parameters


@pytest.fixture
def notebook(tmp_path, tiny):
    source = 'name = ""  # text\nhours: float = 24.0\nlimit: int | None = None\npublish = False\nmany = [1]\nmade = len("x")\nfee: int'
    return tiny.notebook(tmp_path / "n.ipynb", "1", parameters=source)


def test_names_and_defaults_are_read_without_a_kernel(notebook):
    declared = declared_parameters(notebook)
    assert declared.pop("made") is UNKNOWN
    assert declared == {"name": "", "hours": 24.0, "limit": None, "publish": False, "many": [1]}


@pytest.mark.parametrize(
    "given",
    [
        {"name": "a"},
        {"hours": 3},
        {"hours": 3.5},
        {"limit": 3},
        {"limit": None},
        {"publish": True},
        {"many": []},
        {"made": 4},
    ],
)
def test_values_of_the_same_kind_pass(notebook, given):
    check_parameters(notebook, given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hour": 3.0}, "did you mean hours"),
        ({"zzz": 3.0}, "it has name, hours"),
        ({"name": 3}, "name is str"),
        ({"hours": "3"}, "hours is float"),
        ({"publish": 1}, "publish is bool"),
        ({"hours": True}, "hours is float"),
        ({"made": {1}}, "not set"),
    ],
)
def test_anything_else_is_an_error_that_says_what(notebook, given, words):
    with pytest.raises(ParameterError, match=words):
        check_parameters(notebook, given)


def test_a_cell_that_is_no_python_is_named(tmp_path, tiny):
    path = tiny.notebook(tmp_path / "n.ipynb", parameters="x = 1\ny = = 2")
    with pytest.raises(ParameterError, match="line 2"):
        declared_parameters(path)


def test_two_tagged_cells_are_refused(notebook):
    content = nbformat.read(notebook, as_version=4)
    content.cells.append(nbformat.v4.new_code_cell("y = 1", metadata={"tags": ["parameters"]}))
    nbformat.write(content, notebook)
    with pytest.raises(ParameterError, match=r"2 cells .*Take the tag off the others"):
        declared_parameters(notebook)


def test_a_missing_or_torn_file_is_named(tmp_path):
    with pytest.raises(ParameterError, match="no such notebook"):
        declared_parameters(tmp_path / "none.ipynb")
    (tmp_path / "torn.ipynb").write_text('{"cells": [')
    with pytest.raises(ParameterError, match=r"not a notebook .*last checkpoint of it"):
        declared_parameters(tmp_path / "torn.ipynb")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_notebook_that_an_editor_saved_in_another_encoding_is_told_as_that(tmp_path, encoding):
    (tmp_path / "a.ipynb").write_text('{"cells": []}', encoding=encoding)
    with pytest.raises(ParameterError, match=r"a\.ipynb: not a notebook.*\. Save it as UTF-8"):
        declared_parameters(tmp_path / "a.ipynb")


@pytest.mark.parametrize(
    "content",
    [
        "[]",
        "null",
        '{"cells": null}',
        '{"cells": [1]}',
        '{"cells": [{"source": null}]}',
        '{"cells": [{"source": [1]}]}',
        '{"cells": [{"source": "", "metadata": []}]}',
        '{"cells": [{"source": "", "metadata": {"tags": 7}}]}',
        '{"nbformat": 3, "worksheets": []}',
    ],
)
def test_json_that_is_no_notebook_is_told_with_what_to_do(tmp_path, content):
    (tmp_path / "a.ipynb").write_text(content)
    with pytest.raises(ParameterError, match=r"a\.ipynb: not a notebook of format 4: open it in JupyterLab"):
        declared_parameters(tmp_path / "a.ipynb")


def test_what_is_no_file_is_told_as_what_it_is(tmp_path):
    (tmp_path / "folder.ipynb").mkdir()
    os.mkfifo(tmp_path / "pipe.ipynb")
    for name in ("folder", "pipe"):
        with pytest.raises(ParameterError, match=f"no such notebook: this is a {name}"):
            declared_parameters(tmp_path / f"{name}.ipynb")
