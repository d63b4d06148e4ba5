"""What can be said of a folder's experiments at an instant: one in full, all in a list; as models for JSON, and in lines for people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from lib.contract.results import Model
from lib.contract.times import iso
from lib.errors import MissingDataError, ParameterError
from lib.experiments.arm import Letter
from lib.experiments.experiment import Experiment
from lib.experiments.folder import experiments_in, judged
from lib.experiments.judge import chance, judge
from lib.experiments.judgement import ArmFigures, Chance, Judgement
from lib.experiments.log import EXPERIMENTS_FILE, ExperimentLog
from lib.experiments.running import ExperimentRows
from lib.experiments.wording import (
    compared_words,
    difference_words,
    going_back_words,
    needed_words,
    short_words,
    state_words,
    verdict_words,
)
from runner.trade.known import stamp


class Report(Model):
    """One experiment as it stands."""

    definition: Experiment = Field(description="What is compared.")
    state: str = Field(description="Whether it runs, or why and when it ended, in words.")
    running: bool = Field(description="Whether blocks begin.")
    block: int | None = Field(description="Number of the open block; null where none is open.")
    arm: Letter | None = Field(description="Arm of the open block; null where none is open.")
    gone_back: str = Field(
        description="Since when and why arm b alone is in force; empty where that is not so."
    )
    judgement: Judgement = Field(description="How sure it is, what each arm did and what is still needed.")
    chance: Chance = Field(description="Of all experiments of the folder: what chance alone would give.")


class Listed(Model):
    """One line of the list."""

    id: str = Field(description="Its name.")
    compared: str = Field(description="What is compared, in words.")
    started: str = Field(description="When it was begun, ISO time in UTC.")
    state: str = Field(description="Whether it runs, or why and when it ended, in words.")
    verdict: str = Field(description="helps, harms or not_yet.")
    blocks: int = Field(description="Blocks that have ended.")
    difference_pct: float | None = Field(
        description="Difference of executed blocks, arm a less arm b, percent net a block; null without one."
    )


class Listing(Model):
    """All experiments of a folder."""

    experiments: list[Listed] = Field(description="In the order in which they were begun.")
    chance: Chance = Field(description="How many verdicts chance alone would give.")


def report(folder: Path, now: int, name: str = "") -> Report:
    """One experiment of a folder, the newest if none is named; `now` in microseconds.

    Raises MissingDataError where there is none, ParameterError for a name that is none, DataError.
    """
    log = experiments_in(folder)
    rows = _named(log, name, folder)
    back = log.rolled_back
    return Report(
        definition=rows.definition,
        state=state_words(rows),
        running=rows is log.current,
        block=rows.open_block.block if rows.open_block else None,
        arm=rows.open_block.arm if rows.open_block else None,
        gone_back=going_back_words(back) if back is not None and back is rows else "",
        judgement=judged(folder, rows, now).judgement,
        chance=chance(log),
    )


def listing(folder: Path) -> Listing:
    """All experiments of a folder. Raises DataError."""
    log = experiments_in(folder)
    return Listing(experiments=[_listed(rows) for rows in log.experiments], chance=chance(log))


def standing(folder: Path, now: int) -> dict[str, Any] | None:
    """Where the newest experiment stands, for status and pages: JSON types; None where none was begun. Raises DataError."""
    log = experiments_in(folder)
    if log.newest is None:
        return None
    found = report(folder, now)
    words = short_words(log.newest, found.judgement)
    return {
        "id": found.definition.id,
        "words": words,
        "verdict": found.judgement.verdict,
        "running": found.running,
        "block": None if found.gone_back else found.block,
        "arm": found.definition.arm(found.arm).name if found.arm and not found.gone_back else None,
        "gone_back": found.gone_back,
        "disagree": found.judgement.disagree,
    }


def report_lines(found: Report) -> list[str]:
    """For people."""
    told, definition = found.judgement, found.definition
    lines = [
        f"{definition.id}: {compared_words(definition)}",
        f"  {found.state}",
        f"  {verdict_words(definition, told)}",
    ]
    lines += [f"  {found.gone_back}"] if found.gone_back else []
    lines.append(f"  difference              {difference_words(told.decisive)}")
    if told.paired is not None:
        lines.append(f"  by executed blocks      {difference_words(told.randomised)}")
        lines += _shadow_lines(told)
    if told.disagree:
        lines.append("  WARNING                 the two ways to estimate it disagree: trust neither alone")
    if words := needed_words(told):
        lines.append(f"  still needed            {words}")
    lines += [_arm_line(arm) for arm in (told.a, told.b)]
    lines.append(
        "  what is estimated       what an arm does to its own block, not what an account would make under it alone"
    )
    return [*lines, f"  {chance_words(found.chance)}"]


def listing_lines(found: Listing) -> list[str]:
    """For people."""
    if not found.experiments:
        return ["no experiment was begun here: `ribbon experiment start` begins the one of [experiment]"]
    lines = []
    for each in found.experiments:
        made = "" if each.difference_pct is None else f", {each.difference_pct:+.3f} % a block"
        lines.append(f"{each.id}  {each.verdict.replace('_', ' ')}: {each.compared}")
        lines.append(f"    {each.blocks} blocks{made}; {each.state}")
    return [*lines, chance_words(found.chance)]


def chance_words(found: Chance) -> str:
    """How many verdicts chance alone would give."""
    what = "1 experiment" if found.experiments == 1 else f"{found.experiments} experiments"
    verdicts = "1 verdict" if found.verdicts == 1 else f"{found.verdicts} verdicts"
    return f"{what} begun, {verdicts}; chance alone would give at most {found.by_chance:.2f} on average"


def _shadow_lines(told: Judgement) -> list[str]:
    counted = [
        f"{count} {words}"
        for words, count in (
            *((f"ticks without the other arm ({why})", count) for why, count in told.left_out.items()),
            *((f"blocks without a pair ({why})", count) for why, count in told.unpaired.items()),
        )
    ]
    return [f"  left out                {', '.join(counted).replace('_', ' ')}"] if counted else []


def _arm_line(arm: ArmFigures) -> str:
    mean = "" if arm.mean_pct is None else f", {arm.mean_pct:+.3f} % a block"
    shadows = f" and {arm.shadows} beside" if arm.shadows else ""
    return (
        f"  {arm.name[:22]:<24}{arm.blocks} blocks in {arm.hours:.1f} h, {arm.traded} traded, net {arm.net_pct:+.2f} %{mean}; "
        f"asked {arm.asked}{shadows}, ${arm.cost_usd:.2f}"
    )


def _listed(rows: ExperimentRows) -> Listed:
    found = judge(rows)
    return Listed(
        id=rows.definition.id,
        compared=compared_words(rows.definition),
        started=iso(stamp(rows.definition.started)),
        state=state_words(rows),
        verdict=rows.verdict.verdict if rows.verdict is not None else "not_yet",
        blocks=len(rows.ends),
        difference_pct=found.randomised.difference_pct,
    )


def _named(log: ExperimentLog, name: str, folder: Path) -> ExperimentRows:
    if not log.experiments:
        raise MissingDataError(
            "no experiment was begun here",
            path=folder / EXPERIMENTS_FILE,
            fix="`ribbon experiment start` begins the one of [experiment]",
        )
    for rows in log.experiments:
        if name in ("", rows.definition.id) and (name or rows is log.newest):
            return rows
    raise ParameterError(f"there is no experiment {name!r}: they are e1 to e{len(log.experiments)}")
