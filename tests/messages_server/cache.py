"""The prompt cache as the API keeps it: prefixes that end in a breakpoint, byte for byte, for their lifetime, above a minimum length."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from lib.prompt.tokens import token_range
from runner.claude.request_size import prompt_blocks, request_size, text_size

SECONDS = {"5m": 300.0, "1h": 3_600.0}
#: Shortest prefix of models that cache shorter ones than others, in tokens.
SHORTEST = {"claude-haiku-5-5": 512}


class Counted(NamedTuple):
    """The input tokens of a request by how they are billed."""

    fresh: int
    read: int
    written: int


def tokens_in(text: str) -> int:
    """Tokens of a text, as many as the product reckons with (lib.prompt.tokens), never none."""
    return max(token_range(text_size(text)).about, 1)


class PromptCache:
    """Prefixes by model and content. `clock` is in seconds."""

    def __init__(self, min_tokens: int = 1_024, clock: Callable[[], float] = time.monotonic) -> None:
        self.min_tokens, self.clock = min_tokens, clock
        self._until: dict[str, float] = {}

    def forget(self) -> None:
        """Drop all entries."""
        self._until.clear()

    def count(self, body: dict[str, Any]) -> Counted:
        """How this request's input is billed; reads refresh an entry, and what is marked beyond it is written."""
        now, size, marks = self.clock(), request_size(body), []
        # Settings that change how the prompt is rendered are part of the key.
        key = json.dumps([body["model"], body.get("output_config", {}).get("format"), body.get("thinking")])
        prefixes = iter(size.prefixes)
        for block in prompt_blocks(body):
            key += "\0" + block["text"]
            if block.get("cache_control"):
                lifetime = SECONDS[block["cache_control"].get("ttl", "5m")]
                marks.append((key, token_range(next(prefixes)).about, lifetime))
        shortest = SHORTEST.get(body["model"], self.min_tokens)
        marks = [mark for mark in marks if mark[1] >= shortest]
        read = max((size for key, size, _ in marks if self._until.get(key, -1.0) > now), default=0)
        for key, _, lifetime in marks:
            self._until[key] = now + lifetime
        reach = max((size for _, size, _ in marks), default=0)
        total = max(token_range(size.total).about, 1)
        return Counted(total - max(reach, read), read, max(reach - read, 0))
