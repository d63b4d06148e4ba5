"""All checks are made, whatever one of them does."""

from __future__ import annotations

import threading
import time
from inspect import isfunction

import pytest

from lib.errors import MissingDataError
from runner.doctor import machine, setting_up
from runner.doctor.examination import CHECKS, examine
from runner.doctor.findings import CheckResult


def test_every_check_says_something_under_its_own_name(patient):
    findings = examine(patient())
    assert [finding.name for finding in findings] == [name for name, _ in CHECKS]
    assert all(finding.detail for finding in findings)
    assert all(finding.fix for finding in findings if finding.state != "ok")


@pytest.mark.parametrize("room", [machine, setting_up])
def test_every_check_there_is_is_made(room):
    there = {name for name, found in vars(room).items() if isfunction(found) and _is_check(found, room)}
    assert there and there <= {name for name, _ in CHECKS}


def _is_check(found, room) -> bool:
    public = found.__module__ == room.__name__ and not found.__name__.startswith("_")
    return public and found.__annotations__["return"] == CheckResult.__name__


@pytest.mark.serial
def test_checks_that_break_or_hang_are_findings_and_the_others_are_made(patient):
    released = threading.Event()

    def breaks(_):
        raise ZeroDivisionError

    def refuses(_):
        raise MissingDataError("nothing there", path=None)

    def hangs(_):
        released.wait(20)

    def works(_):
        return CheckResult("works", "ok", "fine")

    checks = [(check.__name__, check) for check in (breaks, refuses, hangs, works)]
    before = time.monotonic()
    findings = examine(patient(), checks, limit_s=0.3)
    released.set()
    assert time.monotonic() - before < 3
    assert [(finding.name, finding.state) for finding in findings] == [
        ("breaks", "warn"),
        ("refuses", "fail"),
        ("hangs", "warn"),
        ("works", "ok"),
    ]
    assert "ZeroDivisionError" in findings[0].detail
    assert findings[1].detail == "nothing there"


def test_the_key_is_shown_nowhere(patient):
    assert "canary" not in str(examine(patient()))
    assert "canary" not in str(patient())
