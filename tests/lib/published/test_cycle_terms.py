"""The terms that a compile notebook works under: those given, else the folder's at its instant."""

from __future__ import annotations

import pandas as pd

from lib.contract.times import iso
from lib.lessons.advance import note_terms
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.published.cycle import cycle_terms
from tests.builders import START

OTHER = Terms(fee_pct=0.02)
HOUR = pd.Timedelta(hours=1)


def test_those_given_count_and_else_those_of_the_folder_at_the_instant(tmp_path):
    assert cycle_terms({}, tmp_path) == DEFAULT_TERMS
    note_terms(tmp_path, DEFAULT_TERMS, START)
    note_terms(tmp_path, OTHER, START + HOUR)
    assert cycle_terms({"stop_pct": 0.2}, tmp_path) == Terms(stop_pct=0.2)
    assert cycle_terms({}, tmp_path) == OTHER
    assert cycle_terms({}, tmp_path, iso(START + HOUR)) == OTHER
    assert cycle_terms({}, tmp_path, iso(START)) == DEFAULT_TERMS
