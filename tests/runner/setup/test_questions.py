"""Where an answer comes from, and that nobody waits where nobody can be asked."""

from __future__ import annotations

import pytest

from lib.errors import ParameterError
from runner.errors import ExchangeError
from runner.setup.questions import DECIDER, EQUITY, SOURCE, SYMBOL, Interview
from tests.runner.setup.person import Person

HELD = {
    "collect": {"source": "exchange", "exchange": "okx", "symbol": "ETH/USDT"},
    "trade": {"decider": "claude"},
}


def interview(given=None, held=None, person=None, defaults=False, in_force=None):
    told: list[str] = []
    made = Interview(given or {}, held or {}, in_force or {}, person, defaults, told.append)
    return made, told


def test_what_is_given_goes_over_all():
    person = Person([])
    made, _ = interview({"--decider": "rules"}, HELD, person)
    assert made.answer(DECIDER) == "rules" and person.asked == []


def test_without_options_a_person_is_asked_with_what_stands_there():
    person = Person([None, "rules"])
    made, _ = interview({}, HELD, person)
    assert (made.answer(SOURCE), made.answer(DECIDER)) == ("exchange", "rules")
    assert [text.split()[-1] for text in person.asked] == ["[exchange]", "[claude]"]


def test_where_the_file_says_nothing_enter_keeps_what_is_in_force():
    person = Person([None, None])
    in_force = {"trade": {"decider": "claude"}}
    made, _ = interview({}, {"trade": {"stale_s": 30.0}}, person, in_force=in_force)
    assert made.answer(DECIDER) == "claude"
    fresh, _ = interview({}, {"serve": {"port": 1}}, person, in_force=in_force)
    assert fresh.answer(DECIDER) == "rules"  # nothing was ever said of it: what is best to begin with


def test_an_answer_that_is_none_is_asked_again():
    person = Person(["browser", "chart"])
    made, told = interview({}, {}, person)
    assert made.answer(SOURCE) == "chart"
    assert told == ["  --source is exchange or chart, not 'browser'"]
    with pytest.raises(ParameterError, match="--source is exchange or chart, not 'browser'"):
        interview({"--source": "browser"})[0].answer(SOURCE)


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, ["--source (exchange or chart)", "--decider (rules or claude)"]),
        ({"--source": "exchange"}, ["--exchange (e.g. binance)", "--symbol (e.g. ETH/USDT)", "--decider"]),
        ({"--source": "chart", "--decider": "rules"}, ["--url", "--page-symbol (e.g. BINANCE:ETHUSDT)"]),
    ],
)
def test_nobody_is_waited_for_and_all_that_lacks_is_named(given, names):
    with pytest.raises(ParameterError, match="nobody can be asked here") as told:
        interview(given)[0].refuse_missing()
    assert all(name in str(told.value) for name in names)
    assert "--yes" in str(told.value)


def test_with_yes_a_default_is_taken():
    made, _ = interview(defaults=True)
    made.refuse_missing()
    assert [made.answer(each) for each in (SOURCE, SYMBOL, DECIDER, EQUITY)] == [
        "exchange",
        "ETH/USDT",
        "rules",
        "1000",
    ]


def test_the_second_time_only_what_is_asked_for_is_wanted():
    made, _ = interview({"--decider": "rules"}, HELD)
    made.refuse_missing()
    assert made.wanted(DECIDER) and not made.wanted(SOURCE, SYMBOL) and not made.wanted(EQUITY)
    everything, _ = interview({}, HELD, Person([]))
    assert everything.wanted(SOURCE) and everything.wanted(EQUITY)


def test_what_fails_is_asked_anew_or_kept_by_a_person_and_raised_where_there_is_none():
    def check(answer: str):
        if answer != "okx":
            raise ExchangeError(f"{answer} does not answer")
        return ["ok: okx answers"]

    person = Person([True, "okx"])
    made, told = interview({"--symbol": "binance"}, {}, person)
    assert made.settled(lambda: made.answer(SYMBOL), check) == "okx"
    assert told == ["  binance does not answer", "  ok: okx answers"]
    assert made.answer(SYMBOL) == "binance"  # only that step was asked anew
    keeps = Person([False])
    made, told = interview({"--symbol": "binance"}, {}, keeps)
    assert made.settled(lambda: made.answer(SYMBOL), check) == "binance"
    assert told[-1] == "  kept as it is, unchecked"
    made, _ = interview({"--symbol": "binance"})
    with pytest.raises(ExchangeError):
        made.settled(lambda: made.answer(SYMBOL), check)
