"""Layout of the prompt addition: titled sections of fixed lines and of rows that give way when space runs out."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.errors import PublishError

#: Bytes of UTF-8 that a prompt addition has at most (docs/data-contracts.md, Published files).
MAX_BYTES = 6000


@dataclass
class PromptRows:
    """Rows of one kind, most telling first; those beyond `shown` are counted, not printed. Low importance gives way first."""

    texts: list[str]
    importance: int
    shown: int

    def lines(self) -> list[str]:
        """The printed rows, and how many more there are."""
        hidden = len(self.texts) - min(self.shown, len(self.texts))
        rows = [f"- {text}" for text in self.texts[: self.shown]]
        return (
            [*rows, f"  ... {hidden} more {'row' if hidden == 1 else 'rows'} not shown"] if hidden else rows
        )


@dataclass
class PromptSection:
    """A title with its parts in order of print."""

    title: str
    parts: list[str | PromptRows] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The section as it is printed."""
        printed = [f"## {self.title}"]
        for part in self.parts:
            if not isinstance(part, PromptRows):
                printed.append(part)
            elif part.texts and part.shown <= 0 and printed[-1].endswith(":"):
                printed[-1] += f" {len(part.texts)} {'row' if len(part.texts) == 1 else 'rows'}, not shown"
            else:
                printed += part.lines()
        return printed


def fit(opening: list[str], sections: list[PromptSection], max_bytes: int) -> str:
    """The text of all sections, with the least important rows left out, one by one, until it fits.

    Raises PublishError where it does not even without any row. Uses up the rows' `shown`.
    """
    rows = [part for section in sections for part in section.parts if isinstance(part, PromptRows)]
    while True:
        blocks = [opening, *(section.lines() for section in sections)]
        text = "\n\n".join("\n".join(block) for block in blocks) + "\n"
        if len(text.encode()) <= max_bytes:
            return text
        droppable = [part for part in rows if part.shown > 0 and part.texts]
        if not droppable:
            raise PublishError(f"the prompt addition cannot be brought below {max_bytes} bytes")
        least = min(droppable, key=lambda part: (part.importance, -part.shown))
        least.shown = min(least.shown, len(least.texts)) - 1
