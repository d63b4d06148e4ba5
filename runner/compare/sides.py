"""What a person names becomes a side: a cycle by its name or folder, a replay by its folder. Nothing is written.

The trades are taken anew out of the log that they stand in, as it was known then and under the terms of then. Arms of an experiment come
in here as a third kind, once there are any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from lib.analysis.trades import executed_between
from lib.contract.results import GroupStats
from lib.contract.times import iso, parse_instant
from lib.contract.visible import visible
from lib.data.decisions import load_decisions
from lib.data.window import DECISIONS_WARMUP
from lib.draw.numbers import counted, dollars
from lib.errors import DataError, MissingDataError, ParameterError
from lib.lessons.eras import era_at, eras_of
from lib.market.costs import realised_breakeven_win_rate
from lib.market.terms import Terms
from lib.stats.episodes import assign_episodes
from lib.stats.groups import group_stats, round_dollars, round_percent, round_rate
from runner.compare.models import Kind, Side, SideRecord
from runner.cycle.manifest import Manifest, read_manifest
from runner.cycle.prune import MANIFEST, cycle_folders
from runner.replay.summary import SUMMARY_FILE

_MOST_NEAR = 5


def read_side(named: str, outputs: Path) -> Side:
    """The side that a name stands for: a folder, or the name of a cycle below `outputs`.

    Raises ParameterError, which names the nearest cycles, for what is neither; MissingDataError where its log is gone; DataError for a
    damaged file.
    """
    folder = _folder_of(named, outputs)
    if (folder / SUMMARY_FILE).is_file():
        return _replay_side(folder)
    if (manifest := read_manifest(folder)) is None:
        raise DataError("this is no manifest of a cycle", path=folder / MANIFEST, fix="Compare another cycle")
    return _cycle_side(folder, manifest)


def _folder_of(named: str, outputs: Path) -> Path:
    tried = [Path(named).expanduser()]
    tried += [outputs / named] if named and Path(named).name == named else []
    for folder in tried:
        if any((folder / file).is_file() for file in (MANIFEST, SUMMARY_FILE)):
            return folder.resolve()
    names = [folder.name for folder in cycle_folders(outputs)] if outputs.is_dir() else []
    near = get_close_matches(named, names, n=_MOST_NEAR, cutoff=0.5) or names[:_MOST_NEAR]
    there = f"The cycles of {outputs} are {', '.join(near)}" if near else f"{outputs} holds no cycle"
    raise ParameterError(
        f"{visible(named)!r} is neither a cycle nor the folder of a replay that has ended. {there}; a replay is named by its --outputs"
    )


def _cycle_side(folder: Path, manifest: Manifest) -> Side:
    log = Path(str(manifest.parameters.get("trading_data", "")))
    if not log.is_dir():
        raise MissingDataError(
            f"the data of cycle {manifest.cycle} are not there",
            path=log,
            fix="Put the folder back; a cycle keeps no trades of its own",
        )
    until = _instant(manifest.as_of, folder / MANIFEST)
    kept = manifest.parameters.get("terms")
    terms = era_at(eras_of(log), until).terms if kept is None else _terms(kept, folder / MANIFEST)
    told = manifest.headline
    return _side(
        "cycle",
        folder,
        log,
        str(log),
        manifest.source,
        str(manifest.source.get("decisions", "")),
        (_instant(manifest.window_start, folder / MANIFEST), until),
        terms,
        (told.get("trades"), told.get("net_pnl")),
    )


def _replay_side(folder: Path) -> Side:
    path = folder / SUMMARY_FILE
    try:
        summary = json.loads(path.read_bytes())
        trades = summary["trades"]
        told = trades["total"], trades["total_pnl"]
        bounds = _instant(summary["from"], path), _instant(summary["to"], path)
        source, decider = dict(summary["source"]), str(summary["decider"])
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        fix = "Run the replay again into a new folder"
        raise DataError(
            f"this is no summary of a replay ({type(error).__name__})", path=path, fix=fix
        ) from None
    kept = summary.get("terms")
    terms = era_at(eras_of(folder), bounds[1]).terms if kept is None else _terms(kept, path)
    settings = {"rails": "as they are set" if summary.get("rails", True) else "none"}
    settings |= {f"trade.{name}": value for name, value in _flat(summary.get("settings")).items()}
    warnings = [visible(str(summary[key])) for key in ("training_warning",) if summary.get(key)]
    if decider == "claude" and summary.get("may_know_market"):
        warnings.append(visible(str(summary["may_know_market"])))
    market_data = str(summary.get("trading_data") or folder)
    return _side(
        "replay", folder, folder, market_data, source, decider, bounds, terms, told, settings, warnings
    )


def _side(
    kind: Kind,
    folder: Path,
    log: Path,
    market_data: str,
    source: Mapping[str, Any],
    decider: str,
    window: tuple[pd.Timestamp, pd.Timestamp],
    terms: Terms,
    told: tuple[Any, Any],
    settings: dict[str, Any] | None = None,
    warnings: list[str] | None = None,
) -> Side:
    start, until = window
    decisions, _ = load_decisions(log, start - DECISIONS_WARMUP, until)
    executed = executed_between(decisions, start, until, terms.costs)
    closed = executed.closed
    closed = closed.assign(episode=assign_episodes(closed["entry_time"], closed["exit_time"]))
    figures, coin = group_stats(closed), visible(str(source.get("coin", "coin")))
    record = SideRecord(
        kind=kind,
        name=visible(folder.name),
        folder=visible(str(folder)),
        trading_data=visible(str(log)),
        market_data=visible(market_data),
        source=visible(str(source.get("label", ""))),
        symbol=visible(str(source.get("symbol", ""))),
        synthetic=bool(source.get("synthetic")),
        coin=coin,
        decider=visible(decider),
        start=iso(start),
        until=iso(until),
        terms=terms.words(),
        trades=figures,
        gross_pct=round_percent(float(closed["gross_pct"].sum())) or 0.0,
        breakeven_win_rate=round_rate(realised_breakeven_win_rate(closed["net_pct"])),
        open_trades=len(executed.still_open),
        told=_told(told, figures),
    )
    return Side(record, closed, start, until, settings or {}, warnings or [])


def _told(told: tuple[Any, Any], figures: GroupStats) -> str:
    """What its report said, where its log says something else today."""
    trades, money = told
    if not isinstance(trades, int) or not isinstance(money, int | float):
        return ""
    if trades == figures.total and round_dollars(float(money)) == figures.total_pnl:
        return ""
    return f"{counted(trades, 'trades')} and {dollars(float(money))}"


def _terms(kept: Any, path: Path) -> Terms:
    try:
        return Terms.model_validate(kept)
    except ValidationError as error:
        fix = "Compare others; these terms are of another version or damaged"
        raise DataError(f"its terms are none ({error.errors()[0]['msg']})", path=path, fix=fix) from None


def _instant(text: Any, path: Path) -> pd.Timestamp:
    try:
        return parse_instant(str(text))
    except (ParameterError, ValueError):
        raise DataError(
            f"{visible(str(text))!r} is no instant", path=path, fix="Compare others; this file is damaged"
        ) from None


def _flat(settings: Any, before: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names."""
    if not isinstance(settings, dict):
        return {}
    found: dict[str, Any] = {}
    for name, value in settings.items():
        place = f"{before}{name}"
        found |= _flat(value, f"{place}.") if isinstance(value, dict) else {place: value}
    return found
