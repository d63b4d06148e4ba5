from __future__ import annotations

import json

import pandas as pd
import pytest

from lib.errors import DataError
from lib.market.exits import STANDARD
from lib.market.terms import DEFAULT_TERMS
from lib.questions.confirmation import confirmation
from lib.questions.keeping import Dropped, Kept
from lib.questions.record import Boundary, Confirmed, Opened, Record, line_text, read_record, record_path

TIME = "2026-01-05T00:00:00Z"


def boundary(market: str = "XYZUSDT", instant: str = TIME) -> Boundary:
    return Boundary(
        at=TIME, market=market, source="folder", boundary=instant, first=TIME, newest=TIME, rows=1, price=1.0
    )


def opened(k: int = 1, sha256: str = "a", market: str = "XYZUSDT") -> Opened:
    return Opened(
        at=TIME,
        k=k,
        question="falls",
        sha256=sha256,
        market=market,
        source="folder",
        boundary=TIME,
        until=TIME,
        terms=DEFAULT_TERMS,
    )


def confirmed(k: int, sha256: str = "a") -> Confirmed:
    """An answer; of one that is to be refused only what refuses it is looked at."""
    times = pd.Series(pd.DatetimeIndex([], tz="UTC"))
    none = {
        "net_pct": [],
        "gross_pct": [],
        "episode": [],
        "entry_time": times,
        "exit_time": times,
        "direction": [],
    }
    found = confirmation(pd.DataFrame(none), k, TIME, TIME, 1.0, STANDARD, DEFAULT_TERMS)
    return Confirmed(at=TIME, k=k, sha256=sha256, found=found, looked=[])


def write(folder, text: str) -> None:
    record_path(folder).parent.mkdir(parents=True, exist_ok=True)
    record_path(folder).write_text(text, encoding="utf-8")


def test_what_was_written_is_read_and_the_first_boundary_stands(tmp_path):
    lines = [boundary(), boundary(instant="2027-01-01T00:00:00Z"), opened(), opened(2, "b")]
    write(tmp_path, "".join(f"{line_text(line)}\n" for line in lines))
    found = read_record(tmp_path)
    assert found.lines == lines
    assert found.boundary("XYZUSDT").boundary == TIME and found.boundary("ABCUSDT") is None
    assert found.opening("b", "XYZUSDT").k == 2
    assert (
        found.opening("b", "ABCUSDT") is None
        and found.opening("c", "XYZUSDT") is None
        and found.answer(1) is None
    )


def test_a_last_line_that_a_kill_cut_was_not_written(tmp_path):
    whole = line_text(boundary()) + "\n"
    for length in range(0, len(line_text(opened())) + 1, 7):
        write(tmp_path, whole + line_text(opened())[:length])
        assert read_record(tmp_path).lines == [boundary()]


def test_a_damaged_line_is_refused_with_its_place(tmp_path):
    write(tmp_path, line_text(boundary()) + '\n{"kind": "opened", "k": 1}\n' + line_text(opened()) + "\n")
    with pytest.raises(
        DataError, match=r"record.jsonl, line 2: this is no line of the record .*from a copy of the folder"
    ):
        read_record(tmp_path)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"boundary": "soon"}, "not a time in UTC"),
        ({"boundary": "2026-01-05T00:00:00"}, "not a time in UTC"),
        ({"at": "2026-01-05T00:00:00+01:00"}, "not a time in UTC"),
        ({"price": 0.0}, "greater than 0"),
    ],
)
def test_a_boundary_that_cannot_have_been_is_refused(tmp_path, changed, why):
    write(tmp_path, json.dumps(json.loads(line_text(boundary())) | changed) + "\n")
    with pytest.raises(DataError, match=rf"line 1: this is no line of the record \(.*{why}"):
        read_record(tmp_path)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([opened(), opened(1, "b")], "number 1 was given before"),
        ([opened(), line_text(opened(2, "b")).replace('"k": 2', '"k": 0')], "greater than or equal to 1"),
        ([opened(), confirmed(1), confirmed(1)], "number 1 was given before"),
        ([opened(), confirmed(2)], "number 2 was not spent on that question"),
        ([opened(), confirmed(1, "b")], "number 1 was not spent on that question"),
    ],
)
def test_a_level_stands_once_and_is_answered_under_its_question(tmp_path, lines, why):
    write(tmp_path, "".join(f"{line if isinstance(line, str) else line_text(line)}\n" for line in lines))
    with pytest.raises(DataError, match=rf"line {len(lines)}: this is no line of the record \(.*{why}"):
        read_record(tmp_path)


def test_a_key_of_a_later_version_is_passed_over(tmp_path):
    write(tmp_path, line_text(boundary())[:-1] + ', "later": 1}\n')
    assert read_record(tmp_path).lines == [boundary()]


def test_nothing_was_asked_of_a_new_folder(tmp_path):
    assert read_record(tmp_path).lines == Record().lines == []


def kept(k: int) -> Kept:
    return Kept(at=TIME, k=k, question="falls", sha256="a", market="XYZUSDT", since=TIME, terms=DEFAULT_TERMS)


@pytest.mark.parametrize(
    "lines",
    [
        [opened(), kept(1)],
        [kept(1), opened()],
        [kept(1), kept(1)],
        [opened(), Dropped(at=TIME, k=1, question="falls", until=TIME)],
        [kept(1), *[Dropped(at=TIME, k=1, question="falls", until=TIME)] * 2],
    ],
)
def test_following_and_confirming_share_their_numbers_and_only_what_is_kept_is_dropped(tmp_path, lines):
    write(tmp_path, "".join(f"{line_text(line)}\n" for line in lines))
    with pytest.raises(DataError, match="number 1 was") as error:
        read_record(tmp_path)
    assert error.value.line == len(lines)


def test_what_is_kept_and_dropped_is_read_beside_what_is_confirmed(tmp_path):
    lines = [opened(), kept(2), confirmed(1), Dropped(at=TIME, k=2, question="falls", until=TIME), kept(3)]
    write(tmp_path, "".join(f"{line_text(line)}\n" for line in lines))
    found = read_record(tmp_path)
    assert [each.k for each in found.followed] == [3] and found.next_number == 4
