"""The prompt in its three parts, and the request that carries it: rules, hourly lessons, this tick.

The first two change never and once an hour, so each ends in a breakpoint of the 1-hour cache (calls are often more than the short
cache's 5 minutes apart). A prefix shorter than the model's minimum would silently not be cached, so it gets no breakpoint and
`Prompt.notes` says so. Behind a first model there is no breakpoint at all (docs/decisions/asking-claude.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from lib.market.terms import Terms
from lib.prompt.lessons import questions_told
from lib.prompt.tokens import TokenRange, token_range
from lib.published.pair import PublishedPrompt, read_prompt
from runner.claude.costs import worst_case
from runner.claude.judgement import answer_schema
from runner.claude.request_size import RequestSize, request_size, text_size
from runner.claude.rules import rules_text
from runner.claude.settings import ClaudeSettings
from runner.claude.tick_text import tick_text
from runner.trade.models import TickView

#: Why lessons are not told although there are some.
_OTHER_TERMS = "the published ones are of other terms: the next `ribbon cycle` replaces them"
_CANDLE = pd.Timedelta(minutes=5)
_ONE_HOUR = {"type": "ephemeral", "ttl": "1h"}


#: What followed questions say of the 5-minute candle that closed at an instant: their names, that instant → a word by name.
Voices = Callable[[Sequence[str], pd.Timestamp], Mapping[str, str]]


def unheard(names: Sequence[str], close: pd.Timestamp) -> Mapping[str, str]:
    """Nobody asks them: each is unknown."""
    return {}


@dataclass(frozen=True)
class Given:
    """What Claude is given beside the tick: where the lessons of a data folder are read, a rules file's text in place of our own, and who
    says what the questions say that the lessons name.
    """

    lessons: Callable[[Path], PublishedPrompt] = read_prompt
    rules: str = ""
    voices: Voices = unheard


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
    cached: bool = True  #: whether it is asked often enough for a cache to pay

    @property
    def stable_parts(self) -> list[str]:
        """Rules and, if there are any, lessons: what the cache may hold."""
        return [part for part in (self.rules, self.lessons) if part]

    def breakpoints(self) -> list[bool]:
        """Whether each stable part ends in a cache breakpoint: only where the prefix is surely long enough, and will be read again."""
        return [enough and self.cached for enough in self._long_enough()]

    def _long_enough(self) -> list[bool]:
        prefixes = ["".join(self.stable_parts[: place + 1]) for place in range(len(self.stable_parts))]
        return [token_range(text_size(prefix)).least >= self.min_cache_tokens for prefix in prefixes]

    def asked_first(self, first: ClaudeSettings) -> Prompt:
        """The same texts for the model that is asked first, which caches from another length on and is asked each time."""
        return replace(self, min_cache_tokens=first.min_cache_tokens, cached=True)

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
        if not all(self._long_enough()):
            found.append(
                f"a prefix may be shorter than the {self.min_cache_tokens:,} tokens that this model caches: no breakpoint there"
            )
        return found

    def content(self) -> dict[str, Any]:
        """The part of the request that the model reads: texts with their breakpoints, and the answer's schema."""
        system: list[dict[str, Any]] = []
        for text, marked in zip(self.stable_parts, self.breakpoints(), strict=True):
            system.append(
                {"type": "text", "text": text} | ({"cache_control": dict(_ONE_HOUR)} if marked else {})
            )
        return {
            "system": system,
            "messages": [{"role": "user", "content": [{"type": "text", "text": self.tick}]}],
            "output_config": {"format": {"type": "json_schema", "schema": answer_schema(self.terms)}},
        }

    def size(self) -> RequestSize:
        """Bytes of it, the answer's schema included."""
        return request_size(self.content())

    def tokens(self) -> TokenRange:
        """How many tokens that is."""
        return token_range(self.size().total)

    def worst_case_usd(self, settings: ClaudeSettings) -> float:
        """What a call with this prompt costs at most."""
        return worst_case(settings, self.size())


def compose(
    view: TickView, settings: ClaudeSettings, trading_data: Path, terms: Terms, given: Given = USUAL
) -> Prompt:
    """The prompt of a tick, with the prompt addition that is published at this moment (docs/guarantees.md, D5)."""
    lessons = _of_terms(given.lessons(trading_data), terms)
    names = questions_told(lessons.text)
    close = view.at.floor(_CANDLE)
    heard = given.voices(names, close) if names else {}
    tick = tick_text(view, {name: heard.get(name, "") for name in names})
    return prompt_of(tick, settings, lessons, terms, given.rules)


def prompt_of(
    tick: str, settings: ClaudeSettings, lessons: PublishedPrompt, terms: Terms, rules: str = ""
) -> Prompt:
    """The prompt from its parts; without the lessons where they are of other terms, whose figures would contradict the rules."""
    lessons = _of_terms(lessons, terms)
    return Prompt(
        rules=rules_text(terms, rules),
        lessons=lessons.text,
        lessons_sha=lessons.sha256,
        tick=tick,
        terms=terms,
        min_cache_tokens=settings.min_cache_tokens,
        why_no_lessons=lessons.reason,
        # Behind a first model it is asked about once an hour, which is as long as the cache lasts: it would be written and not read.
        cached=not settings.first_model,
    )


def _of_terms(lessons: PublishedPrompt, terms: Terms) -> PublishedPrompt:
    if lessons.text and lessons.terms != terms:
        return PublishedPrompt("", "", lessons.as_of, _OTHER_TERMS)
    return lessons


def request(prompt: Prompt, settings: ClaudeSettings) -> dict[str, Any]:
    """The arguments of `messages.create`."""
    asked: dict[str, Any] = {"model": settings.model, "max_tokens": settings.max_tokens} | prompt.content()
    asked["output_config"]["effort"] = settings.effort
    if settings.thinking != "model_default":
        asked["thinking"] = {"type": settings.thinking}
    return asked
