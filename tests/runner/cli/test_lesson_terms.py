"""`ribbon lessons list --terms`: the lessons of earlier terms as they ended."""

from __future__ import annotations

import json

import pandas as pd
import pytest
from typer.testing import CliRunner

from lib.errors import ParameterError
from lib.lessons.advance import note_terms
from lib.lessons.compiling import lessons_at
from lib.lessons.eras import eras_of
from lib.market.terms import DEFAULT_TERMS, Terms
from runner.cli import app_for
from tests.builders import START
from tests.lib.lessons.streams.made import lively_market, write_folder

HOUR = pd.Timedelta(hours=1)
CHANGED = START + 4.5 * HOUR


@pytest.fixture(params=[False, True], ids=["not yet set aside", "set aside"])
def folder(request, tmp_path):
    """Ten hours whose terms changed in the middle; with a cycle after the change, or without."""
    found = write_folder(tmp_path / "data", lively_market(1, 10))
    lessons_at(found, START + 3 * HOUR, keep=True, terms=DEFAULT_TERMS)
    note_terms(found, Terms(fee_pct=0.02), CHANGED)
    if request.param:
        lessons_at(found, START + 10 * HOUR, keep=True)
    return found


def listed(folder, *words: str):
    command = ["lessons", "list", *words, "--trading-data", str(folder)]
    return CliRunner().invoke(app_for("lessons"), command, catch_exceptions=False)


def test_an_earlier_ledger_is_listed_as_it_ended_and_nothing_is_written(folder):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    first, _ = eras_of(folder)
    done = listed(folder, "--terms", first.key, "--json")
    found, then = json.loads(done.stdout), lessons_at(folder, CHANGED - pd.Timedelta(seconds=1))
    assert done.stderr.startswith(f"{first.key}: since the start of the log: {DEFAULT_TERMS.words()}")
    assert found["summary"]["head"] == "2026-01-05T04:00:00Z"
    assert found["summary"]["trades"] == then.summary.trades > 0
    assert Terms.model_validate(found["terms"]) == DEFAULT_TERMS
    assert f"asked of {then.summary.trades} own trades" in listed(folder, "--terms", first.key[:4]).stdout
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_a_wrong_key_names_those_there_are(folder):
    with pytest.raises(ParameterError) as refused:
        listed(folder, "--terms", "wrong")
    assert all(era.words() in str(refused.value) for era in eras_of(folder))
