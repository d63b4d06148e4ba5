"""Wherever lessons are counted, what is to be acted on is counted: of one ledger all places say the same, in all its counts."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from bs4 import BeautifulSoup
from typer.testing import CliRunner

from lib.contract.times import iso
from lib.draw.compiled import show_weeks
from lib.draw.lessons import LessonGroups, insights_finding
from lib.history.lesson_effects import effects_at, evidence_counts, publish_effects
from lib.history.log import record_cycle, store_record
from lib.history.report import text_report
from lib.history.trends import weekly
from lib.lessons.choices import Choices
from lib.lessons.compiling import compile_lessons
from lib.prompt.addition import compose_prompt
from lib.published.insights import compile_insights
from lib.published.pair import publish
from runner.cli import app
from runner.cycle.headline import headline
from runner.cycle.index import write_index
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import new_manifest
from runner.cycle.plan import NOTEBOOKS
from runner.notify.messages import cycle_message
from tests.lib.contract.made import all_published, trades
from tests.lib.lessons.made_ledger import BEGIN, HOUR, ledger_of, own

COUNT = 600
END = BEGIN + COUNT * HOUR
#: A group each: all trades, and two or three values of five attributes. Each is proven by itself.
GROUPS = {
    "direction": ("LONG", "SHORT"),
    "wick": ("present", "absent"),
    "timeframes": ("agree", "apart"),
    "band": ("high", "medium", "low"),
    "pattern": ("all_green", "all_red"),
}
PROVEN = 1 + sum(map(len, GROUPS.values()))


def table(net_pct: float) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    columns = {name: rng.choice(values, COUNT) for name, values in GROUPS.items()}
    return own([net_pct] * COUNT, worst_pct=0.1, best_pct=0.1 + max(net_pct, 0.0), **columns)


def ribbon(*words: str) -> str:
    done = CliRunner().invoke(app, words)
    assert done.exit_code == 0, done.output
    return done.stdout


@pytest.fixture
def said(tmp_path):
    """What each place says of a ledger of trades that all brought `net_pct`; by name of the place."""

    def of(net_pct: float) -> dict[str, str]:
        data, outputs = tmp_path / "data", tmp_path / "outputs"
        run_dir = outputs / "20250626T000500Z"
        run_dir.mkdir(parents=True)
        data.mkdir()
        as_of = iso(END)
        with ledger_of(data, table(net_pct)) as store:
            lessons = compile_lessons(store, END, Choices([], 0))
        insights = compile_insights(all_published(as_of), None, as_of, lessons)
        prompt = compose_prompt(insights)
        publish(data, insights, prompt)
        record = record_cycle(insights, trades([0.1]), trades([0.1]), [])
        store_record(data, record)
        publish_effects(effects_at(data, as_of), evidence_counts(insights), run_dir)
        inputs = Inputs(as_of, iso(END - 24 * HOUR), 24.0, {"label": "live trader"}, {})
        manifest = new_manifest(run_dir.name, as_of, inputs, NOTEBOOKS, {"as_of": as_of})
        manifest.status, manifest.headline = "ok", headline(run_dir)
        manifest.write(run_dir)
        index = BeautifulSoup(write_index(outputs).read_text(), "html.parser")
        folder = ("--trading-data", str(data))
        return {
            "prompt": prompt,
            "insights": str(insights["evidence"]),
            "lessons": ribbon("lessons", "list", *folder),
            "status": ribbon("status", *folder),
            "history": ribbon("history", *folder),
            "weeks": repr(show_weeks(weekly([record]))),
            "report": "\n".join([*insights_finding(insights).said, repr(LessonGroups(insights))]),
            "notebook": text_report([record]),
            "index": " ".join(cell.get_text(" ", strip=True) for cell in index.select("tbody td")),
            "notification": cycle_message(manifest.__dict__).body,
        }

    return of


@pytest.mark.parametrize(("net_pct", "act_on"), [(-0.03, 0), (0.05, PROVEN)])
def test_every_place_counts_what_is_to_be_acted_on(said, net_pct, act_on):
    """Losing 0.03 % an episode is less than the fees: twelve lessons are proven, and all of them only restate the costs."""
    places = said(net_pct)
    counts = f"{act_on} to act on of {PROVEN} proven"
    assert counts in places["lessons"] and counts in places["status"]
    assert f"'proven': {PROVEN}, 'act_on': {act_on}" in places["insights"]
    assert (
        places["history"].count(f" {act_on} of {PROVEN} ")
        == 2
        == places["notebook"].count(f" {act_on} of {PROVEN} ")
    )
    assert f"{act_on} of {PROVEN} proven" in places["index"]
    assert f"lessons to act on {act_on}, proven lessons {PROVEN}" in places["notification"]
    assert f"To act on ({act_on})\n" in places["report"]
    restating = f"Proven losers that are no advice ({PROVEN})"
    assert (restating in places["report"]) == (not act_on)
    first = "Proven: all trades gain after costs; " if act_on else "Nothing is proven that could be acted on."
    assert places["report"].startswith(first)
    assert re.search(rf"\b{act_on}\s+{PROVEN}\b", places["weeks"])
    told = f"Act on the {act_on} proven lessons below" if act_on else "There is no lesson to act on yet"
    assert told in places["prompt"] and places["prompt"].count("- FAVOUR: ") <= act_on
    assert ("No lesson yet" in places["prompt"]) == ("No lesson yet" in places["lessons"]) == (not act_on)
    for name, text in places.items():
        assert not re.search(r"\bactive\b|\bsupported lesson", text, re.IGNORECASE), name
        if "No lesson yet" in text:
            assert not re.search(r"\b[1-9]\d* (lessons? )?to act on", text), name


def test_the_facts_beside_no_lesson_yet_are_the_proven_ones(said):
    prompt = said(-0.03)["prompt"]
    assert f"{PROVEN} of 111 hypotheses proven, but none to act on." in re.sub(
        r"of \d+ hyp", "of 111 hyp", prompt
    )
    assert f"restating the costs ({PROVEN - 1} more)" in prompt, "that all trades lose is told as a fact"
    assert (
        "All trades lose after costs" in prompt and "That only restates the costs and is no advice." in prompt
    )
