"""What is the same on both sides and what is not: a difference says something of one thing alone if all others are the same."""

from __future__ import annotations

from typing import Any

import pandas as pd

from lib.contract.visible import visible
from lib.contract.words import age_words
from runner.compare.models import Condition, Side
from runner.cycle.pages import moment

#: Of settings that differ so many are named.
_MOST_SETTINGS = 8
_UNSAID, _NONE = "it does not say", "none"
_OF_PROGRAM = "What the versions decide and learn differently is part of the difference; both sides' trades are priced here by one version."
_UNKNOWN = "Nothing says that they are of one market"


def conditions_of(a: Side, b: Side) -> list[Condition]:
    """Every condition, market first."""
    return [
        _market(a, b),
        _window(a, b),
        _of("who decided", a.record.decider, b.record.decider, "That is what is compared."),
        _of(
            "terms",
            _terms(a, b),
            _terms(b, a),
            "Costs and exits are part of the difference; what is said before costs leaves the costs out.",
        ),
        *_settings(a, b),
        *_versions(a, b),
    ]


def one_market(a: Side, b: Side) -> bool:
    """Whether trades of both are of one price, so that those at one time hang together.

    It is where the rows come from one folder, or the symbol is the same; every simulated market is one of its own, and a market without a
    name is not taken for another's.
    """
    if a.record.market_data == b.record.market_data:
        return True
    known = bool(a.record.symbol) and not (a.record.synthetic or b.record.synthetic)
    return known and a.record.symbol == b.record.symbol


def one_log(a: Side, b: Side) -> bool:
    """Whether both have their trades out of one log."""
    return a.record.trading_data == b.record.trading_data


def _of(what: str, a: str, b: str, meaning: str) -> Condition:
    alike = a == b
    return Condition(what=what, a=a, b=b, alike=alike, meaning="" if alike else meaning)


def _market(a: Side, b: Side) -> Condition:
    words, alike = (_market_words(a), _market_words(b)), one_market(a, b)
    named = all(side.record.symbol and not side.record.synthetic for side in (a, b))
    apart = f"They are of different markets ({'; '.join(words)})" if named else _UNKNOWN
    meaning = f"{apart}: what the markets did differently is part of the difference."
    return Condition(what="market", a=words[0], b=words[1], alike=alike, meaning="" if alike else meaning)


def _market_words(side: Side) -> str:
    """A symbol names a market on its own; without one, and of a simulated market, the folder does."""
    if side.record.symbol and not side.record.synthetic:
        return side.record.symbol
    return f"{side.record.symbol or 'one without a symbol'}, of {side.record.market_data}"


def _terms(side: Side, other: Side) -> str:
    """In words, with the ranges where nothing else tells two terms apart."""
    found = side.terms
    if found == other.terms or found.words() != other.terms.words():
        return found.words()
    return (
        f"{found.words()}; stop from {found.min_stop_pct:g} to {found.max_stop_pct:g} %, "
        f"target from {found.min_target_pct:g} to {found.max_target_pct:g} %"
    )


def _window(a: Side, b: Side) -> Condition:
    found = _of("window", _span(a), _span(b), "")
    if found.alike:
        return found
    common = min(a.until, b.until) - max(a.start, b.start)
    shared = (
        f"{age_words(common.total_seconds())} in common" if common > pd.Timedelta(0) else "no time in common"
    )
    if one_log(a, b):
        shared += ", and the trades of that are left out" if common > pd.Timedelta(0) else ""
    meaning = f"They have {shared}: how the market differed in the rest is part of the difference."
    return found.model_copy(update={"meaning": meaning})


def _span(side: Side) -> str:
    return f"{moment(side.record.start)} to {moment(side.record.until)} UTC"


def _settings(a: Side, b: Side) -> list[Condition]:
    """Settings that differ, each by its name; one line where none does; none for cycles, which keep no settings of the loop."""
    if not a.settings or not b.settings:
        return []
    names = [name for name in {**a.settings, **b.settings} if a.settings.get(name) != b.settings.get(name)]
    if not names:
        return [Condition(what="settings of the loop", a="all alike", b="all alike", alike=True)]
    found = [_of(name, _value(a, name), _value(b, name), "") for name in names[:_MOST_SETTINGS]]
    more = len(names) - len(found)
    if more:
        found.append(Condition(what="more settings", a=f"{more} differ", b=f"{more} differ", alike=False))
    return found


def _versions(a: Side, b: Side) -> list[Condition]:
    """Program and packages, as far as the sides say them; nothing where neither does."""
    programs = [side.record.program or _UNSAID for side in (a, b)]
    names = [name for name in {**a.versions, **b.versions} if a.versions.get(name) != b.versions.get(name)]
    found = [_of("program", *programs, _OF_PROGRAM)] if programs != [_UNSAID] * 2 else []
    if names and a.versions and b.versions:
        told = (", ".join(f"{name} {side.versions.get(name, _NONE)}" for name in names) for side in (a, b))
        found.append(_of("Python and packages", *told, ""))
    return found


def _value(side: Side, name: str) -> str:
    value: Any = side.settings.get(name, "not there")
    return visible(str(value)) or "blank"
