"""Rows on one scale: what lies where, how it is marked, and what is read out of it."""

from __future__ import annotations

import re

import pytest
from bs4 import BeautifulSoup

from lib.draw.forest import Interval, LessonGroup, LessonLine, Scale, finding_of, forest
from runner.cycle.body import tidy


def line(low=0.05, mean=0.128, high=0.177, **more) -> LessonLine:
    told = {
        "statement": "LONG gains.",
        "standing": "Proven",
        "figures": "+0.128 %.",
        "needs": "",
        "share": 1.0,
    }
    return LessonLine(**(told | {"interval": Interval(low, mean, high)} | more))


def drawings(html: str) -> list[str]:
    return [each["style"] for each in BeautifulSoup(html, "html.parser").select(".interval")]


def test_all_groups_share_one_scale_folded_ones_too():
    near, loser = line(-0.02, 0.07, 0.16), line(-0.4, -0.3, -0.1, mark="proven")
    html = forest(
        [
            LessonGroup("To act on", [line(mark="told")]),
            LessonGroup("Near", [near]),
            LessonGroup("Rest", [loser], folded=True),
        ]
    )
    zeros = set(re.findall(r"linear-gradient\(currentColor 0 0\) (calc\([^)]*\))", html))
    assert len(zeros) == 1 and html.count("<details>") == 1
    assert len(drawings(html)) == 3
    ticks = [each.get_text() for each in BeautifulSoup(html, "html.parser").select("[aria-hidden] small")]
    assert len(ticks) % 2 == 0 and ticks[: len(ticks) // 2] == ticks[len(ticks) // 2 :], (
        "below the open rows and below the folded ones"
    )
    assert "0" in ticks


@pytest.mark.parametrize(
    "ends", [(0.05, 0.177), (-0.4, -0.1), (-0.02, 0.16), (-0.0001, 0.0002), (12.0, 480.0), (0.0, 0.0)]
)
def test_a_scale_holds_zero_and_all_ends_between_half_steps(ends):
    low, high = ends
    scale = Scale.of([line(low, (low + high) / 2, high)])
    for value in (0.0, low, high):
        assert 0 < scale.place(value) < 100
    assert 0.0 in [round(tick, 9) for tick in scale.ticks] and 2 <= len(scale.ticks) <= 8
    assert scale.place(scale.ticks[0]) == pytest.approx(50 / len(scale.ticks))


def test_interval_and_mark_lie_where_their_figures_are():
    scale = Scale.of([line()])
    (drawn,) = drawings(forest([LessonGroup("", [line(mark="told")])]))
    place, wide = re.search(r"0 0\) ([\d.]+)% 50%/([\d.]+)% 3px", drawn).groups()
    # A background's place is the share of what it leaves free.
    low = float(place) * (100 - float(wide)) / 100
    assert low == pytest.approx(scale.place(0.05), abs=0.02) and low + float(wide) == pytest.approx(
        scale.place(0.177), abs=0.02
    )
    mean = re.search(r"radial-gradient\(.*?\) calc\(([\d.]+)%", drawn)[1]
    assert float(mean) == pytest.approx(scale.place(0.128), abs=0.01)


@pytest.mark.parametrize(
    ("mark", "compared", "shape", "is_open"),
    [
        ("told", False, "radial", False),
        ("", True, "linear", False),
        ("ended", False, "radial", True),
        ("ended", True, "linear", True),
    ],
)
def test_a_mark_says_by_its_shape_what_it_is(mark, compared, shape, is_open):
    (drawn,) = drawings(forest([LessonGroup("", [line(mark=mark, compared=compared)])]))
    first = drawn.split("background: ")[1]
    assert first.startswith(f"{shape}-gradient(")
    assert ("var(--paper" in first) == is_open


def test_told_proven_and_all_else_have_three_colours():
    html = forest([LessonGroup("", [line(mark=mark) for mark in ("told", "proven", "", "ended")])])
    colours = [re.search(r"linear-gradient\((.+?) 0 0\)", drawn)[1] for drawn in drawings(html)]
    assert len(set(colours)) == 3 and colours[2] == colours[3]


def test_the_finding_is_read_out():
    groups = [
        LessonGroup("To act on", [line(), line(-0.2, -0.1, -0.05)]),
        LessonGroup("Near", [line(-0.1), line(interval=None)]),
    ]
    said = "Intervals on one scale. To act on: 1 above zero, 1 below zero; Near: 1 on both sides of zero."
    assert finding_of(groups) == said and f'aria-label="{said}"' in forest(groups)
    assert finding_of([LessonGroup("", [line(interval=None)])]) == "Intervals on one scale. 1 lesson."


def test_without_a_line_there_is_nothing_and_without_an_interval_a_bar_and_no_scale():
    assert forest([LessonGroup("To act on", [])]) == forest([]) == ""
    bare = forest([LessonGroup("", [line(interval=None, share=0.41, standing="41 % of it")])])
    assert 'class="bar"' in bare and "width: 41.0%" in bare and "<small" not in bare
    assert 'class="bar"' not in forest([LessonGroup("", [line(interval=None, share=None)])])


def test_what_a_file_says_is_escaped_and_a_report_keeps_all_of_it():
    html = forest([LessonGroup("<b>", [line(statement="<script>.", figures="<i>")], meant="<u>")], "<s>")
    assert not re.search(r"<(?:script|i|u|s)>", html)
    kept = tidy(f'<div class="cell">{html}</div>')
    assert drawings(kept) == drawings(html) != []
