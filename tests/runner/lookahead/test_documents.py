"""Comparing what two runs published: nothing is rounded, nothing is passed over."""

from __future__ import annotations

import json

import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

from runner.lookahead.documents import (
    MISSING,
    all_documents,
    cell_outputs,
    differences,
    leaves,
    published_documents,
)

THEN = {"a.json": {"n": 1, "deep": [{"x": 0.123456}, None], "words": "same"}, "b.md": ["one", "two"]}


def places(then, now):
    return [(each.file, each.path, each.then, each.now) for each in differences(then, now)]


def test_the_same_documents_do_not_differ():
    assert differences(THEN, json.loads(json.dumps(THEN))) == []
    assert leaves(THEN) == 6


def test_a_sixth_digit_is_named_by_its_path():
    now = json.loads(json.dumps(THEN))
    now["a.json"]["deep"][0]["x"] = 0.123457
    assert places(THEN, now) == [("a.json", "deep[0].x", 0.123456, 0.123457)]


def test_what_is_missing_on_either_side_differs():
    now = {"a.json": {"n": 1, "deep": [{"x": 0.123456}], "words": "same", "new": 2}, "c.md": ["x"]}
    assert places(THEN, now) == [
        ("a.json", "deep[1]", None, MISSING),
        ("a.json", "new", MISSING, 2),
        ("b.md", "(file)", ["one", "two"], MISSING),
        ("c.md", "(file)", MISSING, ["x"]),
    ]


def test_kinds_differ_though_python_calls_them_equal():
    assert len(differences({"a": {"x": 1}}, {"a": {"x": True}})) == 1
    assert len(differences({"a": {"x": 1}}, {"a": {"x": 1.0}})) == 1
    assert len(differences({"a": {"x": []}}, {"a": {"x": {}}})) == 1


def test_published_files_are_read(tmp_path):
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "r.json").write_text('{"x": NaN}')
    (tmp_path / "results" / "r.json.failed").write_text("{}")
    (tmp_path / "prompt_addition.md").write_text("a\nb\n")
    (tmp_path / "picture.bin").write_bytes(b"\xff\xfe")
    assert published_documents(tmp_path) == {"results/r.json": {"x": "NaN"}, "prompt_addition.md": ["a", "b"]}
    assert set(all_documents(tmp_path)) == {
        "picture.bin",
        "prompt_addition.md",
        "results/r.json",
        "results/r.json.failed",
    }


def test_outputs_of_cells_are_texts_tables_and_images(tmp_path):
    table = new_output("execute_result", data={"text/plain": "1\n2", "image/png": "QUJD"})
    cells = [new_code_cell("x", outputs=[new_output("stream", text="hello\n"), table]), new_code_cell("y")]
    nbformat.write(new_notebook(cells=cells), tmp_path / "n.ipynb")
    shown = cell_outputs(tmp_path / "n.ipynb")
    assert list(shown["n.ipynb"]) == ["cell 1"] and leaves(shown) == 4
    table.data["image/png"] = "QUJE"
    nbformat.write(new_notebook(cells=cells), tmp_path / "n.ipynb")
    (found,) = differences(shown, cell_outputs(tmp_path / "n.ipynb"))
    assert found.path == "cell 1[1].image/png"


def test_a_progress_bar_is_its_last_state_however_often_it_was_drawn(tmp_path):
    def shown(*texts):
        outputs = [new_output("stream", name=name, text=text) for name, text in texts]
        nbformat.write(new_notebook(cells=[new_code_cell("x", outputs=outputs)]), tmp_path / "n.ipynb")
        return cell_outputs(tmp_path / "n.ipynb")

    bar = ("stderr", "\r 50 %\r100 %")
    assert shown(("stdout", "5\r\n"), bar) == shown(("stderr", "\r 10 %"), ("stdout", "5\n"), bar)
    assert leaves(shown(("stdout", "5\n"), bar)) == 2
