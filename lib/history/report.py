"""The text report of `ribbon history`; ASCII, so that it prints in any log."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from lib.contract.dollars import Coin
from lib.contract.text_table import TextTable, plain_lines
from lib.contract.words import bounds, money, number, rate, regime_word, time_word
from lib.history.changes import coin_of, rate_of, score_of
from lib.history.lesson_effects import CAVEAT, LessonEffect
from lib.history.records import CycleRecord
from lib.history.trends import weekly
from lib.lessons.lesson import EvidenceCounts
from lib.prompt.wording import change_sentence
from lib.stats.differences import LEAST_EPISODES

#: Lessons that are told in full; the rest is counted.
MOST_EFFECTS = 12
_VERDICT_WORDS = {
    "held": "went on as it said",
    "turned": "turned",
    "not told apart": "cannot be told",
    "too few": f"too few yet (under {LEAST_EPISODES})",
}


def text_report(
    records: Sequence[CycleRecord],
    last: int = 10,
    set_aside: int = 0,
    effects: Sequence[LessonEffect] | None = None,
    weeks: pd.DataFrame | None = None,
) -> str:
    """`report_parts` as plain text."""
    return "\n".join(plain_lines(report_parts(records, last, set_aside, effects, weeks))) + "\n"


def report_parts(
    records: Sequence[CycleRecord],
    last: int = 10,
    set_aside: int = 0,
    effects: Sequence[LessonEffect] | None = None,
    weeks: pd.DataFrame | None = None,
) -> list[str | TextTable]:
    """The history in lines and tables: the last cycles, week by week, what became of each lesson, and what changed in the newest cycles.

    `effects` are those of lib.history.lesson_effects; None leaves lessons out. `weeks`: `weekly` of the records, where it is at hand.
    """
    notes = [f"{set_aside} lines of the history file are no records and were set aside."] if set_aside else []
    if not records:
        return ["No cycle is recorded yet: `ribbon cycle` records one.", *notes]
    newest, shown = records[-1], records[-last:] if last > 0 else []
    market = "a SYNTHETIC market" if newest.synthetic else "real data"
    cycles = "1 cycle" if len(records) == 1 else f"{len(records)} cycles"
    head = [
        f"Training history: {cycles}, {time_word(records[0].timestamp)} to {time_word(newest.timestamp)}",
        f"Decisions: {newest.decisions}, on {market}. Dollars and win rates are net of costs; dollars are per 1 coin; [ ] = 95 % interval.",
        "Window = trades of the cycle's window (neighbours overlap); new = trades closed since the cycle before.",
        "Lessons = those to act on, of those proven; nearest = share of the evidence it needs that the nearest candidate had (1 = proven).",
    ]
    followed = [] if effects is None else _effects(effects)
    coin = coin_of(*records)
    tables = [
        *_cycle_table(shown, coin),
        *_week_table(weekly(records) if weeks is None else weeks, coin),
        *followed,
        *_changes(shown[-3:]),
    ]
    return [*head, *notes, *tables]


def _cycle_table(records: Sequence[CycleRecord], coin: Coin) -> list[str | TextTable]:
    head = ("cycle", "as of", "n", "window win rate", "window net", "score", "new", "new net")
    rows = []
    for record in records:
        window, new = record.window, record.since_last
        rows.append(
            (
                str(record.cycle_number),
                time_word(record.timestamp),
                number(window.n) if window else "-",
                rate_of(window) if window else "no figures",
                money(window.total_pnl, coin) if window else "-",
                score_of(window.scalper_score) if window else "-",
                number(new.n) if new else "-",
                money(new.total_pnl, coin) if new else "-",
                *_evidence(record.evidence),
                regime_word(str(record.regime)),
            )
        )
    title = "The newest cycle" if len(records) == 1 else f"The newest {len(records)} cycles"
    return ["", title, TextTable((*head, "lessons", "nearest", "regime"), rows, left=(1, 10))]


def _week_table(weeks: pd.DataFrame, coin: Coin) -> list[str | TextTable]:
    head = ("week", "cycles", "closed", "won", "win rate", "net", "median score", "lessons", "nearest")
    rows = []
    for week, row in weeks.iterrows():
        interval = bounds(row["win_rate_low"], row["win_rate_high"], 1)
        win_rate = f"{rate(row['win_rate'])} {interval}" if row["closed"] else "-"
        score = "-" if pd.isna(row["scalper_score"]) else number(row["scalper_score"], 1)
        counts = (number(row["cycles"]), number(row["closed"]), number(row["wins"]))
        rows.append(
            (str(week), *counts, win_rate, money(row["total_pnl"], coin), score, *_week_evidence(row))
        )
    return [
        "",
        "Week by week (each trade once, in the week of the cycle that first saw it closed)",
        TextTable(head, rows, left=(0,)),
    ]


def _evidence(counts: EvidenceCounts | None) -> tuple[str, str]:
    """Lessons to act on of those proven, and the nearest candidate's share; dashes where a record does not say."""
    if counts is None:
        return "-", "-"
    nearest = "-" if counts.nearest is None else number(counts.nearest, 2)
    return _of_proven(counts.act_on, counts.proven), nearest


def _week_evidence(row: pd.Series) -> tuple[str, str]:
    counts, nearest = [row["lessons_to_act_on"], row["proven_lessons"]], row["nearest_share"]
    lessons = "-" if pd.isna(counts[1]) else _of_proven(*(None if pd.isna(n) else n for n in counts))
    return lessons, "-" if pd.isna(nearest) else number(nearest, 2)


def _of_proven(act_on: float | None, proven: float | None) -> str:
    return f"{'?' if act_on is None else number(act_on)} of {number(proven)}"


def _effects(effects: Sequence[LessonEffect]) -> list[str]:
    """What became of each lesson, those that went on first, with the caveat once."""
    title = "What became of the lessons (net % of their own trades since each was proven and large enough)"
    if not effects:
        return ["", title, "  No lesson was proven and large enough yet."]
    lines = ["", title, f"  {CAVEAT}"]
    for effect in effects[:MOST_EFFECTS]:
        until = f"{time_word(effect.until)}, {effect.ended}" if effect.until else "now"
        lines += [
            f"  {_VERDICT_WORDS[effect.verdict]}: {effect.statement} ({time_word(effect.large_since)} to {until})",
            f"    since: {_since_words(effect)}",
        ]
    rest = len(effects) - MOST_EFFECTS
    return lines + ([f"  and {number(rest)} more: `ribbon history --json` has all."] if rest > 0 else [])


def _since_words(effect: LessonEffect) -> str:
    """The mean with its n and interval; of none that there is none."""
    seen = f"{number(effect.episodes)} {effect.unit}"
    if effect.mean_pct is None:
        return f"none ({seen})"
    return f"{number(effect.mean_pct, 3, sign=True)} % ({seen}) {bounds(effect.low_pct, effect.high_pct, 3)}"


def _changes(records: Sequence[CycleRecord]) -> list[str]:
    lines = ["", "What changed"]
    for record in reversed(records):
        lines.append(f"  cycle {record.cycle_number}, {time_word(record.timestamp)}")
        lines += [
            f"    - {text}" for text in [*record.key_improvements, change_sentence(record.prompt_change)]
        ]
    return lines
