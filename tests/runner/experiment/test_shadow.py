"""The shadow beside whoever decides: never executed, never in the way, never over the cap (docs/guarantees.md, E2)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lib.experiments.draw import draw
from runner.claude.ledger import spend_of_day
from tests.messages_server import MessagesServer
from tests.runner.experiment.asked import asked_loop, publish_short, says, settled, told
from tests.runner.experiment.made import rows_of, tick
from tests.runner.trade.made import log_rows

NIGHT = datetime(2026, 11, 29, 0, 14, tzinfo=UTC)


@pytest.fixture
def server():
    with MessagesServer() as running:
        yield running


def seed_for(letters: str) -> int:
    """A seed whose first draws are these."""
    return next(
        seed
        for seed in range(10_000)
        if all(draw(seed, "e1", place, 0.5) == letter for place, letter in enumerate(letters, 1))
    )


def lessons_enter(server: MessagesServer) -> None:
    """Whoever is told lessons goes LONG; who is told none holds."""
    server.choose = lambda body: says(server, direction="LONG", confidence=0.9) if told(body) else None


def test_the_other_arm_is_asked_on_the_same_tick_and_never_executed(tmp_path, server):
    lessons_enter(server)
    with asked_loop(tmp_path, server, seed_for("b")) as made:
        for _ in range(4):
            tick(made)
            settled(made)
        tick(made)
        rows = rows_of(tmp_path)
    both = rows.answers[1]
    assert [(answer.arm, answer.executed, answer.direction) for answer in both[:2]] == [
        ("b", True, "HOLD"),
        ("a", False, "LONG"),
    ]
    assert both[0].at == both[1].at
    assert both[1].code == "", "its answer meets the same rails and would make an order"
    assert sum(not answer.executed for answer in both) == 1, "once one of them enters the pair is decided"
    assert both[1].cost_usd > 0
    assert not log_rows(tmp_path, "trade_events.csv")[1:], "nothing of it is ordered"
    assert {row["direction"] for row in log_rows(tmp_path, "claude_decisions.csv")} == {"HOLD"}


def test_its_answer_meets_the_same_rails(tmp_path, server):
    server.choose = lambda body: says(server, direction="LONG", confidence=0.5) if told(body) else None
    with asked_loop(tmp_path, server, seed_for("b")) as made:
        tick(made)
        settled(made)
        tick(made)
        (shadow, *_) = [answer for answer in rows_of(tmp_path).answers[1] if not answer.executed]
    assert (shadow.direction, shadow.code) == ("LONG", "rail_confidence")


def late(server, seconds: float):
    def behave(handler, body):
        message = server.message(body, server.default, "end_turn")
        if not server.released.wait(seconds):
            handler.send_json(200, message)

    return behave


def cut(server):
    def behave(handler, body):
        server.message(body, server.default, "end_turn")
        handler.close_connection = True

    return behave


FAULTS: dict[str, Callable[[MessagesServer], Callable]] = {
    "refused": lambda server: (
        lambda handler, body: handler.send_error_json(401, "authentication_error", "no")
    ),
    "overloaded": lambda server: lambda handler, body: handler.send_error_json(529, "overloaded_error", "no"),
    "nonsense": lambda server: lambda handler, body: handler.send_json(200, {"odd": True}),
    "cut off": cut,
    "late": lambda server: late(server, 4.0),
    "silent": lambda server: late(server, 60.0),
}


def decided(folder: Path, server: MessagesServer, fault: str) -> tuple[list[str], list[float]]:
    """The rows of the decisions that arm a made, and how long each of its ticks took, with arm b alone at fault."""
    behave = FAULTS[fault](server) if fault else None
    server.choose = lambda body: says(server, direction="LONG", confidence=0.9) if told(body) else behave
    took = []
    # A tick that waited for its shadow would take as long as that has, which is far more than a busy machine adds.
    claude = {"deadline_s": 1.2, "late_s": 6.0}
    with asked_loop(folder, server, seed_for("abab"), claude=claude, shadow_deadline_s=6.0) as made:
        for place in range(40):
            began = time.monotonic()
            tick(made, 100 + place % 9 * 0.1)
            block = rows_of(folder).open_block
            if block is not None and block.arm == "a":
                took.append(time.monotonic() - began)
        rows = rows_of(folder)
    path = folder / "claude_decisions.csv"
    header, *lines = path.read_text().splitlines()
    own = {
        answer.decision_id
        for tick in rows.answers.values()
        for answer in tick
        if answer.executed and answer.arm == "a"
    }
    place = header.split(",").index("decision_id")
    return [line for line in lines if line.split(",")[place] in own], took


@pytest.fixture(scope="module")
def healthy(tmp_path_factory) -> list[str]:
    with MessagesServer() as running:
        return decided(tmp_path_factory.mktemp("healthy") / "data", running, "")[0]


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_whatever_one_arm_meets_the_other_arms_decisions_are_the_same_bytes(tmp_path, server, healthy, fault):
    found, took = decided(tmp_path / "data", server, fault)
    assert found == healthy
    assert len(found) >= 2
    assert max(took) < 3.0, "what the other arm waits for delays nobody"


def test_beyond_its_part_of_the_cap_it_is_left_out_and_counted_and_the_executed_arm_goes_on(tmp_path, server):
    with asked_loop(
        tmp_path, server, seed_for("a"), now=lambda: NIGHT, claude={"daily_cap_usd": 1.0}
    ) as made:
        for _ in range(5):
            assert tick(made).outcome == "asked"
            settled(made)
        tick(made)
        rows = rows_of(tmp_path)
        spent = spend_of_day(tmp_path, NIGHT)
    assert [row.why for row in rows.left_out[1]] == ["cap"] * len(rows.left_out[1])
    assert rows.left_out[1]
    assert all(answer.executed for answer in rows.answers[1])
    assert spent.calls == len(server.requests) == 6
    assert "0:14" not in "".join(text for _, text in made.heard)


def test_both_together_never_pass_the_cap(tmp_path, server):
    with asked_loop(tmp_path, server, seed_for("ab"), claude={"daily_cap_usd": 0.05}) as made:
        for _ in range(30):
            tick(made)
            settled(made)
        spent = spend_of_day(tmp_path, datetime(2026, 11, 29, 23, 0, tzinfo=UTC))
        rows = rows_of(tmp_path)
    assert spent.total_usd <= 0.05
    assert server.billed_usd <= 0.05
    assert any(row.why == "cap" for tick_ in rows.left_out.values() for row in tick_)
    codes = {answer.code for tick_ in rows.answers.values() for answer in tick_ if answer.executed}
    assert "budget" in codes, "an answer that the cap forbade is an outcome of its block, never dropped"


def test_an_arm_that_is_told_none_is_told_the_rules_alone(tmp_path, server):
    with asked_loop(tmp_path, server, seed_for("ba"), paired=False) as made:
        for _ in range(12):
            tick(made)
        texts = {told(request.body) for request in server.requests}
    assert texts == {True, False}
    lessons = publish_short(tmp_path / "again") if (tmp_path / "again").mkdir() is None else ""
    with_lessons = [request for request in server.requests if told(request.body)]
    assert all(request.body["system"][1]["text"] == lessons for request in with_lessons)
    hashes = {row["prompt_sha"] for row in log_rows(tmp_path, "claude_decisions.csv")}
    assert "" in hashes
    assert len(hashes) == 2
