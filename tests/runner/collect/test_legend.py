"""Lines by the names of their plots: one study with many, many studies with one, and what cannot be told apart."""

from __future__ import annotations

import pytest

from runner.collect.legend import Line, read_legend
from runner.collect.page_texts import Number, NumberFormError
from tests.runner.collect.raws import GREEN, RED, ribbon, row, value


def ema(description: str, text: str = "2,500.00", **more):
    return row("EMA", description, [value("MA", text), value("Smoothing Line", "∅", "")], **more)


def test_one_study_with_many_plots_by_name():
    shuffled = {"MMA100": "3.00", "MMA05": "1.00", "MMA45": "2.00"}
    legend = read_legend([ribbon(shuffled)])
    assert {name: line.number.value for name, line in legend.lines.items()} == {
        "MMA5": 1.0,
        "MMA45": 2.0,
        "MMA100": 3.0,
    }
    assert list(legend.lines) == ["MMA5", "MMA45", "MMA100"]


def test_twelve_studies_by_the_length_in_their_description():
    lengths = (5, 10, 15, 20, 25, 30, 35, 40, 50, 60, 75, 100)
    studies = [
        ema(f"{length} close 0", f"2,5{length:02d}.00" if length < 100 else "2,600.00") for length in lengths
    ]
    legend = read_legend(reversed(studies))
    assert list(legend.lines) == [f"MMA{length}" for length in lengths]
    assert legend.lines["MMA75"].number == Number(2575.0, 2)
    assert legend.problems == []


def test_descriptions_that_tell_no_line():
    legend = read_legend(
        [ema("5 hl2 0"), ema("close"), row("EMA", "20 close", [value("MA", "1"), value("EMA", "2")])]
    )
    assert legend.lines == {}
    assert len(legend.problems) == 3
    assert "not of the close" in legend.problems[0]


def test_the_hue_of_a_study_of_its_own_is_no_direction():
    hues = [row("EMA", "5 close 0", [value("MA", "1.00", hue)]) for hue in (GREEN, RED)]
    assert read_legend(hues[:1]).lines["MMA5"] == Line(Number(1.0, 2), "", by_value=True)
    assert read_legend(hues) == read_legend(hues[:1])  # added twice, painted twice, the same line
    assert not read_legend([ribbon({"MMA05": "1.00"})]).lines["MMA5"].by_value


def test_a_ribbon_that_was_added_twice_is_read_though_one_copy_is_hidden():
    shown, other = ribbon({"MMA05": "1.00"}), ribbon({"MMA05": "2.00"})
    for copy in (ribbon({"MMA05": "1.00"}), other | {"hidden": True}, ribbon({"MMA05": "∅"})):
        legend = read_legend([shown, copy])
        assert (legend.lines["MMA5"].number, legend.problems) == (Number(1.0, 2), [])
    legend = read_legend([shown, other])
    assert legend.lines["MMA5"] == Line(None)
    assert legend.problems == ["MMA5 is shown by 2 studies with different values"]


def test_while_one_copy_of_a_ribbon_loads_the_line_is_loading_and_no_difference_is_told():
    legend = read_legend([ribbon({"MMA05": "1.00"}), ribbon({"MMA05": "2.00"}, status="loading")])
    assert legend.lines["MMA5"] == Line(None, loading=True)
    assert legend.problems == []


@pytest.mark.parametrize(
    "description", ["5 close 0 SMA 5", "5 close", "close 5", "BINANCE:ETHUSDT 5 close 0 SMA 5 2"]
)
def test_all_inputs_of_a_description(description):
    assert list(read_legend([ema(description)]).lines) == ["MMA5"]


@pytest.mark.parametrize(
    ("description", "words"),
    [("5 close 3 SMA 5", "shifted"), ("5 close \u22122", "shifted"), ("5 hlc3 0 SMA 5", "not of the close")],
)
def test_inputs_that_make_another_line(description, words):
    legend = read_legend([ema(description)])
    assert legend.lines == {}
    assert words in legend.problems[0]


def test_another_study_is_no_line():
    others = [
        row("RSI", "14 close", [value("RSI", "55.20")]),
        row("Volume", "", [value("Volume", "26 K")]),
        row("EMA Cross", "5", [value("Short", "1")]),
    ]
    assert read_legend(others).lines == {}
    # Its texts are not looked at: a form that would be refused does not matter there.
    assert read_legend([*others, row("VWAP", "", [value("VWAP", "1.234,5")])]).lines == {}


def test_missing_hidden_and_loading_plots_have_no_value():
    hidden = row(
        "R",
        "",
        [
            value("MMA5", "1.00"),
            value("MMA10", "", hidden=True),
            value("MMA15", "∅", ""),
            value("MMA20", "n/a", ""),
        ],
    )
    legend = read_legend([hidden])
    assert [line.number is None for line in legend.lines.values()] == [False, True, True, True]
    assert read_legend([ribbon(hidden=True)]).lines["MMA5"] == Line(None)
    loading = read_legend([ribbon(status="loading")])
    assert loading.lines["MMA5"] == Line(None, loading=True)  # though it still shows a number
    assert loading.loading


def test_a_number_of_another_language_is_refused():
    with pytest.raises(NumberFormError):
        read_legend([ribbon({"MMA05": "2.504,50"})])


def test_two_plots_of_one_line():
    same = [ribbon({"MMA05": "1.00"}), ribbon({"MMA05": "1.00"})]
    assert read_legend(same).lines["MMA5"].number == Number(1.0, 2)
    differing = read_legend([ribbon({"MMA05": "1.00"}), ribbon({"MMA05": "2.00"})])
    assert differing.lines["MMA5"].number is None
    assert "2 studies" in differing.problems[0]
    # A plot that bears the name outranks a description.
    assert read_legend([ema("5 close"), ribbon({"MMA05": "1.00"})]).lines["MMA5"].number == Number(1.0, 2)


def test_the_study_asked_for_only():
    studies = [
        row("Fast Ribbon", "", [value("MMA5", "1.00")]),
        row("Madrid Ribbon", "", [value("MMA5", "2.00")]),
    ]
    assert read_legend(studies, "madrid").lines["MMA5"].number == Number(2.0, 2)


def test_markets_that_descriptions_name():
    assert read_legend([ema("COINBASE:ETHUSD 5 close 0"), ema("10 close 0")]).symbols == {"COINBASE:ETHUSD"}
    assert read_legend([row("Ribbon v2:3", "src:close len:5", [value("MMA5", "1", GREEN)])]).symbols == set()
