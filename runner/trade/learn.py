"""Hourly learning without notebooks: the functions that a cycle's notebooks call, for one `as_of` after another (DESIGN section 7).

Publishes into the replay's folder exactly what `ribbon cycle` would at that hour; a test compares the bytes. An hour in which nothing was
known is passed over, and counted.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from lib.data.times import iso
from lib.errors import EmptyWindowError
from lib.learning.cycle import publish_cycle, publish_record, records_with
from lib.learning.insights import compile_insights
from lib.learning.prompt import compose_prompt
from lib.learning.publish import load_insights

HOURS_FOLDER = "hours"


@dataclass
class Learning:
    """Learns in `folder`, window after window of `lookback_hours`; keeps each hour's insights and prompt addition."""

    folder: Path
    lookback_hours: float = 24.0
    learned: int = 0
    passed_over: list[str] = field(default_factory=list)

    def learn(self, as_of: pd.Timestamp) -> None:
        """One hour's cycle."""
        from lib.analysis.run import analyze_window
        from lib.data.window import load_window

        try:
            window = load_window(self.folder, as_of, self.lookback_hours)
        except EmptyWindowError:
            self.passed_over.append(iso(as_of))
            return
        hour = self.folder / HOURS_FOLDER / f"{as_of:%Y%m%dT%H%M%SZ}"
        hour.mkdir(parents=True, exist_ok=True)
        results = analyze_window(window, hour)
        insights = compile_insights(results, load_insights(self.folder), iso(as_of))
        publish_cycle(insights, compose_prompt(insights), hour, str(self.folder), publish=True)
        record, _ = records_with(window, hour)
        publish_record(record, str(self.folder), publish=True)
        self.learned += 1
