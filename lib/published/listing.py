"""Kept prompt additions with when they were told, which one a person means by the beginning of a hash or by a time, and whether that in
force is of a cycle.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from lib.contract.results import Model
from lib.contract.times import iso
from lib.contract.words import instant_or_none
from lib.errors import ParameterError, PublishError
from lib.history.log import is_recorded, load_history
from lib.history.records import CycleRecord
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import ArchiveEntry, load_archive, sha256_of
from lib.prompt.hold import Hold, load_hold
from lib.prompt.tokens import token_range
from lib.prompt.wording import short_hash
from lib.published.pair import load_insights, read_prompt

LEAST_DIGITS = 6
_HEX = frozenset("0123456789abcdef")


class ListedPrompt(Model):
    """A kept prompt, and when it was told."""

    sha256: str = Field(description="Hash of the text.")
    bytes: int = Field(description="Size of the text, bytes of UTF-8.")
    tokens: int = Field(description="About how many tokens it has.")
    told_from: str | None = Field(
        description="`as_of` of the first cycle that told it, ISO time in UTC; null if none is recorded."
    )
    told_last: str | None = Field(
        description="`as_of` of the last cycle that told it, ISO time in UTC; null if none is recorded."
    )
    cycles: int = Field(description="Recorded cycles that told it.")
    composed: str | None = Field(
        description="`as_of` of the last cycle that composed it and told a held one instead, ISO time in UTC; null if none did."
    )
    in_force: bool = Field(description="Whether it is what is told now.")
    held: bool = Field(description="Whether it is what a person holds.")


class Listing(NamedTuple):
    """All kept prompts, those told last at the end; files that are damaged; what is in force ("" for none) and what is held."""

    prompts: list[ListedPrompt]
    damaged: list[str]
    in_force: str
    hold: Hold | None


def list_prompts(folder: str | Path | None = None) -> Listing:
    """What is kept in a trading_data folder."""
    kept, hold = load_archive(folder), load_hold(folder)
    in_force = read_prompt(folder).sha256
    found = _listed(kept.prompts, load_history(folder).records, in_force, hold)
    return Listing(found, kept.damaged, in_force, hold)


def prompt_warning(folder: str | Path | None = None) -> str:
    """What is wrong with what Claude is told: nothing, another text than stands in the file, or one that no cycle told or composes.

    "" where all is well, or nothing is published.
    """
    told = read_prompt(folder)
    if not told.text:
        return f"Claude is told no lessons: {told.reason}" if told.as_of else ""
    if not (_composed_now(folder) == told.sha256 or is_recorded(folder, told.sha256)):
        return (
            f"Claude is told {short_hash(told.sha256)}, which no cycle told or composed: somebody else wrote it. "
            "`ribbon cycle` publishes its own (`ribbon lessons rollback --release` first, if it is held)"
        )
    return told.note


def _composed_now(folder: str | Path | None) -> str:
    """The hash of what the published insights say today; "" where they cannot be put in words."""
    insights = load_insights(folder)
    try:
        return sha256_of(compose_prompt(insights)) if insights else ""
    except (PublishError, ValueError, KeyError, TypeError):  # values that a person put there
        return ""


def named_prompt(ref: str, folder: str | Path | None = None) -> str:
    """The hash that `ref` means: the beginning of a kept prompt's, or a time (what the newest cycle up to then told).

    Raises ParameterError where it means none, or more than one.
    """
    wanted = ref.strip().lower()
    if wanted and set(wanted) <= _HEX:
        found = load_archive(folder)
        if broken := [name for name in found.damaged if name.startswith(wanted)]:
            raise ParameterError(
                f"{broken[0]} is damaged, so it cannot be told; `ribbon lessons prompts` lists the others"
            )
        return _by_hash(wanted, [kept.sha256 for kept in found.prompts])
    at = instant_or_none(ref)
    if at is None:
        raise ParameterError(
            f"{ref!r} is neither the beginning of a prompt's hash nor a time with its zone, as 2026-01-05T10:00:00Z; "
            "`ribbon lessons prompts` lists both"
        )
    told = [record for record in load_history(folder).records if record.at <= at]
    if not told:
        raise ParameterError(
            f"no cycle up to {iso(at)} is recorded; `ribbon lessons prompts` lists what was told, and when"
        )
    return told[-1].prompt_sha256


def _by_hash(wanted: str, kept: Sequence[str]) -> str:
    if len(wanted) < LEAST_DIGITS:
        raise ParameterError(f"{wanted!r} is too short for a hash: give at least {LEAST_DIGITS} digits")
    found = [sha256 for sha256 in kept if sha256.startswith(wanted)]
    if not found:
        raise ParameterError(
            f"no kept prompt's hash begins with {wanted}; `ribbon lessons prompts` lists them"
        )
    if len(found) > 1:
        them = ", ".join(short_hash(sha256) for sha256 in found[:4])
        raise ParameterError(f"{len(found)} kept prompts begin with {wanted} ({them}): give more digits")
    return found[0]


def _listed(
    kept: Sequence[ArchiveEntry], records: Sequence[CycleRecord], in_force: str, hold: Hold | None
) -> list[ListedPrompt]:
    told: dict[str, list[str]] = {}
    composed: dict[str, str] = {}
    for record in records:
        told.setdefault(record.prompt_sha256, []).append(record.timestamp)
        if record.prompt_change and record.prompt_change.composed_sha256 != record.prompt_sha256:
            composed[record.prompt_change.composed_sha256] = record.timestamp
    found = []
    for sha256, size in kept:
        times = told.get(sha256, [])
        found.append(
            ListedPrompt(
                sha256=sha256,
                bytes=size,
                tokens=token_range(size).about,
                told_from=times[0] if times else None,
                told_last=times[-1] if times else None,
                cycles=len(times),
                composed=composed.get(sha256),
                in_force=sha256 == in_force,
                held=hold is not None and hold.sha256 == sha256,
            )
        )
    return sorted(found, key=lambda prompt: (prompt.told_last or prompt.composed or "", prompt.sha256))
