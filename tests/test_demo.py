"""`make demo` shows what it says: a lesson to act on and one that ended, both of planted edges; what is there is not made again."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from lib.errors import DataError
from lib.lessons.compiling import lessons_at
from lib.lessons.lesson import Lessons
from lib.lessons.listing import lessons_text
from lib.paths import repository_root
from runner.fetch.simulated import NOTE_FILE, Simulation, write_simulation
from scripts import make_demo

README = (repository_root() / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("demo") / "market"
    make_demo.make_market(folder)
    return folder


@pytest.fixture(scope="module")
def lessons(demo) -> Lessons:
    return lessons_at(demo, make_demo.MARKET.end)


@pytest.mark.slow
def test_the_edge_that_stays_is_told_and_the_one_that_went_has_ended(lessons):
    told = {lesson.id for lesson in lessons.lessons if lesson.consequence == "act_on"}
    ended = {lesson.id: lesson for lesson in lessons.lessons if lesson.status == "ended"}
    assert "answers.setup.LONG_BOTH_GREEN.above" in told
    assert not any("wick.present" in name for name in told)
    assert ended["trades.wick.present.above"].why == "no_longer"  # so it had been proven


@pytest.mark.slow
def test_the_readme_shows_what_the_list_says(lessons):
    shown = next(block for block in re.findall(r"```\n(.*?)```", README, re.DOTALL) if " ep, " in block)
    assert " ".join(shown.split()) in " ".join(lessons_text(lessons).split())


@pytest.mark.slow
def test_a_second_time_changes_nothing_and_an_older_demo_is_replaced(demo, tmp_path, capsys):
    before = {path.name: path.read_bytes() for path in demo.iterdir() if path.is_file()}
    make_demo.make_market(demo)
    assert {path.name: path.read_bytes() for path in demo.iterdir() if path.is_file()} == before
    old = tmp_path / "old"
    write_simulation(Simulation(0.5, 1, make_demo.MARKET.end, step_seconds=60), old)
    (old / ".complete").touch()
    make_demo.make_market(old)
    assert "an older demo" in capsys.readouterr().err
    assert {path.name: path.read_bytes() for path in old.iterdir() if path.is_file()} == before
    assert not list(tmp_path.glob(".*"))


def test_what_nobody_simulated_is_left_alone(tmp_path):
    (tmp_path / "ema_data_5min.csv").write_text("timestamp,price\n2025-06-03T00:00:00Z,1\n")
    with pytest.raises(DataError, match="another source"):
        make_demo.make_market(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["ema_data_5min.csv"]
    assert not (tmp_path / NOTE_FILE).exists()


def test_only_cycles_that_are_missing_run_and_the_last_one_always(tmp_path, monkeypatch):
    hours = [f"2025-06-15T{hour:02}:00:00Z" for hour in range(7, 13)]
    assert make_demo.hours_to_run(tmp_path) == hours
    sample = repository_root() / "tests" / "yesterday" / "training_history.jsonl"
    record = json.loads(sample.read_text(encoding="utf-8").splitlines()[0])

    def told(count: int) -> None:
        lines = [
            json.dumps(record | {"timestamp": hour, "cycle_number": number})
            for number, hour in enumerate(hours[:count], 1)
        ]
        (tmp_path / "training_history.jsonl").write_text("".join(f"{line}\n" for line in lines))

    told(2)
    assert make_demo.hours_to_run(tmp_path) == hours[2:]
    told(6)
    assert make_demo.hours_to_run(tmp_path) == hours[-1:]


def test_the_readme_says_that_the_edges_were_planted():
    source = "simulated decisions on a synthetic market with planted edges"
    assert source in README and "**planted**" in README
