"""One chart over time: what is counted, when it is loaded again, which prices cannot be."""

from __future__ import annotations

import pandas as pd
import pytest

from runner.collect.chart_files import MOST_WAITING, ChartFiles
from runner.collect.chart_reading import Bar, ReadingRefusal
from runner.collect.chart_track import ChartTrack
from tests.builders import START
from tests.runner.collect.raws import SETTINGS, chart, raw, ribbon, series


@pytest.fixture
def track(tmp_path):
    with ChartFiles(tmp_path, "5min", "ETHUSDT") as files:
        yield ChartTrack("5min", SETTINGS.model_copy(update={"periods": (5, 10, 40)}), files)


def take(track: ChartTrack, seconds: float, **rows) -> None:
    track.take(track.judge(raw([chart(**rows)])), START + pd.Timedelta(seconds=seconds), seconds)


def test_counts_and_what_was_read_last(track):
    take(track, 0.0)
    track.refuse(ReadingRefusal("loading"), 10.0)
    track.refuse(ReadingRefusal("loading"), 20.0)
    summary = track.summary()
    assert summary.readings == 1
    assert summary.refused == {"loading": 2}
    assert summary.refusal.remedy.startswith("The chart is loading")
    assert (summary.last_reading, summary.price, summary.quality) == (
        "2026-01-05T00:00:00Z",
        2505.75,
        "ok",
    )
    take(track, 30.0)
    assert track.summary().refusal is None


def test_a_price_that_cannot_be_is_refused_for_an_hour(track):
    take(track, 0.0)
    prices = ("2.512", "2.513", "2.511", "2.512")
    take(track, 10.0, series=series(*prices))
    assert track.refusal == ReadingRefusal("implausible")
    take(track, 20.0)
    assert track.refusal is None
    take(track, 4_000.0, series=series(*prices))
    assert track.refusal is None


def test_loaded_again_after_a_minute_without_a_chart(track):
    assert not track.overdue(0.0)
    track.refuse(ReadingRefusal("no_chart"), 0.0)
    assert not track.overdue(59.0)
    assert track.overdue(60.0)
    assert not track.overdue(61.0)
    assert track.overdue(120.0)
    take(track, 130.0)
    assert not track.overdue(500.0)


def test_never_loaded_again_while_a_person_has_to_act(track):
    for reason in ("login", "captcha", "disconnected", "modal", "wrong_symbol", "no_lines"):
        track.refuse(ReadingRefusal(reason), 0.0)
        assert not track.overdue(1e6)


def test_a_page_that_went_elsewhere_is_loaded_again_after_15_seconds_and_then_less_often(track):
    track.refuse(ReadingRefusal("blank"), 0.0)
    waits, asked = [], 0.0
    for second in range(1, 300):
        if track.overdue(float(second)):
            waits.append(second - asked)
            asked = float(second)
    assert waits == [15, 30, 60, 60, 60, 60]
    take(track, 300.0)
    track.refuse(ReadingRefusal("blank"), 310.0)
    assert not track.overdue(324.0)
    assert track.overdue(325.0)


def test_what_is_told_of_volume_and_quality(track):
    take(track, 0.0)
    assert track.summary().volume is True
    assert (track.summary().quality_since, track.summary().remedy) == ("2026-01-05T00:00:00Z", "")
    take(
        track, 10.0, series=series(volume=None), studies=[ribbon({"MMA05": "2,504.50", "MMA40": "2,501.00"})]
    )
    told = track.summary()
    assert told.volume is False
    assert told.wrong == [
        "no value for MMA10",
        "no volume is shown, so candles have none: let the legend show it, or add the study Volume",
    ]
    assert (told.quality, told.quality_since) == ("partial", "2026-01-05T00:00:10Z")
    assert told.remedy.startswith("Let the study show every line")
    take(track, 20.0)
    assert track.summary().quality_since == "2026-01-05T00:00:20Z"


def test_loaded_again_when_frozen_for_long(track):
    for place in range(40):
        take(track, place * 10.0)  # nothing moves
    assert track.summary().quality == "frozen"
    assert track.overdue(390.0)


