"""The sections of the prompt addition, each as fixed lines and rows that may be left out when space runs out.

Only numbers and the words of lib.contract.words enter: of the strings in a result none is copied (docs/guarantees.md, S1). Every rate
stands with its n and interval, every mean with its unit, and a section that failed or is old says so in its first line.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from lib.analysis.sentences import BANDS, MIN_EPISODES, UNKNOWN_REGIME
from lib.contract.actual_trades import ActualPerformance
from lib.contract.analyzers import ANALYZER
from lib.contract.dollars import Coin
from lib.contract.optimal_vs_actual import OptimalComparison
from lib.contract.regime_and_wicks import RegimeAnalysis
from lib.contract.results import GroupStats, SignatureStats
from lib.contract.schema import QUALITIES, UNKNOWN_SETUP
from lib.contract.smart_backtest import RealisticBacktest
from lib.contract.words import (
    OWNERS,
    UNKNOWN_OWNER,
    money,
    net_mean,
    number,
    regime_word,
    signature_word,
    time_word,
)
from lib.lessons.derived import OWN
from lib.lessons.lesson import Lesson
from lib.lessons.one_window import opposed
from lib.prompt.layout import PromptRows, PromptSection

#: A window with less than this share of its candles is said to have gaps.
WHOLE = 0.95
#: What stands at one window's figure that a lesson to act on contradicts.
OUTWEIGHED = "(one window; the proven lesson counts)"
#: The same where the figure is of every such setup, and the lesson of those that were chosen.
OUTWEIGHED_EVERY = "(each one taken, one window; the proven lesson counts, and is of those chosen)"
_LEAST = f"groups of at least {MIN_EPISODES} episodes"


def owner_of(source: Mapping[str, Any]) -> tuple[str, str]:
    """Whose trades these are, for a sentence and as a label: "yours" only where a live trader made them."""
    return OWNERS.get(str(source.get("decisions")), UNKNOWN_OWNER)


def header(as_of: str, window: Mapping[str, Any], source: Mapping[str, Any]) -> list[str]:
    """What the notes are about; `window` is the provenance's."""
    hours = window.get("lookback_hours")
    length = f"{hours:.4g}" if isinstance(hours, int | float) else "unknown number of"
    market = {True: "SYNTHETIC (simulated, not a real market)", False: "real"}.get(
        source.get("synthetic"), "unknown"
    )
    return [
        "# LEARNING NOTES",
        f"As of {time_word(as_of)}; this window: the {length} hours before. Market data: {market}. "
        f"Decisions: {owner_of(source)[1]}.",
        *_coverage(hours, window.get("coverage")),
    ]


def reading_section() -> PromptSection:
    """What the words and figures mean."""
    return PromptSection(
        "HOW TO READ",
        [
            "Dollars are per 1 coin and net of fees and slippage (not of funding) unless called gross. n = trades; ep = independent "
            "episodes (overlapping trades count once); mean = net return per episode; pairs = episodes set against those of all others, "
            "difference = how much more they made, which need not be a gain; shrunk towards zero = what is left to expect of it, as it was "
            "found among many; [a to b] = 95 % interval. Those of LESSONS hold however often one looks and over everything ever asked. "
            "All others are of one window, looked at again every hour, so some look good or bad by chance alone.",
        ],
    )


def _coverage(hours: object, coverage: object) -> list[str]:
    """What the window lacks: hours without candles, samples that were left out; nothing where it is whole."""
    if not isinstance(coverage, Mapping):
        return []
    said = []
    covered = coverage.get("candle_hours")
    if isinstance(covered, int | float) and isinstance(hours, int | float) and covered < WHOLE * hours:
        said.append(f"Candles cover {number(covered, 1)} of these hours.")
    for name, words in (("samples_5min", "5-minute"), ("samples_15min", "15-minute")):
        counts = coverage.get(name)
        if not isinstance(counts, Mapping):
            continue
        found = {word: counts[word] for word in QUALITIES if isinstance(counts.get(word), int)}
        bad = {word: count for word, count in found.items() if word != "ok" and count}
        if bad:
            kinds = ", ".join(f"{number(count)} {word}" for word, count in bad.items())
            said.append(f"Of {number(sum(found.values()))} {words} ribbon samples, left out: {kinds}.")
    return [" ".join(said)] if said else []


