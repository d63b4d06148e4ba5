"""`ribbon notify-test`."""

from __future__ import annotations

import json

import pytest
import typer
from typer.testing import CliRunner

from lib.errors import ParameterError
from runner.cli import app
from runner.errors import NotifyError

# apprise's plugins import a module that Python 3.11 and 3.12 call deprecated.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def run(*arguments: str):
    return CliRunner().invoke(app, ["notify-test", *arguments])


def test_without_an_address_it_says_how_to_set_one(monkeypatch):
    monkeypatch.delenv("RIBBON_NOTIFY__URLS", raising=False)
    result = run()
    assert isinstance(result.exception, ParameterError)
    assert "RIBBON_NOTIFY__URLS" in str(result.exception)


def test_a_service_that_does_not_take_it_is_an_error(monkeypatch):
    monkeypatch.setenv("RIBBON_NOTIFY__URLS", "json://127.0.0.1:9/")
    result = run("--json")
    assert isinstance(result.exception, NotifyError)
    assert json.loads(result.stdout) == {"failed": 1}


def test_it_is_a_command():
    names = [command.name for command in app.registered_commands]
    assert "notify-test" in names
    assert isinstance(app, typer.Typer)


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
