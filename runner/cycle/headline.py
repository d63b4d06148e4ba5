"""The few figures by which a list names a cycle, and what it told anew, copied from its files. Nothing is computed here."""

from __future__ import annotations

from math import isfinite
from pathlib import Path
from typing import Any

from lib.contract.analyzers import ANALYZERS
from lib.contract.schema import INSIGHTS_FILE
from lib.history.log import record_at
from runner.cycle.manifest import Manifest
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.run_files import json_of

#: Figure → (result file, path of keys inside its `result`).
FIGURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "trades": ("actual_trades", ("total_trades",)),
    "win_rate": ("actual_trades", ("win_rate",)),
    "breakeven_win_rate": ("actual_trades", ("breakeven_win_rate",)),
    "net_pnl": ("actual_trades", ("total_pnl",)),
    "gross_pnl": ("actual_trades", ("gross_pnl",)),
    "overall": ("actual_trades", ("overall",)),
    "account_net_pnl": ("actual_trades", ("account_pnl",)),
    "net_pnl_pct": ("actual_trades", ("total_pnl_pct",)),
    "score": ("actual_trades", ("scalper_score", "total")),
    "grade": ("actual_trades", ("scalper_score", "grade")),
    "backtest_trades": ("smart_backtest", ("total_trades",)),
    "backtest_win_rate": ("smart_backtest", ("win_rate",)),
    "backtest_breakeven_win_rate": ("smart_backtest", ("breakeven_win_rate",)),
    "backtest_net_pnl": ("smart_backtest", ("total_pnl",)),
    "regime": ("regime_and_wicks", ("current_regime",)),
    "lessons_to_act_on": ("lesson_history", ("evidence", "act_on")),
    "proven_lessons": ("lesson_history", ("evidence", "proven")),
    "hypotheses": ("lesson_history", ("evidence", "hypotheses")),
    "nearest_share": ("lesson_history", ("evidence", "nearest")),
    "lesson_verdicts": ("lesson_history", ("verdicts",)),
    "lessons_ended": ("lesson_history", ("ended",)),
    "lessons_no_longer_true": ("lesson_history", ("no_longer_true",)),
    "by_lessons": ("lesson_history", ("split",)),
    "experiment": ("lesson_history", ("experiment",)),
    "experiment_state": ("lesson_history", ("experiment_state",)),
}
#: Why a result that should be there was not taken into the insights, in words (lib.published.accepting).
_NOT_TAKEN = {
    "no_result": "what it left is no result, or is not there any more",
    "invalid_result": "its result holds what cannot be",
    "other_as_of": "its result is of another as_of",
    "other_source": "its result is of other data",
}
#: Figures that are no numbers: words, and tables of figures.
_WORDS = frozenset(("grade", "regime", "experiment_state"))
_TABLES = frozenset(("overall", "lesson_verdicts", "by_lessons", "experiment"))
_HISTORIES = frozenset(notebook.name for notebook in NOTEBOOKS if notebook.stage == "history")


def headline(run_dir: Path) -> dict[str, Any]:
    """The figures of FIGURES; None where a result is missing (its notebook failed), or has no such figure under its key."""
    results = {
        name: _at(json_of(run_dir / "results" / f"{name}.json"), ("result",))
        for name in {file for file, _ in FIGURES.values()}
    }
    return {figure: _figure(figure, _at(results[file], keys)) for figure, (file, keys) in FIGURES.items()}


def not_taken(run_dir: Path) -> dict[str, str]:
    """The analyzers' keys whose result the cycle's insights did not take, though it was to be there: the reason of each."""
    sections = _at(json_of(run_dir / INSIGHTS_FILE), ("provenance", "sections"))
    found = {analyzer.key: _at(sections, (analyzer.key, "reason")) for analyzer in ANALYZERS}
    return {key: _NOT_TAKEN[reason] for key, reason in found.items() if reason in _NOT_TAKEN}


def note_recorded(trading_data: Path, manifest: Manifest) -> None:
    """Copy what the cycle's record says of its prompt addition; nothing where the history notebook recorded nothing in this cycle."""
    if any(entry["status"] != "ok" for name, entry in manifest.notebooks.items() if name in _HISTORIES):
        return
    if (record := record_at(trading_data, manifest.as_of)) is None:
        return
    if record.prompt_change:
        manifest.prompt_change = record.prompt_change.model_dump(mode="json")


def hold_since(run_dir: Path) -> str:
    """Since when a person holds the prompt addition that the cycle's insights name; "" if nobody does."""
    since = _at(json_of(run_dir / INSIGHTS_FILE), ("provenance", "prompt_held_since"))
    return since if isinstance(since, str) else ""


def _figure(figure: str, value: Any) -> Any:
    """The value, if it is of the figure's kind; a notebook of somebody's own can leave anything."""
    if figure in _WORDS:
        return value if isinstance(value, str) else None
    if figure in _TABLES:
        return value if isinstance(value, dict) else None
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
    return value if is_number else None


def _at(value: Any, keys: tuple[str, ...]) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value
