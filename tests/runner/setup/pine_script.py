"""Pine as far as docs/ribbon.pine uses it, run bar by bar: what stands in the script is what is evaluated, nothing is known beforehand.

A bar may be run several times with other closes, as a chart does while it forms; only `close_bar` moves on. `na` is a nan: every comparison
with it is false, as in Pine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

_CONSTANT = re.compile(r"(?:color|int) (\w+) = (#[0-9a-f]{6}|\d+)")
_FUNCTION = re.compile(r"(\w+)\((?:simple int|float) (\w+)\) =>(.*)")
_SERIES = re.compile(r"(\w+) = (.+)")
_PLOT = re.compile(r'plot\((.+), "([^"]+)", (.+)\)')
_BEFORE = re.compile(r"\b(\w+)\[1\]")


@dataclass
class Plot:
    """A title with its value and colour at the bar that was run last."""

    title: str
    value: float
    colour: str


@dataclass
class PineScript:
    """A script that was read; `run` evaluates its plots at one close. Raises ValueError for a line of another form."""

    text: str
    constants: dict[str, Any] = field(default_factory=dict)
    functions: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    steps: list[str] = field(default_factory=list)  #: what is run at each bar, in order

    def __post_init__(self) -> None:
        self._bars = 0
        self._before: dict[str, float] = {}  #: by place of call and name, its value at the last closed bar
        self._now: dict[str, float] = {}
        body: list[str] | None = None
        for line in self.text.splitlines():
            if not line.strip() or line.startswith(("//", "indicator(")):
                continue
            if line.startswith("    ") and body is not None:
                body.append(line.strip())
            elif found := _CONSTANT.fullmatch(line):
                self.constants[found[1]] = int(found[2]) if found[2].isdigit() else found[2]
            elif found := _FUNCTION.fullmatch(line):
                body = [found[3].strip()] if found[3].strip() else []
                self.functions[found[1]] = (found[2], body)
            elif _PLOT.fullmatch(line) or _SERIES.fullmatch(line):
                self.steps.append(line)
            else:
                raise ValueError(f"not a line of this Pine: {line}")

    def run(self, close: float) -> list[Plot]:
        """The plots of the bar that forms, at this close."""
        names = self.constants | {"close": close, "bar_index": self._bars, "na": math.nan}
        plots = []
        for step in self.steps:
            if plot := _PLOT.fullmatch(step):
                value = self._value(plot[1], names, f"{plot[2]}/")
                plots.append(Plot(plot[2], value, self._value(plot[3], names, f"{plot[2]}/colour/")))
            elif series := _SERIES.fullmatch(step):
                names[series[1]] = self._value(series[2], names, f"{series[1]}/")
        return plots

    def close_bar(self) -> None:
        """The bar that was run last has closed."""
        self._before, self._bars = dict(self._now), self._bars + 1

    def _value(self, expression: str, names: dict[str, Any], place: str) -> Any:
        scope = names | {name: self._function(name, names, place) for name in self.functions}
        scope |= {"is_na": math.isnan, "before": lambda name: self._before.get(place + name, math.nan)}
        return eval(_compiled(expression), {"__builtins__": {}}, scope)  # noqa: S307 our own script, read by this file

    def _function(self, name: str, names: dict[str, Any], place: str) -> Callable[[Any], Any]:
        parameter, lines = self.functions[name]

        def called(argument: Any) -> Any:
            here, local = f"{place}{name}/", names | {parameter: argument}
            value: Any = argument
            for line in lines:
                target, _, expression = line.removeprefix("float ").partition("= ")
                if expression and re.fullmatch(r"\w+ :?", target):
                    target = target.rstrip(" :")
                    local[target] = value = self._value(expression, local, here)
                    self._now[here + target] = value
                else:
                    value = self._value(line, local, here)
            if isinstance(argument, float):
                self._now[here + parameter] = argument
            return value

        return called


@cache
def _compiled(expression: str) -> Any:
    return compile(python(expression), "pine", "eval")


def python(expression: str) -> str:
    """A Pine expression as Python: the history of a name, `na(x)`, and conditionals."""
    expression = _BEFORE.sub(r'before("\1")', expression).replace("na(", "is_na(")
    test, question, rest = expression.partition(" ? ")
    if not question:
        return expression
    then, _, otherwise = rest.partition(" : ")
    return f"({then}) if ({test}) else ({python(otherwise)})"
