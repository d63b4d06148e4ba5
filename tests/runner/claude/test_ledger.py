"""The spend file: the cap holds, whatever is killed, full or damaged (docs/guarantees.md, L5)."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.errors import DataError
from runner.claude.ledger import SPEND_FILE, SpendLedger, SpendReader, spend_of_day
from runner.errors import LockedError, WriteFailedError
from runner.files import journal
from runner.trade.models import Usage

MODEL = "claude-sonnet-5-5"


class Clock:
    """A wall clock that is set by hand."""

    def __init__(self, text: str = "2026-01-05T12:00:00Z") -> None:
        self.set(text)

    def set(self, text: str) -> None:
        self.time = datetime.fromisoformat(text)

    def __call__(self) -> datetime:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def opening(tmp_path, clock):
    opened = []

    def open_ledger(cap: float = 1.0, calls: int = 100) -> SpendLedger:
        ledger = SpendLedger(tmp_path / SPEND_FILE, cap, calls, clock).open()
        opened.append(ledger)
        return ledger

    yield open_ledger
    for ledger in opened:
        ledger.close()


def test_what_is_settled_frees_what_was_reserved(opening):
    ledger = opening(cap=0.10)
    first = ledger.reserve(0.06, MODEL)
    assert first
    assert ledger.reserve(0.06, MODEL) is None
    ledger.settle(first, Usage(900, 50, 0, 100, 0.01), MODEL)
    second = ledger.reserve(0.09, MODEL)
    assert second  # 0.01 + 0.09 is the cap itself
    assert ledger.reserve(0.000001, MODEL) is None
    today = ledger.today()
    assert (today.calls, today.total_usd) == (2, 0.10)
    ledger.settle(second, Usage(cost_usd=0.02), MODEL)
    assert (today.total_usd, ledger.today().total_usd) == (0.10, 0.03)  # what was shown is a copy


def test_sums_of_cents_meet_the_cap_exactly(opening):
    ledger = opening(cap=0.3)
    assert [bool(ledger.reserve(0.1, MODEL)) for _ in range(4)] == [True, True, True, False]


def test_the_number_of_calls_is_capped(opening):
    ledger = opening(calls=2)
    assert [bool(ledger.reserve(0.0, MODEL)) for _ in range(3)] == [True, True, False]


def test_a_restart_remembers_and_an_unsettled_call_counts_in_full(opening, tmp_path, clock):
    ledger = opening(cap=0.10)
    settled = ledger.reserve(0.04, MODEL)
    ledger.reserve(0.05, MODEL)
    ledger.settle(settled, Usage(1, 2, 3, 4, 0.005), MODEL, "timeout")
    ledger.close()
    again = opening(cap=0.10)
    today = again.today()
    assert (today.calls, today.billed_usd, today.reserved_usd) == (2, 0.005, 0.05)
    assert again.reserve(0.046, MODEL) is None
    assert again.reserve(0.045, MODEL)
    assert spend_of_day(tmp_path, clock.time).calls == 3
    header, *rows = (tmp_path / SPEND_FILE).read_text().splitlines()
    assert header.startswith("timestamp,call,event,usd,")
    assert rows[2] == f"2026-01-05T12:00:00Z,{settled},settle,0.005000,1,2,3,4,{MODEL},timeout"


def test_the_day_is_the_utc_day_of_the_reservation(opening, clock, tmp_path):
    clock.set("2026-01-05T23:59:59Z")
    ledger = opening(cap=0.10)
    late = ledger.reserve(0.09, MODEL)
    clock.set("2026-01-06T00:00:01Z")
    assert ledger.reserve(0.09, MODEL)  # a new day
    ledger.settle(late, Usage(cost_usd=0.08), MODEL)
    assert ledger.today().total_usd == 0.09
    ledger.close()
    assert spend_of_day(tmp_path, clock.time).total_usd == 0.09
    clock.set("2026-01-06T01:30:00+02:00")  # still the 5th in UTC: clocks may go back
    assert opening(cap=0.10).today().total_usd == 0.08


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("2026-01-05T12:00:00Z,x,reserve", "another number of fields"),
        ("2026-01-05T12:00:00Z,x,reserve,much,,,,,m,", "'much' is no amount"),
        ("2026-01-05T12:00:00Z,x,reserve,nan,,,,,m,", "'nan' is no amount"),
        ("2026-01-05T12:00:00Z,x,reserve,-1,,,,,m,", "'-1' is no amount"),
        ("2026-01-05T12:00:00Z,x,settle,0.1,,,,,m,", "'x'"),
        ("yesterday,x,reserve,0.1,,,,,m,", "yesterday"),
        ("2026-01-05T12:00:00Z,x,refund,0.1,,,,,m,", "unknown event 'refund'"),
        ("2026-01-05T12:00:00Z,x,reserve,1_0,,,,,m,", "'1_0' is no amount"),
        ("2026-01-05T12:00:00Z,,reserve,0.1,,,,,m,", "no call, or a time without a zone"),
        ("2026-01-05T12:00:00,x,reserve,0.1,,,,,m,", "no call, or a time without a zone"),
        ("2026-01-05T12:00:00Z,x,reserve,0.1,,,,,m,\udcff", "bytes that are no text"),
    ],
)
def test_a_row_that_cannot_be_read_stops_all_calls_until_it_is_mended(opening, tmp_path, clock, row, why):
    ledger = opening()
    ledger.reserve(0.01, MODEL)
    ledger.close()
    path = tmp_path / SPEND_FILE
    good = path.read_bytes()
    with path.open("a", errors="surrogateescape") as file:
        file.write(f"{row}\n")
    with pytest.raises(DataError, match=rf"model_spend\.csv, line 3: not a row of what was spent \(.*{why}"):
        opening()
    with pytest.raises(DataError, match="line 3"):
        spend_of_day(tmp_path, clock.time)
    path.write_bytes(good)
    assert opening().today().total_usd == 0.01  # the lock was given back


def test_a_call_that_was_reserved_twice_stops_all_calls(opening, tmp_path, clock):
    ledger = opening()
    ledger.reserve(0.05, MODEL)
    ledger.close()
    path = tmp_path / SPEND_FILE
    head, row = path.read_text().splitlines()
    path.write_text(f"{head}\n{row}\n{row.replace('0.05', '0.01')}\n")
    with pytest.raises(DataError, match=r"line 3: .*was reserved before"):
        opening()
    with pytest.raises(DataError, match="line 3"):
        spend_of_day(tmp_path, clock.time)


def test_one_process_spends_at_a_time(opening, tmp_path):
    opening()
    with pytest.raises(LockedError):
        SpendLedger(tmp_path / SPEND_FILE, 1.0, 10).open()


def test_a_full_disk_makes_no_call_and_takes_none_off_the_cap(opening, monkeypatch):
    ledger = opening(cap=0.10)
    ledger.reserve(0.0, MODEL)

    def full(fd: int, data: bytes) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(journal, "_write_all", full)
        for _ in range(5):
            with pytest.raises(WriteFailedError):
                ledger.reserve(0.05, MODEL)
    assert ledger.reserve(0.10, MODEL)  # space is back


def test_a_settlement_that_cannot_be_written_leaves_the_call_at_its_worst(opening, monkeypatch):
    ledger = opening()
    call = ledger.reserve(0.05, MODEL)
    with monkeypatch.context() as broken:
        broken.setattr(journal, "_write_all", lambda fd, data: (_ for _ in ()).throw(OSError(5, "I/O error")))
        with pytest.raises(WriteFailedError):
            ledger.settle(call, Usage(cost_usd=0.001), MODEL)
    assert ledger.today().total_usd == 0.05


def test_looking_takes_no_lock_and_cuts_at_the_last_newline(opening, tmp_path, clock):
    assert spend_of_day(tmp_path, clock.time).calls == 0
    for begun in ("", "timestamp,call,ev"):  # by a process that was killed before its first row
        (tmp_path / SPEND_FILE).write_text(begun)
        assert spend_of_day(tmp_path, clock.time).calls == 0
    (tmp_path / SPEND_FILE).unlink()
    ledger = opening()
    ledger.reserve(0.05, MODEL)
    with (tmp_path / SPEND_FILE).open("a") as file:
        file.write("2026-01-05T12:00:0")
    assert spend_of_day(tmp_path, clock.time).total_usd == 0.05
    assert spend_of_day(tmp_path, datetime(2026, 1, 6, tzinfo=UTC)).total_usd == 0


def test_a_call_counts_on_its_share_of_the_cap_alone(opening):
    ledger = opening(cap=1.0, calls=10)
    assert ledger.reserve(0.51, MODEL, share=0.5) is None
    assert ledger.reserve(0.5, MODEL, share=0.5) is not None
    assert ledger.reserve(0.001, MODEL, share=0.5) is None and ledger.reserve(0.001, MODEL) is not None


def test_a_reader_goes_on_where_it_was_and_begins_anew_with_another_file(opening, tmp_path, clock):
    path, ledger = tmp_path / SPEND_FILE, opening()
    reader = SpendReader(tmp_path)

    def counted() -> tuple[int, float]:
        (found,) = reader.poll().values()
        return found.calls, round(found.total_usd, 6)

    ledger.reserve(0.05, MODEL)
    assert counted() == counted() == (1, 0.05)
    ledger.reserve(0.02, MODEL)
    assert counted() == (2, 0.07)
    lines = path.read_text().splitlines()
    path.unlink()
    path.write_text("\n".join([lines[0], lines[2], ""]))  # another file, which lacks the first call
    assert counted() == (1, 0.02)
    path.write_text("\n".join([*lines[:2], "no row", ""]))
    for _ in range(2):  # said at each look until the file is another
        with pytest.raises(DataError, match="line 3"):
            reader.poll()
    path.write_text("\n".join([*lines, ""]))
    assert counted() == (2, 0.07)


#: Spends as the decider does: reserve, be billed, settle. What it is billed it tells on stdout before anything else can happen.
SPENDER = """
import os, random, sys
from pathlib import Path
from runner.claude.ledger import SpendLedger
from runner.trade.models import Usage

