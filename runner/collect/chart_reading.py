"""One reading of one chart, judged: what it shows, or why it is refused.

Pure: what the script brought from the page goes in, a `ChartReading` or a `ReadingRefusal` comes out. Whatever decides a figure is refused
rather than guessed at; `REMEDIES` says for each reason what a person can do. Reasons are words of ours; texts of the page appear
in a refusal's detail only, cut short, for people.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lib.contract import schema
from runner.collect.legend import Legend, Line, Row, is_loading, read_legend
from runner.collect.page_texts import Number, NumberFormError, parse_number, parse_volume, printable
from runner.collect.settings import CollectSettings

REMEDIES = {
    "hidden": "The page is hidden and shows old values: bring its window back from where it was minimised",
    "disconnected": "The page says it was disconnected, perhaps by another device: click its button to connect again",
    "modal": "Something lies over the chart, which stands still: see to it in the browser's window. A plan allows so many connections, "
    "and a chart that is opened elsewhere may close this one",
    "blank": "The page went elsewhere, or never came; it is loaded again by itself",
    "login": "Waiting for a person to log in, in the browser's window; once is enough, the profile is kept",
    "captcha": "Waiting for a person to solve the captcha in the browser's window",
    "cookies": "Waiting for a person to answer the cookie question in the browser's window",
    "no_chart": "The page shows no chart: check the address; it is loaded again by itself",
    "chart_in_frame": "The chart lies in a frame of another site: give the address of the chart's own page",
    "no_label": "The chart does not say its market and candle length; nothing to do if it passes",
    "wrong_symbol": "Open the market that the settings name, or name the one shown with --page-symbol",
    "wrong_length": "The candles are of another length than the chart's label says: set the interval anew, or load the page again; "
    "it is read once a whole candle of the right length was seen",
    "averaged": "The chart draws averaged candles (Heikin Ashi), at whose prices nobody traded: set it to candles; it is read once two of "
    "them began elsewhere than in the middle of the one before",
    "apart": "The charts tell prices that no market has at one time: end Bar Replay, and see that each shows the newest candle of "
    "the market that the settings name",
    "wrong_interval": "Set the chart to the candle length that its address asks for",
    "locale": "Switch the page to English: numbers of other languages are not read",
    "number_form": "Switch the page to English, and the price scale to plain numbers",
    "no_price": "Let the legend show the values of the price (settings, status line, chart values)",
    "loading": "The chart is loading; nothing to do",
    "hovered": "The pointer lies over an old candle: move it off the chart",
    "no_lines": "Add the ribbon study, with plots named MMA5, MMA10 and so on, and let the legend show its values",
    "torn": "Open, high, low and close do not fit together; nothing to do if it passes",
    "implausible": "The price is twice or half of what it was: check the market and the page's language",
    "script": "The page broke the reading; it is loaded again by itself",
    "settling": "A new file gets its columns once the same lines were seen three times; nothing to do",
    "browser": "The browser did not answer; it is replaced by itself",
}

_LABEL = re.compile(r"Chart for (?P<symbol>[^,]+)(?:, (?P<interval>.+))?", re.IGNORECASE)
_MINUTES = re.compile(r"(\d+) minutes?", re.IGNORECASE)
#: What a problem begins with that is none of the chart, but of what can be known of it.
UNSAID = "the page names no exchange"
#: The ribbon of `ribbon setup --pine` shows no line before it has warmed up.
_NO_VALUES = "its lines are there and show no value: hidden, or of too few candles, which a chart loads when it is dragged to the right"
#: What a person has to do first, the gravest before the others.
_WALLS = ("captcha", "login", "cookies")
#: A chart on which nothing moved for so long, with something over it, shows what was true before that came.
_STILL_MS = 3_000.0


@dataclass(frozen=True)
class ReadingRefusal:
    """A reading that is not used; `reason` is a key of REMEDIES."""

    reason: str
    detail: str = ""

    @property
    def remedy(self) -> str:
        """What a person can do."""
        return REMEDIES[self.reason]


@dataclass(frozen=True)
class Bar:
    """The running candle as the legend shows it; volume in units of the asset, None where it is not shown."""

    open: float
    high: float
    low: float
    close: float
    volume: float | None

    @property
    def sound(self) -> bool:
        """Whether the four prices can be those of one candle."""
        return 0 < self.low <= min(self.open, self.close) and self.high >= max(self.open, self.close)


@dataclass(frozen=True)
class ChartReading:
    """What a chart showed at one instant. `bar` is None where the legend shows the close only."""

    price: Number
    bar: Bar | None
    lines: Mapping[str, Line]
    other_symbols: frozenset[str]
    problems: tuple[str, ...] = ()


def judge(raw: Mapping[str, Any], timeframe: str, settings: CollectSettings) -> ChartReading | ReadingRefusal:
    """A reading of the chart of `timeframe` out of what the script brought, or why it is refused."""
    refusal = _page_refusal(raw)
    if refusal:
        return refusal
    chart = _chart(raw["charts"], timeframe, settings)
    refusal = _chart_refusal(raw, chart, timeframe, settings)
    if refusal:
        return refusal
    try:
        price, bar = read_bar(chart["series"], chart["volume"])
        legend = read_legend(chart["studies"], settings.study)
    except NumberFormError as error:
        return ReadingRefusal("number_form", f"{printable(str(error))!r}")
    legend.problems += _unsaid_exchange(chart["label"], settings)
    return _whole(price, bar, legend, settings)


def read_bar(series: Row, volume_study: Row | None = None) -> tuple[Number | None, Bar | None]:
    """Price and running candle of a series row; raises NumberFormError for a text that is no English number.

    The volume is live though the row hides it; where the row has none it is taken from the study that shows it.
    """
    texts = {value["name"].strip(): value["text"] for value in series["values"] if not value["hidden"]}
    numbers = {name: parse_number(texts.get(name, "")) for name in "OHLC"}
    volume = _volume(series)
    if volume is None and volume_study is not None and not volume_study["hidden"]:
        volume = None if is_loading(volume_study) else _volume(volume_study)
    if any(number is None for number in numbers.values()):
        return numbers["C"], None
    return numbers["C"], Bar(*(numbers[name].value for name in "OHLC"), volume)  # type: ignore[union-attr]


def _volume(row: Row) -> float | None:
    texts = [value["text"] for value in row["values"] if value["name"].strip() in ("Vol", "Volume")]
    return parse_volume(texts[0]) if texts else None


def shows(label: str, timeframe: str, settings: CollectSettings) -> str:
    """ "" where a chart's label is that of the symbol and interval wanted, else the reason to refuse it."""
    if not label.strip():
        return "no_label"
    match = _LABEL.fullmatch(label.strip())
    if match is None:
        return "locale"
    shown, wanted = match["symbol"].strip().casefold(), settings.shown_symbol.casefold()
    # Whichever of the two names no exchange is compared without.
    if shown != wanted and not _same(shown, wanted) and not _same(wanted, shown):
        return "wrong_symbol"
    minutes = _MINUTES.fullmatch((match["interval"] or "").strip())
    return "" if minutes and int(minutes[1]) == schema.MINUTES[timeframe] else "wrong_interval"


