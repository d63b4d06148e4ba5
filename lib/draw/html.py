"""What notebooks show beside figures and tables, as escaped HTML: the finding, sentences, a text, parts that are folded.

Each shows as plain text on a terminal. Names may have come out of a file, so every text is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from lib.draw.words import tight

#: What the sentence of a next step begins with (lib.draw.next_step).
STEP = "What to do: "
#: What opens the figures that a finding rests on.
SURE = "How sure is that?"
#: Classes of what JupyterLab is not to search for formulas: two amounts of dollars in a sentence would be the ends of one.
NO_FORMULAS = "mathjax_ignore tex2jax_ignore"
_CODE = re.compile(r"`([^`<>]+)`")


def escape(text: object) -> str:
    """A text that is no markup, in an attribute neither."""
    return str(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")


def _said(sentence: str) -> str:
    """A sentence as HTML: escaped, what stands between backticks as code."""
    return _CODE.sub(r"<code>\1</code>", escape(tight(sentence)))


class Text:
    """A text shown as it is, line by line, in one typewriter face; lines longer than the page go on in the next."""

    def __init__(self, text: str) -> None:
        self.text = text

    def _repr_html_(self) -> str:
        return f'<pre style="white-space: pre-wrap">{escape(self.text)}</pre>'

    def __repr__(self) -> str:
        return self.text


class Sentences:
    """Sentences ready to show, each a paragraph."""

    def __init__(self, sentences: Sequence[str]) -> None:
        self.sentences = list(sentences)

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{_said(sentence)}</p>" for sentence in self.sentences)
        return f'<div class="{NO_FORMULAS}">{said}</div>'

    def __repr__(self) -> str:
        return "\n".join(self.sentences)


def step_html(sentence: str) -> str:
    """The next step (lib.draw.next_step) as a paragraph that is told apart from the finding; "" for none."""
    if not sentence:
        return ""
    head, colon, rest = _said(sentence).partition(":")
    return f'<p class="step"><b>{head}{colon}</b>{rest}</p>'


def sure_html(sentences: Sequence[str]) -> str:
    """The sentences that say how sure a finding is, folded; "" for none."""
    if not sentences:
        return ""
    said = "".join(f"<p>{_said(sentence)}</p>" for sentence in sentences)
    return f"<details><summary>{SURE}</summary>{said}</details>"


class Finding(Sentences):
    """What a page begins with (lib.draw.findings): the first sentence large, the others below it, the next step marked as such; what says
    how sure that is, folded.
    """

    def __init__(self, sentences: Sequence[str], sure: Sequence[str] = ()) -> None:
        super().__init__(sentences)
        self.sure = list(sure)

    def __repr__(self) -> str:
        return "\n".join([*self.sentences, *([SURE] if self.sure else []), *self.sure])

    def _repr_html_(self) -> str:
        first, *others = map(_said, self.sentences)
        said = "".join(
            step_html(raw) if raw.startswith(STEP) else f"<p>{sentence}</p>"
            for raw, sentence in zip(self.sentences[1:], others, strict=True)
        )
        look = "font-size: 1.35em; line-height: 1.35; font-weight: 600"
        return f'<div class="finding {NO_FORMULAS}"><p style="{look}">{first}</p>{said}{sure_html(self.sure)}</div>'


class Folded:
    """Anything that shows itself, behind a line that opens it; on a terminal it stands open."""

    def __init__(self, summary: str, *parts: Any) -> None:
        self.summary, self.parts = summary, parts

    def _repr_html_(self) -> str:
        shown = "".join(part._repr_html_() for part in self.parts)
        return f'<details class="{NO_FORMULAS}"><summary>{_said(self.summary)}</summary>{shown}</details>'

    def __repr__(self) -> str:
        return "\n".join([self.summary, *map(repr, self.parts)])
