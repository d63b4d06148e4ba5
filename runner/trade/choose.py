"""The decider that a name stands for. Claude's room is loaded only when it is asked for."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from runner.config import Config
from runner.trade.deciders import RuleDecider
from runner.trade.models import Decider


def live_decider(
    name: str, config: Config, folder: Path, announce: Any = None
) -> AbstractContextManager[Decider]:
    """The decider of a loop over `folder`, to be entered: Claude's holds the lock of what it spends while it is open."""
    if name == "rules":
        return nullcontext(RuleDecider())
    from runner.claude.decider import ClaudeDecider

    told = {} if announce is None else {"announce": announce}
    return ClaudeDecider(config.section("claude"), folder, **told)
