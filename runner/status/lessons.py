"""What Claude is told, for status: lessons to act on and the nearest in sentences, and a prompt that a person holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib.contract.dollars import Coin
from lib.contract.schema import INSIGHTS_FILE
from lib.contract.standing import is_there, open_file
from lib.draw.lessons import LessonGroups
from lib.errors import DataError
from lib.prompt.hold import hold_warning, load_hold
from lib.published.pair import load_insights, read_prompt

#: Lessons that are told of those not yet proven.
_NEAREST = 3


def told_lessons(folder: Path) -> dict[str, Any] | None:
    """How many lessons are to be acted on and proven, those and the nearest in the reports' sentences, and what the trades of the newest
    cycle's window made per 1 coin, net ($); null before a first cycle. Raises DataError where what stands there are no insights, OSError.
    """
    insights = load_insights(folder)
    if insights is None:
        if is_there(path := folder / INSIGHTS_FILE):
            open_file(path).close()  # which says why it cannot be read
            fix = "`ribbon cycle` publishes them anew"
            raise DataError("these are no insights, so Claude is told no lessons", path=path, fix=fix)
        return None
    groups = LessonGroups(insights)
    actual = insights["actual_performance"] or {}
    return {
        "window": {
            "trades": actual.get("total_trades", 0),
            "net": actual.get("total_pnl", 0.0),
            "dollar_decimals": Coin.of(insights["provenance"]["source"]).decimals,
        },
        **{name: insights["evidence"][name] for name in ("act_on", "proven")},
        "told": [f"{line.statement} {line.standing}. {line.figures}" for line in groups.act_on],
        "nearest": [
            {
                "statement": " ".join((line.statement, line.figures, line.needs)).rstrip(),
                "evidence": line.share,
            }
            for line in groups.nearest[:_NEAREST]
        ],
    }


def prompt_held(folder: Path) -> dict[str, Any] | None:
    """The prompt that a person holds, and whether it is what Claude is told (not between choosing and republishing)."""
    hold = load_hold(folder)
    if hold is None:
        return None
    told = read_prompt(folder).sha256 == hold.sha256
    return {"sha256": hold.sha256, "since": hold.at, "told": told, "warning": hold_warning(folder)}
