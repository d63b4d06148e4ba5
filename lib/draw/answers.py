"""What confidence was worth: the answer in words, its picture, and the tables behind them.

Executed trades and all answers to enter nearly repeat each other, so the picture has the one series that there is more of, and says which;
the tables have both.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from lib.contract.actual_trades import AnswerCalibration
from lib.contract.results import NamedGroup
from lib.draw import style
from lib.draw.axis import draw_nothing, legend_above, tell, title
from lib.draw.groups import draw_breakeven
from lib.draw.numbers import LEAST, bounds, percent
from lib.draw.tables import Table, net_text, rate_text, show_facts, show_rows

#: Percent. Nobody enters on a confidence below a coin's, so a band that is open below promises no less.
_LEAST_PROMISE = 50.0
_REASONS = {
    "no_sample": "no price while it was valid",
    "gap": "a hole in the candles within its longest hold",
}
_AS_IF = (
    "executed or not, each as if entered at the next sample with its own stop and target, after costs; of answers that overlap in time the "
    "first counts"
)


def band_bounds(name: str) -> tuple[float, float] | None:
    """Confidence bounds in percent that a band's name gives: "≥ 0.85" is 85–100, "0.75–0.85" 75–85, "< 0.75" 50–75; else None.

    A band without a lower bound promises from _LEAST_PROMISE on, or from 0 where the whole band lies below that.
    """
    found = [float(number) * 100 for number in re.findall(r"\d*\.\d+", name)]
    if len(found) >= 2:
        return found[0], found[1]
    if not found:
        return None
    if "<" in name:
        return (_LEAST_PROMISE if found[0] > _LEAST_PROMISE else 0.0), found[0]
    return found[0], 100.0


def calibration_finding(
    executed: Sequence[NamedGroup] | None, answers: Sequence[NamedGroup] | None = None
) -> list[str]:
    """Whether more confidence won more often, whether a band won what it promises, and what the picture draws.

    By the 95 % intervals of the win rates alone: of one window, and a band with fewer than LEAST says nothing.
    """
    label, bands = _drawn(executed, answers)
    n = sum(band.total for band in bands)
    if not n:
        return ["It cannot be told: there is no trade and no answer in this window."]
    filled = sorted((band for band in bands if band.total >= LEAST and band_bounds(band.name)), key=_promise)
    drawn = (
        f"the {n:,} executed trades"
        if label == "executed trades"
        else f"the {n:,} answers to enter, {_AS_IF}"
    )
    broken = [sentence for band in filled if (sentence := _broken_promise(band, label))]
    answer = " ".join([_order_words(filled, label, told=bool(broken)), *broken])
    if not filled:
        return [answer]
    return [
        answer,
        f"If confidence means what it says, each dot lies in its box: the win rate that it promises. Drawn are {drawn}.",
    ]


def _drawn(
    executed: Sequence[NamedGroup] | None, answers: Sequence[NamedGroup] | None
) -> tuple[str, list[NamedGroup]]:
    """Of executed trades and answers what there is more of, with its name; of as many the trades, which happened."""
    series = [("executed trades", list(executed or [])), ("answers", list(answers or []))]
    return max(series, key=lambda pair: sum(band.total for band in pair[1]))


def _promise(band: NamedGroup) -> tuple[float, float]:
    return band_bounds(band.name) or (101.0, 101.0)


def _order_words(filled: list[NamedGroup], label: str, *, told: bool) -> str:
    """Whether bands of more confidence won more often; `told`: a promise that was not kept is told after it."""
    if len(filled) < 2:
        return f"It cannot be told: {'only one' if filled else 'no'} band of confidence has {LEAST} {label}."
    pairs = [(low, high) for place, low in enumerate(filled) for high in filled[place + 1 :]]
    worse = [pair for pair in pairs if _clear(*pair)]
    better = [(low, high) for low, high in pairs if _clear(high, low)]
    if not (worse or better):
        promised = "" if told else ", and none of what it promises"
        n = sum(band.total for band in filled)
        if all(map(_is_short, filled)):
            return f"No: every band of confidence won less than it promises, and none is clear of another (n {n:,})."
        return f"It cannot be told: by the 95 % intervals no band of confidence is clear of another{promised} (n {n:,})."
    low, high = (worse or better)[0]
    said = "No: more confidence won less often" if worse else "Yes: more confidence won more often"
    return f"{said} in this window. {_won(high, label)}, {_won(low, 'those')}; the intervals do not meet."


def _clear(above: NamedGroup, below: NamedGroup) -> bool:
    """Whether the whole interval of one win rate lies above that of the other."""
    return (above.win_rate_low or 0.0) > (100.0 if below.win_rate_high is None else below.win_rate_high)


def _won(band: NamedGroup, label: str) -> str:
    interval = bounds(band.win_rate_low, band.win_rate_high, 0)
    subject = label if label == "those" else label.capitalize()
    return f"{subject} at {band.name} won {percent(band.win_rate)} (n {band.total}, {interval})"


def _is_short(band: NamedGroup) -> bool:
    """Whether the whole interval lies below what the band's confidence promises."""
    return band.win_rate_high is not None and band.win_rate_high < _promise(band)[0]


