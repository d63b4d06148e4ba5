"""`ribbon doctor`: is everything there for a first run?"""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from lib import paths
from lib.contract.text_table import TextTable
from lib.errors import RibbonError
from runner.cli.options import AsJson, Outputs, TradingData, answer
from runner.errors import DoctorError

if TYPE_CHECKING:
    from runner.doctor.findings import CheckResult


def doctor(
    trading_data: TradingData = None,
    outputs: Outputs = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask no server for the time.")] = False,
    as_json: AsJson = False,
) -> None:
    """Check the set-up: ok, warn or fail for each part, with what to do. Ends with 30 if something fails."""
    from runner.claude.settings import ClaudeSettings
    from runner.collect.settings import CollectSettings
    from runner.config import FILE_NAME, load_config
    from runner.doctor.examination import examine
    from runner.doctor.findings import Installation
    from runner.notify.settings import NotifySettings

    place = Path(os.environ.get("RIBBON_CONFIG") or paths.repository_root() / FILE_NAME)
    try:
        config = load_config(place)
        claude, notify, collect = (config.section(name) for name in ("claude", "notify", "collect"))
    except (OSError, RibbonError):  # the check of the configuration says what is wrong
        claude, notify, collect = ClaudeSettings(), NotifySettings(), CollectSettings()

    patient = Installation(
        trading_data=paths.trading_data(trading_data),
        outputs=paths.outputs(outputs),
        claude=claude,
        notify=notify,
        config=place,
        ask_network=not offline,
        collect=collect,
    )
    findings = examine(patient)
    answer([table(findings)], {"findings": [asdict(finding) for finding in findings]}, as_json)
    failed = [finding.name for finding in findings if finding.state == "fail"]
    if failed:
        raise DoctorError(f"not ready: {', '.join(failed)}; what to do stands behind each line")


def lines(findings: list[CheckResult]) -> list[str]:
    """For people: a line a check, and one below it where something is to be done."""
    found = []
    for finding in findings:
        found.append(f"{finding.state:<4}  {finding.name:<13}  {finding.detail}")
        if finding.fix:
            found.append(f"{'':<21}{finding.fix}")
    return found


def table(findings: list[CheckResult]) -> TextTable:
    """The same as a table: in a pipe these lines."""
    rows = [(each.state, each.name, each.detail + (f"\n{each.fix}" if each.fix else "")) for each in findings]
    return TextTable(
        ("", "part", "how it is, and what to do"), rows, left=(0, 1, 2), plain=tuple(lines(findings))
    )
