"""What was sent to Claude is kept beside the decision, which neither waits for that nor fails by it."""

from __future__ import annotations

import base64
import json
import threading
import time
import zlib
from datetime import date, timedelta

import pytest

from lib.errors import DataError, MissingDataError
from lib.market.readings import instant
from runner.claude import kept_requests
from runner.claude.kept_requests import (
    COLUMNS,
    FOLDER,
    RequestKeeper,
    pack,
    prune,
    read_request,
    request_file,
    request_sha,
    request_text,
    to_remove,
    unpack,
)
from runner.errors import WriteFailedError
from runner.files.journal import Journal
from tests.runner.claude.made import publish_lessons, tick
from tests.runner.trade.made import Script, enter, hand_loop, log_rows
from tests.runner.waiting import wait_until

AT = instant(tick().at)


def kept(folder, *texts: str) -> list[str]:
    """Keep these, a second apart; their hashes."""
    told: list[str] = []
    keeper = RequestKeeper(folder, told.append)
    for place, text in enumerate(texts):
        keeper.keep(AT + place * 1_000_000, text)
    keeper.close()
    assert told == []
    return [request_sha(text) for text in texts]


def test_what_the_server_got_is_what_is_kept_and_its_hash_is_the_answers(server, deciding, tmp_path):
    lessons = publish_lessons(tmp_path)
    decider = deciding()
    answer = decider.decide(tick(), 8)
    decider.close()
    text = read_request(tmp_path, AT, answer.request_sha)
    (request,) = server.requests
    assert json.loads(text) == request.body and lessons in request.body["system"][1]["text"]
    assert server.key not in text
    for path in (tmp_path / FOLDER).rglob("*"):
        assert path.is_dir() or server.key.encode() not in path.read_bytes()


def test_a_second_try_is_kept_once(server, deciding, tmp_path):
    server.fails(529, "overloaded_error")
    decider = deciding()
    assert decider.decide(tick(), 8).request_sha
    decider.close()
    (path,) = (tmp_path / FOLDER).glob("*.csv")
    assert len(server.requests) == 2 and len(path.read_text().splitlines()) == 2


def test_what_is_not_sent_for_want_of_budget_is_not_kept(server, deciding, tmp_path):
    decider = deciding(daily_cap_usd=0)
    answer = decider.decide(tick(), 8)
    decider.close()
    assert (answer.reason_code, answer.request_sha, server.requests) == ("budget", "", [])
    assert not (tmp_path / FOLDER).exists()


def test_a_bad_answer_names_what_was_sent_too(server, deciding, tmp_path):
    server.says("{")
    decider = deciding()
    answer = decider.decide(tick(), 8)
    decider.close()
    assert answer.reason_code == "not_json" and read_request(tmp_path, AT, answer.request_sha)


def test_cut_at_every_byte_only_the_last_is_lost(tmp_path):
    first, second = kept(tmp_path, "one", "two")
    path = request_file(tmp_path, AT)
    whole = path.read_bytes()
    begins = whole.rindex(b"\n", 0, -1) + 1
    for end in range(begins, len(whole)):
        path.write_bytes(whole[:end])
        assert read_request(tmp_path, AT, first) == "one"
        with pytest.raises(MissingDataError, match="holds no request"):
            read_request(tmp_path, AT, second)
    (third,) = kept(tmp_path, "three")
    assert [read_request(tmp_path, AT, name) for name in (first, third)] == ["one", "three"]


def test_a_full_disk_costs_no_decision_and_is_said_once(server, deciding, tmp_path, monkeypatch):
    def full(self, rows):
        raise WriteFailedError(f"{self.path}: No space left on device. Free some space on that disk")

    decider = deciding()
    with monkeypatch.context() as broken:
        really = Journal.append
        broken.setattr(
            Journal, "append", lambda self, rows: (full if FOLDER in str(self.path) else really)(self, rows)
        )
        for _ in range(3):
            assert decider.decide(tick(), 8).reason_code == ""
        wait_until(lambda: decider._keeper._waiting.empty() and decider.state().warnings)
    (warning,) = decider.state().warnings
    assert warning.startswith("what is sent to Claude is not kept: ") and "Free some space" in warning
    answer = decider.decide(tick(), 8)
    decider.close()
    assert read_request(tmp_path, AT, answer.request_sha)
    assert json.loads((tmp_path / "claude.json").read_text())["warnings"] == [warning]


def test_a_disk_that_hangs_delays_nothing(tmp_path, monkeypatch):
    let_go = threading.Event()
    monkeypatch.setattr(RequestKeeper, "_write", lambda self, sent: let_go.wait(30))
    told: list[str] = []
    keeper = RequestKeeper(tmp_path, told.append)
    begun = time.monotonic()
    for _ in range(100):
        keeper.keep(AT, "text")
    assert time.monotonic() - begun < 1.0
    assert told == ["what is sent to Claude is not kept: the disk is too slow"]
    let_go.set()
    keeper.close()


def test_a_folder_that_cannot_be_made_costs_no_decision(server, deciding, tmp_path):
    (tmp_path / FOLDER).write_text("a file stands where the folder belongs")
    decider = deciding()
    assert decider.decide(tick(), 8).request_sha
    decider.close()
    (warning,) = decider.state().warnings
    assert "not kept" in warning and "Something else stands there: move it away" in warning


