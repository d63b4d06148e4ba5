"""Who of a folder has looked at a sealed part already: its cycles, what decided on it, questions confirmed or followed on it."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from lib.contract import schema
from lib.contract.times import iso, parse_instant
from lib.contract.words import time_word
from lib.data.decisions import kind_of, load_decisions
from lib.errors import DataError
from lib.history.log import load_history
from lib.questions.history import History
from lib.questions.record import Opened, Record

_COMMANDS = {
    "rules": "the rule decider (with `ribbon backfill --policy rules`, `ribbon simulate` or a replay)",
    "live": "the loop (`ribbon trade` or a replay)",
    "simulated": "a simulated trader",
    "imported": "another bot (`ribbon import-trades`)",
}


def looked_at(folder: Path, record: Record, opened: Opened, history: History) -> list[str]:
    """In words, each thing of `folder` that has looked at the part that was opened, but the opening itself.

    What was opened by hand leaves no trace and stands nowhere. A folder's cycles and decisions count whatever market they are of: where a
    file of another one was asked, that is said too much rather than too little.
    """
    since, until = parse_instant(opened.boundary), parse_instant(opened.until)
    return [
        *_cycles(folder, since, until),
        *_decisions(folder, since, until),
        *_confirmed(record, opened, since),
        *_followed(record, opened, until),
        *_explored(record, history, since),
    ]


def _cycles(folder: Path, since: pd.Timestamp, until: pd.Timestamp) -> list[str]:
    records = load_history(folder).records if (folder / schema.HISTORY_FILE).exists() else []
    seen = [
        found
        for found in records
        if found.at > since and found.at - pd.Timedelta(hours=found.lookback_hours) < until
    ]
    if not seen:
        return []
    span = f"as of {iso(seen[0].at)}" if len(seen) == 1 else f"as of {iso(seen[0].at)} to {iso(seen[-1].at)}"
    return [f"{len(seen):,} cycle{'s' if len(seen) > 1 else ''} of `ribbon cycle` ({span})"]


def _decisions(folder: Path, since: pd.Timestamp, until: pd.Timestamp) -> list[str]:
    if not (folder / schema.DECISIONS_FILE).exists():
        return []
    try:
        decided, _ = load_decisions(folder, since, until)
    except DataError as error:
        return [f"{schema.DECISIONS_FILE}, which cannot be read ({error})"]
    said = []
    for kind, rows in _by_kind(decided).items():
        said.append(f"{rows:,} decisions by {_COMMANDS.get(kind, kind)}")
    return said


def _by_kind(decided: pd.DataFrame) -> dict[str, int]:
    counts: dict[str, int] = {}
    for model, rows in decided["model"].astype(str).value_counts().items():
        kind = kind_of(str(model))
        counts[kind] = counts.get(kind, 0) + int(rows)
    return counts


def _confirmed(record: Record, opened: Opened, since: pd.Timestamp) -> list[str]:
    others = [
        line
        for line in record.opened
        if line.market == opened.market and line.k < opened.k and parse_instant(line.until) > since
    ]
    if not others:
        return []
    names = ", ".join(f"{line.question} ({time_word(line.at)})" for line in others[:10])
    return [f"{len(others):,} other question{'s' if len(others) > 1 else ''} confirmed on it: {names}"]


def _followed(record: Record, opened: Opened, until: pd.Timestamp) -> list[str]:
    """Questions whose trades on the sealed part were shown hour by hour as it came in, this one among them."""
    kept = [
        line for line in record.kept if line.market == opened.market and parse_instant(line.since) < until
    ]
    if not kept:
        return []
    names = ", ".join(f"{line.question} (since {time_word(line.since)})" for line in kept[:10])
    return [f"{len(kept):,} question{'s' if len(kept) > 1 else ''} followed by cycles: {names}"]


def _explored(record: Record, history: History, since: pd.Timestamp) -> list[str]:
    """Explorations of the same prices under another name, whose boundary may lie later."""
    said = []
    for line in record.namesakes(history):
        asked = [
            look for look in record.asked if look.market == line.market and parse_instant(look.until) > since
        ]
        if asked:
            said.append(f"explored under the name {line.market} {len(asked):,}×")
    return said
