"""Keys of ribbon.toml that have another name now. Settings refuse the old one and name the new one; `ribbon upgrade` renames it."""

from __future__ import annotations

#: Where a key was → where it is.
MOVED_KEYS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("trade", "paper", "fee_pct"): ("terms", "fee_pct"),
    ("trade", "paper", "slippage_pct"): ("terms", "slippage_pct"),
    ("trade", "exits", "target_pct"): ("terms", "target_pct"),
    ("trade", "exits", "stop_pct"): ("terms", "stop_pct"),
    ("trade", "exits", "hold_minutes"): ("terms", "hold_minutes"),
    ("trade", "rails", "min_stop_pct"): ("terms", "min_stop_pct"),
    ("trade", "rails", "max_stop_pct"): ("terms", "max_stop_pct"),
    ("trade", "rails", "min_target_pct"): ("terms", "min_target_pct"),
    ("trade", "rails", "max_target_pct"): ("terms", "max_target_pct"),
}
