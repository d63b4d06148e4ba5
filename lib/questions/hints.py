"""What whoever wrote a question may have meant otherwise: exits that cannot win, and what makes it say nothing.

`check_meant` refuses before anything is asked; `hints` are sentences that stand among an exploration's notes.
"""

from __future__ import annotations

import ast
import re

import numpy as np

from lib.contract.lines import file_lines
from lib.contract.schema import STATES
from lib.errors import QuestionError
from lib.market.readings import instants
from lib.market.terms import Terms
from lib.questions.file import Question
from lib.questions.history import History

_MINUTE = 60_000_000
#: A word that is meant as a state.
_LIKE_A_STATE = re.compile(r"((all|mixed)[_ -]?)?(green|red)|mixed|unknown", re.IGNORECASE)
_STATES_ARE = f"A ribbon's state is one of {', '.join(STATES)}"


def check_meant(question: Question, history: History, terms: Terms) -> None:
    """Raise QuestionError where a question cannot mean what its file says: exits that cannot win, a ribbon's state that there is not."""
    _check_states(question)
    _check_exits(question, history, terms)


def _check_states(question: Question) -> None:
    """Refuse a comparison with a word that is no state: it holds nowhere, and turned round everywhere, and nobody would see it.

    A word that the file makes itself, outside of comparisons, is a label of its own; of a ribbon's state it is none either.
    """
    tree = ast.parse(question.text)
    compared = [(node, _compared_words(node)) for node in ast.walk(tree)]
    inside = {id(each) for _, words in compared for each in words}
    own = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and id(node) not in inside}
    for node, words in compared:
        of_state = re.search(r"""\[['"]state['"]\]""", ast.unparse(node)) if words else None
        meant = (each.value for each in words if each.value not in STATES)
        wrong = [word for word in meant if of_state or (word not in own and _LIKE_A_STATE.fullmatch(word))]
        if wrong:
            text = file_lines(question.text)[node.lineno - 1].strip()[:80]
            raise QuestionError(
                f"{', '.join(map(repr, wrong))} is no state of a ribbon: `{text}`",
                path=question.path,
                line=node.lineno,
                fix=f'{_STATES_ARE}; of either green: .isin(["all_green", "mixed_green"])',
            )


def _compared_words(node: ast.AST) -> list[ast.Constant]:
    """The words that a comparison, or isin, eq and ne, holds something against."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.Compare):
        parts = [node.left, *node.comparators]
    elif isinstance(node, ast.Call) and getattr(node.func, "attr", "") in ("isin", "eq", "ne"):
        parts = node.args
    words = [each for part in parts for each in (getattr(part, "elts", None) or [part])]
    return [each for each in words if isinstance(each, ast.Constant) and isinstance(each.value, str)]


def _check_exits(question: Question, history: History, terms: Terms) -> None:
    """Refuse exits of a question's own that end before the next candle does, or that no trade can win by."""
    own, costs = question.own_exits, terms.round_trip_pct
    if own is None:
        return
    unit = "Exits are in percent of the entry price, not fractions: 0.6 is 0.6 %"
    if own.target_pct is not None and own.target_pct <= costs:
        _refuse(
            question,
            f"target_pct {own.target_pct:g} is no more than the {costs:g} % that costs take: no trade can win",
            unit,
        )
    if own.stop_pct < costs:
        _refuse(question, f"stop_pct {own.stop_pct:g} is less than the {costs:g} % that costs take", unit)
    finest = 5 if history.candles_1min.empty else 1
    if own.hold_minutes is not None and own.hold_minutes < finest:
        what = f"hold_minutes {own.hold_minutes:g} ends before the next candle of {finest} minute{'s' if finest > 1 else ''} does"
        _refuse(
            question,
            what,
            f"Hold at least {finest} minutes, or ask of finer candles"
            if finest > 1
            else "Hold at least 1 minute",
        )


def hints(question: Question, history: History, said: np.ndarray, both: int) -> tuple[str, ...]:
    """Sentences about what was said (n,) of a history's rows, of which `both` conditions held in so many rows."""
    found = [*_gaps(history)]
    if both:
        found.append(f"In {both:,} rows both of its conditions held: that counts as nothing.")
    if "volume" in question.text and not np.nansum(history.candles_5min["volume"].to_numpy(float)) > 0:
        found.append(
            "The candles have no volume: it is missing or 0 in every row, and what compares with it holds nowhere."
        )
    if re.search(r"\bstate\b", question.text) and not said.any():
        found.append(f"{_STATES_ARE}: a comparison with another word holds nowhere.")
    return tuple(found)


def _gaps(history: History) -> list[str]:
    """That candles are missing, in a sentence; none where they are whole."""
    steps = np.diff(instants(history.candles_5min["closed_at"])) // (5 * _MINUTE)
    missing = steps[steps > 1] - 1
    if not len(missing):
        return []
    times = history.candles_5min["closed_at"]
    largest = int(np.argmax(steps))
    return [
        f"The candles have {len(missing):,} gap{'s' if len(missing) > 1 else ''}, {int(missing.sum()):,} candles missing; the longest "
        f"is from {times.iloc[largest]:%Y-%m-%d %H:%MZ} to {times.iloc[largest + 1]:%Y-%m-%d %H:%MZ}. Rows are counted, not minutes: "
        "shift(1) over a gap is longer than 5 minutes ago."
    ]


def _refuse(question: Question, problem: str, fix: str) -> None:
    raise QuestionError(problem, path=question.path, line=question.exits_line, fix=fix)
