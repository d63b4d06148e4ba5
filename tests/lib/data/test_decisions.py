"""lib.data.decisions: what was known of each decision at as_of, and texts that hold anything."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from lib.contract import schema
from lib.contract.times import microseconds
from lib.data.decisions import kind_of, load_executed
from lib.data.formats import quoted
from lib.data.loaders import load_decisions
from lib.data.rows import RowCounts
from lib.data.slices import BLOCK, MARGIN, read_slice
from lib.errors import HeaderError, NaiveTimeError
from tests.lib.data import made

WITH_ID = made.DECISION_HEADER + ",decision_id"
WHOLE = ",".join(schema.DECISION_COLUMNS)
EXAMPLE = """timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason,pnl_pct
2025-10-19T14:35:22,LONG,YES,0.87,3875.25,True,"Wick down 0.45% + ALL_GREEN",3881.50,TP_HIT,+0.16
2025-10-19T15:12:45,SHORT,YES,0.82,3890.10,True,"ALL_RED momentum",3892.30,SL_HIT,-0.06
"""


def load(folder, start=None, as_of=None):
    """Seconds of the decisions read, and the counts."""
    bounds = [None if bound is None else made.at(bound) for bound in (start, as_of)]
    frame, counts = load_decisions(folder, *bounds)
    assert counts.rows_in == counts.ok + sum(counts.set_aside.values()) and counts.ok == len(frame)
    return (frame["timestamp"] - made.START).dt.total_seconds().astype(int).tolist(), counts


def full(seconds: float, **values: object) -> str:
    """A row with all columns; times in seconds."""
    cells = {
        "timestamp": seconds,
        "direction": "LONG",
        "entry_recommended": "YES",
        "confidence": 0.8,
        "executed": True,
    }
    cells |= values
    for name in ("timestamp", "entry_time", "exit_time"):
        if name in cells:
            cells[name] = made.stamp(cells[name])
    return ",".join(str(cells.get(name, "")) for name in schema.DECISION_COLUMNS)


def test_the_documents_example_is_read(tmp_path):
    (tmp_path / "claude_decisions.csv").write_text(EXAMPLE)
    frame, counts = load_decisions(tmp_path, None, None, "UTC")
    assert counts == RowCounts(2, 2, {}) and frame.columns.tolist() == list(schema.DECISION_COLUMNS)
    first = frame.iloc[0]
    assert first["timestamp"] == pd.Timestamp("2025-10-19T14:35:22Z") and first["executed"]
    assert (first["direction"], first["exit_reason"], first["reasoning"]) == (
        "LONG",
        "TP_HIT",
        "Wick down 0.45% + ALL_GREEN",
    )
    assert frame["pnl_pct"].tolist() == [0.16, -0.06] and frame["exit_price"].tolist() == [3881.5, 3892.3]
    assert pd.isna(first["entry_time"]) and first["model"] == "" and np.isnan(first["fees"])
    with pytest.raises(NaiveTimeError, match="line 2, column timestamp"):
        load_decisions(tmp_path, None, None)


def test_nobody_decided_yet(tmp_path):
    frame, counts = load_decisions(tmp_path, None, None)
    made.decisions(tmp_path, [full(0)], WHOLE)
    one, _ = load_decisions(tmp_path, None, None)
    assert len(frame) == 0 and counts == RowCounts()
    assert frame.dtypes.equals(one.dtypes) and isinstance(one.index, pd.RangeIndex)


def test_an_exit_that_has_not_happened_is_not_known(tmp_path):
    """Planted leak: filled at 5 s, closed at 600 s."""
    exit_cells = {
        "exit_price": 101,
        "exit_reason": "TP_HIT",
        "pnl_pct": 1,
        "exit_time": 600,
        "net_pnl_pct": 0.9,
    }
    made.decisions(tmp_path, [full(0, entry_price=100, entry_time=5, size=1, **exit_cells)], WHOLE)
    before = load_decisions(tmp_path, None, made.at(599))[0].iloc[0]
    assert before["executed"] and before["entry_price"] == 100 and before["entry_time"] == made.at(5)
    assert before["exit_reason"] == "" and before[list(exit_cells)].drop("exit_reason").isna().all()
    after = load_decisions(tmp_path, None, made.at(600))[0].iloc[0]
    assert (after["exit_price"], after["exit_reason"], after["exit_time"]) == (101, "TP_HIT", made.at(600))


def test_a_fill_that_has_not_happened_is_not_known(tmp_path):
    fill = {
        "entry_price": 100,
        "entry_time": 10,
        "stop_price": 99,
        "target_price": 102,
        "size": 1,
        "fees": 0.1,
    }
    made.decisions(tmp_path, [full(0, exit_price=101, exit_time=8, exit_reason="TP_HIT", **fill)], WHOLE)
    before = load_decisions(tmp_path, None, made.at(9))[0].iloc[0]
    assert not before["executed"] and before[list(fill)].isna().all()
    assert pd.isna(before["exit_price"]) and before["exit_reason"] == ""  # no exit without an entry
    after = load_decisions(tmp_path, None, made.at(10))[0].iloc[0]
    assert after["executed"] and after["stop_price"] == 99 and after["exit_price"] == 101


def test_an_old_exit_without_a_time_is_known_after_45_minutes(tmp_path):
    made.decisions(tmp_path, [made.decision(0)])
    assert np.isnan(load_decisions(tmp_path, None, made.at(45 * 60 - 1))[0]["exit_price"].iloc[0])
    row = load_decisions(tmp_path, None, made.at(45 * 60))[0].iloc[0]
    assert row["exit_price"] == 101 and row["executed"] and row["entry_price"] == 100


def test_a_decision_is_known_at_its_time(tmp_path):
    made.decisions(tmp_path, [made.decision(0), made.decision(10), made.decision(20)])
    assert load(tmp_path, 0, 10) == ([10], RowCounts(1, 1, {}))
    made.decisions(tmp_path, [made.decision(0), made.decision(10), made.decision(20), made.decision(30)])
    assert load(tmp_path, 0, 10) == ([10], RowCounts(1, 1, {}))


def test_equal_times_stay_repeated_rows_do_not(tmp_path):
    rows = [
        made.decision(0, "a", "1"),
        made.decision(0, "b", "2"),
        made.decision(10, "c", "2"),
        made.decision(0, "a", "1"),
    ]
    made.decisions(tmp_path, rows, WITH_ID)
    assert load(tmp_path) == ([0, 0], RowCounts(4, 2, {"duplicate": 2}))
    made.decisions(
        tmp_path,
        [made.decision(0, "a"), made.decision(0, "b"), made.decision(0, "a"), made.decision(0, "c", None)],
    )
    assert load(tmp_path) == ([0, 0, 0], RowCounts(4, 3, {"duplicate": 1}))


def test_a_decision_from_the_far_future_costs_itself(tmp_path):
    made.decisions(tmp_path, [made.decision(0), made.decision(10**8), made.decision(10), made.decision(20)])
    assert load(tmp_path) == ([0, 10, 20], RowCounts(4, 3, {"out_of_order": 1}))


@pytest.mark.parametrize("word", ["true", "TRUE", "1", "yes"])
def test_words_for_executed(tmp_path, word):
    made.decisions(tmp_path, [full(0, executed=word, direction="long", entry_recommended="yes")], WHOLE)
    row = load_decisions(tmp_path, None, None)[0].iloc[0]
    assert row["executed"] and (row["direction"], row["entry_recommended"]) == ("LONG", "YES")


@pytest.mark.parametrize(
    "values",
    [{"direction": "WAIT"}, {"direction": ""}, {"executed": "perhaps"}, {"confidence": 87}, {"confidence": -0.1},
     {"entry_price": 0}, {"exit_price": -1}, {"confidence": "high"}, {"pnl_pct": "0.1%"},
     {"direction": "hold", "executed": "yes"}],
)  # fmt: skip
def test_a_value_that_cannot_be_is_a_bad_value(tmp_path, values):
    made.decisions(tmp_path, [full(0), full(10, **values), full(20)], WHOLE)
    assert load(tmp_path) == ([0, 20], RowCounts(3, 2, {"bad_value": 1}))


def test_a_further_time_that_is_none_is_a_bad_value_and_a_naive_one_needs_a_zone(tmp_path):
    made.decisions(tmp_path, [full(0), full(10, exit_time=20).replace(made.stamp(20), "soon")], WHOLE)
    assert load(tmp_path) == ([0], RowCounts(2, 1, {"bad_value": 1}))
    naive = [full(at, exit_time=20).replace(made.stamp(20), made.stamp(20)[:-1]) for at in (10, 11)]
    made.decisions(tmp_path, naive, WHOLE)
    with pytest.raises(NaiveTimeError, match="column exit_time"):
        load(tmp_path)
    made.decisions(tmp_path, [*(full(at, exit_time=20) for at in range(10)), naive[0]], WHOLE)
    assert load(tmp_path)[1] == RowCounts(11, 10, {"bad_value": 1})


@pytest.mark.parametrize("column", ["entry_time", "exit_time"])
@pytest.mark.parametrize("year", ["0001", "1970", "2262", "9999"])
def test_a_fill_or_exit_of_a_time_that_no_market_had_is_a_bad_value(tmp_path, column, year):
    odd = full(10, **{column: 20}).replace(made.stamp(20), f"{year}-06-01T00:00:00Z")
    made.decisions(tmp_path, [full(0), odd, full(20)], WHOLE)
    assert f"{year}-06" in odd and load(tmp_path) == ([0, 20], RowCounts(3, 2, {"bad_value": 1}))


@pytest.mark.parametrize("column", schema.DECISION_LEADING_COLUMNS[1:])
def test_the_ten_leading_columns_are_required(tmp_path, column):
    made.decisions(tmp_path, [], WHOLE.replace(f",{column},", ",other,", 1))
    with pytest.raises(HeaderError, match=f"column {column}"):
        load(tmp_path)


REASONING = 'up, "strongly", because: 2025-10-19T09:00:00Z,LONG,YES,0.9,1,True,fake,2,TP_HIT,9 end'


def test_a_text_may_hold_commas_quotes_and_rows(tmp_path):
    made.decisions(tmp_path, [made.decision(0, REASONING), made.decision(10)])
    assert load(tmp_path) == ([0, 10], RowCounts(2, 2, {}))
    assert load_decisions(tmp_path, None, None)[0]["reasoning"].tolist() == [REASONING, "why"]


def test_a_text_over_several_lines_is_set_aside_line_by_line(tmp_path):
    made.decisions(tmp_path, [made.decision(0), made.decision(10, "up,\nbecause"), made.decision(20)])
    assert load(tmp_path) == ([0, 20], RowCounts(4, 2, {"malformed": 2}))


def test_a_torn_last_decision_is_never_a_wrong_row(tmp_path):
    """Cut at every byte, with a text that holds a complete-looking row."""
    path = made.decisions(tmp_path, [made.decision(0), made.decision(10, REASONING)]) / "claude_decisions.csv"
    whole = path.read_bytes()
    last = len(made.decision(10, REASONING).encode()) + 1
    for cut in range(1, last):
        path.write_bytes(whole[:-cut])
        assert load(tmp_path) == ([0], RowCounts(2, 1, {"torn": 1})), whole[:-cut][-20:]


def test_an_open_quote_in_a_torn_row_swallows_nothing_behind_it(tmp_path):
    torn = made.decision(10, "half a tho")[:-20]
    assert torn.count('"') == 1
    made.decisions(tmp_path, [made.decision(0), torn, made.decision(20), made.decision(30, "a, b")])
    assert load(tmp_path) == ([0, 20, 30], RowCounts(4, 3, {"malformed": 1}))


def test_windows_of_a_large_file_of_long_texts(tmp_path):
    """Texts with look-alike rows everywhere: no fake ever shows, few bytes are read."""
    rows = [made.decision(60 * place, REASONING * (1 + place % 40)) for place in range(3000)]
    path = made.decisions(tmp_path, rows) / "claude_decisions.csv"
    assert path.stat().st_size > 5_000_000
    for start in (0, 7_000, 33_333, 90_000, 170_000, 178_000):
        expected = [60 * place for place in range(3000) if start < 60 * place <= start + 1800]
        assert load(tmp_path, start, start + 1800) == (expected, RowCounts(len(expected), len(expected), {}))
        piece = read_slice(path, *(microseconds(made.at(bound)) for bound in (start, start + 1800)), None)
        # Back from the end in four steps, 6 MB halved ten times, and a check, for either end.
        probes = 2 * (4 + 10 + 1) * BLOCK
        assert piece.bytes_read <= 30 * max(map(len, rows)) + 2 * MARGIN + 4 * BLOCK + probes


def test_any_text_survives_the_way_through_csv_on_one_line(tmp_path):
    texts = [
        "",
        "plain",
        ",",
        '"',
        '""',
        "\n",
        "é€",
        "'",
        json.dumps({"a": [1, "x,y\n"]}),
        '"\n2025-10-19T00:00:00Z,',
        " pad ",
    ]
    rows = [f"{made.stamp(place)},HOLD,NO,0.5,,False,{quoted(text)},,," for place, text in enumerate(texts)]
    made.decisions(tmp_path, rows)
    frame, counts = load_decisions(tmp_path, None, None)
    assert frame["reasoning"].tolist() == [" ".join(text.splitlines()) for text in texts]
    assert counts == RowCounts(len(texts), len(texts), {})
    assert not frame["executed"].any()


def test_what_was_recommended_and_whether_a_position_was_held(tmp_path):
    rows = [
        full(0, stop_pct=0.2, target_pct=0.5, holding="NO"),
        full(10, holding="yes"),
        full(20),
        full(30, stop_pct=0),
        full(40, target_pct=-0.1),
        full(50, holding="maybe"),
        full(60, stop_pct="near"),
    ]
    made.decisions(tmp_path, rows, WHOLE)
    frame, counts = load_decisions(tmp_path, None, made.at(60))
    assert counts == RowCounts(7, 3, {"bad_value": 4})
    assert frame["holding"].tolist() == ["NO", "YES", ""]
    assert frame.loc[0, ["stop_pct", "target_pct"]].tolist() == [0.2, 0.5]
    assert frame.loc[1:, ["stop_pct", "target_pct"]].isna().all(axis=None)


@pytest.mark.parametrize(
    ("model", "reason_code", "kind"),
    [
        ("claude", "", "live"),
        ("", "rail_confidence", "live"),
        (" Rules", "spacing", "rules"),
        ("simulated", "", "simulated"),
        ("claude", "imported", "imported"),
        ("rules", "imported", "imported"),
    ],
)
def test_whose_decision_a_row_is(model, reason_code, kind):
    assert kind_of(model, reason_code) == kind


def test_the_executed_rows_of_the_whole_log_are_those_that_a_window_over_all_of_it_has(tmp_path):
    taken = {"entry_price": 100, "exit_price": 101, "exit_reason": "TP_HIT"}
    rows = []
    for number in range(40):
        seconds, quoted_ = 60 * number, '"a, ""quoted"" HOLD,no"' if number % 2 else "plain"
        spelled = ("True", "true", "1", "yes", "False", "no", "0", "FALSE", "")[number % 9]
        rows.append(full(seconds, executed=spelled, reasoning=quoted_, decision_id=f"d{number}", **taken))
    rows += [rows[0], full(2500, executed="perhaps"), full(2600, direction="HOLD", executed="False"), "torn,"]
    for end in ("\n", "\r\n"):
        made.write(tmp_path / schema.DECISIONS_FILE, WHOLE, rows, end)
        known, _ = load_decisions(tmp_path, None, made.at(1800))
        expected = known[known["executed"]].reset_index(drop=True)
        found = load_executed(tmp_path, made.at(1800))
        assert len(expected) == 16 and found[found["executed"]].reset_index(drop=True).equals(expected)
        assert found["executed"].all(), "no line is parsed that says plainly that it was not"


def test_a_log_whose_last_column_says_whether_it_was_executed(tmp_path):
    columns = [name for name in schema.DECISION_LEADING_COLUMNS if name != "executed"]
    header = ",".join([*columns, "executed"])
    row = "{},LONG,YES,0.8,100,why,101,TP_HIT,1.0,{}"
    rows = [row.format(made.stamp(60 * number), ("True", "False", "")[number % 3]) for number in range(9)]
    made.decisions(tmp_path, rows, header)
    assert load_executed(tmp_path, None)["timestamp"].tolist() == [
        made.at(60 * number) for number in (0, 3, 6)
    ]
    assert load_executed(tmp_path / "nowhere", None).empty
