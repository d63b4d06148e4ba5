"""What an analyzer notebook publishes: its typed result in an envelope that says what it was made from."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from lib.contract.analyzers import ANALYZER
from lib.contract.results import Model


class ResultEnvelope(Model):
    """What a notebook leaves in `<run_dir>/results/<name>.json`: its result and what it was made from."""

    name: str = Field(description="Which analyzer made it (lib.contract.analyzers).")
    as_of: str = Field(description="Instant up to which data counts, ISO time in UTC.")
    lookback_hours: float = Field(description="Length of the window, hours.")
    window_start: str = Field(description="Start of the window, ISO time in UTC.")
    data_until: str = Field(description="When the newest data of the window became known, ISO time in UTC.")
    source: dict[str, Any] = Field(
        description="Who decided on what market: decisions, synthetic, symbol, the coin that dollars are per 1 of, their decimals where "
        "more than 2, and a label in words."
    )
    rows: dict[str, dict[str, Any]] = Field(
        description="Rows read by file: rows_in, ok, and set_aside by reason."
    )
    coverage: dict[str, Any] = Field(
        default_factory=dict,
        description="Hours of closed 5-minute candles in the window, and its samples by quality.",
    )
    parameters: dict[str, Any] = Field(
        default_factory=dict,
        description="The notebook's thresholds by name; the unit stands in a name (_pct, _minutes).",
    )
    result: dict[str, Any] = Field(description="The typed result as JSON: of its analyzer's model.")

    @field_validator("name")
    @classmethod
    def _is_an_analyzer(cls, name: str) -> str:
        if name not in ANALYZER:
            raise ValueError(f"{name!r} is no analyzer: {', '.join(ANALYZER)}")
        return name
