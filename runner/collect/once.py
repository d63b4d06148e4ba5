"""One reading of each chart and what is wrong with it, for a person who sets things up (`ribbon collect --once`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib.contract import schema
from lib.contract.dollars import plain_number
from lib.market.ribbon import classify_colour, ribbon_state
from runner.collect.chart_reading import ChartReading, ReadingRefusal, judge, lacks_of
from runner.collect.clock import SystemClock
from runner.collect.collector import ChartSource
from runner.collect.direction_watch import DirectionWatch
from runner.collect.page_texts import printable
from runner.collect.settings import CollectSettings
from runner.errors import PageError

#: How long a chart may take from being opened to being readable, in seconds.
_PATIENCE_S = 30.0
_STEP_S = 1.0
_UNKNOWN = (
    "no line says a direction: the state is unknown, and no entry is made. Colour the study's plots by direction (green or lime rising, "
    "red or maroon falling), or add single EMAs"
)


def read_once(settings: CollectSettings, source: ChartSource) -> dict[str, dict[str, Any]]:
    """By timeframe: price, candle, lines, state, problems, and `refusal` (None where the chart was read), as JSON types.

    A chart that is refused is tried again until half a minute has passed. A browser that is open already is looked at as it is.
    Raises BrowserError.
    """
    clock = SystemClock()
    if not source.alive:
        source.start()
    end = clock.steady() + _PATIENCE_S
    found: dict[str, ChartReading | ReadingRefusal] = {}
    while True:
        for timeframe in settings.timeframes:
            if not isinstance(found.get(timeframe), ChartReading):
                found[timeframe] = _read(source, timeframe, settings)
        if all(isinstance(each, ChartReading) for each in found.values()) or clock.steady() > end:
            return {timeframe: _told(each, timeframe, settings) for timeframe, each in found.items()}
        clock.sleep(_STEP_S)


def lines_of(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The readings for people."""
    lines: list[str] = []
    for timeframe, chart in found.items():
        refusal = chart["refusal"]
        if refusal:
            detail = f" ({refusal['detail']})" if refusal["detail"] else ""
            lines.append(f"{timeframe}: not read, {refusal['reason']}{detail}. {refusal['remedy']}")
            continue
        values = len(chart["lines"]) - len(chart["missing"])
        lines.append(
            f"{timeframe}: price {plain_number(chart['price'], 6)}, state {chart['state']}, {values} of {len(chart['lines'])} lines"
        )
        lines += [
            f"  {name} {plain_number(line['value'])} {line['word'] or line['colour']}"
            for name, line in chart["lines"].items()
            if line["value"] is not None
        ]
        lines += [f"  wrong: {problem}" for problem in chart["problems"]]
    return lines


def _read(source: ChartSource, timeframe: str, settings: CollectSettings) -> ChartReading | ReadingRefusal:
    try:
        return judge(source.read(timeframe), timeframe, settings)
    except PageError as error:
        return ReadingRefusal("script", printable(str(error), 120))


def _told(judged: ChartReading | ReadingRefusal, timeframe: str, settings: CollectSettings) -> dict[str, Any]:
    if isinstance(judged, ReadingRefusal):
        return {
            "refusal": {"reason": judged.reason, "detail": judged.detail, "remedy": judged.remedy},
        }
    minutes = schema.MINUTES[timeframe]
    directions = DirectionWatch(60 * minutes, settings.check_venue)
    colours, against = directions.colours(judged, list(judged.lines), at=0.0, compare=True)
    lines = {
        name: {
            "value": line.number.value if line.number else None,
            "colour": line.colour,
            "word": classify_colour(colours[name]),
        }
        for name, line in judged.lines.items()
    }
    missing = [name for name, line in lines.items() if line["value"] is None]
    bar, state = judged.bar, ribbon_state(colours.values())
    problems = [*judged.problems, *against, *lacks_of(judged)]
    problems += [f"no value for {', '.join(missing)}"] if missing else []
    problems += ["the ribbon's study names another market than the chart's"] if judged.other_symbols else []
    problems += [_UNKNOWN] if state == "unknown" else []
    return {
        "refusal": None,
        "symbol": settings.symbol,
        "price": judged.price.value,
        "candle": None
        if bar is None
        else {"open": bar.open, "high": bar.high, "low": bar.low, "close": bar.close, "volume": bar.volume},
        "state": state,
        "lines": lines,
        "missing": missing,
        "problems": problems,
    }
