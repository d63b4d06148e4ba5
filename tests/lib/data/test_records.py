"""lib.data.records: what a record is, and that text inside one is never read as another."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.data.records import MAX_RECORD, Records, split_lines, split_quoted


def lines(data: bytes, width: int = 3) -> list[tuple[bytes, bool, bool]]:
    return _listed(split_lines(data, width))


def quoted(
    data: bytes, width: int = 3, first: bool = True, last: bool = True
) -> list[tuple[bytes, bool, bool]]:
    return _listed(
        split_quoted(
            data, width, from_first_row=first, to_last_byte=last, begins=lambda line: line.startswith(b"t")
        )
    )


def _listed(records: Records) -> list[tuple[bytes, bool, bool]]:
    return [
        (records.data[start:end], bool(whole), bool(torn))
        for start, end, whole, torn in zip(
            records.starts, records.ends, records.whole, records.torn, strict=True
        )
    ]


@pytest.mark.parametrize("split", [lines, quoted])
def test_whole_malformed_blank_and_torn(split):
    assert split(b"t1,2,3\nt1,2\n\r\n\nt1,2,3,4\r\nt,,\r\nt1,2,3") == [
        (b"t1,2,3\n", True, False),
        (b"t1,2\n", False, False),
        (b"t1,2,3,4\r\n", False, False),
        (b"t,,\r\n", True, False),
        (b"t1,2,3", False, True),
    ]
    assert split(b"") == []


@pytest.mark.parametrize("split", [lines, quoted])
@pytest.mark.parametrize("byte", [b"\x00", b"\r"])
def test_a_stray_control_byte_spoils_its_row_only(split, byte):
    found = split(b"t1,2,3\nt1,2" + byte + b",3\nt4,5,6\n")
    assert [whole for _, whole, _ in found] == [True, False, True]


@pytest.mark.parametrize("split", [lines, quoted])
def test_a_quoted_field_may_hold_commas_and_quotes(split):
    assert split(b't,"a,b ""c""",3\n"t",2,3\n')[0] == (b't,"a,b ""c""",3\n', True, False)


def test_a_line_has_no_newline_inside_quotes():
    assert [whole for _, whole, _ in lines(b't,"a\nb",3\nt,2,3\n')] == [False, False, True]


def test_a_quoted_field_may_hold_newlines_even_such_as_look_like_rows():
    data = b't1,"one\nt9,9,9\r\nt8,8,8\n",3\nt2,2,3\n'
    assert [start[:2] for start, whole, _ in quoted(data) if whole] == [b"t1", b"t2"]


def test_a_quote_that_a_tear_left_open_costs_its_own_row():
    found = quoted(b't1,"torn te\nt2,"x, y",3\nt3,2,3\n')
    assert [(record[:2], whole) for record, whole, _ in found] == [
        (b"t1", False),
        (b"t2", True),
        (b"t3", True),
    ]


def test_a_quote_that_nothing_closes_is_given_up_after_the_longest_record():
    rows = b"".join(b"t%05d,2,3\n" % row for row in range(2 * MAX_RECORD // 11))
    found = quoted(b't1,"torn te\n' + rows)
    assert found[0] == (b't1,"torn te\n', False, False)
    # The rows are all there: beyond the longest record the quote is known to be a stray one.
    assert sum(whole for _, whole, _ in found) == 2 * MAX_RECORD // 11


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_a_torn_last_row_never_shows_what_its_text_holds(ending):
    """Cut at every byte: only the row before is ever whole, though the text holds lines that look like rows."""
    before = b"t0,2,3" + ending
    last = b't1,"he said ""buy"" ,\n""\nt9,9,9\nt8,""8"",8\n",3' + ending
    assert quoted(before + last) == [(before, True, False), (last, True, False)]
    for cut in range(1, len(last)):
        assert quoted(before + last[:cut]) == [(before, True, False), (last[:cut], False, True)], last[:cut]


def test_a_slice_that_begins_inside_a_text_drops_what_the_text_holds():
    whole = b't1,"one\nt9,9,9\nt8,8,8\nend",3\nt2,2,3\nt3,"x",3\n'
    found = quoted(whole[whole.find(b"t9") :], first=False)
    assert [record[:2] for record, sound, _ in found if sound] == [b"t2", b"t3"]


def test_a_slice_that_ends_inside_a_record_leaves_it_out():
    assert quoted(b't1,2,3\nt2,"open\n', last=False) == [(b"t1,2,3\n", True, False)]


texts = st.text(st.sampled_from('ab,"\n \r'), max_size=8)


@given(st.lists(st.tuples(texts, texts), max_size=6), st.booleans(), st.data())
def test_what_csv_writes_is_read_back_and_a_cut_loses_the_cut_row_only(rows, quote_all, data):
    if not quote_all:  # the csv module leaves a carriage return unquoted, and then it is a stray one
        rows = [(first.replace("\r", ""), second.replace("\r", "")) for first, second in rows]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    bounds = [0]
    for first, second in rows:
        writer.writerow(["t", first, second])
        bounds.append(len(out.getvalue()))
    raw = out.getvalue().encode()
    cut = data.draw(st.integers(0, len(raw)))
    records = split_quoted(
        raw[:cut], 3, from_first_row=True, to_last_byte=True, begins=lambda line: line.startswith(b"t")
    )
    written = sum(bound <= cut for bound in bounds) - 1
    assert records.fields == [["t", *row] for row in rows[:written]]
    assert records.whole.tolist() == [True] * written + [False] * (cut > bounds[written])
    assert records.torn.tolist() == [False] * written + [True] * (cut > bounds[written])
