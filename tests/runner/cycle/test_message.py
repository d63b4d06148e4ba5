from __future__ import annotations

import base64
import json

import pytest

from lib.draw.lessons import LessonGroups
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.message import first_picture, lessons_of, message_of
from runner.cycle.plan import NOTEBOOKS
from tests.lib.draw.test_lessons import insights
from tests.lib.lessons.made_lessons import candidate, lesson

PIXEL = base64.b64encode(b"png").decode()


@pytest.fixture
def manifest():
    source = {"label": "x", "synthetic": False, "decisions": "live", "coin": "ETH"}
    inputs = Inputs("2025-06-15T11:00:00Z", "2025-06-14T11:00:00Z", 24.0, source, {})
    return new_manifest("20250615T110500Z", "2025-06-15T11:05:00Z", inputs, NOTEBOOKS, {})


def test_a_cycle_says_what_happened_what_is_proven_told_and_new(manifest):
    overall = {
        "total": 44,
        "wins": 17,
        "win_rate": 38.6,
        "win_rate_low": 26.0,
        "win_rate_high": 53.0,
        "episodes": 44,
    }
    overall |= {"net_mean_pct": -0.066, "net_low_pct": -0.134, "net_high_pct": 0.001}
    manifest.headline = {
        "trades": 44,
        "net_pnl": -69.61,
        "gross_pnl": 25.12,
        "overall": overall,
        "breakeven_win_rate": 53.3,
    }
    manifest.headline |= {
        "lessons_to_act_on": 2,
        "proven_lessons": 20,
        "hypotheses": 338,
        "nearest_share": 0.4,
    }
    found = message_of(manifest)
    assert found.happened[0].startswith("You lost $69.61 per 1 ETH") and "53.3 % needed" in found.sure[0]
    assert (
        found.proven[0] == "2 lessons are proven and large enough for Claude to act on."
        and "338" in found.proven[1]
    )
    assert found.told.startswith("Claude is told these 2 lessons") and "not recorded" in found.changed
    assert "these 2 lessons already. To know whether telling helps" in found.step
    manifest.headline["experiment_state"] = "running"
    assert message_of(manifest).step.startswith("What to do: wait; the controlled test")
    manifest.prompt_held_since = "2026-01-05T10:00:00Z"
    assert "`ribbon lessons rollback --release`" in message_of(manifest).step


def test_without_a_lesson_the_step_says_what_the_nearest_needs(manifest):
    manifest.headline = {"lessons_to_act_on": 0, "proven_lessons": 0}
    nearest = LessonGroups(insights(candidate()))
    (near,) = nearest.nearest
    assert message_of(manifest, nearest).step.endswith(f"Nearest to proof: {near.statement} {near.needs}")
    assert message_of(manifest).step.endswith("until something is proven.")


def test_a_cycle_that_failed_asks_for_a_look_and_one_of_an_older_version_for_nothing(manifest):
    manifest.status = "failed"
    assert "look at what went wrong" in message_of(manifest).step
    manifest.status = "ok"
    assert message_of(manifest).step == ""


@pytest.mark.parametrize(
    "headline",
    [
        {},
        {"trades": None, "net_pnl": None},
        {"trades": 3, "net_pnl": "x"},
        {"trades": 1, "net_pnl": 0.5, "overall": "torn"},
    ],
)
def test_older_and_broken_figures_are_no_error(manifest, headline):
    manifest.headline = headline
    assert message_of(manifest).happened and message_of(manifest).proven[0].startswith(
        "What is proven is not known"
    )


def test_lessons_of_a_folder_or_none(tmp_path):
    assert lessons_of(tmp_path) is None
    (tmp_path / "training_insights.json").write_text("{torn")
    assert lessons_of(tmp_path) is None
    (tmp_path / "training_insights.json").write_text(json.dumps(insights(lesson())))
    assert lessons_of(tmp_path).act_on


def test_the_first_picture_with_its_words(tmp_path):
    path = tmp_path / "n.ipynb"
    assert first_picture(path) is None
    bad = {"data": {"image/png": '"><script>'}}
    good = {"data": {"image/png": PIXEL}, "metadata": {"image/png": {"alt": "It fell."}}}
    path.write_text(json.dumps({"cells": [{"outputs": []}, {"outputs": [bad, good]}]}))
    assert first_picture(path) == (PIXEL, "It fell.")