def status_line(status: str, origin: Mapping[str, Any]) -> list[str]:
    """What is wrong with a section, if anything."""
    if status == "ok":
        return []
    if status == "failed":
        return ["FAILED: this analysis gave no valid result, so there are no figures."]
    if origin.get("reason") == "old_data":
        return [f"STALE: its data ends at {time_word(origin.get('data_until'))}."]
    return [f"STALE: this hour's analysis failed; these are the figures of {time_word(origin.get('as_of'))}."]


def _optimal_vs_actual_section(
    result: OptimalComparison | None, source: Mapping[str, Any], lessons: Sequence[Lesson]
) -> PromptSection:
    """How many of the window's setups perfect timing took and were traded; no money of hindsight, and nothing of shifted setups."""
    section = PromptSection(ANALYZER["optimal_vs_actual"].heading)
    if result is None:
        return section
    owner = owner_of(source)[0]
    seen = "an unknown number" if result.events is None else number(result.events)
    section.parts = [
        f"Setups seen: {seen}. Perfect timing, which is known only afterwards and cannot be traded, takes "
        f"{number(result.optimal_trades)} of them. {owner[0].upper()}{owner[1:]}: {number(result.actual_trades)}, of which "
        f"{number(result.matched_trades)} beside one of those."
    ]
    return section


def _actual_section(
    result: ActualPerformance | None, source: Mapping[str, Any], lessons: Sequence[Lesson]
) -> PromptSection:
    """What the trades did beyond their sum, which the takeaways tell: by direction, confidence and setup, and what else may matter."""
    section = PromptSection(f"{ANALYZER['actual_trades'].heading} ({owner_of(source)[0]})")
    if result is None:
        return section
    coin = Coin.of(source)
    counts = ", ".join(
        f"{name} {number(result.decisions.get(name, 0))}" for name in ("LONG", "SHORT", "HOLD")
    )
    held = f"; median hold {number(result.median_hold_minutes, 1)} min" if result.overall.total else ""
    section.parts = [
        f"Decisions: {counts}. Closed trades: {number(result.total_trades)}; open: {number(result.open_trades)}{held}."
    ]
    directions = _told([("LONG", result.long_stats), ("SHORT", result.short_stats)], coin, lessons)
    setups = _told(_setups(result.ema_patterns), coin, lessons)
    parts = [
        PromptRows(directions, 7, 2, "By direction:"),
        PromptRows(_calibration(result, coin), 6, 3, "By stated confidence:"),
        PromptRows(setups, 5, 3, "By setup:"),
        PromptRows(_told(_cuts(result), coin), 4, 3, "Other cuts:"),
    ]
    parts = [part for part in parts if part.texts]
    if parts:
        parts[0].heading = f"{parts[0].heading[:-1]}, here and below {_LEAST}:"
    section.parts += parts or [f"No part of them has {MIN_EPISODES} episodes yet."]
    return section


def _backtest_section(
    result: RealisticBacktest | None, source: Mapping[str, Any], lessons: Sequence[Lesson]
) -> PromptSection:
    """The entry rule with fixed exits, beyond the win rate that the takeaways tell."""
    section = PromptSection(ANALYZER["smart_backtest"].heading)
    if result is None:
        return section
    coin = Coin.of(source)
    section.parts = [
        f"Target {number(result.target_pct, 2)} %, stop {number(result.stop_pct, 2)} %: {_told_figures(result.overall, coin)}; "
        f"gross {money(result.gross_pnl, coin)}."
    ]
    return section


def _regime_section(
    result: RegimeAnalysis | None, source: Mapping[str, Any], lessons: Sequence[Lesson]
) -> PromptSection:
    """The current regime. What its wicks are worth no window can tell: that is asked by the ledger, and the figures stand below."""
    section = PromptSection(ANALYZER["regime_and_wicks"].heading)
    if result is None:
        return section
    known = (name := regime_word(result.current_regime)) != "UNKNOWN" and result.current_since is not None
    if known:
        before = " or before" if result.current_since_or_before else ""
        section.parts.append(
            f"{name} since {time_word(result.current_since)}{before}; over the last 24 five-minute candles "
            f"range {number(result.range_pct, 2)} %, change {number(result.change_pct, 2, sign=True)} %."
        )
    else:
        section.parts.append(UNKNOWN_REGIME)
    return section


