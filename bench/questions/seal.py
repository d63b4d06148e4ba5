"""Two hundred questions that know nothing: the ten that look best are confirmed, then followed; and what the open part would have said.

The year's open part is explored, the ten of the largest t are confirmed on the sealed part at the numbers 1 to 10, then kept, which spends
the numbers 11 to 20, and followed for a quarter. What would surprise: a verdict counts at whatever episode its e-value is largest, and an
episode counts from the first look after its exit; so one look at the end says what hourly looks said on the way (held by a test).
"""

from __future__ import annotations

from statistics import mean
from typing import Any, NamedTuple

import numpy as np

from bench.evidence.runs import Bench, share
from bench.questions.folder import Folder
from bench.questions.market import FREE, markets
from bench.questions.rules import Seen, answers, rules
from lib.questions.confirmation import Confirmation
from lib.stats.intervals import mean_interval

RUNS = 500
YEAR, QUARTER = 365, 91
BEST = 10
#: With fewer trades in the open part nobody would confirm a question.
LEAST_TRADES = 30


class Looked(NamedTuple):
    """One run: of the ten, how many were proven (and proven worse) where, and how they looked."""

    confirmed: int  #: proven on the sealed part
    followed: int  #: proven from their keeping on
    worse: int  #: proven worse on either
    counted: int  #: would be proven had the open part counted, up to the year's end
    looked_good: int  #: their interval of 95 % in the open part lay above 0
    open_pct: float  #: net mean of an episode in the open part, mean of the ten
    sealed_pct: float  #: the same in the sealed part
    followed_pct: float  #: the same from their keeping on
    episodes: tuple[int, int]  #: of the ten together, confirmed and followed


def looks(rng: np.random.Generator, year: int = YEAR, quarter: int = QUARTER, count: int = 200) -> Looked:
    """One run on a market of its own; `year` and `quarter` in days."""
    [history] = markets(year + quarter, rng)
    folder = Folder(history, FREE, year)
    asked = list(answers(Seen.of(history.rows), rules()[:count]))
    explored = [folder.explored(said) for said in asked]
    best = sorted(range(len(asked)), key=lambda place: t_of(explored[place]), reverse=True)[:BEST]
    return judged(folder, [asked[place] for place in best], [explored[place] for place in best])


def t_of(x: np.ndarray) -> float:
    """Net mean over its standard error of net returns (n); each trade is an episode of its own."""
    return (
        float(x.mean() / x.std(ddof=1) * len(x) ** 0.5) if len(x) >= LEAST_TRADES and x.std() > 0 else -np.inf
    )


def judged(folder: Folder, asked: list[np.ndarray], explored: list[np.ndarray]) -> Looked:
    """Confirm the questions in this order, then follow them."""
    opens, ends = folder.sealed_from, folder.asked_rows
    sealed, followed, counted = [], [], []
    for k, said in enumerate(asked, 1):
        sealed.append(folder.verdict(folder.closed(said, opens, ends), k, opens, ends))
        followed.append(folder.verdict(folder.closed(said, ends), len(asked) + k, ends))
        counted.append(folder.verdict(folder.closed(said, 0, ends), k, 0, ends))
    intervals = [mean_interval(net) for net in explored]
    return Looked(
        confirmed=_many(sealed, "proven"),
        followed=_many(followed, "proven"),
        worse=_many([*sealed, *followed], "proven worse"),
        counted=_many(counted, "proven"),
        looked_good=sum(found is not None and found.low is not None and found.low > 0 for found in intervals),
        open_pct=mean(float(net.mean()) for net in explored),
        sealed_pct=_mean(sealed),
        followed_pct=_mean(followed),
        episodes=(sum(each.episodes for each in sealed), sum(each.episodes for each in followed)),
    )


def _many(found: list[Confirmation], verdict: str) -> int:
    return sum(each.verdict == verdict for each in found)


def _mean(found: list[Confirmation]) -> float:
    means = [each.net_mean_pct for each in found if each.net_mean_pct is not None]
    return mean(means) if means else 0.0


def looked(kept: list[Any]) -> Looked:
    """What JSON has kept of one."""
    return Looked(*kept)


def seal_figures(bench: Bench, runs: int = RUNS) -> dict[str, Any]:
    """How often anything is proven of questions that know nothing, in so many runs."""
    found = bench.runs("sealed", looks, runs, looked)
    if not found:
        return {}
    return {
        "sealed": {
            "runs": len(found),
            "explored": len(rules()),
            "confirmed_of_them": BEST,
            "open_days": round(YEAR * 0.7, 1),
            "sealed_days": round(YEAR * 0.3, 1),
            "followed_days": QUARTER,
            "any_proven": _share(found, lambda run: run.confirmed + run.followed),
            "proven_on_the_sealed_part": _share(found, lambda run: run.confirmed),
            "proven_followed": _share(found, lambda run: run.followed),
            "proven_worse": _share(found, lambda run: run.worse),
            "proven_had_the_open_part_counted": _share(found, lambda run: run.counted),
            "looked_good_in_the_open_part": _share(found, lambda run: run.looked_good),
            "looked_good_of_ten": round(mean(run.looked_good for run in found), 2),
            "mean_pct": {
                part: round(mean(getattr(run, f"{part}_pct") for run in found), 4)
                for part in ("open", "sealed", "followed")
            },
            "episodes_a_question": {
                part: round(mean(run.episodes[place] for run in found) / BEST, 1)
                for place, part in enumerate(("sealed", "followed"))
            },
        }
    }


def _share(runs: list[Looked], of: Any) -> dict[str, Any]:
    return share(sum(of(run) > 0 for run in runs), len(runs))
