"""A study: one question of one market under given terms and over a period is a cell; what each came to, and all of them together.

`JobRecord` is what a job leaves, wherever it ran: small, typed, free of clocks and machines, so that two ways of running it give the same
bytes. `study_table` makes the table of the records. What would surprise: what explored proves nothing, whatever its evidence; only a
study that confirms has verdicts (docs/definitions.md, Levels and Replication).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log
from typing import Literal, NamedTuple

from pydantic import Field

from lib.contract.results import Model
from lib.questions.confirmation import CONFIRMED, Confirmation, Verdict
from lib.questions.exploration import Exploration
from lib.questions.replication import REPLICATED, joint_log_e, replicates

FORMAT = 1
State = Literal["answered", "nothing", "refused"]


class JobRecord(Model):
    """What one job came to: an answer, nothing to answer on, or a refusal with its reason."""

    format: int = Field(FORMAT, description="Form of this file.")
    id: str = Field(description="The job's id: a hash of what decides its answer.")
    version: str = Field(description="Version of the code that answered.")
    state: State = Field(
        description="answered; nothing: no row or trade may be looked at there; refused: the question or the data are off."
    )
    reason: str = Field("", description="Why it was not answered, in words.")
    log_e: float | None = Field(
        None, description="Log of the e-value for a gain at the end; null where not answered."
    )
    explored: Exploration | None = Field(None, description="What exploring found; null where it was not.")
    confirmed: Confirmation | None = Field(None, description="What confirming found; null where it was not.")


class CellName(NamedTuple):
    """Which cell of a study: a question × a market × terms × a period."""

    question: str
    market: str
    terms: str
    period: str


class Cell(Model):
    """One cell of a study's table; net of costs, bounds 95 % where explored and at the cell's own level where confirmed."""

    question: str = Field(description="The question's name.")
    market: str = Field(description="The market that it was asked of.")
    terms: str = Field(description="Name of the terms in the study's file.")
    period: str = Field(description="Name of the period in the study's file.")
    job: str = Field(description="The job's id, which is its folder's name too.")
    state: State | Literal["open"] = Field(description="As the job's record has it; open: not run yet.")
    reason: str = Field("", description="Why it was not answered, in words.")
    trades: int = Field(0, description="Closed trades.")
    episodes: int = Field(0, description="Episodes that they belong to.")
    net_mean_pct: float | None = Field(
        None, description="Net mean of an episode, percent; null without a trade."
    )
    net_low_pct: float | None = Field(
        None, description="Lower bound of that mean, percent; null where none is."
    )
    net_high_pct: float | None = Field(None, description="Upper bound of it, percent; null where none is.")
    log_e: float | None = Field(
        None, description="Log of the e-value for a gain at the end; null where not answered."
    )
    evidence: float | None = Field(
        None,
        description="Evidence for a gain as a share of what a level asks for: its own where confirmed, else the first; or null.",
    )
    verdict: Verdict | None = Field(None, description="What the sealed part says; null where explored.")


class Together(Model):
    """One question under given terms and over a period, in all markets together."""

    question: str = Field(description="The question's name.")
    terms: str = Field(description="Name of the terms.")
    period: str = Field(description="Name of the period.")
    markets: int = Field(description="Markets in which it made a trade.")
    gained: int = Field(description="Of them those in which its net mean is above 0.")
    lost: int = Field(description="Of them those in which it is below 0.")
    log_e: float | None = Field(
        description="Log of the mean of the markets' e-values without the largest; null with fewer than two, or while one is open."
    )
    level: float = Field(description="The level that it is held against, a share of 1.")
    replicates: bool = Field(description="Whether it reaches 1 / level: at least two markets carry it.")
    counts: bool = Field(
        description="Whether that level was spent and the sealed parts were asked; else it is exploratory."
    )


class StudyTable(Model):
    """All of a study, as `ribbon study --json` prints it."""

    study: str = Field(description="The study's name.")
    confirm: bool = Field(description="Whether it confirms; else it explores.")
    version: str = Field(description="Version of the code that answered.")
    cells: list[Cell] = Field(description="A cell for each job.")
    together: list[Together] = Field(description="For each question, terms and period: all markets together.")
    answer: list[str] = Field(description="What was found, in sentences.")


class Level(NamedTuple):
    """The level that a question's markets together are held against: its number among replications, and whether it was spent on them."""

    k: int
    spent: bool


class Job(NamedTuple):
    """A job as the table needs it."""

    id: str
    cell: CellName


