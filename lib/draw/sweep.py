"""Figures and tables of a sweep: the grid at chosen other values, what each value did on average, luck, and walk-forward.

A sweep's best combination is a maximum over many tries on the same candles. So no figure here shows it without what the luckiest
of as many worthless ones would show, or without what it did on days it was not chosen on.
"""

from __future__ import annotations

from matplotlib.axes import Axes

from lib.analysis.sweep import Luck, Sweep, cells_at
from lib.analysis.sweep_candidates import PARAMETERS, Candidates
from lib.analysis.walkforward import WalkForward
from lib.contract.times import iso
from lib.draw import style
from lib.draw.axis import TickTexts, draw_nothing, legend_above, title, zero_line
from lib.draw.grid import draw_grid
from lib.draw.numbers import percent
from lib.draw.tables import Table, show_facts, show_rows
from lib.stats.deflated import Deflated

NAMES = {
    "target_pct": "target (%)",
    "stop_pct": "stop (%)",
    "hold_minutes": "hold (min)",
    "spacing_minutes": "spacing (min)",
    "wick": "wick (% of close)",
}


def draw_target_stop(
    ax: Axes,
    sweep: Sweep,
    hold_minutes: float,
    spacing_minutes: float,
    wick: str,
    standard: tuple[float, float] | None = None,
) -> Axes:
    """Net mean per trade by target and stop at one hold, spacing and wick ("none", "0.3–0.8"); as lib.draw.grid draws it."""
    asked = "no wick asked" if wick == "none" else f"wick {wick} %"
    cells = cells_at(sweep.table, hold_minutes, spacing_minutes, wick, sweep.costs)
    heading = f"Net mean at hold {hold_minutes:g} min, spacing {spacing_minutes:g} min, {asked}"
    return draw_grid(ax, cells, standard=standard, heading=heading, tried=len(sweep.table))


def draw_by_value(axes: list[Axes], sweep: Sweep) -> list[Axes]:
    """For each parameter and value: median and middle half of the net means (%) of all combinations that have it, on one scale; an axis a
    parameter, one below the other.
    """
    traded = sweep.table.dropna(subset="net_mean_pct")
    for ax, name in zip(axes, PARAMETERS, strict=True):
        if traded.empty:
            draw_nothing(ax, "no trades", NAMES[name])
            continue
        groups = traded.groupby(name, sort=name != "wick")["net_mean_pct"]
        spread = groups.quantile([0.25, 0.5, 0.75]).unstack()
        places = range(len(spread))
        ax.vlines(places, spread[0.25], spread[0.75], color=style.NEUTRAL, linewidth=5, alpha=0.5)
        ax.plot(places, spread[0.5], color=style.LONG, marker="o", markersize=4, linestyle="none")
        texts = [each if isinstance(each, str) else f"{each:g}" for each in spread.index]
        ax.set_xticks(places, texts)
        ax.margins(x=0.15)
        zero_line(ax)
        ax.set_title(f"Net mean per trade (%) by {NAMES[name]}", size=style.SMALL)
    if len(traded):
        limits = [ax.get_ylim() for ax in axes]
        for ax in axes:
            ax.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))
    return axes


