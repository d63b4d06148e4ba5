"""What `collector.json` says (runner.collect.state_file writes it), and what of it a person has to do something about.

Age counts: a state that nobody renews says how things stood then, and no more than that is told of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
from pydantic import Field, StrictInt, ValidationError

from lib.contract.quality import REMEDIES
from lib.contract.results import Model
from lib.contract.times import iso, parse_instant
from lib.contract.words import age_words
from lib.errors import DataError, ParameterError
from runner.collect.state_file import STATE_FILE

#: A state is renewed at every beat; after so many, and at least so many seconds, nobody does.
_BEATS, _LEAST_S = 6, 60.0
_AHEAD_S = 5.0


class Finding(NamedTuple):
    """What is wrong, and what to do about it."""

    what: str
    fix: str


class ChartState(Model):
    """A chart as the collector tells of it."""

    readings: StrictInt = Field(0, alias="read", description="Readings that were taken.")
    refused: dict[str, StrictInt] = Field(
        default_factory=dict, description="Readings that were not, by reason."
    )
    quality: str = Field("", description="Quality of the newest sample; blank before the first.")
    wrong: list[str] = Field(default_factory=list, description="What is wrong with it, in words.")


class CollectorState(Model):
    """The file, as far as it is judged."""

    status: str = Field("", description="reading, waiting, browser_down, disk_full or stopped.")
    written: str = Field(description="When it was written, ISO 8601 in UTC.")
    symbol: str = Field("", description="The market that is collected.")
    beat_s: float = Field(10.0, description="Seconds from one reading to the next.")
    waits_for: str = Field(
        "", description="What a person has to do before all charts are read; blank: nothing."
    )
    disk: str = Field("", description="Why nothing can be written; blank if all is.")
    browser_fault: str = Field("", description="What ended the last browser; blank if nothing did.")
    charts: dict[str, ChartState] = Field(default_factory=dict, description="The charts, by timeframe.")

    def findings(self, now: pd.Timestamp) -> list[Finding]:
        """What is wrong at `now`; nothing where all is well."""
        if self.status == "stopped":
            return [Finding(f"it was stopped at {self.written}", "Start `ribbon collect`")]
        found, age_s = [], (now - parse_instant(self.written)).total_seconds()
        if age_s > max(_LEAST_S, _BEATS * self.beat_s):
            what = (
                f"its state is stale: written {age_words(age_s)} ago ({self.written}), and renewed by nobody"
            )
            fix = (
                "Start `ribbon collect`, or see why the one that runs does not go on; what follows is of then"
            )
            found.append(Finding(what, fix))
        elif age_s < -_AHEAD_S:
            what = f"its state is of {self.written}, ahead of {iso(now.floor('s'))}"
            found.append(Finding(what, "Set the machine's clock right"))
        if self.disk:
            found.append(Finding(f"the disk takes nothing: {self.disk}", "Free some space, or mend the disk"))
        if self.status == "browser_down":
            fix = (
                "It is started again by itself; where that fails, `ribbon doctor` says what the browser needs"
            )
            found.append(Finding(f"there is no browser: {self.browser_fault or 'it ended'}", fix))
        elif self.waits_for:
            found.append(Finding("not all charts are read", self.waits_for))
        for name, chart in self.charts.items():
            if fix := REMEDIES.get(chart.quality):
                why = f": {', '.join(chart.wrong)}" if chart.wrong else ""
                found.append(Finding(f"the {name} chart is {chart.quality}{why}", fix))
        return found


def read_collector(folder: Path) -> CollectorState | None:
    """The collector's state in a data folder; None where none was written. Raises DataError for what is none, OSError."""
    path = folder / STATE_FILE
    if not path.exists():
        return None
    try:
        found = CollectorState.read(path.read_bytes().decode())
        parse_instant(found.written)
    except (ValidationError, ParameterError, UnicodeDecodeError) as error:
        raise unreadable(path, error, "`ribbon collect` writes it anew at its next beat") from None
    return found


def unreadable(path: Path, error: Any, fix: str) -> DataError:
    """The error for a state file that is none."""
    first = error.errors()[0] if isinstance(error, ValidationError) else None
    why = f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}" if first else str(error)
    return DataError(f"this is no state that was written here ({why})", path=path, fix=fix)
