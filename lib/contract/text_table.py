"""Tables of texts: how they stand in a file or a pipe; a terminal shows them its own way (runner.terminal.table)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


def align(rows: Sequence[tuple[str, ...]], left: tuple[int, ...]) -> list[str]:
    """Rows of a table under a ruled header, columns right-aligned but for `left`."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "  "
        + "  ".join(
            cell.ljust(width) if column in left else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    ]
    return [lines[0], "  " + "-" * (sum(widths) + 2 * (len(widths) - 1)), *lines[1:]]


@dataclass(frozen=True)
class TextTable:
    """Rows of texts under a head, the columns right-aligned but for `left`."""

    head: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    left: tuple[int, ...] = (0,)
    #: What stands in a pipe instead of aligned columns, a line a row and no head: a form that programs have read for long.
    plain: tuple[str, ...] | None = None

    def lines(self) -> list[str]:
        """The table as plain lines."""
        return align([self.head, *self.rows], self.left) if self.plain is None else list(self.plain)


def plain_lines(parts: Iterable[str | TextTable]) -> list[str]:
    """Lines and tables, all as lines."""
    return [line for part in parts for line in ([part] if isinstance(part, str) else part.lines())]
