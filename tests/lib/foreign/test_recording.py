"""Old recordings: zones, colours, frozen stretches, decisions."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest

from lib.errors import DataError, HeaderError, ParameterError
from lib.foreign.recording import read_decisions, read_samples, recording_zone

HEADER = "timestamp,price,ribbon_state,MMA5_value,MMA5_color,MMA5_intensity,MMA10_value,MMA10_color,MMA10_intensity"


def write(path: Path, *lines: str) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines))
    return path


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("+01:00", 1),
        ("UTC+1", 1),
        ("UTC+01:00", 1),
        ("-0530", -5.5),
        ("UTC", 0),
        ("Z", 0),
        ("GMT+2", 2),
        ("Europe/Berlin", 2),
    ],
)
def test_zones(text: str, hours: float) -> None:
    assert pd.Timestamp("2025-07-01").tz_localize(recording_zone(text)).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "Middle/Earth", "+25:00", "1"])
def test_unknown_zones_are_refused(text: str) -> None:
    with pytest.raises(ParameterError, match="zone"):
        recording_zone(text)


def test_samples_by_hand(tmp_path: Path) -> None:
    path = write(
        tmp_path / "ema_data_5min.csv",
        HEADER,
        "2025-10-17T10:00:00.5,100,all_red,99.5,green,light,98,green,dark",
        "2025-10-17T10:00:00.5,100,all_red,99.5,green,light,98,green,dark",  # again
        "2025-10-17T09:59:00,100,all_red,99.5,green,light,98,green,dark",  # earlier
        "2025-10-17T10:00:10,0.0,mixed,99.5,green,light,98,red,dark",  # no price
        "2025-10-17T10:00:11,101,mixed,99.5,green,light,98,red",  # a field short
        "soon,101,mixed,99.5,green,light,98,red,dark",
        "2025-10-17T10:00:20,101,mixed,99.6,gray,light,,red,dark",
    )
    recording = read_samples(path, recording_zone("+01:00"))
    frame = recording.frame
    assert frame.index.tolist() == [
        pd.Timestamp("2025-10-17T09:00:00.5Z"),
        pd.Timestamp("2025-10-17T09:00:20Z"),
    ]
    assert frame["state"].tolist() == ["all_green", "mixed_red"]  # not the logged ones
    assert frame["MMA10"].isna().tolist() == [False, True]
    assert frame["MMA5_intensity"].tolist() == ["light", "light"]
    assert recording.set_aside == {
        "malformed": 1,
        "bad_timestamp": 1,
        "bad_value": 1,
        "duplicate": 1,
        "out_of_order": 1,
    }
    assert (
        recording.first_bad
        == "line 3: duplicate '2025-10-17T10:00:00.5,100,all_red,99.5,green,light,98,green,'"
    )


def test_a_sample_of_1970_is_none(tmp_path: Path) -> None:
    line = ",100,mixed,99.5,green,light,98,red,dark"
    early = ("1970-01-01T00:00:00Z", "1970-01-21T02:08:09.6Z", "2009-01-02T23:59:59Z")
    path = write(tmp_path / "e.csv", HEADER, *(f"{time}{line}" for time in (*early, "2009-01-03T00:00:00Z")))
    recording = read_samples(path, recording_zone("UTC"))
    assert recording.set_aside == {"too_early": 3}
    assert recording.first_bad.startswith("line 2: too_early '1970-01-01T00:00:00Z,100,mixed")
    assert recording.frame.index.tolist() == [pd.Timestamp("2009-01-03T00:00:00Z")]


def test_a_line_of_too_few_fields_is_told_with_its_text(tmp_path: Path) -> None:
    good = "2025-10-17T10:00:00Z,100,mixed,99.5,green,light,98,red,dark"
    recording = read_samples(write(tmp_path / "e.csv", HEADER, "oops,1", good), recording_zone("UTC"))
    assert recording.first_bad == "line 2: malformed 'oops,1'"


def test_an_hour_that_happens_twice_is_set_aside(tmp_path: Path) -> None:
    line = ",100,mixed,99.5,green,light,98,red,dark"
    path = write(
        tmp_path / "e.csv",
        HEADER,
        f"2025-10-26T01:59:00{line}",
        f"2025-10-26T02:30:00{line}",
        f"2025-10-26T03:00:00{line}",
    )
    recording = read_samples(path, recording_zone("Europe/Berlin"))
    assert recording.set_aside == {"ambiguous_time": 1}
    assert [f"{time:%H:%M}" for time in recording.frame.index] == ["23:59", "02:00"]


def test_refusals(tmp_path: Path) -> None:
    zone = recording_zone("UTC")
    with pytest.raises(HeaderError, match="column ribbon_state"):
        read_samples(write(tmp_path / "a.csv", "timestamp,price,MMA5_value"), zone)
    with pytest.raises(HeaderError, match="MMA<n>_value"):
        read_samples(
            write(tmp_path / "b.csv", "timestamp,price,ribbon_state,MMA5", "2025-10-17T10:00:00,1,mixed,1"),
            zone,
        )
    with pytest.raises(DataError, match="no row is a sample"):
        read_samples(write(tmp_path / "c.csv", HEADER), zone)


def test_decisions_by_hand(tmp_path: Path) -> None:
    path = write(
        tmp_path / "claude_decisions.csv",
        "timestamp,direction,entry_recommended,confidence_score,reasoning,entry_price,stop_loss,take_profit,timeframe_alignment,executed",
        '2025-10-17T11:40:39.694248,WAIT,NO,0.2,"two\nlines, and ""quotes""",3697.55,0.0,0.0,CONFLICTING,False',
        "2025-10-17T11:50:00,LONG,YES,0.9,go,0.0,3690,3710.5,ALIGNED,True",
        "2025-10-17T11:51:00,PERHAPS,YES,0.9,go,0.0,3690,3710.5,ALIGNED,True",
    )
    recording = read_decisions(path, recording_zone("UTC+1"))
    frame = recording.frame
    assert frame["timestamp"].tolist() == [
        pd.Timestamp("2025-10-17T10:40:39.694248Z"),
        pd.Timestamp("2025-10-17T10:50:00Z"),
    ]
    assert frame["direction"].tolist() == ["HOLD", "LONG"]
    assert frame["confidence"].tolist() == [0.2, 0.9]
    assert frame["entry_price"].isna().tolist() == [False, True]
    assert frame["stop_price"].isna().tolist() == [True, False]
    assert frame["target_price"].iloc[1] == 3710.5
    assert frame["executed"].tolist() == [False, True]
    assert frame["timeframe_alignment"].tolist() == ["CONFLICTING", "ALIGNED"]
    assert recording.set_aside == {"bad_value": 1}


