"""The prompt in its three parts, and the request that carries it: rules, hourly lessons, this tick.

The first two change never and once an hour, so each ends in a breakpoint of the 1-hour cache (calls are often more than the short
cache's 5 minutes apart). A prefix shorter than the model's minimum would silently not be cached, so it gets no breakpoint and
`Prompt.notes` says so.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib.market.terms import Terms
from lib.prompt.tokens import TokenRange, token_range
from lib.published.pair import PublishedPrompt, read_prompt
from runner.claude.costs import worst_case
from runner.claude.judgement import answer_schema
from runner.claude.rules import rules_text
from runner.claude.settings import ClaudeSettings
from runner.claude.tick_text import tick_text
from runner.trade.models import TickView

#: Why lessons are not told although there are some.
_OTHER_TERMS = "the published ones are of other terms: the next `ribbon cycle` replaces them"
_ONE_HOUR = {"type": "ephemeral", "ttl": "1h"}


@dataclass(frozen=True)
class Given:
    """What Claude is given beside the tick: where the lessons of a data folder are read, and a rules file's text in place of our own."""

    lessons: Callable[[Path], PublishedPrompt] = read_prompt
    rules: str = ""


#: What is given where no arm of a controlled test says otherwise.
USUAL = Given()


@dataclass(frozen=True)
class Prompt:
    """One prompt. `lessons` is "" where nothing valid is published; `why_no_lessons` then has the reason."""

    rules: str
    lessons: str
    lessons_sha: str
    tick: str
    terms: Terms
    min_cache_tokens: int
    why_no_lessons: str = ""

    @property
    def stable_parts(self) -> list[str]:
        """Rules and, if there are any, lessons: what the cache may hold."""
        return [part for part in (self.rules, self.lessons) if part]

    def breakpoints(self) -> list[bool]:
        """Whether each stable part ends in a cache breakpoint: only where the prefix is surely long enough."""
        sizes = [_size("".join(self.stable_parts[: place + 1])) for place in range(len(self.stable_parts))]
        return [token_range(size).least >= self.min_cache_tokens for size in sizes]

    def prefixes(self) -> list[str]:
        """A hash of each prefix that ends in a breakpoint, the longest last."""
        marked = self.breakpoints()
        return [
            hashlib.sha256("\0".join(self.stable_parts[: place + 1]).encode()).hexdigest()
            for place in range(len(marked))
            if marked[place]
        ]

    def notes(self) -> list[str]:
        """What a person should know about this prompt."""
        found = [f"no lessons: {self.why_no_lessons}"] if self.why_no_lessons else []
        if not all(self.breakpoints()):
            found.append(
                f"a prefix may be shorter than the {self.min_cache_tokens:,} tokens that this model caches: no breakpoint there"
            )
        return found

    def cached_bytes(self) -> int:
        """Bytes up to the last breakpoint: all stable parts, because the longest prefix is marked if any is."""
        return _size("".join(self.stable_parts)) if any(self.breakpoints()) else 0

    def size(self) -> int:
        """Bytes of all of it, the answer's schema included."""
        return _size(self.rules + self.lessons + self.tick) + _size(json.dumps(answer_schema(self.terms)))

    def tokens(self) -> TokenRange:
        """How many tokens that is."""
        return token_range(self.size())

    def worst_case_usd(self, settings: ClaudeSettings) -> float:
        """What a call with this prompt costs at most."""
        cached = self.cached_bytes()
        return worst_case(settings, cached, self.size() - cached)


def compose(
    view: TickView, settings: ClaudeSettings, trading_data: Path, terms: Terms, given: Given = USUAL
) -> Prompt:
    """The prompt of a tick, with the prompt addition that is published at this moment (docs/guarantees.md, D5)."""
    return prompt_of(tick_text(view), settings, given.lessons(trading_data), terms, given.rules)


def prompt_of(
    tick: str, settings: ClaudeSettings, lessons: PublishedPrompt, terms: Terms, rules: str = ""
) -> Prompt:
    """The prompt from its parts; without the lessons where they are of other terms, whose figures would contradict the rules."""
    if lessons.text and lessons.terms != terms:
        lessons = PublishedPrompt("", "", lessons.as_of, _OTHER_TERMS)
    return Prompt(
        rules=rules_text(terms, rules),
        lessons=lessons.text,
        lessons_sha=lessons.sha256,
        tick=tick,
        terms=terms,
        min_cache_tokens=settings.min_cache_tokens,
        why_no_lessons=lessons.reason,
    )


def request(prompt: Prompt, settings: ClaudeSettings) -> dict[str, Any]:
    """The arguments of `messages.create`."""
    system: list[dict[str, Any]] = []
    for text, marked in zip(prompt.stable_parts, prompt.breakpoints(), strict=True):
        system.append({"type": "text", "text": text} | ({"cache_control": dict(_ONE_HOUR)} if marked else {}))
    asked: dict[str, Any] = {
        "model": settings.model,
        "max_tokens": settings.max_tokens,
        "system": system,
        "messages": [{"role": "user", "content": [{"type": "text", "text": prompt.tick}]}],
        "output_config": {
            "effort": settings.effort,
            "format": {"type": "json_schema", "schema": answer_schema(prompt.terms)},
        },
    }
    if settings.thinking != "model_default":
        asked["thinking"] = {"type": settings.thinking}
    return asked


def _size(text: str) -> int:
    return len(text.encode())
