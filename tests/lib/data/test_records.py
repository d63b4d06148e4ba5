"""lib.data.records: what a record is, and that text inside one is never read as another."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.data.records import split_lines


def lines(data: bytes, width: int = 3) -> list[tuple[bytes, bool, bool]]:
    records = split_lines(data, width)
    return [
        (records.data[start:end], bool(whole), bool(torn))
        for start, end, whole, torn in zip(
            records.starts, records.ends, records.whole, records.torn, strict=True
        )
    ]


def test_whole_malformed_blank_and_torn():
    assert lines(b"t1,2,3\nt1,2\n\r\n\nt1,2,3,4\r\nt,,\r\nt1,2,3") == [
        (b"t1,2,3\n", True, False),
        (b"t1,2\n", False, False),
        (b"t1,2,3,4\r\n", False, False),
        (b"t,,\r\n", True, False),
        (b"t1,2,3", False, True),
    ]
    assert lines(b"") == []


@pytest.mark.parametrize("byte", [b"\x00", b"\r"])
def test_a_stray_control_byte_spoils_its_row_only(byte):
    found = lines(b"t1,2,3\nt1,2" + byte + b",3\nt4,5,6\n")
    assert [whole for _, whole, _ in found] == [True, False, True]


def test_a_quoted_field_may_hold_commas_and_quotes():
    assert lines(b't,"a,b ""c""",3\n"t",2,3\n')[0] == (b't,"a,b ""c""",3\n', True, False)


def test_a_line_has_no_newline_inside_quotes():
    assert [whole for _, whole, _ in lines(b't,"a\nb",3\nt,2,3\n')] == [False, False, True]


def test_a_quote_that_a_tear_left_open_costs_its_own_row():
    found = lines(b't1,"torn te\nt2,"x, y",3\nt3,2,3\n')
    assert [(record[:2], whole) for record, whole, _ in found] == [
        (b"t1", False),
        (b"t2", True),
        (b"t3", True),
    ]


texts = st.text(st.sampled_from('ab," '), max_size=8)


@given(st.lists(st.tuples(texts, texts), max_size=6), st.booleans(), st.data())
def test_what_csv_writes_is_read_back_and_a_cut_loses_the_cut_row_only(rows, quote_all, data):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    bounds = [0]
    for first, second in rows:
        writer.writerow(["t", first, second])
        bounds.append(len(out.getvalue()))
    raw = out.getvalue().encode()
    cut = data.draw(st.integers(0, len(raw)))
    records = split_lines(raw[:cut], 3)
    written = sum(bound <= cut for bound in bounds) - 1
    assert not records.quoted or records.fields == [["t", *row] for row in rows[:written]]
    assert records.whole.tolist() == [True] * written + [False] * (cut > bounds[written])
    assert records.torn.tolist() == [False] * written + [True] * (cut > bounds[written])
