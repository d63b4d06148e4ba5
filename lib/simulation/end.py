"""When a simulated market ends; apart from the rest, as naming it must not cost the imports of making one."""

from __future__ import annotations

#: Time of the last sample unless another is asked for: a market of the same seed is the same on every day.
DEFAULT_END = "2025-06-15T12:00:00Z"
