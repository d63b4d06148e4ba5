"""How a notebook publishes: one typed, validated result as JSON into the run folder (docs/data-contracts.md,
One way).
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib.contract.analyzers import ANALYZER
from lib.contract.envelope import ResultEnvelope
from lib.contract.results import Model
from lib.contract.times import iso
from lib.data.atomic import replace_text
from lib.data.window import MarketWindow


def publish_result(
    name: str, result: Model, window: MarketWindow, run_dir: str | Path, **parameters: Any
) -> ResultEnvelope:
    """The result with what it was made from; written to `<run_dir>/results/<name>.json` if there is a
    run_dir.

    `parameters` are the notebook's thresholds. Raises pydantic's ValidationError for a result of another
    analyzer.
    """
    ANALYZER[name].model.model_validate(result.model_dump())
    published = ResultEnvelope(
        name=name,
        as_of=iso(window.as_of),
        lookback_hours=window.lookback_hours,
        window_start=iso(window.start),
        data_until=iso(window.data_until),
        source=window.source.as_dict(),
        rows={file: asdict(counts) for file, counts in window.counts.items()},
        coverage=window.coverage(),
        parameters=parameters,
        result=result.model_dump(mode="json"),
    )
    if run_dir:
        folder = Path(run_dir) / "results"
        folder.mkdir(parents=True, exist_ok=True)
        replace_text(folder / f"{name}.json", published.file_text())
    return published
