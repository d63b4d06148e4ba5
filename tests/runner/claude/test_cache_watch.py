"""Cache reads are expected from the second call on, and only for a prefix used within the hour."""

from __future__ import annotations

import pytest

from runner.claude.cache_watch import KEPT_S, CacheWatch
from runner.claude.standing import NOT_CACHED, ClaudeState
from runner.trade.models import Usage

WRITTEN, READ, NEITHER = Usage(10, 1, 0, 500), Usage(10, 1, 500, 0), Usage(510, 1, 0, 0)


class Watched:
    def __init__(self) -> None:
        self.seconds = 0.0
        self.standing = ClaudeState(state="ok")
        self.watch = CacheWatch(self.standing, lambda: self.seconds)

    def saw(self, usage: Usage, *prefixes: str) -> tuple[int, int]:
        self.watch.saw(prefixes, usage)
        return self.standing.cache_hits, self.standing.cache_misses


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_the_first_call_writes_and_the_second_must_read(watched):
    assert watched.saw(WRITTEN, "rules") == (0, 0)
    assert watched.saw(READ, "rules") == (1, 0)
    assert watched.standing.warnings == []
    assert watched.saw(NEITHER, "rules") == (1, 1)
    assert watched.standing.cached_prefix_tokens == 0


def test_it_is_told_once_where_as_many_calls_did_not_read_the_cache_as_did(watched):
    watched.saw(WRITTEN, "rules")
    for _ in range(6):
        watched.saw(READ, "rules")
    for missed in range(1, 6):
        assert watched.saw(NEITHER, "rules") == (6, missed)
    assert watched.standing.warnings == []  # more were read
    for _ in range(3):
        watched.saw(NEITHER, "rules")
    assert watched.standing.warnings == [NOT_CACHED]


def test_new_lessons_must_still_read_the_rules(watched):
    watched.saw(WRITTEN, "rules", "rules+first")
    assert watched.saw(WRITTEN, "rules", "rules+second") == (0, 1)


def test_after_the_hour_nothing_is_expected(watched):
    watched.saw(WRITTEN, "rules")
    watched.seconds = KEPT_S - 1
    watched.saw(READ, "rules")  # reading refreshes
    watched.seconds += KEPT_S - 1
    assert watched.saw(READ, "rules") == (2, 0)
    watched.seconds += KEPT_S
    assert watched.saw(WRITTEN, "rules") == (2, 0)


def test_within_the_hour_a_miss_is_one_whatever_the_clock_says(watched):
    watched.seconds = 10 * KEPT_S
    watched.saw(WRITTEN, "rules")
    watched.seconds += KEPT_S - 1
    assert watched.saw(NEITHER, "rules") == (0, 1)


def test_without_breakpoints_nothing_is_expected(watched):
    watched.saw(NEITHER)
    assert watched.saw(NEITHER) == (0, 0)


def test_one_token_read_is_a_hit_and_what_is_in_the_cache_is_read_and_written(watched):
    watched.saw(WRITTEN, "rules")
    assert watched.saw(Usage(10, 1, 1, 500), "rules") == (1, 0)
    assert watched.standing.cached_prefix_tokens == 501
