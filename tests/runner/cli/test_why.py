"""`ribbon why`: words to stdout, JSON for programs, and a page into a file."""

from __future__ import annotations

import json
import os

import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.cli import app_for
from tests.runner.why.made import ASKED, decide, executed, log_events, market


@pytest.fixture
def folder(tmp_path):
    market(tmp_path, {ASKED + 4: 100.35})
    decide(tmp_path, **executed())
    log_events(tmp_path)
    return tmp_path


def asked(folder, *arguments: str):
    return CliRunner().invoke(app_for("why"), ["why", *arguments, "--trading-data", str(folder)])


def test_words_are_what_was_asked_for(folder):
    done = asked(folder, "claude-one")
    assert done.exit_code == 0 and done.stderr == ""
    assert (
        done.stdout.splitlines()[1] == "  claude-sonnet-5-5 said LONG with confidence 0.80: it was entered."
    )


def test_json_has_all_of_it(folder):
    done = asked(folder, "last", "--json")
    found = json.loads(done.stdout)
    assert found["decision"]["decision_id"] == "claude-one" and found["rails"][0]["verdict"] == "passed"
    assert "said LONG" in done.stderr


def test_a_page(folder):
    done = asked(folder, "claude-one", "--page", str(folder / "why.html"))
    assert (folder / "why.html").read_text().startswith("<!doctype html>")
    assert done.stdout.splitlines()[-1].endswith("why.html")


def test_a_page_takes_no_other_files_place(folder):
    """A name that was completed wrongly would be the end of a log."""
    log = folder / "claude_decisions.csv"
    before = log.read_bytes()
    done = asked(folder, "claude-one", "--page", str(log))
    assert isinstance(done.exception, ParameterError) and "a file stands there that is no page" in str(
        done.exception
    )
    assert log.read_bytes() == before
    done = asked(folder, "claude-one", "--page", str(folder))
    assert isinstance(done.exception, ParameterError) and "this is a folder" in str(done.exception)
    done = asked(folder, "claude-one", "--page", os.devnull)
    assert isinstance(done.exception, ParameterError) and "a pipe, a socket or a device" in str(
        done.exception
    )
    page = folder / "why.html"
    page.write_text("<!DOCTYPE HTML><title>an older one</title>")
    assert asked(folder, "claude-one", "--page", str(page)).exit_code == 0
    page.write_text("")
    assert asked(folder, "claude-one", "--page", str(page)).exit_code == 0
    assert page.read_text().startswith("<!doctype html>")


def test_one_that_is_not_there(folder):
    done = asked(folder, "claude-two")
    assert isinstance(done.exception, ParameterError) and "claude-one" in str(done.exception)
