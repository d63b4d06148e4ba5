"""What a person names becomes a side: a cycle by its name or folder, a replay by its folder. Nothing is written.

The trades are taken anew out of the log that they stand in, as it was known then and under the terms of then. Arms of an experiment come
in here as a third kind, once there are any.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import ValidationError

from lib.analysis.trades import executed_between
from lib.contract.dollars import Coin, dollar_decimals
from lib.contract.results import GroupStats
from lib.contract.schema import SUMMARY_FILE
from lib.contract.standing import expanded, file_bytes
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
from runner.cycle.manifest import PROGRAM, Manifest, read_manifest
from runner.cycle.prune import MANIFEST, cycle_folders

_MOST_NEAR = 5
#: So much of a commit's name tells it from others.
_COMMIT = 8
_ANOTHER = "Compare another; this one's file is damaged or of another version"


def read_side(named: str, outputs: Path) -> Side:
    """The side that a name stands for: a folder, or the name of a cycle below `outputs`.

    Raises ParameterError, which names the nearest cycles, for what is neither; MissingDataError where its log is gone; DataError for a
    damaged file.
    """
    folder = _folder_of(named, outputs)
    if (folder / SUMMARY_FILE).is_file():
        return _side(_replay(folder))
    if (manifest := read_manifest(folder)) is None:
        raise DataError("this is no manifest of a cycle", path=folder / MANIFEST, fix=_ANOTHER)
    return _side(_cycle(folder, manifest))


def _folder_of(named: str, outputs: Path) -> Path:
    tried = [expanded(named)]
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


class _Found(NamedTuple):
    """What a folder says of a side before its log is read."""

    kind: Kind
    folder: Path
    log: Path
    market_data: str
    source: Mapping[str, Any]
    start: pd.Timestamp
    until: pd.Timestamp
    terms: Terms
    told: tuple[Any, Any]  #: trades and net dollars of its own report
    settings: dict[str, Any]
    warnings: list[str]
    versions: dict[str, str]
    commit: str


def _cycle(folder: Path, manifest: Manifest) -> _Found:
    path = folder / MANIFEST
    if not all(isinstance(part, dict) for part in (manifest.parameters, manifest.source, manifest.headline)):
        raise DataError("this is no manifest of a cycle", path=path, fix=_ANOTHER)
    log = Path(str(manifest.parameters.get("trading_data", "")))
    if not log.is_dir():
        raise MissingDataError(
            f"the data of cycle {manifest.cycle} are not there",
            path=log,
            fix="Put the folder back; a cycle keeps no trades of its own",
        )
    until = _instant(manifest.parameters.get("as_of"), path)
    return _Found(
        kind="cycle",
        folder=folder,
        log=log,
        market_data=str(log),
        source=manifest.source,
        start=_instant(manifest.window_start, path),
        until=until,
        terms=_terms(manifest.parameters.get("terms"), path, log, until),
        told=(manifest.headline.get("trades"), manifest.headline.get("net_pnl")),
        settings={},
        warnings=[],
        versions=_texts(manifest.versions),
        commit=str(manifest.commit or ""),
    )


def _replay(folder: Path) -> _Found:
    path = folder / SUMMARY_FILE
    try:
        summary = json.loads(file_bytes(path))
        told = summary["trades"]["total"], summary["trades"]["total_pnl"]
        start, until, source = summary["from"], summary["to"], dict(summary["source"])
    except (ValueError, RecursionError, KeyError, TypeError):
        raise DataError("this is no summary of a replay", path=path, fix=_ANOTHER) from None
    settings = {
        "rails": "as they are set" if summary.get("rails", True) else "none",
        "hours learned": summary.get("hours_learned"),
    }
    warnings = [summary.get("training_warning")]
    warnings += [summary.get("may_know_market")] if summary.get("decider") == "claude" else []
    return _Found(
        kind="replay",
        folder=folder,
        log=folder,
        market_data=str(summary.get("trading_data") or folder),
        source=source,
        start=_instant(start, path),
        until=_instant(until, path),
        terms=_terms(summary.get("terms"), path, folder, _instant(until, path)),
        told=told,
        settings=settings | _flat(summary.get("settings"), "trade."),
        warnings=[visible(str(warning)) for warning in warnings if warning],
        versions=_texts(summary.get("versions")),
        commit=str(summary.get("commit") or ""),
    )


def _side(found: _Found) -> Side:
    decisions, _ = load_decisions(found.log, found.start - DECISIONS_WARMUP, found.until)
    executed = executed_between(decisions, found.start, found.until, found.terms.costs)
    closed = executed.closed
    closed = closed.assign(episode=assign_episodes(closed["entry_time"], closed["exit_time"]))
    figures = group_stats(closed)
    record = SideRecord(
        kind=found.kind,
        name=visible(found.folder.name),
        folder=visible(str(found.folder)),
        trading_data=visible(str(found.log)),
        market_data=visible(found.market_data),
        source=visible(str(found.source.get("label", ""))),
        symbol=visible(str(found.source.get("symbol", ""))),
        synthetic=bool(found.source.get("synthetic")),
        coin=visible(Coin.of(found.source)),
        dollar_decimals=dollar_decimals(closed["entry_price"]),
        decider=_decider(found.source, closed),
        start=iso(found.start),
        until=iso(found.until),
        terms=found.terms.words(),
        program=_program(found.versions.get(PROGRAM, ""), found.commit),
        trades=figures,
        gross_pct=round_percent(float(closed["gross_pct"].sum())) or 0.0,
        breakeven_win_rate=round_rate(realised_breakeven_win_rate(closed["net_pct"])),
        open_trades=len(executed.still_open),
        told=_told(found.told, figures, dollar_decimals(closed["entry_price"])),
    )
    return Side(
        record,
        closed,
        found.start,
        found.until,
        found.terms,
        found.settings,
        found.warnings,
        {name: version for name, version in found.versions.items() if name != PROGRAM},
    )


def _program(version: str, commit: str) -> str:
    """The version of the program in words; blank where nothing says it. A commit may differ where the version does not."""
    of, plus, _ = commit.partition("+")
    told = [f"version {version}"] if version else []
    told += [f"commit {of[:_COMMIT]}{' with changes' if plus else ''}"] if of else []
    return visible(", ".join(told))


def _texts(versions: Any) -> dict[str, str]:
    """Versions by name, as far as they are some."""
    found = versions if isinstance(versions, dict) else {}
    return {visible(str(name)): visible(str(version)) for name, version in found.items()}


def _decider(source: Mapping[str, Any], closed: pd.DataFrame) -> str:
    """Whose trades they are, with the models of a trader's own."""
    words = str(source.get("label", ""))
    models = sorted({str(model) for model in closed["model"] if model})
    if models and source.get("decisions") == "live":
        words += f" by {', '.join(models)}"
    return visible(words)


