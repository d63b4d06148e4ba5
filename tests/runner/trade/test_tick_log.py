"""The ticks file: rows that are written at once or together, and the form of their times."""

from __future__ import annotations

import pytest

from runner.errors import WriteFailedError
from runner.trade.tick_log import TickLog
from tests.runner.trade.made import at_us, log_rows


@pytest.mark.parametrize(("at_once", "written"), [(1, [1, 2, 3, 4]), (2, [0, 2, 2, 4]), (3, [0, 0, 3, 3])])
def test_so_many_rows_are_written_together_and_the_rest_at_the_end(tmp_path, at_once, written):
    found = []
    with TickLog(tmp_path, at_once) as log:
        for beat in range(4):
            log.write(at_us(10 * beat), "gate", "closed")
            found.append(len(log_rows(tmp_path, "ticks.csv")))
    assert found == written
    assert len(log_rows(tmp_path, "ticks.csv")) == 4


def test_a_time_is_whole_seconds_or_has_microseconds(tmp_path):
    with TickLog(tmp_path) as log:
        for second in (1, 1.25):
            log.write(at_us(second), "stale", "silence")
    rows = log_rows(tmp_path, "ticks.csv")
    assert [row["timestamp"] for row in rows] == ["2026-01-05T00:00:01Z", "2026-01-05T00:00:01.250000Z"]
    assert [(row["outcome"], row["reason_code"]) for row in rows] == [("stale", "silence")] * 2


def test_a_live_tick_is_on_the_disk_when_it_is_over(tmp_path):
    with TickLog(tmp_path) as log:
        log.write(at_us(10), "gate", "closed")
        assert len(log_rows(tmp_path, "ticks.csv")) == 1


def test_ticks_that_the_disk_did_not_take_are_behind_until_it_does(tmp_path, monkeypatch):
    with TickLog(tmp_path) as log:
        with monkeypatch.context() as full:
            full.setattr(log._journal, "append", refused)
            log.write(at_us(10), "gate", "closed")
            assert log.behind
        log.write(at_us(20), "gate", "held")
        assert not log.behind
    assert [row["reason_code"] for row in log_rows(tmp_path, "ticks.csv")] == ["closed", "held"]


def refused(rows):
    raise WriteFailedError("the disk is full")
