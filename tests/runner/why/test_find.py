"""Which decision is meant, of a file whose rows are damaged; and a page of what is left of a trade."""

from __future__ import annotations

import pytest

from lib.contract.times import iso
from lib.errors import DataError, ParameterError
from runner.why.find import find_decision
from runner.why.page import why_page
from tests.builders import at
from tests.runner.why.made import ASKED, decide, executed, market, why


def test_rows_that_are_set_aside_are_said_and_not_told_as_none(tmp_path):
    market(tmp_path)
    decide(tmp_path, **executed(direction="HOLD"))
    with pytest.raises(DataError, match=r"none of its 1 rows can be taken \(1 bad_value\)"):
        find_decision(tmp_path, "last")
    decide(tmp_path, decision_id="claude-two", timestamp=iso(at(ASKED + 1)))
    assert find_decision(tmp_path, "last").row["decision_id"] == "claude-two"
    decide(tmp_path, decision_id="claude-three", timestamp=iso(at(ASKED + 2)))
    assert find_decision(tmp_path, "claude-two")[1:] == ("", "claude-three")
    assert find_decision(tmp_path, "last")[1:] == ("claude-two", "")
    with pytest.raises(ParameterError, match=r"no decision 'claude-one' \(1 bad_value rows were set aside\)"):
        find_decision(tmp_path, "claude-one")


@pytest.mark.parametrize(
    "changed", [{"exit_price": ""}, {"exit_time": ""}, {"entry_price": ""}, {"exit_reason": "<b>"}]
)
def test_a_page_is_made_whatever_of_a_trade_is_missing(tmp_path, changed):
    market(tmp_path)
    decide(tmp_path, **executed(**changed))
    assert "<html" in why_page(why(tmp_path), "assets/")
