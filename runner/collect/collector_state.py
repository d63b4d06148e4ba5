"""What `collector.json` says, to the collector that writes it and to whoever looks; and what of it a person has to do something about.

Age counts: a state that nobody renews says how things stood then, and no more than that is told of it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple

import pandas as pd
from pydantic import Field, StrictInt, ValidationError

from lib.contract.quality import REMEDIES, VENUE_REMEDIES
from lib.contract.results import Model
from lib.contract.standing import file_bytes, is_there
from lib.contract.times import iso, parse_instant
from lib.contract.words import age_words
from lib.errors import DataError, ParameterError
from runner.collect.state_file import STATE_FILE
from runner.files.taken_away import MEANWHILE

#: A state is renewed at every beat; after so many, and at least so many seconds, nobody does.
_BEATS, _LEAST_S = 6, 60.0
_AHEAD_S = 5.0
_LOST_FIX = "See on the exchange's page whether the price moved so; once `ribbon collect` is stopped, `ribbon backfill --gaps` takes them"
_ROWS_FIX = "`ribbon backfill --gaps` fetches the candles, once `ribbon collect` is stopped; samples of a chart stay missing"


class Finding(NamedTuple):
    """What is wrong, and what to do about it."""

    what: str
    fix: str


class RefusalState(Model):
    """Why a chart is not read now."""

    reason: str = Field(description="A key of the collector's remedies.")
    detail: str = Field("", description="What the page showed; blank where the reason says it all.")
    remedy: str = Field("", description="What a person can do.")


#: What samples may be doubted for: the length of their chart's candles, that these are averaged, the price that the other chart told.
Doubt = Literal["length", "averaged", "apart"]
_DOUBTS: dict[Doubt, tuple[str, str]] = {
    "length": (
        "the chart's candles were of another length than its label says, or it cannot be told that they were not",
        "their ribbon may be another timeframe's",
    ),
    "averaged": (
        "the chart drew averaged candles (Heikin Ashi), or it cannot be told that it did not",
        "nobody may have traded at their prices",
    ),
    "apart": (
        "the other chart told another price then, or it cannot be told that it did not",
        "they may be of another time or market",
    ),
}


class DoubtedSamples(Model):
    """Samples that were written as ok before their chart showed to be none to go by: see `Doubt`."""

    file: str = Field(description="The file of the data folder that holds them.")
    since: str = Field(description="Time of the first of them, ISO 8601 in UTC.")
    until: str = Field(description="Time of the last of them, ISO 8601 in UTC.")
    samples: StrictInt = Field(description="How many they are.")
    doubt: Doubt = Field("length", description="What they are doubted for: length, averaged or apart.")

    @property
    def finding(self) -> Finding:
        """In words, with what to do."""
        words, why = _DOUBTS[self.doubt]
        rows = "1 sample" if self.samples == 1 else f"{self.samples:,} samples"
        return Finding(
            f"{rows} of {self.file}, from {self.since} to {self.until}, count as ok, and {words}",
            f"Stop `ribbon collect` and take those rows out of the file: {why}",
        )


class ChartState(Model):
    """A chart as the collector tells of it; what the newest sample says is blank, or null, before the first."""

    last_reading: str | None = Field(
        None, description="When the newest sample was read, ISO 8601 in UTC; null before."
    )
    price: float | None = Field(None, description="Price of the newest sample, quote currency; null before.")
    state: str = Field("", description="Ribbon state of the newest sample.")
    quality: str = Field("", description="Quality of the newest sample.")
    quality_since: str = Field("", description="Since when it is of that quality, ISO 8601 in UTC.")
    remedy: str = Field("", description="What a person can do about the quality; blank where it is ok.")
    volume: bool | None = Field(None, description="Whether the chart showed a volume; null before.")
    wrong: list[str] = Field(default_factory=list, description="What is wrong with it, in words.")
    readings: StrictInt = Field(0, alias="read", description="Readings that were taken.")
    refused: dict[str, StrictInt] = Field(
        default_factory=dict, description="Readings that were not, by reason."
    )
    refusal: RefusalState | None = Field(None, description="Why it is not read now; null where it is.")
    candles: int = Field(0, description="Candles that were written.")
    candles_missed: int = Field(0, description="Candles whose close was not seen.")
    candle_off_clock_s: float | None = Field(
        None, description="By how many seconds the last candle changed off the clock; null before."
    )
    rows_waiting: int = Field(0, description="Rows in memory that could not be written yet.")
    rows_given_up: int = Field(0, description="Rows that were lost because too many waited.")
    doubted: list[DoubtedSamples] = Field(
        default_factory=list, description="Samples whose candles were found wrong only after them."
    )


class VenueState(Model):
    """The exchange that is collected from."""

    exchange: str = Field(description="Its name, as ccxt has it.")
    stream: str = Field("", description="What its websocket tells: minutes, trades, or blank for none.")
    stream_age_s: float | None = Field(
        None, description="How long ago that last changed, seconds; null before it told anything."
    )
    renewals: StrictInt = Field(0, description="Streams that were made anew because answers knew more.")
    connections: StrictInt = Field(0, description="Connections of the stream that were begun.")
    stream_fault: str = Field("", description="What ended the last connection; blank if nothing did.")
    asked: dict[str, StrictInt] = Field(
        default_factory=dict, description="Requests for minutes: answers, and faults by their cause."
    )
    fault: str = Field("", description="Why it could not be asked last; blank if it could.")
    clock_off_s: float = Field(0.0, description="By how many seconds this machine's clock is ahead of it.")
    minutes: StrictInt = Field(0, description="Minutes that closed and were written.")
    afterwards: StrictInt = Field(0, description="Minutes of those that were told only after a pause.")
    revised: StrictInt = Field(0, description="Minutes that changed after they were written.")
    stale: StrictInt = Field(0, description="Minutes that came as older copies, and were left out.")
    torn: StrictInt = Field(0, description="Minutes that cannot be, and were left out.")
    implausible: StrictInt = Field(
        0, description="Minutes with a price twice or half of the last one, and left out."
    )
    lost: StrictInt = Field(
        0, description="Minutes that stay missing, because each row of theirs was left out."
    )
    lost_at: str | None = Field(
        None, description="When the newest of those opened, ISO 8601 in UTC; null where none is missing."
    )


class CollectorState(Model):
    """The file."""

    status: str = Field("", description="reading, waiting, browser_down, disk_full or stopped.")
    written: str = Field(description="When it was written, ISO 8601 in UTC.")
    since: str = Field("", description="When this collector was started, ISO 8601 in UTC.")
    pid: int = Field(0, description="Id of its process.")
    symbol: str = Field("", description="The market that is collected.")
    beat_s: float = Field(10.0, description="Seconds from one reading to the next.")
    waits_for: str = Field(
        "", description="What a person has to do before all charts are read; blank: nothing."
    )
    disk: str = Field("", description="Why nothing can be written; blank if all is.")
    source: str = Field("chart", description="Where it collects from: chart, or an exchange's name.")
    venue: VenueState | None = Field(None, description="Of an exchange how that goes; null of a chart.")
    browser_fault: str = Field("", description="What ended the last browser; blank if nothing did.")
    restarts: int = Field(0, description="Browsers that were started in place of one that failed.")
    skipped: int = Field(0, description="Beats at which nothing could be read in time.")
    clock_jumps: int = Field(0, description="How often the machine's clock was set, or stood still.")
    charts: dict[str, ChartState] = Field(default_factory=dict, description="The charts, by timeframe.")
    doubted: list[DoubtedSamples] = Field(
        default_factory=list,
        description="Samples that a collector before doubted, of no chart that is read now.",
    )

    @property
    def all_doubted(self) -> list[DoubtedSamples]:
        """Of the charts, and of those before."""
        return [*(each for chart in self.charts.values() for each in chart.doubted), *self.doubted]

    def as_dict(self) -> dict[str, Any]:
        """As JSON types, by the names that the file has."""
        return self.model_dump(mode="json", by_alias=True)

    def findings(self, now: pd.Timestamp) -> list[Finding]:
        """What is wrong at `now`; nothing where all is well."""
        doubted = [*(each.finding for each in self.all_doubted), *self._lost_rows()]
        if self.status == "stopped":
            return [Finding(f"it was stopped at {self.written}", "Start `ribbon collect`"), *doubted]
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
        found += self._disk_finding()
        if self.status == "browser_down":
            fix = (
                "It is started again by itself; where that fails, `ribbon doctor` says what the browser needs"
            )
            found.append(Finding(f"there is no browser: {self.browser_fault or 'it ended'}", fix))
        elif self.waits_for:
            what = "not all charts are read" if self.venue is None else f"{self.source} is not read"
            found.append(Finding(what, self.waits_for))
        if self.venue is not None and self.venue.lost:
            minutes = "1 minute stays" if self.venue.lost == 1 else f"{self.venue.lost:,} minutes stay"
            what = f"{minutes} missing, the last of {self.venue.lost_at}: what it told of them was twice or half of the price, or torn"
            found.append(Finding(what, _LOST_FIX))
        for name, chart in self.charts.items():
            if fix := (REMEDIES if self.venue is None else VENUE_REMEDIES).get(chart.quality):
                why = f": {', '.join(chart.wrong)}" if chart.wrong else ""
                what = "chart" if self.venue is None else "ribbon"
                found.append(Finding(f"the {name} {what} is {chart.quality}{why}", fix))
        return found + doubted

    def _disk_finding(self) -> list[Finding]:
        """Why rows wait: the disk, or a file that somebody else wrote to."""
        if MEANWHILE in self.disk:
            fix = "Only `ribbon collect` writes its files: put the right one there if it is not, and start `ribbon collect` again"
            return [Finding(self.disk.partition(". See ")[0], fix)]
        fix = "Free some space, or mend the disk"
        return [Finding(f"the disk takes nothing: {self.disk}", fix)] if self.disk else []

    def _lost_rows(self) -> list[Finding]:
        """Rows that the disk never took: too many waited, or the collector was stopped before it did."""
        ended = self.status == "stopped"
        rows = sum(each.rows_given_up + (each.rows_waiting if ended else 0) for each in self.charts.values())
        words = "1 row" if rows == 1 else f"{rows:,} rows"
        return (
            [Finding(f"{words} of it were lost, because the disk took none for too long", _ROWS_FIX)]
            if rows
            else []
        )


def read_collector(folder: Path) -> CollectorState | None:
    """The collector's state in a data folder; None where none was written. Raises DataError for what is none, OSError."""
    path = folder / STATE_FILE
    if not is_there(path):
        return None
    try:
        found = CollectorState.read(file_bytes(path).decode())
        parse_instant(found.written)
    except (ValidationError, ParameterError, UnicodeDecodeError) as error:
        raise unreadable(path, error, "`ribbon collect` writes it anew at its next beat") from None
    return found


def state_before(folder: Path) -> CollectorState:
    """As the collector stood last; one of no chart where there is no state that can be read."""
    try:
        state = read_collector(folder)
    except (DataError, OSError):  # told by whoever asks how the collector stands
        state = None
    return state or CollectorState(written="")


def charts_without_volume(folder: Path) -> list[str]:
    """The timeframes whose chart was read last without a volume; none where there is no state that can be read."""
    return [name for name, chart in state_before(folder).charts.items() if chart.volume is False]


def unreadable(path: Path, error: Any, fix: str) -> DataError:
    """The error for a state file that is none."""
    first = error.errors()[0] if isinstance(error, ValidationError) else None
    why = f"{'.'.join(map(str, first['loc'])) or 'the whole'}: {first['msg']}" if first else str(error)
    return DataError(f"this is no state that was written here ({why})", path=path, fix=fix)
