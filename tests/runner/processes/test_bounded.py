"""Bounded calls: what comes back, what is raised, what is left behind."""

from __future__ import annotations

import threading

import pytest

from runner.processes.bounded import BoundedCalls, CallTimeout


def test_it_gives_what_is_given_and_raises_what_is_raised():
    bounded = BoundedCalls("test")
    assert bounded.run(lambda: 7, 5) == 7
    with pytest.raises(ZeroDivisionError):
        bounded.run(lambda: 1 / 0, 5)
    assert not bounded.busy


def test_one_that_hangs_is_left_behind_and_busy_until_it_ends():
    bounded, end = BoundedCalls("test"), threading.Event()
    with pytest.raises(CallTimeout):
        bounded.run(end.wait, 0.05)
    assert bounded.busy
    end.set()
    bounded._thread.join(5)
    assert bounded.run(lambda: "next", 5) == "next"