def test_a_data_folder_that_was_moved_is_not_begun_anew_where_it_was(tmp_path):
    folder, told = tmp_path / "data", []
    folder.mkdir()
    keeper = RequestKeeper(folder, told.append)
    folder.rename(tmp_path / "moved")
    keeper.keep(AT, "a text")
    keeper.close()
    assert [entry.name for entry in tmp_path.iterdir()] == ["moved"]
    (warning,) = told
    assert "No such file or directory" in warning


def test_what_was_changed_is_said_and_never_shown(tmp_path):
    (name,) = kept(tmp_path, "one")
    path = request_file(tmp_path, AT)
    row = path.read_text().splitlines()[1].split(",")
    bomb = base64.b64encode(zlib.compress(b"0" * 20_000_000, 9)).decode()
    for packed in (pack("another"), "no base64!", base64.b64encode(b"not deflated").decode(), "", bomb):
        path.write_text(",".join(COLUMNS) + "\n" + ",".join([row[0], name, packed]) + "\n")
        with pytest.raises(DataError, match="its hash is another"):
            read_request(tmp_path, AT, name)
    with path.open("a") as file:  # the true one behind a false one is found
        file.write(",".join(row) + "\n")
    assert read_request(tmp_path, AT, name) == "one"


def test_what_was_packed_is_unpacked():
    assert unpack(pack("€ and\nlines")) == "€ and\nlines"
    with pytest.raises(ValueError, match="base64"):
        unpack("!" + pack("one"))


def test_the_text_of_a_request_has_one_form():
    assert request_text({"b": "é€", "a": 1}) == request_text({"a": 1, "b": "é€"}) == '{"a": 1, "b": "é€"}'
    with pytest.raises(ValueError, match="not JSON compliant"):
        request_text({"a": float("nan")})


def test_whoever_closes_ends_the_thread(tmp_path):
    before = set(threading.enumerate())
    keeper = RequestKeeper(tmp_path, lambda why: None)
    keeper.keep(AT, "one")
    (thread,) = set(threading.enumerate()) - before
    keeper.close()
    assert not thread.is_alive()


def test_rows_that_are_none_are_passed_over_and_a_day_that_is_not_there_is_said(tmp_path):
    with pytest.raises(MissingDataError, match="holds no request"):
        read_request(tmp_path, AT, request_sha("one"))
    (name,) = kept(tmp_path, "one")
    path = request_file(tmp_path, AT)
    head, row = path.read_bytes().splitlines()
    time, sha, packed = row.split(b",")
    for damaged in (
        b",".join([time, sha]),
        b",".join([time, sha, packed, b""]),
        b",".join([time, sha, b"\xff\xfe"]),
    ):
        path.write_bytes(b"\n".join([head, damaged, row, b""]))
        assert read_request(tmp_path, AT, name) == "one"
    path.write_bytes(b"\n".join([head, b",".join([time, sha, b"\xff\xfe"]), b""]))
    with pytest.raises(DataError, match="its hash is another"):
        read_request(tmp_path, AT, name)


def days(first: str, count: int) -> list[str]:
    return [f"{date.fromisoformat(first) + timedelta(days=n)}.csv" for n in range(count)]


def test_the_last_90_days_stay_and_in_any_case_the_newest_90():
    names = days("2026-01-01", 200)
    assert to_remove(names, names[-1]) == names[: 198 - 90]
    old = days("2026-01-01", 100)
    assert to_remove([*old, "2026-12-01.csv", "2026-12-02.csv"], "2026-12-02.csv") == old[:11]
    assert to_remove([*names, "notes.txt", "2026-02-31.csv"], "2026-07-19.csv") == names[:108]


@pytest.mark.parametrize("wrong", ["2099-01-01.csv", "1970-01-01.csv", "2020-06-01.csv"])
def test_a_wrong_clock_prunes_nothing(wrong):
    names = days("2026-01-01", 80)
    assert to_remove([*names, wrong], wrong) == []
    assert [name for name in to_remove([*names, wrong], names[-1]) if name != wrong] == []


def test_a_clock_that_stays_wrong_for_days_costs_no_more_than_as_many_right_ones():
    names, wrong = days("2026-01-01", 90), days("2099-01-01", 5)
    assert to_remove([*names, *wrong], wrong[-1]) == names[:4]
    assert to_remove([*names[10:], *wrong], wrong[-1]) == []


def test_pruning_takes_the_locks_too(tmp_path):
    kept(tmp_path, "old")
    path = request_file(tmp_path, AT)
    for name in days("2026-06-01", 91):
        (path.parent / name).touch()
    assert (path.parent / ".locks" / f"{path.name}.lock").exists()
    assert prune(path.parent, "2026-08-30.csv") == [path.name]
    assert not path.exists() and not (path.parent / ".locks" / f"{path.name}.lock").exists()


def test_a_new_day_prunes(tmp_path, monkeypatch):
    pruned = []
    monkeypatch.setattr(kept_requests, "prune", lambda folder, current: pruned.append(current))
    keeper = RequestKeeper(tmp_path, pruned.append)
    for days_later in (0, 0, 1):
        keeper.keep(AT + days_later * 86_400_000_000, "text")
    keeper.close()
    assert pruned == ["2026-01-05.csv", "2026-01-06.csv"]


def test_a_decision_row_says_why_it_was_asked_and_what_was_sent(tmp_path):
    with hand_loop(tmp_path, Script(enter(request_sha="ab" * 32))) as (loop, feed):
        for second in (40, 50):
            feed.give(second, 100.0)
            loop.step()
    row, *_ = log_rows(tmp_path, "claude_decisions.csv")
    assert (row["asked_because"], row["request_sha"]) == ("interval", "ab" * 32)
