"""Every field of a model says in one place what it means, in which unit, and when it is null."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator
from types import NoneType
from typing import get_args

import pytest
from pydantic import BaseModel, Field

import lib
import runner

#: What a name ends in, or holds, and the unit that its description must name.
UNITS = {
    r"_pct$|win_rate": "percent",
    r"(^|_)pnl$|_usd$|_dollars$": "dollars",
    r"_days$": "days",
    r"_hours$": "hours",
    r"_minutes$": "minutes",
    r"_s$|_seconds$": "seconds",
    r"_ms$": "milliseconds",
    r"^bytes|_bytes$": "bytes",
}


def subclasses(kind: type) -> Iterator[type]:
    for found in kind.__subclasses__():
        yield found
        yield from subclasses(found)


def models() -> list[type[BaseModel]]:
    """All public pydantic models of the project."""
    for package in (lib, runner):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(".__main__"):
                importlib.import_module(module.name)
    ours = {kind for kind in subclasses(BaseModel) if kind.__module__.split(".")[0] in ("lib", "runner")}
    return sorted((kind for kind in ours if kind.__name__[0] != "_"), key=lambda kind: kind.__qualname__)


def faults(model: type[BaseModel]) -> list[str]:
    """What is wrong with the descriptions of a model's own fields."""
    own = {name: model.model_fields[name] for name in model.model_fields if name in model.__annotations__}
    found = []
    for name, field in own.items():
        text = (field.description or "").lower()
        words = re.findall(r"[a-z]+", text)
        if len(words) < 2 or set(words) <= {*name.split("_"), "a", "an", "of", "the"}:
            found.append(f"{model.__name__}.{name}: no description that says more than its name")
            continue
        if not text.endswith((".", "…")):
            found.append(f"{model.__name__}.{name}: the description is no sentence: end it with a stop")
        if NoneType in get_args(field.annotation) and not {"null", "empty"} & set(words):
            found.append(f"{model.__name__}.{name}: the description does not say when it is null")
        units = [unit for pattern, unit in UNITS.items() if re.search(pattern, name) and unit not in words]
        found += [
            f"{model.__name__}.{name}: the description does not name its unit, {unit}" for unit in units
        ]
    if own and "#:" in inspect.getsource(model):
        found.append(f"{model.__name__}: a comment behind a field belongs into its description")
    return found


def test_every_field_says_what_it_means_and_in_which_unit():
    known = models()
    assert len(known) > 50
    assert [fault for model in known for fault in faults(model)] == []


class Described(BaseModel):
    net_mean_pct: float | None = Field(description="Mean net return of a trade, percent; null without one.")
    wins: int = Field(0, description="Trades of them whose net return is above 0.")


class Derived(Described):
    hold_minutes: float = Field(description="Mean time from entry to exit, minutes.")


class Bare(BaseModel):
    net_mean_pct: float


class Named(BaseModel):
    net_mean_pct: float = Field(description="The net mean pct.")


class Endless(BaseModel):
    wins: int = Field(description="Trades that won")


class Unitless(BaseModel):
    net_mean_pct: float = Field(description="Mean net return of a trade.")


class OtherUnit(BaseModel):
    deadline_ms: float = Field(description="Longest wait, seconds.")


class Nullable(BaseModel):
    win_rate: float | None = Field(None, description="Trades that won, percent.")


class Twice(BaseModel):
    wins: int = Field(description="Trades that won.")  #: net


def test_a_model_that_is_described_has_no_fault():
    assert faults(Described) == faults(Derived) == []


@pytest.mark.parametrize(
    ("model", "fault"),
    [
        (Bare, "says more than its name"),
        (Named, "says more than its name"),
        (Endless, "no sentence"),
        (Unitless, "its unit, percent"),
        (OtherUnit, "its unit, milliseconds"),
        (Nullable, "when it is null"),
        (Twice, "belongs into its description"),
    ],
)
def test_what_a_description_lacks_is_seen(model, fault):
    (found,) = faults(model)
    assert fault in found
