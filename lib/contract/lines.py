"""The lines of a text as files, editors and Python count them: ended by a newline, a carriage return, or both.

What would surprise: `str.splitlines` ends a line at eight more marks (form feed, U+0085, U+2028 and others). They stand inside a text like
any other, so a table cut there loses whole rows, and a line that is named by number is another one than the editor shows.
"""

from __future__ import annotations

from io import StringIO


def file_lines(text: str) -> list[str]:
    """The lines of `text`, each with its end as it stands there; the last one may have none."""
    return StringIO(text, newline="").readlines()
