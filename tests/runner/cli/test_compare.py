"""`ribbon compare`: words to stdout, JSON for programs, and a page into a file."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.cli import app_for
from tests.runner.compare.made import DAY, cycle, log, many, replay

NETS = (0.19, -0.26, 0.1, -0.05, 0.3)
ANSWER = "B made the same as A in each of 20 episodes."


@pytest.fixture
def sides(tmp_path) -> list[str]:
    return [replay(tmp_path / name, many(20, NETS)) for name in "ab"]


def asked(*arguments: str):
    return CliRunner().invoke(app_for("compare"), ["compare", *arguments])


def test_words_are_what_was_asked_for(sides):
    done = asked(*sides)
    assert done.exit_code == 0 and done.stderr == "" and done.stdout.splitlines()[0] == ANSWER


def test_json_has_all_of_it(sides):
    done = asked(*sides, "--json")
    assert json.loads(done.stdout)["found"]["differences"][0]["pairs"] == 20 and ANSWER in done.stderr


def test_a_page(sides, tmp_path):
    done = asked(*sides, "--page", str(tmp_path / "compare.html"))
    assert (tmp_path / "compare.html").read_text().startswith("<!doctype html>")
    assert done.stdout.splitlines()[-1].endswith("compare.html")


def test_a_page_takes_no_other_files_place(sides, tmp_path):
    (tmp_path / "notes.md").write_text("# Mine")
    done = asked(*sides, "--page", str(tmp_path / "notes.md"))
    assert isinstance(done.exception, ParameterError) and "notes.md: a file stands there" in str(
        done.exception
    )
    assert (tmp_path / "notes.md").read_text() == "# Mine"


def test_cycles_by_name(tmp_path):
    data = log(tmp_path / "data", many(40, NETS))
    names = ["20260105T000000Z", "20260106T000000Z"]
    for name, start in zip(names, (-1, 1200 - 1), strict=True):
        cycle(tmp_path / "out", name, data, start, start + DAY)
    done = asked(*names, "--outputs", str(tmp_path / "out"))
    assert done.exit_code == 0 and "without the 4 trades that both have" in done.stdout


def test_one_that_is_not_there(sides, tmp_path):
    done = asked(sides[0], "20260105T000000Z", "--outputs", str(tmp_path))
    assert isinstance(done.exception, ParameterError) and "neither a cycle nor" in str(done.exception)