def _told(told: tuple[Any, Any], figures: GroupStats, decimals: int) -> str:
    """What its report said, where its log says something else today."""
    trades, money = told
    if not isinstance(trades, int) or not isinstance(money, int | float):
        return ""
    if trades == figures.total and round_dollars(float(money), decimals) == figures.total_pnl:
        return ""
    return f"{counted(trades, 'trades')} and {dollars(float(money), decimals)}"


def _terms(kept: Any, path: Path, log: Path, until: pd.Timestamp) -> Terms:
    """Those that it was run under: as it kept them, in older versions those of the folder's era."""
    if kept is None:
        return era_at(eras_of(log), until).terms
    try:
        return Terms.model_validate(kept)
    except ValidationError as error:
        raise DataError(f"its terms are none ({error.errors()[0]['msg']})", path=path, fix=_ANOTHER) from None


def _instant(text: Any, path: Path) -> pd.Timestamp:
    try:
        return parse_instant(str(text))
    except (ParameterError, ValueError):
        raise DataError(f"{visible(str(text))!r} is no instant", path=path, fix=_ANOTHER) from None


def _flat(settings: Any, before: str = "") -> dict[str, Any]:
    """Nested settings by their dotted names."""
    if not isinstance(settings, dict):
        return {}
    found: dict[str, Any] = {}
    for name, value in settings.items():
        place = f"{before}{name}"
        found |= _flat(value, f"{place}.") if isinstance(value, dict) else {place: value}
    return found