def draw_luck(ax: Axes, sweep: Sweep, luck: Luck | None) -> Axes:
    """The Sharpe ratios of all combinations, the best of them, and what the luckiest of as many worthless ones would reach."""
    heading = "Sharpe ratio per period of every combination"
    ratios = sweep.table["sharpe"].dropna()
    if luck is None or luck.by_all is None or ratios.empty:
        return draw_nothing(ax, "no combination has enough trades", heading)
    ax.hist(ratios, bins=min(60, max(10, len(ratios) // 20)), color=style.NEUTRAL, alpha=0.6, label="tried")
    marks = [
        (luck.by_all.sharpe, style.LONG, "-", "the best that may be chosen"),
        (luck.by_all.expected_maximum, style.LOSS, "--", "expected of luck alone"),
    ]
    for at, colour, dashes, label in marks:
        ax.axvline(at, color=colour, linestyle=dashes, label=label)
    zero_line(ax, vertical=True)
    ax.set(xlabel=f"Sharpe ratio per period (n {sweep.periods} periods), net", ylabel="combinations")
    title(ax, heading, n=len(ratios), unit="combinations")
    return legend_above(ax)


def draw_in_and_out(ax: Axes, walked: WalkForward) -> Axes:
    """Net mean per trade of every combination in a train stretch and in the test after it; the chosen ones stand out."""
    heading = "In sample and out of sample"
    pairs = walked.pairs.dropna(subset=["in_net_mean_pct", "out_net_mean_pct"])
    if pairs.empty:
        return draw_nothing(ax, _too_short(walked), heading)
    ax.scatter(
        pairs["in_net_mean_pct"], pairs["out_net_mean_pct"], s=5, color=style.NEUTRAL, alpha=0.35, linewidth=0
    )
    folds = walked.folds
    ax.scatter(
        folds["in_net_mean_pct"],
        folds["out_net_mean_pct"],
        s=42,
        color=style.OPTIMUM,
        edgecolor=style.INK,
        zorder=3,
        label="chosen",
    )
    low, high = pairs["in_net_mean_pct"].min(), pairs["in_net_mean_pct"].max()
    ax.plot([low, high], [low, high], color=style.MUTED, linestyle=":", label="as good as in sample")
    zero_line(ax)
    zero_line(ax, vertical=True)
    ax.set(xlabel="net mean per trade in sample (%)", ylabel="out of sample (%)")
    rho = walked.rank_correlation
    kept = "" if rho is None else f", rank correlation {rho:+.2f}".replace("-", "−")
    title(ax, heading + kept, n=len(pairs), unit="combinations × folds")
    return legend_above(ax)


def draw_forward(ax: Axes, walked: WalkForward) -> Axes:
    """Fold by fold: what the chosen combination made in sample, what it made after, and the median of all combinations then."""
    heading = "Walk-forward: chosen before, scored after"
    folds = walked.folds
    if folds.empty:
        return draw_nothing(ax, _too_short(walked), heading)
    lines = [
        ("in_net_mean_pct", style.NEUTRAL, "o", ":", "chosen, in sample"),
        ("out_net_mean_pct", style.LONG, "s", "-", "chosen, out of sample"),
        ("out_median_pct", style.LOSS, "x", "--", "median of all, out of sample"),
    ]
    places = range(len(folds))
    for name, colour, marker, dashes, label in lines:
        ax.plot(places, folds[name], color=colour, marker=marker, linestyle=dashes, label=label)
    zero_line(ax)
    texts = [f"{row.split:%d %b}\nn {row.out_trades}" for row in folds.itertuples()]
    step = -(-len(texts) // 14)
    ax.set_xticks(places[::step], texts[::step])
    ax.yaxis.set_major_formatter(TickTexts(lambda value, digits: percent(value, digits, signed=True)))
    ax.set(xlabel="first day of the test (UTC), n trades in it", ylabel="net mean per trade")
    title(ax, heading, n=len(folds), unit="fold" if len(folds) == 1 else "folds")
    return legend_above(ax)


def show_sweep(candidates: Candidates, sweep: Sweep) -> Table:
    """How much was tried on how much."""
    tried = sweep.table["trades"]
    return show_facts(
        {
            "combinations": f"{len(tried):,}, of which made a trade: {int((tried > 0).sum()):,}",
            "5-minute candles": f"{candidates.candles:,}",
            "signals of the entry rule": f"{sweep.signals:,}, beside {sweep.gap:,} left out for a gap",
            "trades booked": f"{int(tried.sum()):,}",
            "periods of the Sharpe ratio": f"{sweep.periods:,}",
            "mean correlation of two combinations": f"{sweep.mean_correlation:.2f}".replace("-", "−"),
        },
        caption="What was tried",
    )


def show_best(luck: Luck | None) -> Table:
    """The best combination beside what is left of it once all the trying is counted."""
    caption = "The best combination, which is the luckiest"
    if luck is None:
        return show_facts({}, caption=caption)
    best = luck.best
    return show_facts(
        {NAMES[name]: _value(best[name]) for name in PARAMETERS}
        | {
            "net mean per trade": f"{percent(best['net_mean_pct'], 3, signed=True)} (n {best['trades']})",
            "net win rate": f"{percent(best['win_rate'])} (n {best['trades']})",
            "target or stop unknown in one candle": f"{best['ambiguous']} trades, counted as stops",
            "deflated Sharpe ratio, every combination a trial": _deflated(luck.by_all),
            "deflated, for as many as their correlation leaves": _deflated(luck.by_implied),
        },
        caption=caption,
    )


def show_folds(walked: WalkForward) -> Table:
    """One row a fold: what was chosen and what it made in sample, out of sample, and the median of all out of sample."""
    rows = [
        {
            "test from (UTC)": iso(row.split),
            "chosen: target / stop / hold / spacing / wick": f"{row.target_pct:g} / {row.stop_pct:g} / "
            f"{row.hold_minutes:g} / {row.spacing_minutes:g} / {row.wick}",
            "in sample": _mean(row.in_net_mean_pct, row.in_trades),
            "out of sample": _mean(row.out_net_mean_pct, row.out_trades),
            "median of all, out of sample": percent(row.out_median_pct, 3, signed=True),
        }
        for row in walked.folds.itertuples()
    ]
    return show_rows(rows, caption="Walk-forward, net mean per trade")


def _too_short(walked: WalkForward) -> str:
    if len(walked.pairs):
        return "in no fold a combination had enough trades"
    return f"a fold needs {walked.train_days + walked.test_days:g} days of candles"


def _mean(value: float, trades: int) -> str:
    return f"{percent(value, 3, signed=True)} (n {trades})"


def _value(value: object) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _deflated(found: Deflated | None) -> str:
    if found is None:
        return "not defined: too few periods"
    ratios = f"Sharpe {found.sharpe:.3f} against {found.expected_maximum:.3f} expected of luck"
    text = (
        f"{percent(100 * found.probability)} likely better than luck ({ratios}; n {found.trials:,.0f} trials)"
    )
    return text.replace("-", "−")
