"""The time column of a file → instants: in which order its dates are, in which zone, and whether that is known at all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, tzinfo

import numpy as np

from lib.contract.times import AMBIGUOUS, BAD, NAIVE, OK, ZONE_VARIABLE, configured_zone
from lib.errors import NaiveTimeError
from lib.foreign.recogniser.instants import (
    FIXED_ORDERS,
    ORDERS,
    Instants,
    form_of,
    orders_that_fit,
    read_instants,
    written_otherwise,
)
from lib.foreign.recogniser.lost_times import refuse_lost_times
from lib.foreign.recogniser.reading import Grid, Hints
from lib.foreign.recogniser.roles import Roles, names_utc
from lib.foreign.recording import recording_zone

_UTC = {"UTC", "GMT", "ETC/UTC", "ETC/GMT", "+00:00"}
TWO_WAYS_FIX = (
    "Write all times in one way; if a spreadsheet saved the file, export it again without one: it takes days for months where it can, "
    "and leaves the other times as they are"
)
TWICE_FIX = "export the file in UTC, or with each time's offset, to keep them"


@dataclass(frozen=True)
class When:
    """Instants, and the words for the zone they were read in."""

    instants: Instants
    zone: str

    def notes(self) -> tuple[str, ...]:
        """What would keep the times that happen twice."""
        twice = int((self.instants.problems == AMBIGUOUS).sum())
        told = f"{twice:,} times happen twice, because clocks are set back there ({self.zone}), so their candles are left out"
        return (f"{told}: {TWICE_FIX}",) if twice else ()


def read_when(grid: Grid, roles: Roles, hints: Hints) -> When:
    """The instants of all rows.

    Raises NaiveTimeError where most times name no zone and nobody else does, DataError for dates that can be read in two ways
    for times that are written in two ways, and for those that lost a part.
    """
    texts = grid.column(roles.time[0])
    if len(roles.time) > 1:
        clocks = _with_zeros(grid.column(roles.time[1]))
        texts[:] = [f"{date.strip()} {clock.strip()}" for date, clock in zip(texts, clocks, strict=True)]
    form = form_of(texts[:: max(1, len(texts) // 400)])
    refuse_lost_times(grid, roles.time[-1], texts, form)
    order = _order(grid, roles, hints, texts, form)
    zone, told = _zone(grid, roles, hints)
    found = read_instants(texts, form, order, zone)
    _refuse_other_zone(grid, roles, hints, found)
    _refuse_two_ways(grid, roles, texts, form, found)
    naive = np.flatnonzero(found.problems == NAIVE)
    # One among thousands is a damaged row; half of them are a file without zone.
    if len(naive) * 2 >= len(texts) - (found.problems == BAD).sum():
        _refuse_naive(grid, roles, texts, naive)
    _refuse_skipped(grid, roles, texts, found, lambda odd: read_instants(odd, form, order, UTC), told)
    return When(found, "UTC" if found.form.startswith("epoch") else "zone in each" if found.zoned else told)


def _with_zeros(clocks: np.ndarray) -> np.ndarray:
    """Times of day that are numbers, with the zeros before them that a spreadsheet takes off: 93000 is 093000, and 0 is 000000."""
    bare = [clock.strip() for clock in clocks]
    if not all(clock.isdecimal() for clock in bare):
        return clocks
    # Of hours and minutes alone not all can end in 00: candles are no hours long.
    width = 6 if max(map(len, bare)) > 4 or all(clock.zfill(2).endswith("00") for clock in bare) else 4
    return np.array([clock.zfill(width) for clock in bare], dtype=object)


def _order(grid: Grid, roles: Roles, hints: Hints, texts: np.ndarray, form: str) -> str:
    possible = ORDERS.get(form) or FIXED_ORDERS.get(form, ())
    if hints.dates and possible and hints.dates not in possible:
        fix = f"Leave --dates out, or say {' or '.join(possible)}"
        raise grid.error(f"has no order {hints.dates}, as --dates says", 0, roles.time[0], fix)
    if form not in ORDERS or hints.dates:
        return hints.dates if form in ORDERS else ""
    fitting = orders_that_fit(texts, form)
    if len(fitting) == 1:
        return fitting[0]
    problem = "can be read in several ways" if fitting else "is one of dates that are in no single order"
    fix = f"Say which it is: {' or '.join(f'--dates {order}' for order in fitting or ORDERS[form])}"
    raise grid.error(problem, 0, roles.time[0], fix)


def _zone(grid: Grid, roles: Roles, hints: Hints) -> tuple[tzinfo | None, str]:
    if hints.timezone:
        return recording_zone(hints.timezone), hints.timezone
    if any(names_utc(grid.name(place)) for place in roles.time):
        return UTC, "UTC by the column's name"
    zone = configured_zone()
    return zone, f"{zone} by {ZONE_VARIABLE}" if zone else "no zone"


def _refuse_two_ways(grid: Grid, roles: Roles, texts: np.ndarray, form: str, found: Instants) -> None:
    """Times written in two ways: where a spreadsheet took days for months it left the others as they were, so none can be believed."""
    if (odd := written_otherwise(texts, form, found.problems)) is None:
        return
    others = np.flatnonzero(found.problems != BAD)
    other = int(next((row for row in others if row != odd), odd))
    problem = f"is written in another way than {texts[other]!r} ({grid.word} {int(grid.lines[other])})"
    raise grid.error(problem, odd, roles.time[-1], TWO_WAYS_FIX)


def _refuse_other_zone(grid: Grid, roles: Roles, hints: Hints, found: Instants) -> None:
    """Times that name their zone, or a column that does, and another one for them by the option: one of them is wrong by hours."""
    said = next((place for place in roles.time if names_utc(grid.name(place))), None)
    if not hints.timezone or hints.timezone.upper() in _UTC or not (found.zoned or said is not None):
        return
    where = "names its zone, as most do" if found.zoned else "stands in a column that is named for UTC"
    fix = "Leave --timezone out; if the name is wrong, or another column is meant, name the columns with --columns"
    problem, place = (
        f"{where}, and --timezone says {hints.timezone}",
        roles.time[-1] if said is None else said,
    )
    raise grid.error(problem, int((found.problems == OK).argmax()), place, fix)


def _refuse_skipped(
    grid: Grid,
    roles: Roles,
    texts: np.ndarray,
    found: Instants,
    in_utc: Callable[[np.ndarray], Instants],
    zone: str,
) -> None:
    """A time that the zone's clocks skip in spring shows that the file is of another zone: then every time of its summer is an hour off."""
    odd = np.flatnonzero(found.problems == BAD)
    if not len(odd) or not len(skipped := odd[in_utc(texts[odd]).problems == OK]):
        return
    problem = f"is no time in the zone that was named ({zone}): clocks are set forward over it there, so the times are of another zone"
    fix = (
        "Name the zone that they are of with --timezone: UTC or +01:00 where clocks never change, America/New_York where they change "
        "with New York's; a row that is damaged, take out"
    )
    raise grid.error(problem, int(skipped[0]), roles.time[-1], fix)


def _refuse_naive(grid: Grid, roles: Roles, texts: np.ndarray, naive: np.ndarray) -> None:
    if not len(naive):
        return
    row, broker = int(naive[0]), "<" in grid.name(roles.time[0])
    advice = "MetaTrader writes its broker's server time, often Europe/Athens or +03:00. " if broker else ""
    raise NaiveTimeError(
        f"the time {texts[row]!r} has no zone",
        path=grid.path,
        line=int(grid.lines[row]) if grid.word == "line" else None,
        column=grid.name(roles.time[0]),
        fix=f"{advice}Name it with --timezone (UTC, Europe/Berlin, +01:00) or {ZONE_VARIABLE}, or write times in UTC with Z",
    )
