"""The feed as it is shown: HOLDs in a row whose reasoning differs in figures alone are one row with those before it folded into it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

#: Figures without their sign: a gain is not like a loss.
_FIGURE = re.compile(r"\d+(?:[.,:]\d+)*")


def folded(feed: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """A feed (runner.status.recent), the newest first, whose decisions have `like`: the earlier rows that are folded into each.

    These are HOLDs with the same result, decider and text without figures, and the looks between them at which there was nothing to ask.
    """
    found, place = [], 0
    while place < len(feed):
        head, last = feed[place], place
        if head["kind"] == "quiet":
            found.append(head)
            place += 1
            continue
        for at in range(place + 1, len(feed)):
            if _kind(head) == _kind(feed[at]) is not None:
                last = at
            elif not _nothing_to_ask(feed[at]):
                break
        found.append(head | {"like": list(feed[place + 1 : last + 1])})
        place = last + 1
    return found


def more_like(like: Sequence[dict[str, Any]]) -> str:
    """How many decisions are folded into a row."""
    return f"and {sum(each['kind'] == 'decision' for each in like)} more like it"


def _kind(each: dict[str, Any]) -> tuple[str, str, str] | None:
    """What rows that are folded have in common; None of a row that stands for itself."""
    if each["kind"] == "quiet" or each["direction"] != "HOLD" or not each["reasoning"]:
        return None
    return each["result"], each["model"], _FIGURE.sub("#", each["reasoning"])


def _nothing_to_ask(each: dict[str, Any]) -> bool:
    return each["kind"] == "quiet" and all(why["outcome"] == "gate" for why in each["reasons"])
