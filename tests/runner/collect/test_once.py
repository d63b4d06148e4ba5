"""One reading of each chart for a person: what is checked besides that it can be read."""

from __future__ import annotations

from typing import Any

import pytest

from runner.collect.once import lines_of, read_once
from tests.runner.collect.raws import GREEN, RED, SETTINGS, chart, raw, ribbon, row, series, value

ONE = SETTINGS.model_copy(update={"timeframes": ("5min",)})
EMAS = [
    row("EMA", f"{length} close 0", [value("MA", text, RED)])
    for length, text in ((5, "2,504.50"), (10, "2,506.25"))
]


class Page:
    """A ChartSource that shows the same for ever."""

    alive = True

    def __init__(self, **rows: object) -> None:
        self.shown = raw([chart(**rows)])

    def start(self) -> None: ...

    def close(self) -> None: ...

    def reload(self, timeframe: str) -> None: ...

    def read(self, timeframe: str) -> dict[str, Any]:
        return self.shown


def told(**rows: object) -> dict[str, Any]:
    return read_once(ONE, Page(**rows))["5min"]


def test_a_chart_that_is_as_it_should_be():
    found = told()
    assert found["problems"] == []
    assert (found["state"], found["candle"]["volume"]) == ("all_green", 26_530.0)
    assert found["lines"]["MMA40"]["word"] == "yellow"


def test_single_emas_have_a_state_by_value():
    found = told(studies=EMAS)
    assert found["problems"] == []
    assert [line["word"] for line in found["lines"].values()] == ["green", "red"]
    assert found["state"] == "mixed"
    assert any(line.endswith("MMA5 2504.5 green") for line in lines_of({"5min": found}))


def test_colours_that_do_not_follow_their_lines_are_said_and_make_no_state():
    found = told(studies=[ribbon(colour=RED)])  # red, and the price above all
    assert found["state"] == "unknown"
    assert found["problems"][0] == "the colour of MMA5, MMA10 does not follow its line"
    assert found["problems"][1].startswith("no line says a direction: the state is unknown")
    minority = {"MMA05": "2,510.00", "MMA10": "2,503.25", "MMA20": "2,502.00"}
    found = told(studies=[ribbon(minority, colour=GREEN)])
    assert found["problems"] == ["the colour of MMA5 does not follow its line"]
    assert found["state"] == "all_green"


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ({"series": series(volume=None)}, "no volume is shown"),
        ({"series": row("E", "5", [value("C", "2,505.75")])}, "no open, high and low"),
        ({"studies": [ribbon(colour="rgb(33, 150, 243)")]}, "the state is unknown"),
        ({"studies": [ribbon() | {"description": "COINBASE:ETHUSD"}]}, "names another market"),
    ],
)
def test_what_is_wrong_is_said(rows, words):
    found = told(**rows)
    assert words in " ".join(found["problems"])
    assert any(words in line for line in lines_of({"5min": found}))