def spend(seed):
    chance = random.Random(seed)
    ledger = SpendLedger(Path(sys.argv[1]), 1.0, 10_000).open()
    os.write(1, f"{os.getpid()}\\n".encode())
    while True:
        worst = round(chance.uniform(0.0005, 0.004), 6)
        call = ledger.reserve(worst, "m")
        if call is None:
            os.write(1, b"full\\n")
            break
        cost = round(worst * chance.choice([0.05, 0.5, 1.0]), 6)
        os.write(1, f"{cost:.6f}\\n".encode())
        ledger.settle(call, Usage(cost_usd=cost), "m")

# Each spender is forked from this process, which has everything imported.
for seed in sys.stdin:
    child = os.fork()
    if child == 0:
        try:
            spend(int(seed))
        finally:
            os._exit(0)
    sys.stdin.readline()  # until it was killed its number is its own
    os.waitpid(child, 0)
    os.write(1, b"gone\\n")
"""


@pytest.mark.faults
@pytest.mark.slow
def test_the_cap_holds_though_the_spender_is_killed_at_random(tmp_path: Path, fault_runs: int) -> None:
    chance, path, billed, killed = random.Random(7), tmp_path / SPEND_FILE, 0.0, 0
    command = [sys.executable, "-c", SPENDER, str(path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
    ) as spenders:
        assert spenders.stdin is not None and spenders.stdout is not None
        for run in range(fault_runs):
            spenders.stdin.write(f"{run}\n")
            pid = int(spenders.stdout.readline())
            time.sleep(chance.uniform(0, 0.03))
            os.kill(pid, signal.SIGKILL)
            spenders.stdin.write("killed\n")
            told = [*iter(spenders.stdout.readline, "gone\n")]
            amounts = [float(line) for line in told if line.endswith("\n") and line != "full\n"]
            billed += sum(amounts)
            killed += "full\n" not in told
            counted = spend_of_day(tmp_path).total_usd
            assert billed <= counted + 1e-9, "something was billed that does not count"
            assert counted <= 1.0 + 1e-9, "the cap was passed"
            if counted > 0.99:  # go on with a fresh day
                path.unlink()
                billed = 0.0
    assert killed > fault_runs / 4  # or the kills came too late to show anything


def test_a_call_that_another_may_follow_needs_room_for_both(tmp_path):
    ledger = SpendLedger(tmp_path / SPEND_FILE, 0.10, 3).open()
    assert ledger.reserve(0.04, "cheap", [0.06001]) is None
    assert ledger.today().calls == 0
    assert ledger.reserve(0.04, "cheap", [0.06])  # of which only its own is reserved
    assert (ledger.today().calls, ledger.today().reserved_usd) == (1, 0.04)
    assert ledger.reserve(0.06, "dear")
    assert (ledger.today().calls, ledger.today().reserved_usd) == (2, 0.10)
    assert ledger.reserve(0.0, "cheap", [0.0]) is None  # one call is left
    assert ledger.reserve(0.0, "cheap")
    ledger.close()
