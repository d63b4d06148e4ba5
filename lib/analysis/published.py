"""What an analyzer notebook publishes: its typed result in an envelope that says what it was made from."""

from __future__ import annotations

from typing import Any

from pydantic import Field, field_validator

from lib.analysis.analyzers import ANALYZER
from lib.analysis.results import Model


class Published(Model):
    """What a notebook leaves in `<run_dir>/results/<name>.json`: its result and what it was made from."""

    name: str  #: of one of lib.analysis.analyzers
    as_of: str
    lookback_hours: float
    window_start: str
    data_until: str
    source: dict[str, Any]
    rows: dict[str, dict[str, Any]]
    coverage: dict[str, Any] = Field(default_factory=dict)  #: lib.data.window.MarketWindow.coverage
    parameters: dict[str, Any] = Field(default_factory=dict)
    result: dict[str, Any]

    @field_validator("name")
    @classmethod
    def _is_an_analyzer(cls, name: str) -> str:
        if name not in ANALYZER:
            raise ValueError(f"{name!r} is no analyzer: {', '.join(ANALYZER)}")
        return name