def _patterns_section(
    result: RegimeAnalysis | None, source: Mapping[str, Any], lessons: Sequence[Lesson]
) -> PromptSection:
    """Setups and wicks in the current regime."""
    section = PromptSection("PATTERNS FOR THIS REGIME NOW (backtest of the window's hours in it)")
    if result is None:
        return section
    if regime_word(result.current_regime) == "UNKNOWN":
        section.parts = ["None: the current regime is unknown."]
        return section
    down, up = _current_wicks(result)
    groups = [("WICK_DOWN taken LONG", down), ("WICK_UP taken SHORT", up), *_setups(result.current_patterns)]
    rows = _told(groups, Coin.of(source), lessons, every=True)
    heading = f"{_LEAST[0].upper()}{_LEAST[1:]}:"
    section.parts = (
        [PromptRows(rows, 6, 4, heading)] if rows else [f"None has {MIN_EPISODES} episodes in it yet."]
    )
    return section


#: What words each analyzer's result, in the order of print: what is now before what was, what was before what nobody could have had.
SECTIONS: dict[str, tuple[Callable[[Any, Mapping[str, Any], Sequence[Lesson]], PromptSection], ...]] = {
    "regime_and_wicks": (_regime_section, _patterns_section),
    "actual_trades": (_actual_section,),
    "smart_backtest": (_backtest_section,),
    "optimal_vs_actual": (_optimal_vs_actual_section,),
}


def _calibration(result: ActualPerformance, coin: Coin) -> list[str]:
    """A row a confidence band, the largest first: of all answers where more of them count than trades were executed, else of the trades."""
    answers = {band.name: band for band in result.answers.bands} if result.answers else {}
    told: list[tuple[str, GroupStats]] = []
    for trades in result.confidence_bands:
        if trades.name not in BANDS:
            continue
        words, given = BANDS[trades.name][1], answers.get(trades.name)
        if given and given.total > trades.total:
            told.append((f"all answers, executed or not, at confidence {words}", given))
        else:
            told.append((f"confidence {words}", trades))
    return _told(sorted(told, key=lambda row: -row[1].total), coin)


def _told(
    groups: Iterable[tuple[str, GroupStats]],
    coin: Coin,
    lessons: Sequence[Lesson] = (),
    *,
    every: bool = False,
) -> list[str]:
    """A row for each group of which a figure says something: one with fewer episodes is no matter for a decision.

    One that a lesson to act on contradicts says that the lesson counts; `every`: they are no trades of one's own.
    """
    rows = []
    for words, group in groups:
        if group.episodes >= MIN_EPISODES:
            against = opposed(lessons, words.replace(" taken ", "_"), group.net_mean_pct)
            counts = OUTWEIGHED_EVERY if every and against and against.stream in OWN else OUTWEIGHED
            rows.append(f"{words}: {_told_figures(group, coin)}{f' {counts}' if against else ''}")
    return rows


def _told_figures(group: GroupStats, coin: Coin) -> str:
    """A group's evidence without its win rate, which says something only beside a break-even of its own."""
    if group.total == 0:
        return "n=0"
    return f"n={number(group.total)} in {number(group.episodes)} ep, {money(group.total_pnl, coin)}, {net_mean(group)}"


def _setups(groups: Iterable[SignatureStats]) -> list[tuple[str, GroupStats]]:
    """Setups by number of trades, what is unknown left out."""
    known = [group for group in groups if group.signature != UNKNOWN_SETUP]
    ranked = sorted(known, key=lambda group: (-group.total, group.signature))
    return [(signature_word(group.signature), group) for group in ranked]


def _cuts(result: ActualPerformance) -> list[tuple[str, GroupStats]]:
    """Other parts of the trades; none that is all of them. Those without a wick are nearly all, and say what all say."""
    cuts = [
        ("with a wick in their direction", result.with_wick),
        ("with the two ribbons in opposite colours", result.mixed_timeframes),
    ]
    return [(words, group) for words, group in cuts if group.total < result.overall.total]


def _current_wicks(result: RegimeAnalysis) -> tuple[GroupStats, GroupStats]:
    nothing = GroupStats(total=0, wins=0, win_rate=None)
    for found in result.regimes:
        if found.regime == result.current_regime:
            return found.wick_down_long, found.wick_up_short
    return nothing, nothing
