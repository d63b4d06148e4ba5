"""Settings that have another name now: what the old ones are refused with, and what `ribbon upgrade` may rewrite them by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

Keys = tuple[str, ...]

#: Old name → new name. Both are whole paths of keys in ribbon.toml, tables first.
MOVED: dict[Keys, Keys] = {
    **{("trade", "paper", name): ("terms", name) for name in ("fee_pct", "slippage_pct")},
    **{("trade", "exits", name): ("terms", name) for name in ("target_pct", "stop_pct", "hold_minutes")},
    **{
        ("trade", "rails", name): ("terms", name)
        for name in ("min_stop_pct", "max_stop_pct", "min_target_pct", "max_target_pct")
    },
}


def moved_keys(values: Mapping[str, Any], keys: Keys = ()) -> Iterator[tuple[Keys, Keys]]:
    """The old names that stand in nested `values`, each with its new one, in the order in which they stand there."""
    for key, value in values.items():
        name = (*keys, key)
        if name in MOVED:
            yield name, MOVED[name]
        elif isinstance(value, Mapping):
            yield from moved_keys(value, name)
