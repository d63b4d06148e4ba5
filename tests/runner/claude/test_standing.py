"""What `ribbon status` is shown."""

from __future__ import annotations

import json

from runner.claude.model_cost import ModelCost
from runner.claude.standing import MOST_WARNINGS, ClaudeState


def test_it_is_written_whole(tmp_path):
    standing = ClaudeState(state="ok", cost=ModelCost(2, 0.5, 0.25, 1, 2.0, 250))
    standing.outcomes.update(["ok", "timeout", "ok"])
    standing.write(tmp_path)
    shown = json.loads((tmp_path / "claude.json").read_text())
    assert shown == standing.summary()
    assert (shown["state"], shown["outcomes"]) == ("ok", {"ok": 2, "timeout": 1})
    assert ModelCost(**shown["cost"]) == standing.cost


def test_warnings_are_told_once_and_the_oldest_gives_way():
    standing = ClaudeState(state="ok")
    for number in (*range(MOST_WARNINGS + 1), MOST_WARNINGS):
        standing.warn(f"warning {number}")
    assert len(standing.warnings) == MOST_WARNINGS
    assert (standing.warnings[0], standing.warnings[-1]) == ("warning 1", f"warning {MOST_WARNINGS}")
