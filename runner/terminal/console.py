"""A console of rich behind the gate: colours, tables and bars are ours, each text in them is cleaned by itself."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from lib.contract.visible import visible
from runner.terminal.gate import ungated


class SafeConsole(Console):
    """Writes its own codes, and no code that stands in a text."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """What rich makes of it, with what cannot be seen escaped in the texts."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else segment._replace(text=visible(segment.text, lines=True))


def console(*, err: bool = True) -> SafeConsole:
    """A console on stderr, or on stdout."""
    return SafeConsole(file=ungated(sys.stderr if err else sys.stdout))
