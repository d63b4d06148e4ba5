"""What an experiment costs, before its first call and in words: each arm's calls at the gate's pace, the shadow's, and the cap on all."""

from __future__ import annotations

from pathlib import Path

from lib.errors import MissingDataError
from lib.experiments.arm import Arm
from lib.experiments.judge import judge
from lib.experiments.running import ExperimentRows
from lib.market.terms import Terms
from lib.published.pair import read_prompt
from lib.stats.levels import SOUGHT_PCT
from runner.claude.arithmetic import USUAL_ASKED_ON_PCT
from runner.claude.decider import ClaudeDecider
from runner.claude.example import example_view
from runner.claude.prompt import Given
from runner.claude.settings import ClaudeSettings
from runner.experiment.arms import ArmsSet, claude_of, rules_of
from runner.experiment.begin import begin_row
from runner.experiment.briefing import lessons_of
from runner.experiment.settings import ExperimentSettings
from runner.trade.models import TickView
from runner.trade.settings import TradeSettings
from runner.trade.view import view_now

_DAY_MINUTES = 24 * 60


def cost_lines(
    folder: Path,
    arms: ArmsSet,
    settings: ExperimentSettings,
    claude: ClaudeSettings,
    trade: TradeSettings,
    terms: Terms,
) -> list[str]:
    """What a day and what an answer to the question may cost. Asks nobody."""
    arms.keep(folder)  # what an arm is given is read from where it is kept
    view = _view(folder, trade)
    calls = min(_DAY_MINUTES / trade.gate.every_minutes, claude.max_calls_per_day)
    share = {"a": settings.share, "b": 1 - settings.share}
    a, b = (_usd(arm, folder, view, settings, claude, terms) for arm in (arms.a, arms.b))
    day = calls * (share["a"] * a + share["b"] * b)
    shadow = calls * (share["a"] * b + share["b"] * a) if settings.paired else 0.0
    lines = [
        f"  {arm.name + ':':<24}{_given(arm)}; about ${usd:.4f} a call"
        for arm, usd in ((arms.a, a), (arms.b, b))
    ]
    lines.append(f"  a quiet day:            about {calls:.0f} calls, ${day:.2f}")
    if settings.paired:
        lines.append(
            f"  and the other arm:      at most as many calls again, ${shadow:.2f}; less once one of them enters"
        )
    lines.append(
        f"  the day's cap:          ${claude.daily_cap_usd:,.2f} and {claude.max_calls_per_day} calls, for all of it"
    )
    return [*lines, *_length(arms, settings, terms, min(day + shadow, claude.daily_cap_usd))]


def nothing_told(folder: Path, arms: ArmsSet) -> str:
    """What to be warned of: that the arms would be given the same; "" if they differ."""
    if arms.a.sha256() == arms.b.sha256():
        return "both arms are given the same, so only chance can tell them apart"
    told = {arm.lessons for arm in (arms.a, arms.b)}
    if told == {"published", "none"} and not read_prompt(folder).text:
        return "no lessons are published yet: until the first cycle both arms are told none"
    return ""


def _length(arms: ArmsSet, settings: ExperimentSettings, terms: Terms, day_usd: float) -> list[str]:
    """How long an answer may take, at the most blocks that a day has."""
    fresh = ExperimentRows(begin_row("e1", arms, settings, terms, now=1, seed=0))
    needed = judge(fresh).needed
    wanted = needed.episodes if needed is not None else 0
    what = "blocks with different outcomes" if settings.paired else "blocks with a trade"
    blocks = _DAY_MINUTES / terms.hold_minutes
    days = wanted / blocks
    return [
        f"  an answer:              about {wanted} {what} show a difference of {SOUGHT_PCT:g} % in four of five cases: "
        f"{days:.0f} days and ${days * day_usd:,.2f} if all of {blocks:.0f} blocks a day are such, and longer in proportion if not"
    ]


def _usd(
    arm: Arm, folder: Path, view: TickView, settings: ExperimentSettings, claude: ClaudeSettings, terms: Terms
) -> float:
    if arm.decider == "rules":
        return 0.0
    given = Given(lessons_of(arm, "", terms), rules_of(arm, folder))
    made = ClaudeDecider(claude_of(arm, claude, settings), folder, terms=terms, given=given)
    found = made.dry_run(view)
    if found.first is None:
        return found.next_usd
    return found.first.next_usd + found.uncached_usd * USUAL_ASKED_ON_PCT / 100


def _view(folder: Path, trade: TradeSettings) -> TickView:
    """The newest tick, or the example's where nothing was collected yet."""
    try:
        return view_now(folder, trade)
    except MissingDataError:
        return example_view()


def _given(arm: Arm) -> str:
    """What an arm is given, in words."""
    if arm.decider == "rules":
        return "the rule decider, which costs nothing"
    told = {"published": "the published lessons", "none": "no lessons"}.get(
        arm.lessons, f"the kept prompt {arm.lessons[:12]}"
    )
    told += f" but {arm.without_lesson}" if arm.without_lesson else ""
    return f"{told}, {arm.model}, effort {arm.effort}"
