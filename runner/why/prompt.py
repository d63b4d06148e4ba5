"""What was sent for a decision, verified by its hash, and the lessons that were told with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd

from lib.contract.visible import visible
from lib.errors import DataError, MissingDataError, ParameterError
from lib.market.readings import instant
from lib.prompt.archive import is_sha256, read_archive
from lib.prompt.lessons import ADVICE, PINNED
from runner.claude.kept_requests import RULE, read_request
from runner.why.models import FirstAsked, LessonsInForce, PromptPart, SentPrompt

#: How what is in force begins in a prompt addition, in this version's and in earlier ones.
_IN_FORCE = (*ADVICE.values(), PINNED)
_UNKNOWN = "not known when it was made: model_spend.csv has what was billed, or reserved at its worst case."


def sent_prompt(folder: Path, row: pd.Series, column: str = "request_sha") -> SentPrompt:
    """The request that `column` of a decision's row names, its text only where its hash is verified. Raises OSError."""
    sha256 = visible(str(row[column]))
    if not sha256 and row["first_model"] and column == "request_sha":
        return SentPrompt(
            status="nothing", note=f"Nothing was sent to {visible(str(row['model']))} any more."
        )
    if not sha256:
        nobody = str(row["prompt_sha"]) == "" or not str(row["model"]).startswith("claude")
        note = (
            "Nothing was sent to a model for it."
            if nobody
            else "Its row names no request: it is of before they were kept, or nothing was sent."
        )
        return SentPrompt(status="nothing", note=note)
    try:
        text = read_request(folder, instant(row["timestamp"]), sha256)
    except MissingDataError:
        note = f"It is not kept, or no longer: kept are {RULE}."
        return SentPrompt(status="not kept", sha256=sha256, note=note)
    except DataError as error:
        note = f"What is kept is not what was sent, so it is not shown: {error}"
        return SentPrompt(status="another", sha256=sha256, note=visible(note))
    note = "This is what was sent: the SHA-256 of what is kept is the one that the decision's row names."
    return SentPrompt(status="verified", sha256=sha256, note=note, parts=request_parts(text))


def request_parts(text: str) -> list[PromptPart]:
    """A request's text in its parts: those of the system prompt, the messages, and all else; of a shape nobody knows it is one part."""
    try:
        arguments = json.loads(text)
        system = [("instructions", block["text"]) for block in arguments.pop("system")]
        asked = [
            ("this tick", block["text"])
            for message in arguments.pop("messages")
            for block in message["content"]
        ]
        rest = json.dumps(arguments, indent=2, ensure_ascii=False)
    except (ValueError, KeyError, TypeError, AttributeError):
        return [PromptPart(title="all of it", text=visible(text, lines=True))]
    names = iter(("rules", "lessons"))
    titled = [(next(names, title), body) for title, body in system]
    return [
        PromptPart(title=title, text=visible(str(body), lines=True))
        for title, body in (*titled, *asked, ("settings and the form of the answer", rest))
    ]


def lessons_told(folder: Path, row: pd.Series) -> LessonsInForce:
    """The prompt addition that a decision's row names, out of the archive."""
    sha256 = visible(str(row["prompt_sha"]))
    if not sha256:
        return LessonsInForce(sha256="", note="No lessons were told with it.")
    if not is_sha256(sha256):
        return LessonsInForce(sha256=sha256, note="What its row names is no hash of a prompt addition.")
    try:
        text = read_archive(folder, sha256)
    except (DataError, ParameterError) as error:
        return LessonsInForce(sha256=sha256, note=visible(f"The prompt addition that was told {error}"))
    shown = visible(text, lines=True)
    told = [line.removeprefix("- ") for line in shown.splitlines()]
    to_act_on = [line for line in told if line.startswith(_IN_FORCE)]
    told_so = "It was told the lessons to act on; the kept text is verified: its hash is the one in the decision's row."
    note = told_so if to_act_on else "None to act on: the prompt addition said so."
    return LessonsInForce(sha256=sha256, to_act_on=to_act_on, text=shown, note=note)


def cost_of(row: pd.Series, sent: SentPrompt) -> tuple[float | None, str]:
    """Dollars that the answer cost, and the same in words; null where no model was paid."""
    cost, first = _figure(row["model_cost_usd"]), _figure(row["first_cost_usd"])
    if first is not None and cost is not None:
        if cost > first > 0:
            return cost, f"${cost:.4f} billed for both answers, ${first:.4f} of it for the first."
        of_first = f"${first:.4f} billed for the first answer"
        return cost, f"{of_first}." if sent.status == "nothing" else f"{of_first}. Of the second: {_UNKNOWN}"
    if cost is not None and cost > 0:
        return cost, f"${cost:.4f} billed for its answer."
    if sent.status == "nothing":
        return None, "Nothing: no model was paid for it."
    return cost, f"N{_UNKNOWN[1:]}"


def first_asked(folder: Path, row: pd.Series) -> FirstAsked | None:
    """The model that was asked before, with the request that it answered; None where none was. Raises OSError."""
    name, advised = visible(str(row["first_model"])), visible(str(row["first_answer"]))
    if not name:
        return None
    sure = _figure(row["first_confidence"])
    how = "" if sure is None else f" with confidence {sure:.2f}"
    return FirstAsked(
        model=name,
        advised=advised,
        confidence=sure,
        cost_usd=_figure(row["first_cost_usd"]),
        words=f"{name} advised {advised}{how}, so {visible(str(row['model']))} had the say.",
        prompt=sent_prompt(folder, row, "first_request_sha"),
    )


def _figure(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)
