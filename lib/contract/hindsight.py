"""How a model declares what it knows only afterwards: an optimum, the best five. The look-ahead check leaves such fields out.

A field of a result: `Field(json_schema_extra=HINDSIGHT)`; of a dataclass: `field(metadata=HINDSIGHT)`. What is declared so says nothing
of the instants in it that could have been known at them, and nothing that decides an entry may rest on it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping

from pydantic.config import JsonDict
from pydantic.fields import FieldInfo

HINDSIGHT: JsonDict = {"hindsight": True}


def is_hindsight(field: FieldInfo | dataclasses.Field) -> bool:
    """Whether a field of a model or of a dataclass is declared as hindsight."""
    told = field.json_schema_extra if isinstance(field, FieldInfo) else field.metadata
    return isinstance(told, Mapping) and bool(told.get("hindsight"))
