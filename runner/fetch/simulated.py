"""A simulated market into a trading_data folder, with `simulation.json` beside the files: what made it, and what is true of it.

The note is written before the rows, so that an interrupted run can be completed by the same command. A folder that holds anything
else is refused: a synthetic row must never stand among real ones. Files of a header alone, as a collector that read nothing leaves
them, hold nothing.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from lib.contract import schema
from lib.contract.standing import file_text
from lib.data.atomic import replace_json
from lib.errors import DataError
from lib.simulation.market import GENERATOR, DecisionKind, SimulatedMarket, simulate_market, symbol_of
from lib.simulation.planted import Span
from runner.fetch.progress import step
from runner.files.header import holds_rows
from runner.files.tables import WriteCounts, append_samples, samples_journal, write_candles, write_decisions

NOTE_FILE = "simulation.json"
_DECIMALS = 2


@dataclass(frozen=True)
class Simulation:
    """What a simulated market is made from; `end` is ISO-8601 in UTC, `spans` the days in which an edge is there, by its key."""

    days: float
    seed: int
    end: str
    step_seconds: int = 10
    decisions: DecisionKind = "rules"
    edges: dict[str, float] = field(default_factory=dict)
    gaps: int | None = None
    spans: dict[str, Span] = field(default_factory=dict)

    def draw(self) -> SimulatedMarket:
        """The market; raises ParameterError for what makes none."""
        return simulate_market(**asdict(self))

    def as_note(self) -> dict[str, object]:
        """As JSON. A market without spans is told as before there were any, so that its folder can still be completed."""
        parameters = asdict(self) | {"spans": {key: list(days) for key, days in self.spans.items()}}
        if not self.spans:
            del parameters["spans"]
        symbol = symbol_of(self.edges)
        return {"generator": GENERATOR, "parameters": parameters, "symbol": symbol}


def write_simulation(simulation: Simulation, folder: Path, quiet: bool = True) -> dict[str, object]:
    """Draw the market and write it to `folder`; the note's content, with the rows each file got (JSON).

    Run again it adds nothing. Raises DataError where the folder holds anything but this simulation.
    """
    made_from = simulation.as_note()
    _check_folder(folder, made_from)
    market = simulation.draw()
    folder.mkdir(parents=True, exist_ok=True)
    note = {"synthetic": True, **made_from, "truth": market.truth}
    replace_json(folder / NOTE_FILE, note)
    rows = _write_files(market, folder, symbol_of(simulation.edges), quiet)
    return note | {"trading_data": str(folder), "rows": rows}


def _write_files(market: SimulatedMarket, folder: Path, symbol: str, quiet: bool) -> dict[str, int]:
    rows: dict[str, int] = {}

    def wrote(name: str, written: WriteCounts) -> None:
        rows[name] = written.rows + written.filled

    candles = {"1min": market.candles_1min, "5min": market.candles_5min, "15min": market.candles_15min}
    for timeframe, frame in candles.items():
        wrote(schema.CANDLE_FILES[timeframe], write_candles(folder, timeframe, frame, _DECIMALS))
    if len(market.decisions):
        wrote(schema.DECISIONS_FILE, write_decisions(folder, market.decisions))
    for timeframe, frame in {"5min": market.samples_5min, "15min": market.samples_15min}.items():
        name = schema.SAMPLE_FILES[timeframe]
        with (
            samples_journal(folder, timeframe, frame) as journal,
            step(name, len(frame), quiet=quiet) as advance,
        ):
            wrote(name, append_samples(journal, frame, symbol, _DECIMALS, progress=advance))
    return rows


def _check_folder(folder: Path, made_from: dict[str, object]) -> None:
    note = folder / NOTE_FILE
    present = [name for name in schema.MARKET_FILES if holds_rows(folder / name)]
    if not present or _read(note, made_from) == made_from:
        return
    raise DataError(
        f"it holds {', '.join(present)} that another source made",
        path=folder,
        fix="One source, one folder: give another --trading-data, or empty this one",
    )


def _read(note: Path, like: dict[str, object]) -> dict[str, object] | None:
    """Those keys of an earlier note that `like` has; None without a readable one."""
    try:
        told = json.loads(file_text(note))
        return {name: told[name] for name in like}
    except (OSError, ValueError, KeyError, TypeError):
        return None


def is_other_simulation(folder: Path, simulation: Simulation) -> bool:
    """Whether a folder holds a simulated market, and not this one."""
    made_from = simulation.as_note()
    return _read(folder / NOTE_FILE, made_from) not in (None, made_from)
