"""Layout of the prompt addition: titled sections of fixed lines and of rows that give way when space runs out."""

from __future__ import annotations

from dataclasses import dataclass, field

from lib.errors import PublishError

#: Bytes of UTF-8 that a prompt addition has at most (docs/data-contracts.md, Published files).
MAX_BYTES = 4200


@dataclass
class PromptRows:
    """Rows of one kind, most telling first, of which the first `shown` are printed. Low importance gives way first.

    `heading` stands above them while any is printed. Where not all are, `counted` says of how many these are the first, so that a reader
    who acts on them knows of the others; rows that are examples of their kind have none.
    """

    texts: list[str]
    importance: int
    shown: int
    heading: str = ""
    counted: str = ""

    def lines(self) -> list[str]:
        """The printed rows below what leads them; nothing where none is printed and none is counted."""
        rows = [f"- {text}" for text in self.texts[: max(self.shown, 0)]]
        led = [self.heading] if self.heading and rows else []
        if self.counted and len(rows) < len(self.texts):
            led += [f"The first {len(rows)} of {len(self.texts)} {self.counted}:"]
        return [*led, *rows]


@dataclass
class PromptSection:
    """A title with its parts in order of print."""

    title: str
    parts: list[str | PromptRows] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The section as it is printed."""
        printed = [f"## {self.title}"]
        for part in self.parts:
            printed += part.lines() if isinstance(part, PromptRows) else [part]
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
