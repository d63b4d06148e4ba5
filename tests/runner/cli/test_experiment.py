"""`ribbon experiment`: what it costs is shown before anything is begun; begun, shown, listed, stopped and released."""

from __future__ import annotations

import json

import pytest
from typer.testing import CliRunner

from lib.experiments.log import EXPERIMENTS_FILE
from lib.experiments.rows import Stop, VerdictFound
from runner.cli import app
from runner.experiment.store import ExperimentStore

run = CliRunner()


@pytest.fixture
def ribbon(tmp_path, monkeypatch):
    """Runs a command of the group over an empty folder; `text` is the configuration."""
    config = tmp_path / "ribbon.toml"
    config.write_text("")
    monkeypatch.setenv("RIBBON_CONFIG", str(config))
    data = tmp_path / "data"
    data.mkdir()

    def call(*words: str, text: str | None = None, answers: str = ""):
        if text is not None:
            config.write_text(text)
        return run.invoke(app, ["experiment", *words, "--trading-data", str(data)], input=answers)

    call.data = data
    return call


def test_what_it_costs_is_shown_before_it_is_begun_and_a_no_begins_nothing(ribbon):
    found = ribbon("start", answers="n\n")
    assert "nothing was begun and nothing spent" in str(found.exception)
    assert "about 144 calls, $" in found.stderr
    assert "$2.00 and 250 calls, for all of it" in found.stderr
    assert "blocks with a trade show a difference of 0.05 %" in found.stderr
    assert "no lessons are published yet" in found.stderr
    assert not (ribbon.data / EXPERIMENTS_FILE).exists()


def test_begun_shown_listed_and_stopped(ribbon):
    begun = ribbon("start", "--yes", "--seed", "7", "--json")
    assert begun.exit_code == 0, begun.output
    definition = json.loads(begun.stdout)
    assert (definition["id"], definition["seed"], definition["share"]) == ("e1", 7, 0.5)
    again = ribbon("start", "--yes")
    assert (again.exit_code, "e1 is running" in str(again.exception)) == (1, True)
    shown = ribbon("status")
    assert "not yet: nothing is proven of lessons against no lessons" in shown.stdout
    assert "what an arm does to its own block, not what an account would make under it alone" in shown.stdout
    stopped = ribbon("stop", "--why", "enough", "--json")
    found = json.loads(stopped.stdout)
    assert (found["running"], found["judgement"]["verdict"]) == (False, "not_yet")
    assert found["state"].endswith(": enough")
    listed = json.loads(ribbon("list", "--json").stdout)
    assert [each["id"] for each in listed["experiments"]] == ["e1"]
    assert listed["chance"] == {"experiments": 1, "verdicts": 0, "by_chance": 0.05}
    assert "1 experiment begun, 0 verdicts; chance alone would give at most 0.05" in ribbon("list").stdout
    assert ribbon("start", "--yes").exit_code == 0
    assert "e2: lessons against no lessons" in ribbon("status").stdout
    assert "e1: lessons against no lessons" in ribbon("status", "e1").stdout


def test_nothing_there_is_said_with_what_to_do(ribbon):
    assert "ribbon experiment start" in ribbon("list").stdout
    assert "no experiment was begun here" in str(ribbon("status").exception)
    assert "no experiment is running" in str(ribbon("stop").exception)
    assert "nothing is to be released" in str(ribbon("release").exception)


def test_what_could_not_run_is_not_begun(ribbon):
    for text, said in (
        ('[trade]\ndecider = "rules"\n', "the loop is run by the rules"),
        ('[experiment.a]\nlessons = "' + "0" * 64 + '"\n', "is not kept"),
        ('[experiment]\nlesson = "no.such.lesson"\n', "is none: `ribbon lessons list --all`"),
        ('[experiment.b]\nmodel = "claude-haiku-5-5"\n', "what claude-haiku-5-5 costs is not known"),
        (
            '[experiment.b]\nrules = "/no/such/file.md"\n',
            "cannot be read: No such file or directory. Look at the path",
        ),
    ):
        found = ribbon("start", "--yes", text=text)
        assert said in str(found.exception), text
    assert not (ribbon.data / EXPERIMENTS_FILE).exists()


def test_proven_harm_is_shown_and_has_to_be_released_before_another_begins(ribbon):
    ribbon("start", "--yes")
    store = ExperimentStore(ribbon.data)
    store.append(lambda log: log.next_draw(log.current.definition.started + 1))
    from lib.experiments.rows import BlockEnded

    at = store.poll().newest.definition.started + 60_000_000
    known = {"at": at, "experiment": "e1"}
    store.append(
        lambda log: BlockEnded(
            **known, block=1, why="closed", trades=1, net_pct=-0.2, stop_pct=0.15, target_pct=0.3
        )
    )
    store.append(lambda log: VerdictFound(**known, verdict="harms", blocks=1, difference_pct=-0.2, log_e=3.7))
    store.append(lambda log: Stop(**known, why="harms"))
    shown = ribbon("status").stdout
    assert "harms: lessons made less than no lessons" in shown
    assert "gone back to no lessons since" in shown
    assert "gone back to no lessons since" in str(ribbon("start", "--yes").exception)
    released = ribbon("release")
    assert released.stdout.startswith("released: from the next tick on")
    assert "gone back" not in ribbon("status").stdout
    assert ribbon("start", "--yes").exit_code == 0


def test_a_log_that_was_edited_is_refused_with_file_line_text_and_remedy(ribbon):
    ribbon("start", "--yes")
    path = ribbon.data / EXPERIMENTS_FILE
    path.write_text(path.read_text().replace('"share":0.5', '"share":2'))
    said = str(ribbon("status").exception)
    assert f"{EXPERIMENTS_FILE}, line 1" in said
    assert "«" in said
    assert "Put the file back" in said
