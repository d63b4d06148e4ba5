from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from runner.up import hourly
from runner.up.hourly import next_due, run_hourly


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-25T{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "last", "due"),
    [
        ("10:00:00", "09:05:00", "10:05:00"),  # the hour's cycle is still to come
        ("10:05:00", "09:05:00", "10:05:00"),  # due just now
        ("10:30:00", "10:05:00", "11:05:00"),  # done already
        ("10:30:00", "10:04:59", "10:30:00"),  # one by hand before the minute does not replace it
        ("10:02:00", "07:05:00", "10:02:00"),  # missed hours: one catch-up, at once
        ("00:01:00", None, "00:01:00"),  # never yet
    ],
)
def test_when_the_next_one_is_due(now, last, due):
    assert next_due(at(now), at(last) if last else None) == at(due)


class Clock:
    """Time that passes while somebody waits."""

    def __init__(self, start: datetime, until: datetime) -> None:
        self.now, self.until = start, until
        self.stop = self
        self._ended = threading.Event()

    def __call__(self) -> datetime:
        return self.now

    def wait(self, seconds: float) -> bool:
        self.now += timedelta(seconds=max(seconds, 0.01))
        return self.is_set()

    def is_set(self) -> bool:
        return self.now >= self.until


def cycles(
    monkeypatch,
    tmp_path,
    start: str,
    until: str,
    published: str | None = None,
    takes_min: float = 1.0,
    lacks=lambda now: "",
) -> list[str]:
    clock, ran = Clock(at(start), at(until)), []
    known = None if published is None else hourly.datetime.fromisoformat(f"2026-11-25T{published}+00:00")
    monkeypatch.setattr(hourly, "lacks_data", lambda folder: lacks(clock.now))
    monkeypatch.setattr(hourly, "published_as_of", lambda folder: None if known is None else Known(known))

    def cycle(*_: object) -> None:
        ran.append(f"{clock.now:%H:%M}")
        clock.now += timedelta(minutes=takes_min)

    monkeypatch.setattr(hourly, "_cycle", cycle)
    run_hourly(tmp_path, tmp_path, clock, clock)
    return ran


class Known:
    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def to_pydatetime(self) -> datetime:
        return self.moment


def test_one_an_hour_and_one_catch_up(monkeypatch, tmp_path):
    assert cycles(monkeypatch, tmp_path, "10:20:00", "13:00:00") == ["10:20", "11:05", "12:05"]
    assert cycles(monkeypatch, tmp_path, "10:20:00", "12:00:00", published="10:05:01") == ["11:05"]
    assert cycles(monkeypatch, tmp_path, "10:20:00", "11:00:00", published="03:05:00") == ["10:20"]


def test_in_a_fresh_folder_the_first_is_due_when_there_is_data(monkeypatch, tmp_path, capsys):
    def lacks(now: datetime) -> str:
        return "nothing yet" if now < at("10:33:00") else ""

    assert cycles(monkeypatch, tmp_path, "10:20:00", "12:00:00", lacks=lacks) == ["10:33", "11:05"]
    assert capsys.readouterr().out == "cycle waits: nothing yet\n"


def test_a_cycle_of_hours_is_followed_by_one_not_by_many(monkeypatch, tmp_path):
    assert cycles(monkeypatch, tmp_path, "10:00:00", "15:30:00", takes_min=130)[:3] == [
        "10:00",
        "12:10",
        "14:20",
    ]


def test_a_cycle_at_work_is_ended_with_the_clock(monkeypatch, tmp_path):
    ended = []

    class Process:
        def poll(self) -> None:
            return None if not ended else 0

        def terminate(self) -> None:
            ended.append("asked")

        def wait(self) -> int:
            return 0

    monkeypatch.setattr(hourly.subprocess, "Popen", lambda *_, **__: Process())
    stop = threading.Event()
    stop.set()
    hourly._cycle(tmp_path, tmp_path, stop)
    assert ended == ["asked"]
