"""Settings that have another name now: what the old ones are refused with, and what `ribbon upgrade` may rewrite them by."""

from __future__ import annotations

from collections.abc import Mapping
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


def moved_keys(values: Mapping[str, Any], moved: Mapping[Keys, Keys] = MOVED) -> dict[Keys, Keys]:
    """The old names that stand in nested `values`, each with its new one."""
    return {old: new for old, new in moved.items() if value_at(values, old) is not None}


def value_at(values: Any, keys: Keys) -> Any:
    """What stands under `keys` in nested `values`; None where nothing does."""
    for key in keys:
        values = values.get(key) if isinstance(values, Mapping) else None
    return values
