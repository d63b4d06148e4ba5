"""What must arrive unchanged: every field of an answer, what is reserved, since when the API answers, and how long one is waited for."""

from __future__ import annotations

from concurrent.futures import TimeoutError as WaitTimeout
from datetime import UTC, datetime

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.claude.answering import answer_of
from runner.claude.asking import Asked
from runner.claude.judgement import answer_schema
from runner.claude.ledger import SPEND_FILE, SpendLedger
from runner.claude.refusal import ApiRefusal
from runner.claude.reply import read_reply
from runner.claude.standing import ClaudeState
from runner.trade.models import Usage
from tests.messages_server import reply_text
from tests.runner.claude.made import tick
from tests.runner.claude.test_reply import SETTINGS, body

ASKED = {"direction": "SHORT", "confidence": 0.8, "stop_pct": 0.21, "target_pct": 0.47, "valid_for_s": 17}


def test_an_answer_has_every_field_of_the_reply():
    told = body(reply_text(**ASKED, reasoning="Turned."))
    answer = answer_of(Asked("model", read_reply(told, SETTINGS, False, DEFAULT_TERMS), ""), "sha")
    assert {name: getattr(answer, name) for name in ASKED} == ASKED
    assert (answer.entry_recommended, answer.reasoning, answer.exit_advice) == (True, "Turned.", "keep")


class Out:
    """An answer that never comes; remembers how long it was waited for."""

    waited: float

    def result(self, seconds):
        self.waited = seconds
        raise WaitTimeout


def test_a_call_is_waited_for_no_longer_than_the_deadline_and_counts_at_its_worst(deciding, monkeypatch):
    decider, out = deciding(), Out()
    monkeypatch.setattr(decider._caller, "start", lambda asked, ended: out)
    assert decider.decide(tick(), 8).reason_code == "timeout"
    assert 6 < out.waited <= 8
    standing = decider.state()
    assert standing.cost.reserved_usd == decider._ledger.today().reserved_usd > 0
    assert standing.cost.billed_usd == 0.0


def test_an_answer_lifts_a_refusal_and_says_since_when_but_moves_nothing_where_there_was_none():
    at = [datetime(2026, 1, 5, 10, tzinfo=UTC)]
    standing = ClaudeState(state="ok", since="before")
    refusal = ApiRefusal(standing, 60.0, lambda reason, detail: None, lambda: 0.0, lambda: at[0])
    refusal.lift()
    assert (standing.state, standing.since) == ("ok", "before")
    refusal.block("billing", "no money")
    assert (standing.state, standing.retry_at) == ("blocked", "2026-01-05T10:01:00Z")
    at[0] = datetime(2026, 1, 5, 11, tzinfo=UTC)
    refusal.lift()
    assert (standing.state, standing.since) == ("ok", "2026-01-05T11:00:00Z")
    assert (standing.reason, standing.detail, standing.retry_at) == ("", "", "")


@pytest.mark.parametrize(("worst", "made"), [(0.4, True), (0.400001, False)])
def test_the_cap_may_be_reached_and_not_passed(tmp_path, worst, made):
    ledger = SpendLedger(tmp_path / SPEND_FILE, 1.0, 9).open()
    try:
        first = ledger.reserve(0.9, "model")
        ledger.settle(first, Usage(cost_usd=0.6), "model")
        assert (ledger.reserve(worst, "model") is not None) == made
    finally:
        ledger.close()


def test_the_schema_says_what_each_field_is_for():
    for name, found in answer_schema(DEFAULT_TERMS)["properties"].items():
        assert set(found) - {"enum"} == {"type", "description"}, name