def lacks_of(reading: ChartReading) -> list[str]:
    """In words what the chart does not show, though a candle wants it."""
    if reading.bar is None:
        return ["the legend shows no open, high and low: no candles are written"]
    if reading.bar.volume is None:
        return ["no volume is shown, so candles have none: let the legend show it, or add the study Volume"]
    return []


def _unsaid_exchange(label: str, settings: CollectSettings) -> list[str]:
    """Words for an exchange that the settings name and the page does not, so that it cannot be checked."""
    exchange = settings.shown_symbol.rpartition(":")[0]
    if not exchange or ":" in label:
        return []
    return [f"{UNSAID}: that it shows {exchange} is not checked"]


def _page_refusal(raw: Mapping[str, Any]) -> ReadingRefusal | None:
    if raw["hidden"]:
        return ReadingRefusal("hidden")
    if raw["blank"]:
        return ReadingRefusal("blank")
    if "disconnected" in raw["walls"]:
        return ReadingRefusal("disconnected")
    if not raw["charts"]:
        wall = next((word for word in _WALLS if word in raw["walls"]), None)
        return ReadingRefusal(wall or ("chart_in_frame" if raw["foreign_frames"] > 0 else "no_chart"))
    if raw["over"] is not None and (raw["still_ms"] is None or raw["still_ms"] >= _STILL_MS):
        wall = next((word for word in _WALLS if word in raw["walls"]), "modal")
        return ReadingRefusal(wall, f"it says {printable(raw['over'], 80)!r}" if raw["over"] else "")
    if raw["lang"] and not raw["lang"].lower().startswith("en"):
        return ReadingRefusal("locale", f"its language is {printable(raw['lang'], 8)!r}")
    return None


def _chart(charts: list[Row], timeframe: str, settings: CollectSettings) -> Row:
    """Of several charts the one wanted, else the active one, so that what is wrong with it can be said."""
    fitting = [chart for chart in charts if not shows(chart["label"], timeframe, settings)]
    return next(iter([*fitting, *(chart for chart in charts if chart["active"]), *charts]))


def _chart_refusal(
    raw: Mapping[str, Any], chart: Row, timeframe: str, settings: CollectSettings
) -> ReadingRefusal | None:
    series = chart["series"]
    if series is None:
        wall = next((word for word in ("captcha", "login") if word in raw["walls"]), None)
        return ReadingRefusal(wall or ("loading" if not chart["label"] else "no_price"))
    if is_loading(series):
        return ReadingRefusal("loading")
    wrong = shows(chart["label"], timeframe, settings)
    if wrong == "locale":
        return ReadingRefusal(wrong, f"its label says {printable(chart['label'], 60)!r}")
    if wrong:
        wanted = f"{settings.shown_symbol}, {schema.MINUTES[timeframe]} minutes"
        return ReadingRefusal(wrong, f"the page says {printable(chart['label'], 60)!r}, wanted is {wanted}")
    return ReadingRefusal("hovered") if raw["hovered"] else None


def _whole(
    price: Number | None, bar: Bar | None, legend: Legend, settings: CollectSettings
) -> ChartReading | ReadingRefusal:
    if price is None or price.value <= 0:
        return ReadingRefusal("no_price")
    if bar is not None and not bar.sound:
        return ReadingRefusal("torn")
    if not any(line.number for line in legend.lines.values()):
        bare = [_NO_VALUES] if legend.lines and not legend.problems else legend.problems
        return ReadingRefusal("loading" if legend.loading else "no_lines", "; ".join(bare))
    wanted = settings.shown_symbol.casefold()
    others = {name for name in legend.symbols if name.casefold() != wanted and not _same(name, wanted)}
    return ChartReading(price, bar, legend.lines, frozenset(others), tuple(legend.problems))


def _same(name: str, wanted: str) -> bool:
    """Whether a symbol with its exchange is the one wanted without."""
    return ":" not in wanted and name.casefold().rpartition(":")[2] == wanted
