"""`ribbon simulate`: a seeded synthetic market with known truth in a trading_data folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from lib import paths
from lib.errors import ParameterError
from lib.simulation.end import DEFAULT_END
from runner.cli.options import AsJson, TradingData, answer, instant_of
from runner.cli.values import one_of

if TYPE_CHECKING:
    from lib.simulation.planted import Span


def simulate(
    days: Annotated[float, typer.Option(help="Length in days; at least 6 for a full set of reports.")],
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same market.")],
    trading_data: TradingData = None,
    end: Annotated[str, typer.Option(help="Time of the last sample, ISO-8601, or 'now'.")] = DEFAULT_END,
    step: Annotated[int, typer.Option(help="Seconds between samples: 10 or 60.")] = 10,
    decisions: Annotated[
        str | None,
        typer.Option(
            help="Who decides: rules, simulated or none. [default: rules; with --edge simulated]",
            autocompletion=one_of("rules", "simulated", "none"),
        ),
    ] = None,
    edge: Annotated[
        list[str] | None,
        typer.Option(
            help="Planted edge SIGNATURE=PCT: net mean per trade of a setup; SIGNATURE=PCT@FROM..TO: entered between these days, "
            "counted from 0 at the first sample. Repeatable."
        ),
    ] = None,
    gaps: Annotated[int | None, typer.Option(help="Missing stretches. [default: one in three days]")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a synthetic market: candles, ribbon samples, decisions, and simulation.json with what is true of it.

    Its trades are of the default terms, whatever the settings say: a seed gives the same market everywhere.
    """
    from lib.contract.times import iso, parse_instant
    from runner.fetch.simulated import Simulation, write_simulation

    edges, spans = parse_edges(edge or [])
    now = datetime.now(UTC).replace(second=0, microsecond=0)
    simulation = Simulation(
        days=days,
        seed=seed,
        end=iso(parse_instant(now) if end == "now" else instant_of(end, "--end")),
        step_seconds=step,
        decisions=decisions or ("simulated" if edges else "rules"),
        edges=edges,
        gaps=gaps,
        spans=spans,
    )
    summary = write_simulation(simulation, paths.trading_data(trading_data), quiet=as_json)
    answer(summary_lines(summary), summary, as_json)


def parse_edges(texts: list[str]) -> tuple[dict[str, float], dict[str, Span]]:
    """`SIGNATURE=PCT` and `SIGNATURE=PCT@FROM..TO` options as edges, and the days of those that have some.

    Raises ParameterError for anything else and for a setup named twice.
    """

    edges: dict[str, float] = {}
    spans: dict[str, Span] = {}
    for text in texts:
        name, _, told = text.partition("=")
        number, at, days = told.partition("@")
        first, _, last = days.partition("..")
        try:
            value = float(number)
            span = (float(first), float(last)) if at else None
        except ValueError:
            raise ParameterError(
                f"--edge {text}: write it like LONG_WICK_DOWN=0.10 (net percent per trade), "
                "or LONG_WICK_DOWN=0.10@0..5 (of the first five days)"
            ) from None
        if name in edges:
            raise ParameterError(f"--edge {name} stands there twice")
        edges[name] = value
        if span:
            spans[name] = span
    return edges, spans


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
        days = "days {:g} to {:g}, ".format(*planted["days"]) if "days" in planted else ""
        lines.append(f"  planted {name} {planted['net_mean_pct']:+.3f} %: {days}{_told(realised)}")
    return [*lines, f"  trades without an edge: {_told(truth['unplanted'])}"]


def _told(realised: dict) -> str:
    mean = realised["net_mean_pct"]
    return f"{realised['trades']} trades" + ("" if mean is None else f", net mean {mean:+.3f} %")
