"""A time as lines of the record have it."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from lib.contract.words import instant_or_none


def _is_time(text: str) -> str:
    if not text.endswith("Z") or instant_or_none(text) is None:
        raise ValueError("not a time in UTC")
    return text


#: ISO 8601 in UTC, with a Z.
Time = Annotated[str, AfterValidator(_is_time)]
