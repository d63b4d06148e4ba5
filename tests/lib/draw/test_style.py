from __future__ import annotations

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb

from lib.contract import schema
from lib.draw import style

# Machado, Oliveira and Fernandes (2009), severity 1.0: linear RGB as people without the red and the green cone see it.
PROTANOPIA = [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
]
DEUTERANOPIA = [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.011820, 0.042940, 0.968881],
]


def lab(colour: str, seen: list[list[float]]) -> np.ndarray:
    """CIE Lab of a colour as seen through a 3 × 3 matrix."""
    value = np.array(to_rgb(colour))
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    linear = np.clip(np.array(seen) @ linear, 0, 1)
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    x, y, z = np.cbrt(np.maximum(np.array(to_xyz) @ linear / [0.9505, 1.0, 1.089], 0.008856))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize(
    "seen", [np.eye(3).tolist(), PROTANOPIA, DEUTERANOPIA], ids=["usual", "protan", "deutan"]
)
@pytest.mark.parametrize(
    "pair",
    [
        (style.LONG, style.SHORT),
        (style.PROFIT, style.LOSS),
        (style.STATE_COLOURS["all_green"], style.STATE_COLOURS["all_red"]),
        (style.LINE_COLOURS["green"], style.LINE_COLOURS["red"]),
        *itertools.combinations([style.REGIME_COLOURS[name] for name in schema.REGIMES[:4]], 2),
    ],
)
def test_colours_that_must_be_told_apart_differ_for_colour_blind_readers_too(pair, seen):
    distance = np.linalg.norm(lab(pair[0], seen) - lab(pair[1], seen))
    assert distance > 20, f"{pair} are {distance:.0f} apart"


def test_pure_red_and_green_would_fail_that_test():
    # Moderate red and green, the pair that the test above is there to keep out.
    assert np.linalg.norm(lab("#B05A3C", DEUTERANOPIA) - lab("#6F7F3A", DEUTERANOPIA)) < 20


def test_every_state_regime_and_quality_has_a_colour():
    assert set(style.STATE_COLOURS) == set(schema.STATES)
    assert set(style.REGIME_COLOURS) == set(schema.REGIMES)
    assert set(style.QUALITY_COLOURS) == set(schema.QUALITIES)


def test_new_axes_have_the_style_and_name_their_source():
    ax = style.new_axes(height=3.0, source="rule decider on a synthetic market")
    assert ax.figure.get_size_inches().tolist() == [style.WIDTH_INCHES, 3.0]
    assert ax.figure.get_supxlabel() == "rule decider on a synthetic market"
    assert mpl.rcParams["text.parse_math"] is False
    plt.close("all")


def test_ink_on_pale_and_white_on_deep_grounds():
    pale, deep = ("white", "#F6C9AC", "#E08A4F", "#A9D0E8"), ("#C8560F", "#0B6CA8", "black")
    assert {style.ink_on(colour) for colour in pale} == {style.INK}
    assert {style.ink_on(colour) for colour in deep} == {"white"}


def test_grid_of_axes_comes_row_by_row():
    axes = style.new_axes_grid(2, 2)
    places = [(ax.get_subplotspec().rowspan.start, ax.get_subplotspec().colspan.start) for ax in axes]
    assert places == [(0, 0), (0, 1), (1, 0), (1, 1)]
    plt.close("all")
