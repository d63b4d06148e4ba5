"""Which of a cycle's results count: valid, made at its very as_of, and of one kind of data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import pandas as pd
from pydantic import ValidationError

from lib.contract.analyzers import ANALYZER
from lib.contract.envelope import ResultEnvelope
from lib.contract.times import parse_instant
from lib.contract.words import instant_or_none
from lib.errors import PublishError

Reason = Literal["no_result", "invalid_result", "other_as_of", "other_source", "old_data"]


def accepted_results(
    results: Mapping[str, ResultEnvelope | None], as_of: str | pd.Timestamp
) -> dict[str, ResultEnvelope]:
    """The results that count at `as_of`, by analyzer name; raises PublishError where none does."""
    found = {name: results.get(name) for name in ANALYZER}
    now = parse_instant(as_of)
    accepted = {name: result for name, result in found.items() if result and refusal(result, now) is None}
    if not accepted:
        raise PublishError(
            "no analyzer has a valid result of this cycle: nothing is published, what is published stays"
        )
    return accepted


def refusal(found: ResultEnvelope, now: pd.Timestamp) -> Reason | None:
    """Why a result may not stand in this cycle's insights, as far as it alone tells."""
    if instant_or_none(found.data_until) is None or instant_or_none(found.window_start) is None:
        return "invalid_result"
    if instant_or_none(found.as_of) != now:
        return "other_as_of"
    try:
        ANALYZER[found.name].model.model_validate(found.result)
    except ValidationError:
        return "invalid_result"
    return None


def kind_of(source: dict[str, Any]) -> tuple[Any, ...]:
    """What data are of: results of two kinds never stand in one cycle's insights."""
    return tuple(source.get(key) for key in ("decisions", "synthetic", "symbol"))
