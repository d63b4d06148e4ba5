"""`ribbon simulate`: a seeded synthetic market with known truth in a trading_data folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from lib import paths
from lib.contract.times import iso, parse_instant
from lib.errors import ParameterError
from lib.simulation.market import DEFAULT_END
from runner.cli.options import AsJson, TradingData, answer
from runner.fetch.simulated import Simulation, write_simulation


def simulate(
    days: Annotated[float, typer.Option(help="Length in days; at least 6 for a full set of reports.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same market.")],
    trading_data: TradingData = None,
    end: Annotated[str, typer.Option(help="Time of the last sample, ISO-8601, or 'now'.")] = DEFAULT_END,
    step: Annotated[int, typer.Option(help="Seconds between samples: 10 or 60.")] = 10,
    decisions: Annotated[
        str | None,
        typer.Option(help="Who decides: rules, simulated or none. (default: rules; with --edge simulated)"),
    ] = None,
    edge: Annotated[
        list[str] | None,
        typer.Option(help="Planted edge SIGNATURE=PCT: net mean per trade of a setup. Repeatable."),
    ] = None,
    gaps: Annotated[int | None, typer.Option(help="Missing stretches (default: one in three days).")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic market: candles, ribbon samples, decisions, and simulation.json with what is true of it.

    Its trades are of the default terms, whatever the settings say: a seed gives the same market everywhere.
    """
    edges = parse_edges(edge or [])
    last = datetime.now(UTC).replace(second=0, microsecond=0) if end == "now" else end
    simulation = Simulation(
        days=days,
        seed=seed,
        end=iso(parse_instant(last)),
        step_seconds=step,
        decisions=decisions or ("simulated" if edges else "rules"),
        edges=edges,
        gaps=gaps,
    )
    summary = write_simulation(simulation, paths.trading_data(trading_data), quiet=as_json)
    answer(summary_lines(summary), summary, as_json)


def parse_edges(texts: list[str]) -> dict[str, float]:
    """`SIGNATURE=PCT` options as a mapping; raises ParameterError for anything else and for a setup named twice."""
    edges: dict[str, float] = {}
    for text in texts:
        name, _, number = text.partition("=")
        try:
            value = float(number)
        except ValueError:
            raise ParameterError(
                f"--edge {text}: write it like LONG_WICK_DOWN=0.10 (net percent per trade)"
            ) from None
        if name in edges:
            raise ParameterError(f"--edge {name} stands there twice")
        edges[name] = value
    return edges


def summary_lines(summary: dict) -> list[str]:
    """The summary for people."""
    parameters, truth = summary["parameters"], summary["truth"]
    lines = [
        f"SYNTHETIC market, seed {parameters['seed']}, {parameters['days']:g} days to {parameters['end']}, "
        f"decisions: {parameters['decisions']}, in {summary['trading_data']}"
    ]
    lines += [f"  {name}: {rows:,} rows added" for name, rows in summary["rows"].items()]
    for name, planted in truth["planted"].items():
        realised = planted["realised"]
        lines.append(f"  planted {name} {planted['net_mean_pct']:+.3f} %: {_told(realised)}")
    return [*lines, f"  trades without an edge: {_told(truth['unplanted'])}"]


def _told(realised: dict) -> str:
    mean = realised["net_mean_pct"]
    return f"{realised['trades']} trades" + ("" if mean is None else f", net mean {mean:+.3f} %")
