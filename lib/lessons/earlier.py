"""What earlier versions wrote of lessons, in today's words: kept files of theirs are read on, and none is ever written anew.

A proven lesson was called `supported`, or `active` once its effect was large enough; `withheld` said what stood against telling it, so an
`active` one was to be acted on only if nothing did. An ended one was `retired`, `expired` or `shelved`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

_STATUS = {
    "supported": "proven",
    "active": "proven",
    "retired": "ended",
    "expired": "ended",
    "shelved": "ended",
}
_WHY = {"size": "evidence", "too_few": "expired", "in_vain": "shelved"}
#: By what was withheld: what follows, and why it is withheld.
_WITHHELD = {
    "": ("act_on", ""),
    "costs": ("restates_costs", ""),
    "small": ("too_small", ""),
    "vetoed": ("withheld", "veto"),
    "conflict": ("withheld", "contradiction"),
}
#: The marks that stood beside a status in the kept states of lessons.
_MARKS = {
    "too small": "too small",
    "costs only": "restates costs",
    "in conflict": "withheld by contradiction",
    "vetoed": "withheld by veto",
}


def lesson(found: dict[str, Any]) -> dict[str, Any]:
    """The fields of a lesson; one in today's words is given back as it is."""
    status = str(found.get("status"))
    if status not in _STATUS and (status != "candidate" or "consequence" in found):
        return found
    proven = _STATUS.get(status) == "proven"
    consequence, withheld = _WITHHELD.get(str(found.get("withheld", "")), ("", "")) if proven else ("", "")
    return found | {
        "status": _STATUS.get(status, status),
        "why": _WHY.get(str(found.get("why")), found.get("why")),
        "large_since": found.get("since") if status == "active" else None,
        "consequence": consequence,
        "withheld": withheld,
    }


def counts(found: dict[str, Any]) -> dict[str, Any]:
    """The counts of a ledger. How many of the `active` were to be acted on was not counted: it is known only where there were none.

    The trades that a threshold was sought in (`threshold_trades`) are counted no more.
    """
    found = {name: value for name, value in found.items() if name != "threshold_trades"}
    supported, active = found.get("supported"), found.get("active")
    if not (isinstance(supported, int) and isinstance(active, int)):
        return found
    rest = {name: value for name, value in found.items() if name not in ("supported", "active")}
    return rest | {"proven": supported + active, "act_on": None if active else 0}


@lru_cache(maxsize=1_000)
def state(words: str) -> str:
    """How a lesson stood, as the states of lessons and what changed of them say it; remembered, as all have the same few words."""
    status, *marks = words.split(", ")
    if _STATUS.get(status) == "proven":
        follows = next((_MARKS[mark] for mark in reversed(marks) if mark in _MARKS), "act on")
        return ", ".join(["proven", follows, *(mark for mark in marks if mark == "pinned")])
    if status in ("expired", "shelved"):
        return ", ".join(["ended", status, *marks])
    return ", ".join([_STATUS.get(status, status), *marks])