def study_cell(job: Job, record: JobRecord | None) -> Cell:
    """The cell of a job and of what it left."""
    name = job.cell._asdict()
    if record is None:
        return Cell(job=job.id, state="open", **name)
    cell = Cell(job=job.id, state=record.state, reason=record.reason, log_e=record.log_e, **name)
    if (sealed := record.confirmed) is not None:
        return cell.model_copy(update=_figures(sealed, sealed.trades, sealed.evidence, sealed.verdict))
    if (found := record.explored) is not None:
        share = max(record.log_e or 0.0, 0.0) / -log(CONFIRMED.level(1))
        return cell.model_copy(update=_figures(found.trades, found.trades.total, round(share, 4), None))
    return cell


def _figures(of: object, trades: int, evidence: float, verdict: Verdict | None) -> dict[str, object]:
    names = ("episodes", "net_mean_pct", "net_low_pct", "net_high_pct")
    return {name: getattr(of, name) for name in names} | {
        "trades": trades,
        "evidence": evidence,
        "verdict": verdict,
    }


def together(cells: Sequence[Cell], levels: dict[str, Level], confirm: bool) -> list[Together]:
    """For each question, terms and period of the cells: all markets together, at the question's level.

    Where a study confirms and spent no level on a question's markets together, nothing is said of them.
    """
    groups: dict[tuple[str, str, str], list[Cell]] = {}
    for cell in cells:
        groups.setdefault((cell.question, cell.terms, cell.period), []).append(cell)
    return [_together(name, group, levels[name[0]], confirm) for name, group in groups.items()]


def _together(name: tuple[str, str, str], group: Sequence[Cell], level: Level, confirm: bool) -> Together:
    # Where nothing was asked, nothing was bet: an e-value of 1.
    log_es = [cell.log_e or 0.0 for cell in group]
    whole = all(cell.state in ("answered", "nothing") for cell in group) and (level.spent or not confirm)
    means = [cell.net_mean_pct for cell in group if cell.net_mean_pct is not None]
    joint = joint_log_e(log_es) if whole else None
    return Together(
        question=name[0],
        terms=name[1],
        period=name[2],
        markets=len(means),
        gained=sum(mean > 0 for mean in means),
        lost=sum(mean < 0 for mean in means),
        log_e=None if joint is None else round(joint, 6),
        level=REPLICATED.level(level.k),
        replicates=whole and replicates(log_es, level.k),
        counts=confirm and whole,
    )


def study_table(
    name: str,
    confirm: bool,
    version: str,
    jobs: Sequence[Job],
    records: dict[str, JobRecord],
    levels: dict[str, Level],
) -> StudyTable:
    """The table of a study's jobs and of what they left by id; `levels` as in `together`."""
    order = list(dict.fromkeys(job.cell.question for job in jobs))
    listed = sorted(jobs, key=lambda job: order.index(job.cell.question))
    cells = [study_cell(job, records.get(job.id)) for job in listed]
    found = StudyTable(
        study=name,
        confirm=confirm,
        version=version,
        cells=cells,
        together=together(cells, levels, confirm),
        answer=[],
    )
    return found.model_copy(update={"answer": study_sentences(found)})


def study_sentences(found: StudyTable) -> list[str]:
    """What a study found: how much of it is there, what replicates, and what that is worth."""
    states = Counter(cell.state for cell in found.cells)
    several = [each for each in found.together if each.log_e is not None]
    carried = [_named(each) for each in several if each.replicates]
    said = [f"{_kind(found)}: {_counted(states)}."]
    if several:
        held = f"{len(several)} question{'s' if len(several) > 1 else ''} asked of several markets"
        said.append(
            f"Of {held}, {len(carried)} replicate{'s' if len(carried) == 1 else ''}"
            + (f": {', '.join(carried)}." if carried else ": no two markets carry any of them.")
        )
    if found.confirm:
        proven = [f"{cell.question} on {cell.market}" for cell in found.cells if cell.verdict == "proven"]
        said.append(f"Proven on the sealed parts: {', '.join(proven) or 'nothing'}.")
        said.append("Each confirmed cell has spent a level of its own, whatever came out.")
    else:
        said.append(
            "Exploratory means: who looks at histories and then asks them, proves nothing; of many cells some look good by chance. "
            "A study with confirm = true asks the sealed parts, once."
        )
    return said


def _kind(found: StudyTable) -> str:
    return f"Confirmed ({found.study})" if found.confirm else f"Exploratory ({found.study})"


def _counted(states: Counter[str]) -> str:
    words = {
        "answered": "answered",
        "nothing": "with nothing to answer on",
        "refused": "refused",
        "open": "not run",
    }
    told = [f"{states[state]:,} {word}" for state, word in words.items() if states[state]]
    return f"{states.total():,} cell{'s' if states.total() != 1 else ''}, {', '.join(told) or 'none'}"


def _named(each: Together) -> str:
    extra = [word for word in (each.terms, each.period) if word not in ("", "standard", "all")]
    return f"{each.question} ({', '.join(extra)})" if extra else each.question