def _broken_promise(band: NamedGroup, label: str) -> str:
    """What a band won whose interval lies beside all that its confidence promises; "" of one that is not told apart from it."""
    low, high = _promise(band)
    short = _is_short(band)
    if not short and not (band.win_rate_low is not None and band.win_rate_low > high):
        return ""
    return f"{_won(band, label)}, {'less' if short else 'more'} than the {bounds(low, high, 0)} % that they promise."


def draw_calibration(
    ax: Axes,
    executed: Sequence[NamedGroup] | None,
    answers: Sequence[NamedGroup] | None = None,
    *,
    breakeven: float | None = None,
) -> Axes:
    """Net win rate by confidence band with its interval, of what there is more of; a box spans what the band's confidence promises.

    A band with fewer than LEAST has no dot.
    """
    heading = "Confidence and outcome"
    label, bands = _drawn(executed, answers)
    shown = sorted((band for band in bands if band.total), key=_promise)
    if not shown:
        return draw_nothing(ax, "no trades in this window", heading)
    for x, band in enumerate(shown):
        if (promised := band_bounds(band.name)) is not None:
            _draw_promise(ax, x, *promised)
    filled = [(x, band) for x, band in enumerate(shown) if band.total >= LEAST]
    for place, (x, band) in enumerate(filled):
        _draw_band_rate(ax, x, band, f"_{label}" if place else f"{label}, 95 %")
    if breakeven is not None:
        draw_breakeven(ax, breakeven, of=" of the trades")
    few = {band.name: "" if band.total >= LEAST else ": too few" for band in shown}
    ax.set_xticks(range(len(shown)), [f"{band.name}\nn {band.total}{few[band.name]}" for band in shown])
    ax.set(xlim=(-0.6, len(shown) - 0.4), ylim=(0, 100), xlabel="confidence", ylabel="net win rate (%)")
    ax.grid(axis="x", visible=False)
    title(ax, heading, n=sum(band.total for band in shown), unit=label)
    told = [f"at {band.name} {percent(band.win_rate)} of {band.total}" for _, band in filled]
    tell(ax, f"{heading}, {label}: {', '.join(told) or 'no band with enough'}.")
    return legend_above(ax)


def _draw_promise(ax: Axes, x: int, low: float, high: float) -> None:
    label = "_promised" if x else "promised win rate"
    ax.add_patch(
        Rectangle(
            (x - 0.34, low), 0.68, high - low, facecolor="#E3EAEF", edgecolor="none", zorder=1, label=label
        )
    )


def _draw_band_rate(ax: Axes, x: float, band: NamedGroup, label: str) -> None:
    rate = float(band.win_rate or 0.0)
    low = rate if band.win_rate_low is None else band.win_rate_low
    high = rate if band.win_rate_high is None else band.win_rate_high
    ax.errorbar(
        [x],
        [rate],
        yerr=[[max(rate - low, 0.0)], [max(high - rate, 0.0)]],
        fmt="o",
        markersize=8,
        color=style.LONG,
        elinewidth=2.2,
        zorder=3,
        label=label,
    )
    # Beside its dot: at the end of the whisker it would read as the figure of that height.
    ax.annotate(
        percent(rate, 0), (x, rate), xytext=(9, 0), textcoords="offset points", va="center", weight="bold"
    )


def show_answers(answers: AnswerCalibration | None) -> Table:
    """How many directions were recommended, how many of them have a result, and why the others have none."""
    caption = "Answers: LONG or SHORT recommended while no position was held"
    if answers is None:
        return show_facts({"answers": "not in this result"}, caption=caption)
    reasons = [f"{count:,} {_REASONS.get(name, name)}" for name, count in answers.unscored.items()]
    return show_facts(
        {
            "answers, of which executed": f"{answers.total:,}, {answers.executed:,}",
            "with a result": f"{answers.scored:,}",
            "of these overlapping (given while another was open)": f"{answers.overlapping:,}",
            "still open": f"{answers.open:,}",
            "never to be scored": "; ".join(reasons) or "0",
            "with a standard stop or target, as the row has none": f"{answers.standard_distances:,}",
            "net win rate of those that count": rate_text(answers.overall),
            "net mean of those that count": net_text(answers.overall),
        },
        caption=caption,
    )


def show_calibration(executed: Sequence[NamedGroup], answers: AnswerCalibration | None) -> Table:
    """Each confidence band: executed trades, and the answers that count."""
    scored = {band.name: band for band in answers.bands} if answers else {}
    rows = []
    for trades in executed:
        band = scored.get(trades.name)
        rows.append(
            {
                "confidence": trades.name,
                "executed, won (95 %)": rate_text(trades),
                "mean an episode": net_text(trades),
                "answers, won (95 %)": rate_text(band) if band else None,
                "mean an answer": net_text(band) if band else None,
            }
        )
    return show_rows(rows, caption="Executed trades and answers as a table")
