"""Checks of what a person sets up: key, configuration, older files, data, lessons, budget, notifications. No secret is shown."""

from __future__ import annotations

import os
import shlex
import stat

import pandas as pd

from lib.contract.schema import MARKET_FILES, PROMPT_FILE
from lib.contract.times import iso
from lib.contract.words import age_words
from lib.data.newest import newest_known_at, seconds_ago
from lib.data.one_market import folder_market
from lib.errors import RibbonError
from lib.published.listing import prompt_warning
from lib.published.pair import read_prompt
from runner.claude.bounded_client import bounded_client
from runner.claude.model_cost import cost_of_day
from runner.claude.settings import KEY_VARIABLE
from runner.claude.standing import remedy_of
from runner.collect.collector_state import charts_without_volume
from runner.config import load_config
from runner.cycle.inputs import (
    AHEAD_FIX,
    LATE_FIX,
    ahead_of_clock,
    behind_data,
    now_utc,
    published_as_of,
)
from runner.doctor.findings import CheckResult, Installation
from runner.errors import ConfigError
from runner.notify.notifier import not_understood, services_of
from runner.notify.settings import URLS_VARIABLE
from runner.notify.untaken import untaken_finding
from runner.processes.environment import NETWORK
from runner.status.files import FilesOfFolder
from runner.status.unchanged import Unchanged
from runner.upgrade.steps import Place
from runner.upgrade.upgrade import find_old

STALE = pd.Timedelta(minutes=5)


def key(patient: Installation) -> CheckResult:
    """Whether there is a key; never what it is."""
    secret = patient.claude.api_key.get_secret_value()
    fix = f"`ribbon setup --decider claude` asks for it, or set {KEY_VARIABLE}; with Claude `ribbon trade` needs it"
    if not secret and _decider(patient) == "rules":
        return CheckResult("key", "ok", "there is none, and the rule decider needs none")
    if fault := patient.claude.key_fault:
        return CheckResult("key", "fail", fault, fix)
    if not secret.startswith("sk-ant-"):
        return CheckResult("key", "warn", "there is a key, but it does not begin as keys of the API do", fix)
    return CheckResult("key", "ok", "there is one (not shown, not tried)")


def network(patient: Installation) -> CheckResult:
    """Whether proxies and certificates that the environment names can be used; nothing is asked."""
    named = [name for name in NETWORK if os.environ.get(name)]
    if not named:
        return CheckResult("network", "ok", "the environment names no proxy and no certificates")
    try:
        bounded_client()
    except ConfigError as error:
        state = "warn" if _decider(patient) == "rules" else "fail"
        return CheckResult("network", state, str(error), "With Claude `ribbon trade` needs a way to it")
    return CheckResult("network", "ok", f"{', '.join(named)} can be used (not tried)")


def _decider(patient: Installation) -> str:
    try:
        return load_config(patient.config).section("trade").decider
    except (OSError, RibbonError):  # said by its own check
        return ""


def config(patient: Installation) -> CheckResult:
    """Whether the configuration, file and environment, can be taken, and nobody else may read its secrets (docs/guarantees.md, S2)."""
    try:
        load_config(patient.config)
    except (OSError, RibbonError) as error:
        return CheckResult("config", "fail", str(error), "Mend it; `ribbon config` shows what is in force")
    secrets = patient.config.with_name(".env")
    if secrets.exists() and (mode := stat.S_IMODE(secrets.stat().st_mode)) & 0o077:
        text = f"{secrets} may be read by others on this machine (its mode is {mode:o})"
        return CheckResult("config", "warn", text, f"Run `chmod 600 {shlex.quote(str(secrets))}`")
    if not patient.config.exists():
        return CheckResult(
            "config",
            "ok",
            f"no {patient.config.name}: defaults and environment count; `ribbon setup` makes one",
        )
    return CheckResult("config", "ok", f"{patient.config} is read")


def older_files(patient: Installation) -> CheckResult:
    """What an older version wrote and this one would write otherwise."""
    found = find_old(Place(patient.trading_data, patient.config))
    if found:
        fix = "Run `ribbon upgrade`; it keeps what each file was"
        return CheckResult("older_files", "warn", "; ".join(old.told for old in found), fix)
    return CheckResult("older_files", "ok", "everything is of this version")


def data(patient: Installation) -> CheckResult:
    """How new the collected data are. What raises is told as it is: a file of which no row can be taken."""
    folder = patient.trading_data
    now = pd.Timestamp.now("UTC")
    files = FilesOfFolder(folder, Unchanged())
    told = [files.newest(folder / name, now) for name in MARKET_FILES]
    folder_market(folder)
    if wrong := [*files.packed(), *(finding for _, findings in told for finding in findings)]:
        return CheckResult.of("data", [(each["what"], each["fix"]) for each in wrong], "")
    newest = max((at for at, _ in told if at is not None), default=None)
    if newest is None:
        return CheckResult(
            "data",
            "warn",
            f"nothing in {folder} yet",
            "`ribbon backfill` or `ribbon collect` fills it, `make demo` tries it out",
        )
    age = now - newest
    text = f"newest row {iso(newest)}, {age_words(seconds_ago(newest, now))} old"
    if age > STALE:
        return CheckResult("data", "warn", text, "Start `ribbon collect`; no entry is made on old data")
    if bare := charts_without_volume(folder):
        fix = "Let the chart's legend show its volume, or add the study Volume"
        return CheckResult("data", "warn", f"{text}; no volume is shown on {', '.join(bare)}", fix)
    return CheckResult("data", "ok", text)


def lessons(patient: Installation) -> CheckResult:
    """Whether Claude has a prompt addition to be told."""
    found = read_prompt(patient.trading_data)
    if found.reason:
        return CheckResult(
            "lessons",
            "warn",
            found.reason,
            "Run `ribbon cycle`; until then Claude decides by the static rules",
        )
    published, now = published_as_of(patient.trading_data), now_utc()
    if told := ahead_of_clock(published, now):
        return CheckResult("lessons", "warn", told, AHEAD_FIX)
    if told := behind_data(published, newest_known_at(patient.trading_data, now=now), now):
        return CheckResult("lessons", "warn", told, LATE_FIX)
    if told := prompt_warning(patient.trading_data):
        what, _, fix = told.partition(". ")
        return CheckResult("lessons", "warn", what, fix or "Run `ribbon cycle`, which publishes its own")
    return CheckResult("lessons", "ok", f"{PROMPT_FILE} of {found.as_of}")


def budget(patient: Installation) -> CheckResult:
    """What of the day's money for the model is left."""
    if _decider(patient) != "rules" and (unknown := patient.claude.unknown_prices):
        return CheckResult("budget", "fail", unknown, "The console of the API has what a model costs")
    today = cost_of_day(patient.trading_data, patient.claude)
    if today.used_up:
        return CheckResult(
            "budget",
            "warn",
            today.words(),
            remedy_of("budget"),
        )
    return CheckResult("budget", "ok", today.words())


def notifications(patient: Installation) -> CheckResult:
    """Whether people are told of anything."""
    count = len(patient.notify.addresses())
    if not count:
        return CheckResult("notifications", "ok", f"off ({URLS_VARIABLE} turns them on)")
    if left_out := services_of(patient.notify)[1]:
        fix = "Write each as https://appriseit.com has it, without quotes, a space between two"
        return CheckResult("notifications", "warn", not_understood(left_out), fix)
    for what, fix in untaken_finding(patient.trading_data):
        return CheckResult("notifications", "warn", what, fix)
    return CheckResult("notifications", "ok", f"{count} service(s); `ribbon notify-test` tries them")
