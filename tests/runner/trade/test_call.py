"""The call of a decider: what it is told of its deadline, and what HOLD says of an answer that did not come."""

from __future__ import annotations

import time
from types import SimpleNamespace

import pytest

from runner.trade.call import Caller
from runner.trade.models import Answer
from tests.runner.trade.made import Script, enter

VIEW = SimpleNamespace()


@pytest.mark.parametrize(("deadline_s", "told"), [(10.0, 9.8), (0.3, 0.15)])
def test_a_decider_is_told_a_little_less_but_at_least_half(deadline_s, told):
    class Told(Script):
        def decide(self, view, deadline_s):
            heard.append(deadline_s)
            return enter()

    heard: list[float] = []
    assert Caller(Told()).ask(VIEW, deadline_s) == enter()
    assert heard == [pytest.approx(told)]


def test_what_came_to_nothing_says_whom_and_why():
    class Late(Script):
        def decide(self, view, deadline_s):
            time.sleep(0.5)
            return enter()

    class Broken(Script):
        def decide(self, view, deadline_s):
            raise ZeroDivisionError

    late = Caller(Late())
    assert late.ask(VIEW, 0.05) == Answer.hold("timeout", model="script") and late.busy
    assert Caller(Broken()).ask(VIEW, 1.0) == Answer.hold(
        "error", model="script", reasoning="ZeroDivisionError"
    )
