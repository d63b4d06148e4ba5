"""One chart over time: readings become samples and candles, or counted refusals; told of for `ribbon status`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import pandas as pd

from lib.contract import schema
from lib.contract.quality import REMEDIES
from lib.contract.times import iso
from lib.market.ribbon import line_names
from runner.collect.apart_watch import ApartWatch
from runner.collect.averaged_watch import AveragedWatch
from runner.collect.candle_watch import CandleWatch
from runner.collect.chart_files import ChartFiles
from runner.collect.chart_reading import (
    Bar,
    ChartReading,
    ReadingRefusal,
    judge,
    lacks_of,
    read_bar,
    shows,
)
from runner.collect.collector_state import ChartState, Doubt, DoubtedSamples, RefusalState
from runner.collect.legend import is_loading
from runner.collect.length_watch import LengthWatch
from runner.collect.page_texts import NumberFormError
from runner.collect.sample_watch import SampleWatch
from runner.collect.settings import CollectSettings
from runner.collect.unproven import CandlesWatch, Unproven

#: A new file gets its columns when so many readings in a row showed the same lines, each with a value.
SETTLED = 3
#: Refused for one of these for long, a chart is loaded again; where a person is waited for, it is left alone.
_RELOADABLE = frozenset({"no_chart", "script", "loading", "no_label", "blank"})
#: A page that went elsewhere is loaded again so soon, seconds; each time in a row after twice as long, up to `reload_after_s`.
_BLANK_S = 15.0
#: Worth a second look within the same beat.
_PASSING = frozenset({"loading", "hovered", "torn", "no_label"})
#: What is watched over time: what samples are doubted for once it shows, and the reason to refuse the chart. It is watched on, as only that
#: can show that it is right again.
_WATCHED: dict[Doubt, str] = {"length": "wrong_length", "averaged": "averaged", "apart": "apart"}
_OVER_TIME = frozenset(_WATCHED.values())
#: Refused for one of these, what the page noted between readings is no better.
_UNTRUSTED = frozenset(
    {
        *("hidden", "disconnected", "modal", "login", "captcha", "cookies"),
        *("locale", "number_form", "implausible"),
        *_OVER_TIME,
    }
)
#: A price older than this says nothing about the one now.
_LONG_AGO_S = 3_600.0


class ChartTrack:
    """The chart of one timeframe, written to `files`."""

    def __init__(
        self,
        timeframe: str,
        settings: CollectSettings,
        files: ChartFiles,
        doubted: Iterable[DoubtedSamples] = (),
        apart: ApartWatch | None = None,
    ) -> None:
        self.timeframe = timeframe
        self.files = files
        self._settings = settings
        minutes = schema.MINUTES[timeframe]
        self._samples = SampleWatch(minutes, settings.symbol, settings.check_venue)
        self._candles = CandleWatch(minutes)
        self._by_candles: dict[Doubt, LengthWatch | AveragedWatch] = {
            "length": LengthWatch(minutes),
            "averaged": AveragedWatch(),
        }
        #: The one beside these is of all charts together.
        self._watches: dict[Doubt, CandlesWatch] = {**self._by_candles, "apart": apart or ApartWatch()}
        self._unproven = {doubt: Unproven(files.samples.path.name, doubt, doubted) for doubt in _WATCHED}
        #: What the newest reading tells for comparing it with the other chart's; None where it stands still, or there is none.
        self.comparable: float | None = None
        self._settling: list[tuple[str, ...]] = []
        self._before: ChartReading | None = None
        self._before_s = 0.0
        self._unread_since: float | None = None
        self._reloads = 0  #: in a row
        self._told: dict[str, Any] = {}  #: of the newest sample
        self.quality = "ok"  #: of the newest sample
        self.wrong: list[str] = []  #: with it, in words
        self.read = self.candles = 0
        self.refused: Counter[str] = Counter()
        self.refusal: ReadingRefusal | None = None

    def judge(self, raw: Mapping[str, Any]) -> ChartReading | ReadingRefusal:
        """What was brought from the page, judged for this chart."""
        return judge(raw, self.timeframe, self._settings)

    def wants_another_look(self, judged: ChartReading | ReadingRefusal) -> bool:
        """Whether a moment later the page may show what it should: a passing refusal, or a study behind its new candle."""
        if isinstance(judged, ReadingRefusal):
            return judged.reason in _PASSING
        before = self._before
        if before is None or before.bar is None or judged.bar is None or before.bar.open == judged.bar.open:
            return False
        return before.lines == judged.lines

    def take(self, judged: ChartReading, at: pd.Timestamp, steady_s: float) -> None:
        """Turn a reading into a sample, or into a refusal: of an impossible price, of candles of another length or averaged ones, or
        while a new file waits for its columns.
        """
        if self._implausible(judged.price.value, steady_s):
            self.refuse(ReadingRefusal("implausible"), steady_s)
            return
        if refusal := self._seen_wrong(self._by_candles):
            self.refuse(refusal, steady_s)
            return
        self._before, self._before_s = judged, steady_s
        if not self.files.lines and not self._settle(judged):
            self.refuse(ReadingRefusal("settling"), steady_s)
            return
        lines = self.files.lines
        verdict = self._samples.judge(judged, lines, at, steady_s, self._candles.closed)
        self.comparable = None if verdict.quality == "frozen" else judged.price.value
        if self.comparable is not None and (refusal := self._seen_wrong(("apart",))):
            self.refuse(refusal, steady_s)
            return
        sample = self._samples.sample(judged, lines, at, verdict)
        shown = [line.number.decimals for line in judged.lines.values() if line.number]
        self.files.show(judged.price.decimals, max(shown))
        self.files.take_sample(sample)
        if verdict.quality == "ok":
            for unproven in self._unproven.values():
                unproven.write(at)
        self.read += 1
        self.refusal = None
        self._reloads = 0
        if verdict.quality == "frozen":
            self._unread_since = steady_s if self._unread_since is None else self._unread_since
        else:
            self._unread_since = None
        self._note(judged, verdict.wrong)
        if verdict.quality != self.quality or not self._told:
            self._told["quality_since"] = iso(at)
        self.quality = verdict.quality
        self._told |= {
            "last_reading": iso(at),
            "price": judged.price.value,
            "state": str(sample["state"].iloc[0]),
            "quality": verdict.quality,
            "remedy": self.remedy,
            "volume": judged.bar is not None and judged.bar.volume is not None,
            "wrong": self.wrong,
        }

    def _seen_wrong(self, doubts: Iterable[Doubt]) -> ReadingRefusal | None:
        """The refusal for the first of `doubts` that shows; None while none does."""
        shown = ((doubt, self._watches[doubt].wrong) for doubt in doubts)
        return next((ReadingRefusal(_WATCHED[doubt], wrong) for doubt, wrong in shown if wrong), None)

    @property
    def remedy(self) -> str:
        """What a person can do about the quality of the newest sample; "" where it is ok."""
        return REMEDIES.get(self.quality, "")

    def _note(self, judged: ChartReading, wrong: list[str]) -> None:
        further = [name for name in judged.lines if name not in self.files.lines]
        self.wrong = [*wrong]
        self.wrong += [f"no column for {', '.join(further)}: the file was begun without"] if further else []
        self.wrong += [*judged.problems, *lacks_of(judged)]

    def refuse(self, refusal: ReadingRefusal, steady_s: float) -> None:
        """Count a reading that is not used."""
        self.refused[refusal.reason] += 1
        self.comparable = self.comparable if refusal.reason == "apart" else None
        self.refusal = refusal
        self._unread_since = steady_s if self._unread_since is None else self._unread_since

    def watch_candle(
        self, raw: Mapping[str, Any], at: pd.Timestamp, judged: ChartReading | None, trusted: bool
    ) -> DoubtedSamples | None:
        """Follow the running candle through what the page noted since the last reading, and this reading; closed ones are written.

        What of the samples so far that showed to be doubtful; None for nothing.
        """
        if not trusted:
            self._candles.spoil()
            for watch in self._by_candles.values():
                watch.forget()
        no = self.refusal.reason if self.refusal else ""
        if no in _UNTRUSTED - _OVER_TIME:
            return None
        now = at.timestamp()
        seen = [
            (now - (raw["now"] - noted["at"]) / 1_000, self._noted(noted["charts"])) for noted in raw["seen"]
        ]
        seen.append((now, judged.bar if judged else None))
        for instant, bar in seen:
            if bar is None:
                continue
            for watch in self._by_candles.values():
                watch.observe(instant, bar)
            if no in _UNTRUSTED:
                continue
            for opened, closed in self._candles.observe(instant, bar):
                self.files.take_candle(opened, closed)
                self.candles += 1
        found = [self._unproven[doubt].follow(watch) for doubt, watch in self._watches.items()]
        return next((each for each in found if each), None)

    def overdue(self, steady_s: float) -> bool:
        """Whether the page should be loaded again; asking again counts from now."""
        if self._unread_since is None:
            return False
        patience = self._settings.reload_after_s
        if self.refusal is not None and self.refusal.reason == "blank":
            patience = min(patience, _BLANK_S * 2.0**self._reloads)
        elif self.refusal is None:  # frozen: the page may still come round by itself
            patience *= 5
        elif self.refusal.reason not in _RELOADABLE:
            return False
        if steady_s - self._unread_since < patience:
            return False
        self._unread_since = steady_s
        self._reloads += 1
        return True

    def summary(self) -> ChartState:
        """The chart as `collector.json` tells of it."""
        no = self.refusal
        return ChartState(
            **self._told,
            read=self.read,
            refused=dict(self.refused),
            refusal=None
            if no is None
            else RefusalState(reason=no.reason, detail=no.detail, remedy=no.remedy),
            candles=self.candles,
            candles_missed=self._candles.missed,
            candle_off_clock_s=self._candles.off_clock_s,
            rows_waiting=self.files.waiting,
            rows_given_up=self.files.given_up,
            doubted=[each for unproven in self._unproven.values() for each in unproven.doubted],
        )

    def _implausible(self, price: float, steady_s: float) -> bool:
        """Whether a number read by the wrong rule is likelier than such a move: 2.512 may be two thousand in another language."""
        if self._before is None or steady_s - self._before_s > _LONG_AGO_S:
            return False
        return not 0.5 < price / self._before.price.value < 2.0

    def _noted(self, charts: list[Mapping[str, Any]]) -> Bar | None:
        """The running candle of this chart in what the page noted between readings, by the rules of a reading; None where they refuse."""
        for chart in charts:
            series = chart["series"]
            wrong = shows(chart["label"], self.timeframe, self._settings)
            if wrong or chart["hovered"] or series is None or is_loading(series):
                continue
            try:
                _, bar = read_bar(series, chart["volume"])
            except NumberFormError:
                continue
            return bar if bar is not None and bar.sound else None
        return None

    def _settle(self, judged: ChartReading) -> bool:
        """Whether the columns of a new file are known by now; if so the file has them."""
        if self._settings.periods:
            self.files.begin([f"MMA{period}" for period in sorted(set(self._settings.periods))])
            return True
        shown = tuple(line_names([name for name, line in judged.lines.items() if line.number]))
        self._settling = [*self._settling, shown][-SETTLED:]
        if len(self._settling) < SETTLED or len(set(self._settling)) > 1:
            return False
        self.files.begin(list(shown))
        return True
