"""The lines of what Claude is told, as its page lays them out: the prompt addition, what of it is new, and the static rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lib.market.terms import Terms
from runner.claude.rules import rules_text

#: A line's end inside a paragraph of the static rules.
_WRAPPED = re.compile(r"(?<!\n)\n(?!\n|#|- |\d+\. ) *")


def prompt_blocks(text: str) -> list[tuple[str, list[str]]]:
    """The lines of a prompt addition as (kind, lines): h2, h3, list, text. Its line ends mean something, so it is no markdown."""
    blocks: list[tuple[str, list[str]]] = []
    for line in text.splitlines():
        kind, content = "text", line.strip()
        for mark, name in (("## ", "h3"), ("# ", "h2"), ("- ", "list")):
            if line.startswith(mark):
                kind, content = name, line.removeprefix(mark).strip()
                break
        if not content:
            continue
        if blocks and blocks[-1][0] == kind and kind in ("list", "text"):
            blocks[-1][1].append(content)
        else:
            blocks.append((kind, [content]))
    return blocks


def rules_blocks(terms: Terms) -> list[tuple[str, list[str]]]:
    """The static rules of these terms, as `prompt_blocks` has lines: a paragraph and a point of a list is one."""
    return prompt_blocks(_WRAPPED.sub(" ", rules_text(terms)))


def new_lines(change: Mapping[str, Any] | None) -> set[str]:
    """Lines whose words the cycle before did not tell; none of a history's first text, all of which is new, or where nobody knows.

    `change`: as a manifest keeps it.
    """
    if not change or not change["sha256_before"] or change["before_lost"]:
        return set()
    return {line["text"].removeprefix("- ").strip() for line in change["came"] if not line["figures"]}
