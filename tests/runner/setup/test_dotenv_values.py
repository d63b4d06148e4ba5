"""Secrets set in a `.env`: other lines stay, and what is written is what is read."""

from __future__ import annotations

from io import StringIO

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from runner.errors import ConfigError
from runner.setup.dotenv_values import with_secrets

TEXT = """\
# keys
export OTHER="a b"   # mine

ANTHROPIC_API_KEY=old
ODD LINE
LAST=1"""


def test_the_line_is_replaced_and_every_other_stays():
    made = with_secrets(TEXT, {"ANTHROPIC_API_KEY": "new"})
    assert made == TEXT.replace("ANTHROPIC_API_KEY=old", "ANTHROPIC_API_KEY='new'") + "\n"


def test_a_name_that_lacks_is_put_behind_all():
    assert with_secrets(TEXT, {"MORE": "x"}) == f"{TEXT}\nMORE='x'\n"
    assert with_secrets("", {"MORE": "x"}) == "MORE='x'\n"


def test_of_several_lines_the_last_counts_and_is_replaced():
    made = with_secrets("A=1\nA=2\n", {"A": "3"})
    assert made == "A=1\nA='3'\n"


@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]), min_size=1))
def test_what_is_written_is_what_is_read_or_is_refused(value):
    try:
        made = with_secrets(TEXT, {"SECRET": value})
    except ConfigError as error:
        assert value not in str(error) or len(value) < 12
        return
    assert dotenv_values(stream=StringIO(made))["SECRET"] == value


def test_a_value_that_would_be_changed_on_reading_is_refused():
    with pytest.raises(ConfigError, match="SECRET holds marks"):
        with_secrets("OTHER=x\n", {"SECRET": "a${OTHER}b"})
