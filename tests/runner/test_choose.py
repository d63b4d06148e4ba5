"""Who hears the followed questions: Claude, in a loop that runs; neither the rules nor a replay."""

from __future__ import annotations

import threading
import time

from lib.market.terms import DEFAULT_TERMS
from runner.choose import live_decider, live_loop
from runner.claude.prompt import unheard
from runner.claude.standing import ClaudeState
from runner.config import load_config
from runner.status.status import status
from tests.builders import random_market
from tests.lib.lessons.streams.made import write_folder


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "question voices"]


def test_a_loop_with_claude_has_questions_asked_beside_it_while_it_is_open(tmp_path):
    config, folder = load_config(), write_folder(tmp_path / "data", random_market(1))
    asked = {}
    for name in ("claude", "rules"):
        with live_loop(name, lambda: config, folder, lambda *_: None, lambda *_: None) as loop:
            asked[name] = threads()
            if name == "claude":
                assert loop.caller.decider.base.given.voices.__name__ == "heard"
        assert threads() == []
    assert asked == {"claude": ["question voices"], "rules": []}


def test_how_claude_stood_in_an_earlier_run_is_not_told_of_a_loop_with_rules(tmp_path):
    config, folder = load_config(), write_folder(tmp_path / "data", random_market(1))
    for name, kept in (("claude", True), ("rules", False)):
        ClaudeState(state="blocked", reason="billing").write(folder)
        with live_loop(name, lambda: config, folder, lambda *_: None, lambda *_: None):
            found = status(folder, config.section("trade"), time.time_ns() // 1_000)
        assert [each["part"] for each in found["findings"] if each["part"] == "claude"] == ["claude"] * kept
        assert (found["claude"] is not None) == kept


def test_who_only_looks_hears_nobody(tmp_path):
    decider = live_decider("claude", load_config(), tmp_path)
    assert decider.given.voices is unheard and decider.terms == DEFAULT_TERMS and threads() == []
