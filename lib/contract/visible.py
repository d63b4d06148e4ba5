"""A text whose every mark can be seen: what people are shown of data, files, pages, answers and arguments.

Control characters move cursors, recolour and rename terminals and answer for their user; marks of direction and of no width make a text
read otherwise than it is. Each is shown as its escape (`\\x1b`, `\\u202e`), so that what was there can still be told.
"""

from __future__ import annotations

import re

#: C0, DEL and C1; marks without width or that turn the direction; line and paragraph separators; lone halves of a pair; variation
#: selectors and tags; letters that show nothing. Of it newline and tab stay where a text of several lines is meant.
_LAYOUT = "\t\n"
_UNSEEN = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    r"\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000110bd\U000110cd"
    r"\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_IN_A_LINE = re.compile(f"[{_LAYOUT}{_UNSEEN}]")
_IN_LINES = re.compile(f"[{_UNSEEN}]")


def visible(text: str, *, lines: bool = False) -> str:
    """`text` with escapes for what cannot be seen; one line, unless `lines`: then its newlines and tabs stay."""
    return (_IN_LINES if lines else _IN_A_LINE).sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
