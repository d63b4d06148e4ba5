"""How large a request is: the one ruler of what is reserved, what `ribbon claude-cost` reckons with, and what the tests' server bills.

Bytes of every text that the model reads, the answer's schema included; `lib.prompt.tokens` says how many tokens that can be. The schema
counts as fresh: where the API puts it is not told, and fresh is the dearer side wherever the cache is read.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class RequestSize(NamedTuple):
    """Bytes of UTF-8: up to each cache breakpoint, in order, and of all."""

    prefixes: tuple[int, ...]
    total: int

    @property
    def cached(self) -> int:
        """Bytes up to the last breakpoint; 0 without one."""
        return max(self.prefixes, default=0)

    @property
    def fresh(self) -> int:
        """All others, the schema among them."""
        return self.total - self.cached


def request_size(arguments: Mapping[str, Any]) -> RequestSize:
    """The size of a request of `messages.create`; of its settings only the answer's schema has one."""
    total, prefixes = 0, []
    for block in prompt_blocks(arguments):
        total += text_size(block["text"])
        if block.get("cache_control"):
            prefixes.append(total)
    wanted = (arguments.get("output_config") or {}).get("format") or {}
    schema = text_size(json.dumps(wanted["schema"])) if "schema" in wanted else 0
    return RequestSize(tuple(prefixes), total + schema)


def prompt_blocks(arguments: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """All blocks of a request in the order in which they make up the prompt."""
    system = arguments.get("system") or []
    yield from [{"type": "text", "text": system}] if isinstance(system, str) else system
    for message in arguments["messages"]:
        content = message["content"]
        yield from [{"type": "text", "text": content}] if isinstance(content, str) else content


def text_size(text: str) -> int:
    """Bytes of a text."""
    return len(text.encode())
