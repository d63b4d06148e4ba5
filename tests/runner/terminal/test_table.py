from __future__ import annotations

import io
import sys

import pytest

from lib.contract.text_table import TextTable, plain_lines
from runner.terminal.gate import Gate
from runner.terminal.table import show

TABLE = TextTable(
    ("lesson", "n", "net"),
    [("trades.pattern.all_green.beats", "482", "+$7.90"), ("b\x1b[31m", "1", "-$2.00"), ("c", "0", "+$0.00")],
)


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(monkeypatch, stream, part=TABLE, columns: int = 80) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setattr(sys, "stdout", Gate(stream))
    show(part, err=False)
    return stream.getvalue()


def test_in_a_pipe_it_is_plain_and_whole(monkeypatch):
    text = shown(monkeypatch, io.StringIO(), columns=20)
    assert "trades.pattern.all_green.beats" in text and "\\x1b[31m" in text and "\x1b" not in text
    assert text.splitlines()[1].strip("- ") == ""


def test_on_a_terminal_money_has_a_colour_and_data_has_none(monkeypatch):
    text = shown(monkeypatch, Screen())
    assert "\x1b[1m" in text and "\x1b[32m+$7.90" in text and "\x1b[31m-$2.00" in text and "\\x1b[31m" in text
    assert "\x1b[32m+$0.00" not in text


@pytest.mark.parametrize("columns", [24, 40, 120])
def test_it_is_as_wide_as_the_terminal_and_loses_nothing(monkeypatch, columns):
    monkeypatch.setenv("NO_COLOR", "1")
    long = TextTable(("id", "what"), [("short", "word " * 30), ("x" * 30, "end")], left=(0, 1))
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "dumb")
    monkeypatch.setenv("LINES", "25")  # of a dumb terminal the width counts only where the height is said too
    stream = Screen()
    monkeypatch.setattr(sys, "stdout", Gate(stream))
    show(long, err=False)
    text = stream.getvalue()
    assert max(map(len, text.splitlines())) <= columns
    assert text.count("word") == 30 and text.count("x") == 30


def test_a_table_may_have_another_form_in_a_pipe(monkeypatch):
    other = TextTable(("a",), [("1",)], plain=("a = 1",))
    assert shown(monkeypatch, io.StringIO(), other) == "a = 1\n"
    assert plain_lines(["head", other]) == ["head", "a = 1"]


def test_errors_are_where_they_are_asked_for(monkeypatch, capsys):
    show("a line", err=True)
    assert capsys.readouterr().err == "a line\n"
