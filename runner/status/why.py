"""Why there was no entry: the ticks of a stretch of time by how they ended, from ticks.csv and the decision rows."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.standing import is_there
from lib.contract.times import iso, microseconds, parse_time
from lib.data.decisions import load_decisions
from lib.data.slices import read_slice
from lib.errors import ParameterError
from runner.trade.tick_log import FIRST_COLUMNS, TICKS_FILE

#: Reason codes of a HOLD that the decider gave itself; with any other there was no answer to take.
ANSWERED = ("", "hold", "held", "exit_advised")
_SPAN = re.compile(r"(\d+(?:\.\d+)?)\s*([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


def parse_span(text: str) -> pd.Timedelta:
    """24h, 90m, 7d. Raises ParameterError for anything else."""
    found = _SPAN.fullmatch(text.strip().lower())
    if found is None or float(found[1]) <= 0:
        raise ParameterError(f"{text!r} is no span of time: write it like 24h, 90m or 7d")
    return pd.Timedelta(**{_UNITS[found[2]]: float(found[1])})


def why(folder: Path, since: pd.Timestamp, until: pd.Timestamp) -> dict[str, Any]:
    """Counts of ticks by outcome in (since, until]: `asked_nobody` outcome → code → n, `decisions` result → n (JSON types)."""
    nobody: dict[str, Counter[str]] = {}
    rows, set_aside = _tick_rows(folder, since, until)
    for outcome, code in rows:
        nobody.setdefault(outcome, Counter())[code or "-"] += 1
    decisions, counts = load_decisions(folder, since, until)
    asked = Counter(result_of(row) for row in decisions.itertuples())
    return {
        "since": iso(since),
        "until": iso(until),
        "ticks": len(rows) + len(decisions),
        "asked_nobody": {name: dict(found.most_common()) for name, found in sorted(nobody.items())},
        "decisions": dict(asked.most_common()),
        "set_aside": set_aside + counts.rows_in - counts.ok,
    }


def _tick_rows(folder: Path, since: pd.Timestamp, until: pd.Timestamp) -> tuple[list[tuple[str, str]], int]:
    """Outcome and code of each tick, and how many rows were none."""
    path = folder / TICKS_FILE
    if not is_there(path):
        return [], 0
    begin, end = microseconds(since), microseconds(until)
    piece = read_slice(path, begin, end, None)
    piece.header.require(FIRST_COLUMNS, "Move the file away; the loop makes a new one")
    found, off = [], 0
    for line in piece.data.decode(errors="replace").split("\n")[:-1]:
        fields = dict(zip(piece.header.names, line.split(","), strict=False))
        at = parse_time(fields["timestamp"], None)
        if at is None or len(fields) < len(piece.header.names):
            off += 1
        elif begin < at <= end:
            found.append((fields["outcome"], fields["reason_code"]))
    return found, off


def result_of(row: Any) -> str:
    """What became of a decision: executed, HOLD, or why it was not executed."""
    if row.executed:
        return "executed"
    if row.reason_code in ("", "hold"):
        return "HOLD" if row.direction == "HOLD" else "ordered"
    return row.reason_code


def is_answer(row: Any) -> bool:
    """Whether a decision was answered; else it is HOLD for want of an answer to take."""
    return bool(row.direction != "HOLD" or row.reason_code in ANSWERED)


def why_lines(found: dict[str, Any]) -> list[str]:
    """For people."""
    lines = [f"{found['ticks']:,} ticks from {found['since']} to {found['until']}"]
    for outcome, codes in found["asked_nobody"].items():
        told = ", ".join(f"{code} {count:,}" for code, count in codes.items())
        lines.append(f"  {outcome:<16}{sum(codes.values()):>8,}   {told}")
    for result, count in found["decisions"].items():
        lines.append(f"  asked: {result:<9}{count:>8,}")
    if found["set_aside"]:
        lines.append(f"  rows that could not be read: {found['set_aside']:,}")
    return lines
