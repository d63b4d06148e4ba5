"""Files of a cycle's learning: results in, insights and prompt addition out, and the reader that the live loop trusts.

docs/guarantees.md, D5: both files are written before either is replaced, the prompt addition first; the insights name the prompt's hash.
What is told, what is about to be, and what a cycle composed where a person holds another are kept by their hash before
(lib.prompt.archive). So a reader that finds a pair that does not match (between the two replaces, or after a crash there) takes the kept
prompt that the insights name; a prompt of another hash it never takes.

Whoever only asks which prompt the insights name reads no more of them than that, so insights of an earlier or later version, whose
sections are others, leave nobody without lessons.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from pydantic import Field, ValidationError

from lib import paths
from lib.contract.analyzers import ANALYZERS
from lib.contract.envelope import ResultEnvelope
from lib.contract.results import Model
from lib.contract.schema import INSIGHTS_FILE, PROMPT_FILE
from lib.contract.standing import file_bytes, open_file
from lib.contract.times import iso
from lib.contract.words import instant_or_none
from lib.data.atomic import replace_together
from lib.errors import DataError, ParameterError, PublishError, file_remedy
from lib.market.terms import DEFAULT_TERMS, Terms
from lib.prompt.archive import LESSON_STATES, MOST_BYTES, archive_text, read_archive, read_bounded, sha256_of
from lib.prompt.difference import states_of, states_text
from lib.published.insights import TrainingInsights

FileModel = TypeVar("FileModel", bound=Model)


class PublishedPrompt(NamedTuple):
    """A prompt addition to be used, or "" and the reason why there is none; `terms` are those that it is of.

    `note` says why a text is the kept one and not what stands in the published file.
    """

    text: str
    sha256: str
    as_of: str
    reason: str
    terms: Terms = DEFAULT_TERMS
    note: str = ""


class Hashes(Model):
    """The prompt additions that insights name, and the terms that they are of (lib.published.insights.Provenance)."""

    prompt_sha256: str = Field(description="Hash of what Claude is told.")
    composed_sha256: str = Field("", description="Hash of what the cycle composed; empty in older files.")
    terms: Terms = Field(DEFAULT_TERMS, description="Terms that the insights are of.")


class _Naming(Model):
    """What of published insights says which prompt addition is told."""

    last_updated: str = Field(description="The as_of of the insights, ISO time in UTC.")
    provenance: Hashes = Field(description="Hashes and terms.")


def load_results(run_dir: str | Path) -> dict[str, ResultEnvelope | None]:
    """The result of each analyzer in `<run_dir>/results/<name>.json`; None where it is missing or not valid."""
    return {analyzer.name: _published(Path(run_dir) / analyzer.file, analyzer.name) for analyzer in ANALYZERS}


def load_insights(folder: str | Path | None = None) -> dict[str, Any] | None:
    """The insights published in a trading_data folder; None where there are none or the file is not valid."""
    return insights_in(paths.trading_data(folder) / INSIGHTS_FILE)


def insights_in(path: Path) -> dict[str, Any] | None:
    """The insights of a file, of whatever version, with every key of this one; None where there are none or they are not valid."""
    found = _read(TrainingInsights, path)
    return found.model_dump(mode="json") if found else None


class CheckedInsights(NamedTuple):
    """Insights that are valid, and what their file says."""

    valid: TrainingInsights
    text: str


def checked_insights(insights: Mapping[str, Any]) -> CheckedInsights:
    """Insights as they may be published; raises PublishError for what is not valid."""
    try:
        ours = TrainingInsights.model_validate(insights)
    except ValidationError as error:
        raise PublishError(
            f"the insights are not valid: {error.error_count()} faults, nothing is published"
        ) from None
    return CheckedInsights(ours, ours.file_text())


def publish(
    folder: str | Path | None,
    insights: Mapping[str, Any] | CheckedInsights,
    prompt_text: str,
    force: bool = False,
    composed: str | None = None,
    standing: Mapping[str, Any] | None = None,
) -> None:
    """Replace what the live loop is told: prompt addition, then insights, each atomically, after both are written; texts are kept first.

    `composed` is what the cycle would have told, where a held prompt is told instead; `standing` are the published insights of who has them
    at hand and alone writes to the folder (None: they are read). Raises PublishError, with nothing changed, if the
    insights are not valid, do not name the prompts' hashes, or are of an older as_of than the published ones (unless `force`). A
    published file that is not valid is no reason to refuse.
    """
    ours, insights_text = insights if isinstance(insights, CheckedInsights) else checked_insights(insights)
    composed = prompt_text if composed is None else composed
    named = (ours.provenance.prompt_sha256, ours.provenance.composed_sha256)
    if (sha256_of(prompt_text), sha256_of(composed)) != named:
        raise PublishError("the prompt addition is not the one that the insights name: nothing is published")
    if len(prompt_text.encode()) > MOST_BYTES:
        raise PublishError(f"the prompt addition is longer than {MOST_BYTES:,} bytes: nothing is published")
    target = paths.trading_data(folder)
    there = _Naming.read(standing) if standing else _read(_Naming, target / INSIGHTS_FILE)
    published = instant_or_none(there.last_updated) if there else None
    if published and published > instant_or_none(ours.last_updated) and not force:
        raise PublishError(
            f"insights of {ours.last_updated} would replace newer ones of {iso(published)}; --force does it anyway"
        )
    # Until the insights are replaced, what they name is told: it must be there though it was published before prompts were kept.
    if told := _prompt_of(target, there).text:
        archive_text(target, told)
    archive_text(target, states_text(states_of(ours.lessons)), LESSON_STATES)
    archive_text(target, composed)
    archive_text(target, prompt_text)
    replace_together([(target / PROMPT_FILE, prompt_text), (target / INSIGHTS_FILE, insights_text)])


def read_prompt(folder: str | Path | None = None) -> PublishedPrompt:
    """The prompt addition that the insights name: the published file, or where that is another the kept one; else "" with the reason.

    Raises nothing for bad files.
    """
    found = _read_pair(folder)
    # A pair caught between its two replaces matches on the second look.
    return _read_pair(folder) if found.reason or found.note else found


def get_training_prompt_addition(folder: str | Path | None = None) -> str:
    """What Claude is told, or "" while nothing valid is published (`read_prompt` has the reason)."""
    return read_prompt(folder).text


def _read_pair(folder: str | Path | None) -> PublishedPrompt:
    place = paths.trading_data(folder)
    return _prompt_of(place, _read(_Naming, place / INSIGHTS_FILE))


def _prompt_of(place: Path, insights: _Naming | None) -> PublishedPrompt:
    if insights is None:
        why = _refused(place / INSIGHTS_FILE) or f"no valid {INSIGHTS_FILE} in {place}: run `ribbon cycle`"
        return PublishedPrompt("", "", "", why)
    named, terms = insights.provenance.prompt_sha256, insights.provenance.terms
    text, note = _file_text(place / PROMPT_FILE, named)
    if note:
        try:
            text = read_archive(place, named)
        except (DataError, ParameterError) as error:
            return PublishedPrompt("", "", insights.last_updated, f"{note}; the one that they name: {error}")
        note = f"{note}: the kept one is told until the next `ribbon cycle`"
    return PublishedPrompt(text, named, insights.last_updated, "", terms, note)


def _file_text(path: Path, named: str) -> tuple[str, str]:
    """The text of the published file if it has the hash that is named; else why not."""
    if why := _refused(path):
        return "", why
    try:
        text = read_bounded(path).decode()
    except (OSError, DataError, UnicodeDecodeError) as error:
        return "", f"{PROMPT_FILE} cannot be read: {error}"
    other = sha256_of(text) != named
    return ("", f"{PROMPT_FILE} is not the one that {INSIGHTS_FILE} names") if other else (text, "")


def _refused(path: Path) -> str:
    """What the system says of a published file that it does not let be read, with the remedy; "" where it does, or none is there."""
    try:
        open_file(path).close()
    except FileNotFoundError:
        return ""
    except OSError as error:
        return f"{path.name} cannot be read ({error.strerror}. {file_remedy(error)})"
    return ""


def _published(path: Path, name: str) -> ResultEnvelope | None:
    found = _read(ResultEnvelope, path)
    return found if found and found.name == name else None


def _read(kind: type[FileModel], path: Path) -> FileModel | None:
    try:
        return kind.read(_json(path))
    except ValidationError:
        return None


def _json(path: Path) -> Any:
    """What a JSON file holds; None where there is none. NaN and infinity make it invalid: they must not travel on."""
    if not path.is_file():  # a pipe would be waited for
        return None
    try:
        return json.loads(file_bytes(path), parse_constant=_finite, parse_float=_finite)
    except (OSError, ValueError, RecursionError):
        return None


def _finite(word: str) -> float:
    """A number as it stands in JSON; 1e999 is infinity like the word."""
    if not math.isfinite(value := float(word)):
        raise ValueError(f"{word} is no number")
    return value
