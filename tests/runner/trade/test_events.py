"""The event log refuses what cannot be, with its line, its text and what to do, whoever reads it; and each row has a checksum."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from typer.testing import CliRunner

from runner.cli import app
from runner.errors import EventLogError
from runner.trade.events import (
    _SHOWN,
    COLUMNS,
    EVENTS_FILE,
    Event,
    EventLog,
    EventReader,
    cannot_be,
    read_events,
)
from tests.runner.trade.made import at_us
from tests.runner.trade.test_book import EXIT, FILL, OPEN, ORDER

NEXT = replace(ORDER, decision_id="b", direction="LONG", at=at_us(30), valid_until=at_us(50))


@pytest.fixture
def log(tmp_path):
    """A folder with a log of a closed trade and one order."""
    with EventLog(tmp_path) as log:
        for event in (OPEN, ORDER, FILL, EXIT, NEXT):
            log.append(event)
    return tmp_path


def lines_of(folder) -> list[str]:
    return (folder / EVENTS_FILE).read_text().splitlines()


def without_checks(folder) -> list[str]:
    """The same log as a version of before there were checksums wrote it."""
    return [line.rpartition(",")[0] for line in lines_of(folder)]


def refusals(folder) -> set[str]:
    """What `status`, `trade` and whoever else reads say of the log; each ends with 13."""
    told = set()
    path, before = folder / EVENTS_FILE, (folder / EVENTS_FILE).read_bytes()
    for command in (["status"], ["trade", "--decider", "rules"], ["trade", "--dry-run"], ["resume"]):
        done = CliRunner().invoke(app, [*command, "--trading-data", str(folder)])
        if command == ["trade", "--dry-run"] and not isinstance(done.exception, EventLogError):
            continue  # it has no samples to show
        if command == ["status"]:
            assert done.exit_code == 13 and "nothing was traded yet" not in done.stdout
            (line,) = (line for line in done.output.splitlines() if EVENTS_FILE in line)  # told once
            told.add(line.removeprefix("  cannot be read: account: "))
            continue
        assert isinstance(done.exception, EventLogError) and done.exception.exit_code == 13, command
        told.add(str(done.exception))
    assert path.read_bytes() == before
    return told


CANNOT_BE = [
    (2, 5, "0.0", "a fill without price"),  # places: line of the log from 0, column, text, why
    (2, 5, "-1.0", "a fill without price"),
    (2, 4, "", "a fill without size"),
    (2, 3, "SIDEWAYS", "'SIDEWAYS' is no direction"),
    (2, 3, "", "'' is no direction"),
    (2, 5, "nan", "price is no number"),
    (2, 5, "1_0", "price is no number"),
    (2, 6, "1e9", "its fee is more than what was traded"),
    (2, 1, "", "at is no time"),
    (2, 1, "2026-01-05T00:00:11", "at is no time"),
    (2, 0, "bought", "unknown kind 'bought'"),
    (2, 2, "", "a fill without a decision_id"),
    (1, 7, "", "a order without notional"),
    (1, 11, "2001-01-05T00:00:11Z", "it had expired before it was ordered"),
    (3, 5, "", "a exit without price"),
    (0, 5, "", "an account on paper without equity"),
    (2, 14, "x,y", "another number of fields"),
]


@pytest.mark.parametrize(("row", "column", "text", "why"), CANNOT_BE)
def test_what_cannot_be_is_refused_by_all_alike(log, row, column, text, why):
    head, *rows = without_checks(log)
    fields = rows[row].split(",")
    fields[column + 1 if column < 14 else -1] = text
    rows[row] = ",".join(fields)
    (log / EVENTS_FILE).write_text("\n".join([head, *rows, ""]))
    (told,) = refusals(log)
    assert f"{log / EVENTS_FILE}, line {row + 2}: this is no event ({why}" in told
    assert f"«{rows[row][:20]}" in told and "Put the file back from a copy" in told


@pytest.mark.parametrize("spoil", [b"\xff", b"\xc3(", b"\xed\xa0\x80"])
def test_bytes_that_are_no_text_are_refused_with_their_line(log, spoil):
    path = log / EVENTS_FILE
    path.write_bytes(path.read_bytes().replace(b"TP_HIT", b"TP" + spoil))
    place = path.read_bytes().splitlines()[4].index(spoil) + 1
    (told,) = refusals(log)
    assert "line 5: " in told and f"byte {place} of it is no text" in told


def test_a_header_that_is_none_is_refused_with_its_line_and_what_is_wrong_with_it(log):
    path, whole = log / EVENTS_FILE, (log / EVENTS_FILE).read_bytes()
    head = whole.splitlines()[0]
    path.write_bytes(whole.replace(head, head + b",kind,kind,at", 1))
    assert (
        f"{path}, line 1: this is no event (the column kind stands there 3 times): «seq,kind,"
        in refusals(log).pop()
    )
    path.write_bytes(whole.replace(b"kind", b"ki\xffd", 1))
    told = refusals(log).pop()
    assert (
        f"{path}, line 1: this is no event (byte {head.index(b'kind') + 3} of it is no text): «seq,ki\\xffd,"
        in told
    )


@pytest.mark.parametrize(("more", "shown"), [(0, "whole»"), (1, "…»")])
def test_so_much_of_a_line_is_shown(log, more, shown):
    path = log / EVENTS_FILE
    text = "x" * (_SHOWN - 5 + more) + "whole"
    path.write_text(f"{lines_of(log)[0]}\n{text}\r\n")
    told = refusals(log).pop()
    assert (
        shown in told and "\r" not in told and len(told.partition("«")[2].partition("»")[0]) == _SHOWN + more
    )


def test_lines_that_another_system_ends_and_an_editors_mark_are_the_same_rows(log):
    path, events = log / EVENTS_FILE, read_events(log)
    for mark in (b"", b"\xef\xbb\xbf"):
        path.write_bytes(mark + path.read_bytes().replace(b"\r", b"").replace(b"\n", b"\r\n"))
        assert read_events(log) == events
    with EventLog(log) as opened:
        opened.append(Event("halt", at_us(60), reason="by hand"))
    assert [each.kind for each in read_events(log)] == [*(each.kind for each in events), "halt"]
    path.write_bytes(path.read_bytes().replace(b"100.0", b"101.0"))
    with pytest.raises(EventLogError, match="it is not what was written"):  # their checksums too
        read_events(log)


def test_what_contradicts_the_rows_before_is_refused_with_its_line(tmp_path):
    with EventLog(tmp_path) as log:
        for event in (OPEN, ORDER, replace(FILL, direction="LONG")):
            log.append(event)
    (told,) = refusals(tmp_path)
    assert "line 4: " in told and "it is not what is ordered" in told


def test_a_row_that_was_changed_is_refused_though_it_could_be(log):
    path, whole = log / EVENTS_FILE, (log / EVENTS_FILE).read_text()
    path.write_text(whole.replace("100.0", "101.0"))
    (told,) = refusals(log)
    assert "line 4: " in told and "it is not what was written" in told
    check = lines_of(log)[3].rpartition(",")[2]
    assert re.fullmatch("[0-9a-f]{8}", check) and check in told
    path.write_text(whole.replace(check, ""))
    assert "it has no checksum, and the rows before it have" in refusals(log).pop()
    path.write_text(whole.replace("stop_pct,target_pct", "target_pct,stop_pct"))
    assert "line 3: " in refusals(log).pop()


def test_rows_of_before_there_were_checksums_are_read_and_gone_on_with(log):
    old, events = "\n".join([*without_checks(log), ""]), read_events(log)
    (log / EVENTS_FILE).write_text(old)
    assert read_events(log) == events
    with EventLog(log) as again:
        assert again.events == events
        again.append(Event("void", at_us(60), "b", reason="expired"))
    head, *rows = lines_of(log)
    assert head.split(",") == list(COLUMNS) and head.endswith(",check")
    assert [bool(row.rpartition(",")[2]) for row in rows] == [False] * 5 + [True]
    (copy,) = log.glob(f"{EVENTS_FILE}.before-*")
    assert copy.read_text() == old and len(read_events(log)) == 6


def test_a_torn_last_row_is_cut_and_kept_aside(log):
    path, whole, events = log / EVENTS_FILE, (log / EVENTS_FILE).read_bytes(), read_events(log)
    path.write_bytes(whole[:-4])
    assert read_events(log) == events[:-1]
    with EventLog(log) as again:
        assert again.events == events[:-1]
        again.append(NEXT)
    assert path.read_bytes() == whole and (log / f"{EVENTS_FILE}.torn").read_bytes().rstrip() in whole


@pytest.mark.parametrize(
    "fault", [{"price": 0.0}, {"price": float("nan")}, {"direction": "UP"}, {"size": -1.0}]
)
def test_what_cannot_be_is_never_written(log, fault):
    before = (log / EVENTS_FILE).read_bytes()
    with EventLog(log) as again, pytest.raises(EventLogError, match="not written"):
        again.append(replace(FILL, decision_id="b", **fault))
    assert (log / EVENTS_FILE).read_bytes() == before


#: As version 0.1 wrote them. What an older version wrote is read for good, so no checksum and no text of a value may ever change.
WRITTEN = """\
seq,kind,at,decision_id,direction,size,price,fee,notional,stop_pct,target_pct,hold_minutes,valid_until,reason,row,check
1,open,2026-01-05T00:00:00Z,,,,1000.0,,,,,,,,,98e6049f
2,order,2026-01-05T00:00:01Z,a,SHORT,,,,500.0,0.15,0.3,45.0,2026-01-05T00:00:21Z,,,fa3a273b
3,fill,2026-01-05T00:00:11Z,a,SHORT,5.0,100.0,0.225,,0.15,0.3,45.0,,,,4a0c179e
4,exit,2026-01-05T00:00:21Z,a,SHORT,5.0,99.7,0.225,,,,,,TP_HIT,,6f69f1d3
5,order,2026-01-05T00:00:30Z,b,LONG,,,,500.0,0.15,0.3,45.0,2026-01-05T00:00:50Z,,,89c8ce03
"""


def test_rows_are_written_as_they_ever_were(log):
    assert (log / EVENTS_FILE).read_text() == WRITTEN


@pytest.mark.parametrize(
    ("event", "why"),
    [
        (replace(FILL, fee=-0.01), ""),
        (replace(OPEN, size=-1.0), "size is below zero"),
        (replace(OPEN, direction="UP"), "'UP' is no direction"),
        (replace(OPEN, at=0), "it has no time"),
        (replace(FILL, fee=FILL.size * FILL.price), ""),
        (replace(EXIT, fee=EXIT.size * EXIT.price + 0.01), "its fee is more than what was traded"),
        (replace(ORDER, valid_until=ORDER.at), ""),
        (Event("halt", at_us(1)), "a halt without a reason"),
        (Event("open", at_us(1), reason="an account elsewhere"), ""),
        (Event("open", at_us(1)), "an account on paper without equity"),
    ],
)
def test_a_fee_may_be_paid_back_and_all_else_is_what_can_be(event, why):
    assert why in cannot_be(event) if why else cannot_be(event) == ""


def test_a_log_of_a_later_version_is_refused_and_left_to_the_next(log):
    path, known = log / EVENTS_FILE, (log / EVENTS_FILE).read_bytes()
    lines = known.decode().splitlines()
    path.write_text("\n".join([f"{lines[0]},leverage", *(f"{line}," for line in lines[1:])]) + "\n")
    with pytest.raises(EventLogError, match="whose column leverage this one does not know"), EventLog(log):
        pass
    path.write_bytes(known)
    with EventLog(log) as again:
        assert len(again.events) == 5


def test_who_reads_on_reads_another_file_from_its_start(log, tmp_path_factory):
    reader, elsewhere = EventReader(log), tmp_path_factory.mktemp("other")
    assert len(reader.poll()) == 5
    with EventLog(elsewhere) as other:
        for event in (replace(OPEN, price=2_000.0), ORDER):
            other.append(event)
    (elsewhere / EVENTS_FILE).replace(log / EVENTS_FILE)
    assert reader.poll() == [replace(OPEN, price=2_000.0), ORDER]


def test_a_row_that_is_none_is_refused_at_each_look_until_the_file_is_whole(log):
    path, whole = log / EVENTS_FILE, (log / EVENTS_FILE).read_bytes()
    reader = EventReader(log)
    path.write_bytes(whole.replace(b"SHORT", b"DOWN!", 1))
    for _ in range(2):
        with pytest.raises(EventLogError, match="line 3"):
            reader.poll()
    path.write_bytes(whole)
    assert len(reader.poll()) == 5
