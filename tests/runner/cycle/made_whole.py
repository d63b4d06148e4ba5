"""Insights of a cycle in which it was proven once that all trades together lose, and is not proven now."""

from __future__ import annotations

import json
from pathlib import Path

from lib.contract.schema import INSIGHTS_FILE
from lib.published.insights import compile_insights
from tests.lib.contract.made import all_published
from tests.lib.lessons.made_lessons import lesson, lessons

AS_OF = "2025-06-15T11:00:00Z"
WHOLE_UNPROVEN = (
    "6 cycles learned from them. That all trades together "
    "lose after costs is not proven now (−0.100 %, −0.200 to +0.001, n 180)."
)


def publish_whole_proven(run_dir: Path) -> None:
    """Leave them in a run folder."""
    lose = lesson("trades.all.trades.below", net_low_pct=-0.2, net_mean_pct=-0.1, net_high_pct=0.001)
    insights = compile_insights(all_published(AS_OF), None, AS_OF, lessons(lose))
    (run_dir / INSIGHTS_FILE).write_text(json.dumps(insights))