def test_what_a_recorded_decision_says_of_distances_and_of_holding(tmp_path: Path) -> None:
    """A word that the contract does not know is left out, so that readers do not refuse the row."""
    path = write(
        tmp_path / "claude_decisions.csv",
        "timestamp,direction,entry_recommended,confidence_score,reasoning,entry_price,stop_loss,take_profit,executed,stop_pct,target_pct,holding",
        "2025-10-17T11:50:00,LONG,YES,0.9,go,0.0,0.0,0.0,False,0.2,0.0,no",
        "2025-10-17T11:51:00,LONG,YES,0.9,go,0.0,0.0,0.0,False,0.0,0.4,none",
    )
    frame = read_decisions(path, recording_zone("UTC+1")).frame
    assert frame["holding"].tolist() == ["NO", ""]
    assert frame["stop_pct"].iloc[0] == 0.2 and frame["target_pct"].iloc[1] == 0.4
    assert frame["stop_pct"].isna().tolist() == [False, True] and frame["target_pct"].isna().tolist() == [
        True,
        False,
    ]


def test_the_real_recording(shared_data: Path) -> None:
    folder, zone = shared_data / "recorded_ribbon", recording_zone("+01:00")
    five = read_samples(folder / "ema_data_5min.csv.gz", zone)
    assert len(five.frame) == 651
    assert five.set_aside == {}
    assert (five.frame["quality"] == "frozen").sum() == 513
    assert five.frame.index[0] == pd.Timestamp("2025-10-17T09:08:58.745541Z")
    assert len(read_samples(folder / "ema_data_15min.csv.gz", zone).frame) == 651
    assert (
        read_decisions(folder / "claude_decisions.csv.gz", zone).frame["direction"].tolist() == ["HOLD"] * 4
    )
