"""Whether the exchange that `ribbon collect` is set to answers, has the market, and tells the same time as this machine."""

from __future__ import annotations

from lib.contract.dollars import plain_number
from lib.errors import ParameterError
from runner.doctor.findings import CheckResult, Installation
from runner.errors import ExchangeError


def venue(patient: Installation) -> CheckResult:
    """The exchange that is collected from; of a chart there is none."""
    settings = patient.collect
    if settings.source != "exchange":
        return CheckResult("venue", "ok", "none: `ribbon collect` reads a chart page")
    if not patient.ask_network:
        return CheckResult("venue", "ok", f"{settings.exchange} was not asked (--offline)")
    from runner.venue_feed.check import check_venue  # it imports ccxt, which takes a second

    try:
        found = check_venue(settings)
    except (ExchangeError, ParameterError) as error:
        return CheckResult("venue", "fail", str(error), "`ribbon collect` needs it: do what the message says")
    told = f"{found.exchange} tells {found.symbol}: {plain_number(found.price, 6)} at {found.at}"
    if found.problems:
        return CheckResult("venue", "warn", told, "; ".join(found.problems))
    return CheckResult("venue", "ok", told)
