"""What was found, in sentences; and all of it as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lib.analysis.side_by_side import MeanDifference, SideBySide
from lib.draw.numbers import bounds, counted, dollars, per_coin, percent
from lib.stats.differences import LEAST_EPISODES
from runner.compare.models import Comparison, Condition, Side, SideRecord

#: With fewer days nobody sees whether they hang together (lib.stats.dependence).
_LEAST_DAYS = 6
_DECIMALS = 3
_OF = {
    "net": "all trades, after costs",
    "gross": "all trades, before costs",
    "LONG": "LONG, after costs",
    "SHORT": "SHORT, after costs",
}
#: Conditions of which a difference says nothing without saying whether they are met.
_LIMITS = ("market", "window")
_ENDS = {
    "more": "the interval leaves zero out",
    "less": "the interval leaves zero out",
    "not shown": "not shown",
}


def answer_sentences(
    a: SideRecord, b: SideRecord, found: SideBySide, conditions: Sequence[Condition]
) -> list[str]:
    """The difference first, then what it rests on, then what else is in it."""
    told = [_difference_sentence(found), _totals_sentence(a, b, found)]
    if found.net.verdict not in ("more", "less", "not shown"):
        return told
    limits = [each.meaning for each in conditions if each.what in _LIMITS and not each.alike]
    return [
        *told,
        " ".join([*limits, "One comparison proves nothing; of twenty 95 % intervals one misses by chance."]),
    ]


def _difference_sentence(found: SideBySide) -> str:
    net = found.net
    if net.verdict == "nothing":
        return f"There is nothing to compare: {_nothing(found)}."
    if net.verdict == "the same":
        return f"B made the same as A in each of {counted(net.episodes_b, 'episodes')}."
    if net.verdict == "too few":
        return (
            f"Too few to compare: A has {counted(net.episodes_a, 'episodes')} and B {net.episodes_b:,}, and with fewer than "
            f"{LEAST_EPISODES} on a side an interval says more of chance than of trades."
        )
    made = _more_or_less(net.difference_pct)
    if net.verdict == "constant":
        return f"B made {made} than A, the same in each of {counted(net.episodes_b, 'episodes')}."
    interval = _interval(net)
    return f"B made {made} an episode than A ({interval}): {_ENDS[net.verdict]}."


def _more_or_less(difference: float | None) -> str:
    shown = percent(difference, _DECIMALS, signed=True)
    return f"{shown.lstrip('+−')} {'less' if shown.startswith('−') else 'more'}"


def _interval(of: MeanDifference) -> str:
    found = bounds(of.low_pct, of.high_pct, _DECIMALS)
    return f"95 % {found}" if found else "no interval: a side shows no spread"


def _nothing(found: SideBySide) -> str:
    net = found.net
    sides = [name for name, trades in (("A", net.trades_a), ("B", net.trades_b)) if not trades]
    who = " and ".join(sides)
    if found.shared:
        return f"beside the {counted(found.shared, 'trades')} that both have, {who} closed none"
    return f"{who} closed no trade"


def _totals_sentence(a: SideRecord, b: SideRecord, found: SideBySide) -> str:
    sums = "; ".join(
        f"{name} made {percent(side.trades.total_pnl_pct, 2, signed=True)} in {counted(side.trades.total, 'trades')}"
        for name, side in (("A", a), ("B", b))
    )
    net = found.net
    if net.verdict == "nothing":
        return f"After costs {sums}."
    rest = f", without the {counted(found.shared, 'trades')} that both have" if found.shared else ""
    both = f"; in {net.pairs:,} of them both traded" if net.pairs else ""
    return f"After costs {sums}. Compared are {net.episodes_a:,} episodes of A and {net.episodes_b:,} of B{rest}{both}."


def note_sentences(a: Side, b: Side, found: SideBySide) -> list[str]:
    """How it was compared, and what a reader should know of the sides."""
    net, told = found.net, []
    if found.shared:
        told.append(
            f"{counted(found.shared, 'trades')} {'is' if found.shared == 1 else 'are'} of both, out of one log; they are left out, as "
            "they can make no difference."
        )
    if net.pairs:
        told.append(
            f"In {counted(net.pairs, 'episodes')} both traded, and {found.same_instants:,} times they entered at the very same "
            "instant: the difference is paired there."
        )
    wider = [
        f"{difference_title(of)}: {of.inflation**0.5:.1f} times as wide"
        for of in shown_differences(found)
        if of.inflation > 1 and of.has_interval
    ]
    if wider:
        told.append(f"Trades of one day hang together, so intervals are wider ({'; '.join(wider)}).")
    elif net.has_interval and found.days < _LEAST_DAYS:
        told.append(
            f"With {counted(found.days, 'days')} nobody can see whether trades of one day hang together; if they do, the interval is too "
            "narrow."
        )
    for name, side in (("A", a), ("B", b)):
        if side.record.told:
            told.append(
                f"The report of {name} said {side.record.told}; its log gives {counted(side.record.trades.total, 'trades')} and "
                f"{dollars(side.record.trades.total_pnl, side.record.dollar_decimals)} today, so data or code changed since."
            )
    told += [f"{_sentence(each)}" for each in dict.fromkeys([*a.warnings, *b.warnings])]
    return told


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:].rstrip('.')}."


def shown_differences(found: SideBySide) -> list[MeanDifference]:
    """The differences that say something of their own: that before costs not where both paid the same."""
    net = found.net
    alike = net.model_dump(exclude={"of", "mean_a_pct", "mean_b_pct"})
    return [
        of
        for of in found.differences
        if of.of != "gross" or of.model_dump(exclude={"of", "mean_a_pct", "mean_b_pct"}) != alike
    ]


def difference_title(of: MeanDifference) -> str:
    """Which trades and returns."""
    return _OF[of.of]


def difference_words(of: MeanDifference) -> str:
    """A difference with its interval; with too few episodes only that."""
    if of.verdict == "nothing":
        return "nothing to compare"
    if of.verdict == "too few":
        return "too few"
    interval = f" ({_interval(of)})" if of.verdict not in ("the same", "constant") else ""
    return f"{percent(of.difference_pct, _DECIMALS, signed=True)}{interval}"


def counts_words(of: MeanDifference) -> str:
    """What it rests on."""
    return f"{of.episodes_a:,} / {of.episodes_b:,} / {of.pairs:,}"


def comparison_lines(comparison: Comparison) -> list[str]:
    """For people."""
    record = comparison.record
    return [
        *record.answer,
        "",
        *_side_lines("A", record.a),
        *_side_lines("B", record.b),
        "",
        "  B less A, mean an episode (n: episodes of A / of B / of both); the answer rests on the first row",
        *(
            f"    {difference_title(of):<26}{difference_words(of)}; n {counts_words(of)}"
            for of in shown_differences(record.found)
        ),
        "",
        *_condition_lines(record.conditions),
        *(f"  note: {note}" for note in record.notes),
    ]


def _side_lines(name: str, side: SideRecord) -> Iterator[str]:
    trades = side.trades
    yield f"  {name}: {side.kind} {side.name}, {side.source}, {side.start} to {side.until}"
    if not trades.total:
        yield f"     no closed trade, {side.open_trades} open"
        return
    needed = "" if side.breakeven_win_rate is None else f", break-even {percent(side.breakeven_win_rate)}"
    yield (
        f"     {counted(trades.total, 'trades')}, won {percent(trades.win_rate)}{needed}; gross {percent(side.gross_pct, 2, signed=True)}, "
        f"net {percent(trades.total_pnl_pct, 2, signed=True)}, {dollars(trades.total_pnl, side.dollar_decimals)} {per_coin(side.coin)}"
    )


def _condition_lines(conditions: Sequence[Condition]) -> Iterator[str]:
    alike = [each.what for each in conditions if each.alike]
    if alike:
        yield f"  the same on both sides: {', '.join(alike)}"
    for each in conditions:
        if not each.alike:
            yield f"  not the same: {each.what}: {each.a} | {each.b}"
            if each.meaning:
                yield f"     {each.meaning}"
