"""The page of experiment figures is made of the figures that are kept, and they keep what is promised."""

from __future__ import annotations

import pytest

from bench.experiment.parts import NULLS
from scripts import made_page
from scripts import write_experiment_figures as command
from scripts.write_experiment_figures import PAGE, page


def kept() -> dict:
    return made_page.kept(PAGE)


def test_the_page_is_made_of_the_figures():
    assert PAGE.made() == page(kept()), "run: python -m scripts.write_experiment_figures"


def test_the_page_says_whether_all_runs_were_done():
    found = kept()
    assert found["scale"] == 1.0
    done = {name: figures["randomised"]["runs"] for name, figures in found["nulls"].items()}
    assert found["complete"] == (done == {world.name: runs for world, runs in NULLS})
    assert found["complete"] == ("not all runs were done" not in page(found))


def test_promises_are_kept_within_the_chance_of_the_runs():
    """At most 5 % of verdicts where there is nothing to find, and no more blocks than 1.15 times the method's tables."""
    found = kept()
    for name, figures in found["nulls"].items():
        if name != "days_less_often":  # there the arms do differ by day (docs/decisions/controlled-test.md)
            assert figures["randomised"]["interval"][0] <= 0.05, name
            assert "paired" not in figures or figures["paired"]["interval"][0] <= 0.05, name
    assert found["nulls"]["null"]["randomised"]["runs"] >= 300 and found["false_verdict_share"] <= 0.05
    assert found["episodes_needed"] <= found["within"] * found["episodes_table"]
    assert found["paired_needed"] <= found["within"] * found["paired_table"]


def test_a_bench_that_is_not_done_makes_no_page(tmp_path):
    file = tmp_path / "found.json"
    file.write_text('{"scale": 1.0}', encoding="utf-8")
    with pytest.raises(SystemExit, match="not done"):
        command.main(str(file))
