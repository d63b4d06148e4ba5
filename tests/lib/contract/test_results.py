from __future__ import annotations

import math
import random
import re
import struct
from typing import Any

import pytest
from pydantic import ValidationError

from lib.contract.analyzers import ANALYZERS
from lib.contract.optimal_vs_actual import ShiftedTotals
from lib.contract.results import GroupStats, Model
from lib.contract.smart_backtest import ExitCount, TradeExample
from lib.data.atomic import json_text
from lib.paths import repository_root


def defined() -> dict[str, list[str]]:
    """The keys that each result has by docs/definitions.md, Result keys, without the parts of its values."""
    page = (repository_root() / "docs" / "definitions.md").read_text(encoding="utf-8")
    found = {}
    for name, keys in re.findall(
        r"^\| (\w+) \| (.+) \|$", page.partition("\n## Result keys\n")[2], re.MULTILINE
    ):
        text = keys.partition("*(not yet)*")[0]
        while text != (text := re.sub(r"\{[^{}]*\}|\([^()]*\)", "", text)):
            pass
        found[name] = re.findall(r"\w+", text)
    return found


@pytest.mark.parametrize("analyzer", ANALYZERS, ids=lambda analyzer: analyzer.name)
def test_results_have_the_keys_of_the_definitions(analyzer):
    keys = defined()[analyzer.key]
    assert keys and set(keys) <= set(analyzer.model.model_fields)


def test_parts_have_the_keys_of_the_definitions():
    assert {"total", "wins", "win_rate", "total_pnl"} <= set(GroupStats.model_fields)
    assert set(ExitCount.model_fields) == {"count", "profitable"}
    example = "direction entry_price exit_price pnl_dollars hold_minutes entry_ribbon_5min entry_ribbon_15min exit_reason"
    assert set(example.split()) <= set(TradeExample.model_fields)


def test_the_definitions_are_read():
    found = defined()
    assert found["regime_analysis"] == ["current_regime", "regime_strategy", "wick_performance"]
    assert {"long_stats", "short_stats", "key_lessons"} <= set(found["actual_performance"])
    assert "wins" not in found["actual_performance"] and {"selection", "learnable", "optimal_rank"} <= set(
        found["optimal_comparison"]
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_no_figure_without_a_value_is_ever_published(value):
    with pytest.raises(ValidationError):
        ShiftedTotals(mean=value, p5=0.0, p95=1.0, shifts=200)


def test_a_misspelt_key_is_an_error():
    with pytest.raises(ValidationError):
        ExitCount(count=1, profitable=0, profitible=1)


class Figures(Model):
    figure: float
    figures: list[float]
    more: dict[str, Any]


EDGES = [
    0.0,
    -0.0,
    5e-324,
    1e-4,
    9.9999e-5,
    1e-5,
    -1e-7,
    0.0001,
    10.00001,
    1e15,
    9999999999999998.0,
    1e16,
    1e22,
    1e23,
]


def test_the_text_of_a_model_is_that_of_its_dump_to_the_last_byte():
    chance = random.Random(5)
    figures = [
        *EDGES,
        *(round(chance.uniform(-1e-3, 1e-3), chance.randint(3, 9)) for _ in range(500)),
        *(chance.uniform(-1, 1) * 10 ** chance.randint(-8, 20) for _ in range(500)),
        *filter(math.isfinite, (struct.unpack("d", chance.randbytes(8))[0] for _ in range(500))),
    ]
    for figure in figures:
        words = {
            "0.00001 1e5,": f" {figure},",
            'é\n\x01\x7f\u2028"\\/': [{}, [], None, True, 10**17, {"of": figure}],
        }
        model = Figures(figure=figure, figures=[figure, -figure], more=words)
        assert model.file_text() == json_text(model.model_dump(mode="json"))


def test_the_text_of_a_model_has_no_number_that_is_none():
    with pytest.raises(ValidationError):
        Figures(figure=math.nan, figures=[], more={})
