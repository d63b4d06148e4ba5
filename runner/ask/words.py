"""What `ribbon ask` answers on a terminal: the sentences first, then the parts that they rest on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lib.contract.results import NamedGroup
from lib.contract.words import bounds, number, rate, time_word
from lib.questions.confirmation import CONFIRMED
from lib.questions.exploration import Exploration
from lib.questions.file import Question
from lib.questions.record import Opened, Record
from lib.questions.replication import REPLICATED
from lib.questions.telling import confirmation_sentences, terms_words
from runner.ask.confirm import Answered
from runner.ask.following import followed_listing

#: A part with fewer trades gets no rate and no mean: chance alone makes them.
_LEAST = 5
_MONTHS_SHOWN = 24


def exploration_lines(found: Exploration, record: Record) -> list[str]:
    """An exploration for people."""
    checked = "not known: it spoke of no row, so there is nothing to compare"
    if found.long_rows + found.short_rows:
        checked = f"no: the same behind {found.rows_checked:,} of {found.rows:,} rows, and in two processes"
    lines = [
        *found.answer,
        "",
        f"  claim        {' '.join(found.claim.split())}",
        f"  terms        {found.terms}",
        f"  open part    {found.days:,.0f} days, sealed from {time_word(found.boundary)} on; {found.source}",
        f"  said         LONG of {found.long_rows:,} rows, SHORT of {found.short_rows:,}; {found.busy:,} while a position was held, "
        f"{found.gap:,} over a gap, {found.open_trades} not ended",
        f"  looks ahead  {checked}",
        f"  equity       {number(found.trades.total_pnl_pct, 2, sign=True)} % summed; before costs "
        f"{number(found.gross_total_pct, 2, sign=True)} %, costs {found.costs_total_pct:,.2f} %; "
        f"deepest fall {found.max_drawdown_pct:,.2f} %",
    ]
    parts = {
        "direction": found.by_direction,
        "year": found.by_year,
        "month": found.by_month[-_MONTHS_SHOWN:],
        "regime": found.by_regime,
        "hour, UTC": found.by_hour,
    }
    for name, groups in parts.items():
        lines += _part_lines(name, groups)
    lines += [f"  note: {note}" for note in found.notes]
    tried = record.tried(found.market)
    lines.append(
        f"  {tried:,} question{'s' if tried != 1 else ''} of {found.market} asked in this folder so far: of twenty worthless ones, "
        "one looks good by chance"
    )
    return lines


def _part_lines(name: str, groups: Sequence[NamedGroup]) -> list[str]:
    if not groups:
        return []
    lines = ["", f"  {name:<20}{'n':>7}{'won':>9}{'net mean %':>12}  95 %{'':<18}{'sum %':>10}"]
    for group in groups:
        total = number(group.total_pnl_pct, 2, sign=True)
        if group.total < _LEAST:
            lines.append(f"  {group.name:<20}{group.total:>7,}{'':>9}{'':>12}  {'':<22}{total:>10}")
            continue
        mean, span = (
            number(group.net_mean_pct, 3, sign=True),
            bounds(group.net_low_pct, group.net_high_pct, 3),
        )
        lines.append(
            f"  {group.name:<20}{group.total:>7,}{rate(group.win_rate):>9}{mean:>12}  {span:<22}{total:>10}"
        )
    return lines


def confirmation_lines(question: Question, answered: Answered) -> list[str]:
    """A confirmation for people."""
    opened, found = answered.opened, answered.confirmed.found
    said = confirmation_sentences(question.name, opened.market, found, answered.confirmed.looked)
    before = [
        f"It was confirmed on {time_word(answered.confirmed.at)}; that answer stands, and nothing was asked now."
    ]
    return [
        *said,
        "",
        *(before if answered.again else []),
        f"  level        number {opened.k}, {found.level * 100:.4g} %: spent for good",
        f"  evidence     of a gain {found.evidence:.2f}, of a loss {found.evidence_worse:.2f}: proven from 1 on",
        f"  terms        {terms_words(question, opened.terms)}",
    ]


def confirmation_summary(answered: Answered) -> dict[str, Any]:
    """A confirmation as JSON."""
    found = {"opened": answered.opened, "confirmed": answered.confirmed}
    return {name: line.model_dump(mode="json") for name, line in found.items()} | {"again": answered.again}


def listing(record: Record, folder: Path) -> tuple[list[str], dict[str, Any]]:
    """What was confirmed and is followed in a folder and what is left, for people and as JSON."""
    left = CONFIRMED.share - sum(CONFIRMED.level(line.k) for line in (*record.opened, *record.kept))
    following = record.next_number
    followed, followed_records = followed_listing(record, folder)
    boundaries = {line.market: line for line in record.lines if line.kind == "boundary"}
    explored = len({line.sha256 for line in record.asked})
    lines = [
        f"{folder}: questions explored {explored:,}, confirmed {len(record.opened):,}, followed {len(record.followed):,}"
    ]
    lines += [f"  {market}: sealed from {time_word(line.boundary)} on" for market, line in boundaries.items()]
    lines += [_confirmed_line(record, opened) for opened in record.opened]
    lines += followed
    following_level = (
        f"the next question is confirmed or followed at {CONFIRMED.level(following) * 100:.4g} %"
    )
    lines.append(f"  left: {left * 100:.4g} % of {CONFIRMED.share * 100:g} %; {following_level}")
    lines += [
        f"  markets together {line.k}. {line.question} on {', '.join(line.markets)}: at {REPLICATED.level(line.k) * 100:.4g} %"
        for line in record.replications
    ]
    found = {
        "boundaries": [line.model_dump(mode="json") for line in boundaries.values()],
        "asked": [line.model_dump(mode="json") for line in record.asked],
        "confirmed": [_confirmed_record(record, opened) for opened in record.opened],
        "followed": followed_records,
        "replications": [line.model_dump(mode="json") for line in record.replications],
        "level_left": left,
        "next_level": CONFIRMED.level(following),
    }
    return lines, found


def _confirmed_line(record: Record, opened: Opened) -> str:
    answer = record.answer(opened.k)
    if answer is None:
        due = "its answer is due: ask it again with --confirm"
        return f"  {opened.k}. {opened.question} on {opened.market}: opened {time_word(opened.at)}, {due}"
    found, twice = answer.found, {line.sha256 for line in record.opened if line.question == opened.question}
    name = f"{opened.question} on {opened.market}" + (f" ({opened.sha256[:8]})" if len(twice) > 1 else "")
    if found.net_mean_pct is None:
        mean = "no trade"
    else:
        mean = (
            f"{number(found.net_mean_pct, 3, sign=True)} % {bounds(found.net_low_pct, found.net_high_pct, 3)}"
        )
    return (
        f"  {opened.k}. {name}: {found.verdict}, {mean}, n={found.trades:,}, at {found.level * 100:.4g} %, "
        f"{time_word(answer.at)}"
    )


def _confirmed_record(record: Record, opened: Opened) -> dict[str, Any]:
    answer = record.answer(opened.k)
    return {
        "opened": opened.model_dump(mode="json"),
        "confirmed": None if answer is None else answer.model_dump(mode="json"),
    }
