"""Values set in a TOML text: what was there stays, comments with it."""

from __future__ import annotations

import tomllib

import pytest

from runner.errors import ConfigError
from runner.setup.toml_values import with_values

TEXT = """\
# my set-up
[trade]
decider = "rules"  # for now
stale_s = 25.0

[trade.paper]
# what I have
equity = 500.0

[claude]
max_tokens = 700
"""


def test_a_value_is_set_in_its_line_and_all_else_stays():
    assert with_values(TEXT, {("trade", "decider"): "claude"}) == TEXT.replace('"rules"', '"claude"')
    assert with_values(TEXT, {("trade", "paper", "equity"): 750.0}) == TEXT.replace("500.0", "750.0")


def test_what_stands_there_already_is_not_touched():
    assert with_values(TEXT, {("trade", "decider"): "rules", ("trade", "paper", "equity"): 500.0}) is TEXT


def test_a_table_that_lacks_is_made_at_the_end():
    made = with_values(TEXT, {("collect", "source"): "exchange", ("collect", "symbol"): "ETH/USDT"})
    assert made == TEXT + '\n[collect]\nsource = "exchange"\nsymbol = "ETH/USDT"\n'


def test_an_empty_file_begins_with_what_it_is():
    made = with_values("", {("trade", "paper", "equity"): 1000.0, ("trade", "decider"): "rules"})
    assert made.startswith("# Settings of Ribbon Lab")
    assert tomllib.loads(made) == {"trade": {"paper": {"equity": 1000.0}, "decider": "rules"}}


@pytest.mark.parametrize(
    "text",
    ['trade.decider = "rules"\n', 'trade = { decider = "rules" }\n', '[ "trade" ]\n"decider"="rules"'],
)
def test_other_ways_to_write_it(text):
    assert tomllib.loads(with_values(text, {("trade", "decider"): "claude"})) == {
        "trade": {"decider": "claude"}
    }


def test_what_cannot_be_edited_is_refused_without_a_value():
    with pytest.raises(ConfigError, match=r"set trade\.paper\.equity by hand") as told:
        with_values('trade = "no table"\n', {("trade", "paper", "equity"): 12345.0})
    assert "12345" not in str(told.value)
