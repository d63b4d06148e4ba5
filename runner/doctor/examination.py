"""All checks, one after another. A check fails only for what some command cannot do without, and names that command.

One that hangs or breaks is a finding of its own, and keeps none of the others from being made.
"""

from __future__ import annotations

from collections.abc import Sequence

from lib.errors import RibbonError
from runner.doctor.at_work import account, broker, claude, collector, parts
from runner.doctor.findings import Check, CheckResult, Installation
from runner.doctor.machine import browser, clock, disk, folders, packages, python
from runner.doctor.setting_up import (
    budget,
    config,
    data,
    key,
    lessons,
    network,
    notifications,
    older_files,
)
from runner.doctor.venue import venue
from runner.errors import words_of
from runner.processes.bounded import BoundedCalls, CallTimeout

_CHECK_LIMIT_S = 20.0
CHECKS: tuple[tuple[str, Check], ...] = tuple(
    (check.__name__, check)
    for check in (
        python,
        packages,
        browser,
        venue,
        key,
        network,
        folders,
        disk,
        clock,
        config,
        older_files,
        data,
        collector,
        parts,
        account,
        broker,
        claude,
        lessons,
        budget,
        notifications,
    )
)


def examine(
    patient: Installation, checks: Sequence[tuple[str, Check]] = CHECKS, limit_s: float = _CHECK_LIMIT_S
) -> list[CheckResult]:
    """All findings, in the order of the checks; one that takes longer than `limit_s` is given up."""
    return [_guarded(name, check, patient, limit_s) for name, check in checks]


def _guarded(name: str, check: Check, patient: Installation, limit_s: float) -> CheckResult:
    try:
        return BoundedCalls(name).run(lambda: check(patient), limit_s)
    except CallTimeout:
        return CheckResult(name, "warn", f"no result within {limit_s:g} s", "Try again")
    except (RibbonError, OSError) as error:
        return CheckResult(name, "fail", words_of(error), "Do what the message says")
    except Exception as error:  # a broken check must not hide the others
        return CheckResult(name, "warn", f"the check broke: {type(error).__name__}", "Report this")
