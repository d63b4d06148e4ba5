"""Whether the prompt cache works: from the second call on with a prefix used within the hour, some tokens must have been read from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from runner.claude.standing import NOT_CACHED, ClaudeState
from runner.trade.models import Usage

#: Seconds a prefix is surely kept: the hour, less a minute for what passes between our clock and theirs.
KEPT_S = 3_540.0
#: So many calls that did not read the cache, and as many as did, are told: the API may drop a prefix now and then.
_TELLING = 5


class CacheWatch:
    """Remembers when each prefix was last used; counts hits and misses in the standing."""

    def __init__(self, standing: ClaudeState, clock: Callable[[], float]) -> None:
        self._standing, self._clock = standing, clock
        self._used: dict[str, float] = {}

    def saw(self, prefixes: Sequence[str], usage: Usage) -> None:
        """A call with these prefixes (hashes, one a breakpoint) was answered with this usage."""
        now, standing = self._clock(), self._standing
        self._used = {prefix: at for prefix, at in self._used.items() if now - at < KEPT_S}
        if usage.cache_read_tokens > 0:
            standing.cache_hits += 1
        elif any(prefix in self._used for prefix in prefixes):
            standing.cache_misses += 1
            if standing.cache_misses >= max(_TELLING, standing.cache_hits):
                standing.warn(NOT_CACHED)
        standing.cached_prefix_tokens = usage.cache_read_tokens + usage.cache_write_tokens
        self._used |= dict.fromkeys(prefixes, now)
