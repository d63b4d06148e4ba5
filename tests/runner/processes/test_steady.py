"""The clock of ages and waits: it goes on while the machine sleeps."""

from __future__ import annotations

import time

import pytest

from runner.collect.clock import SystemClock
from runner.processes import steady
from runner.trade.clock import ClockWatch, MachineClock


@pytest.mark.skipif(not hasattr(time, "CLOCK_BOOTTIME"), reason="this system has one steady clock only")
def test_an_hour_of_sleep_has_passed_and_no_clock_was_set(monkeypatch):
    slept = 0
    counted = {time.CLOCK_BOOTTIME: lambda: 200.0 + slept, time.CLOCK_MONOTONIC: lambda: 100.0}
    monkeypatch.setattr(steady.time, "clock_gettime", lambda clock: counted[clock]())
    monkeypatch.setattr(time, "time_ns", lambda: round((1_800_000_000 + slept) * 1e9))
    clock = MachineClock()
    watch, before = ClockWatch(clock), clock.monotonic()
    slept = 3_600
    assert (clock.monotonic() - before, SystemClock().steady() - before) == (3_600, 3_600)
    assert watch.look() == 0
    monkeypatch.setattr(time, "time_ns", lambda: round((1_800_000_000 + 2 * slept) * 1e9))
    assert (watch.look(), watch.look()) == (3_600, 0)