@pytest.mark.parametrize(
    ("refusal", "trusted", "candles"),
    [
        (None, True, 1),
        (None, False, 0),
        ("loading", True, 1),
        ("implausible", True, 0),
        ("locale", True, 0),
        ("disconnected", True, 0),
        ("modal", True, 0),
        ("login", True, 0),
        ("wrong_length", True, 0),
    ],
)
def test_the_candle_is_followed_only_where_the_page_showed_this_chart(track, refusal, trusted, candles):
    def note(at: float, label: str, hovered: bool = False, **prices) -> dict:
        return {
            "at": at,
            "charts": [{"label": label, "hovered": hovered, "series": series(**prices), "volume": None}],
        }

    own, other = "Chart for ETHUSDT, 5 minutes", "Chart for BTCUSDT, 5 minutes"
    seen = []
    for second in range(0, 310, 5):
        close = f"2,5{second // 60:02d}.00"
        high = "2,510.50" if second < 300 else "2,505.00"
        prices = {"high": high, "close": close, "volume": f"{second + 1 if second < 300 else 1}"}
        seen.append(note(second * 1_000.0, own, **prices))
        seen.append(note(second * 1_000.0 + 1, other, close="9,999.00", high="9,999.00"))
        seen.append(
            note(second * 1_000.0 + 2, own, hovered=True, opened="2,400.00", low="2,300.00", close="2,400.00")
        )
    if refusal:
        track.refuse(ReadingRefusal(refusal), 306.0)
    half = len(seen) // 2
    for now, noted in ((150_000.0, seen[:half]), (306_000.0, seen[half:])):
        at = START + pd.Timedelta(milliseconds=now)
        track.watch_candle(raw(now=now, seen=noted), at, None, trusted)
    assert track.candles == track.files.waiting == candles
    if not candles:
        return
    track.files.write()
    path = next(track.files.candles.journal.path.parent.glob("candlesticks_5min.csv"))
    assert (
        path.read_text().splitlines()[1] == "2026-01-05T00:00:00Z,2500.00,2510.50,2495.25,2504.00,296.0,chart"
    )


@pytest.mark.parametrize(("trusted", "wrong"), [(True, True), (False, False)])
def test_beginnings_of_candles_are_not_joined_over_a_jump_of_the_clock(track, trusted, wrong):
    for second in range(50, 130, 5):
        bars = series(opened=f"2,50{second // 60}.00", volume=str(second))
        now = raw([chart(series=bars)], now=second * 1_000.0)
        at = START + pd.Timedelta(seconds=second)
        track.watch_candle(now, at, track.judge(now), trusted or second != 90)
    take(track, 130.0)
    assert (track.refusal is not None and track.refusal.reason == "wrong_length") is wrong


def test_what_waits_is_bounded_and_told(tmp_path):
    with ChartFiles(tmp_path, "5min", "ETHUSDT") as files:
        bar = Bar(1.0, 1.0, 1.0, 1.0, None)
        for place in range(MOST_WAITING + 3):
            files.take_candle(START + pd.Timedelta(minutes=5 * place), bar)
        assert (files.waiting, files.given_up) == (MOST_WAITING, 3)
        files.write()
        assert files.waiting == 0
    assert len((tmp_path / "candlesticks_5min.csv").read_text().splitlines()) == MOST_WAITING + 1


def test_a_study_that_lags_is_worth_another_look_and_one_that_moved_is_not(track):
    take(track, 0.0)
    opened = series(opened="2,505.75", high="2,505.75", low="2,505.75")
    assert track.wants_another_look(track.judge(raw([chart(series=opened)])))
    moved = ribbon({"MMA05": "2,504.60", "MMA10": "2,503.25", "MMA40": "2,501.00"})
    assert not track.wants_another_look(track.judge(raw([chart(series=opened, studies=[moved])])))
    assert track.wants_another_look(ReadingRefusal("hovered"))
    assert not track.wants_another_look(ReadingRefusal("login"))
