"""The words of a page explained under its finding, folded: only those that the page uses, found in its text (lib.draw.glossary)."""

from __future__ import annotations

import re
from html import unescape

from lib.draw.glossary import listed, words_in
from lib.draw.html import escape
from lib.draw.words import tight

_FINDING, _MAIN = '<div class="finding', "<main>"
_DIVISION = re.compile(r"<div\b|</div>")
#: Tags, with what stands in them where that is no sentence: numbers of a chart, a command, the text for Claude, which explains its own.
_MARKUP = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<[^>]*>", re.DOTALL)


def with_words(page: str) -> str:
    """A page with its words explained at the end of its finding; as it was where it has no finding, or no such word."""
    main = page.find(_MAIN)
    end = _end_of_finding(page, page.find(_FINDING, max(main, 0)))
    if main < 0 or end < 0:
        return page
    words = words_in(unescape(_MARKUP.sub(" ", page[main:])))
    if not words:
        return page
    rows = "".join(f"<li><b>{escape(word.name)}</b>: {escape(tight(word.meaning))}</li>" for word in words)
    fold = (
        f'<details class="words"><summary>Words on this page: {escape(listed(words))}</summary>'
        f'<ul class="proven small">{rows}</ul></details>'
    )
    return f"{page[:end]}{fold}{page[end:]}"


def _end_of_finding(page: str, begin: int) -> int:
    """Where the division that begins there is closed; −1 for none."""
    depth = 0
    for found in _DIVISION.finditer(page, max(begin, 0)):
        depth += 1 if found[0] != "</div>" else -1
        if depth == 0:
            return found.start() if begin >= 0 else -1
    return -1
