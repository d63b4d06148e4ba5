"""What is examined, and what a check says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from runner.claude.settings import ClaudeSettings
from runner.collect.settings import CollectSettings
from runner.notify.settings import NotifySettings

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class CheckResult:
    """What one check found; `fix` says what to do, "" if nothing."""

    name: str
    state: State
    detail: str
    fix: str = ""

    @classmethod
    def of(cls, name: str, findings: Sequence[tuple[str, str]], well: str) -> CheckResult:
        """A warning of all findings, each with its remedy; `well` where there are none."""
        if not findings:
            return cls(name, "ok", well)
        whats, fixes = ("; ".join(dict.fromkeys(each)) for each in zip(*findings, strict=True))
        return cls(name, "warn", whats, fixes)


@dataclass(frozen=True)
class Installation:
    """What is examined."""

    trading_data: Path
    outputs: Path
    claude: ClaudeSettings
    notify: NotifySettings
    config: Path
    ask_network: bool = True
    collect: CollectSettings = field(default_factory=CollectSettings)


Check = Callable[[Installation], CheckResult]
