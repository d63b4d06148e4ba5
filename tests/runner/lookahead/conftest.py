"""Notebooks that are honest or cheat, a market that moves, and cycles of tiny notebooks on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from lib.market.terms import DEFAULT_TERMS, Terms
from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
from runner.lookahead.workplace import Workplace
from tests.runner.cycle.conftest import write_market, write_notebook, write_plan

AS_OF = "2025-06-15T10:00:00Z"
READ = """import json, pathlib
import pandas as pd
rows = pd.read_csv(pathlib.Path(trading_data) / "ema_data_5min.csv")
known = rows[rows["timestamp"] <= as_of]"""
PUBLISH = """figures = {"total_trades": len(known), "mean": float(FIGURE)}
file = pathlib.Path(run_dir) / "results" / "RESULT.json"
_ = file.write_text(json.dumps({"name": "RESULT", "as_of": as_of, "result": figures}))"""
#: What a notebook publishes, in one expression each.
FIGURES = {
    "honest": 'known["price"].mean()',
    "reads on": 'rows["price"].mean()',
    "shifts": 'rows["price"].shift(-1)[: len(known)].mean()',
    "threshold": '(known["price"] > rows["price"].quantile(0.5)).sum()',
    "sixth digit": 'round(known["price"].mean() + 1e-9 * rows["price"].sum(), 6)',
}


def analyzer(figure: str, result: str = "actual_trades") -> str:
    """Code of an analyzer that publishes one of FIGURES, or an expression."""
    published = PUBLISH.replace("FIGURE", FIGURES.get(figure, figure)).replace("RESULT", result)
    return f"{READ}\n{published}"


def only(**instead: str) -> dict[str, str]:
    """These analyzers; the others fail in the cycle, so that a check, which runs what was ok several times, has no more to run."""
    return {f"n0{number}": "raise RuntimeError('not asked')" for number in range(1, 5)} | instead


def write_moving_market(folder: Path) -> Path:
    """The small market of the cycle's tests; its price walks and keeps its digits, so that it stays beside the candles when poisoned."""
    write_market(folder)
    steps = np.random.default_rng(5).normal(0, 0.4, 120).cumsum()
    for name in ("ema_data_5min.csv", "ema_data_15min.csv"):
        head, *rows = (folder / name).read_text().splitlines()
        moved = [
            row.replace(",100.0,mixed", f",{110 + step:.4f},mixed")
            for row, step in zip(rows, steps, strict=True)
        ]
        (folder / name).write_text("\n".join([head, *moved]) + "\n")
    return folder


@pytest.fixture
def market(tmp_path) -> Path:
    return write_moving_market(tmp_path / "market")


@pytest.fixture
def place(tmp_path, warm_socket) -> Workplace:
    return Workplace(tmp_path / "place", warm_socket)


@pytest.fixture
def cycled(tmp_path, market, forked):
    """Runs a cycle at AS_OF, an hour before the data's end; n01… give the code of its notebooks. Returns its outputs folder."""

    def run(as_of: str = AS_OF, terms: Terms = DEFAULT_TERMS, **instead: str) -> Path:
        folder = write_plan(tmp_path / "notebooks", **instead)
        settings = Settings(
            market, tmp_path / "outputs", terms, as_of=as_of, jobs=2, limit_s=60.0, notebooks=folder
        )
        run_cycle(settings)
        return tmp_path / "outputs"

    return run


@pytest.fixture
def own(tmp_path):
    """Writes a notebook of a user's own."""

    def make(
        *cells: str, name: str = "own", parameters: str = 'trading_data = ""\nas_of = ""\nrun_dir = ""'
    ) -> Path:
        return write_notebook(tmp_path / "own" / f"{name}.ipynb", *cells, parameters=parameters)

    return make
