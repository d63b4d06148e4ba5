"""What is said of one decision, worked out by hand, whatever else its folder lacks or holds."""

from __future__ import annotations

import shutil

import pytest

from lib.contract.times import iso
from lib.errors import MissingDataError, ParameterError
from lib.lessons.eras import write_terms
from lib.market.terms import DEFAULT_TERMS
from lib.paths import repository_root
from lib.prompt.archive import archive_text
from runner.claude.kept_requests import RequestKeeper, pack, request_file, request_sha, request_text
from runner.trade.events import EVENTS_FILE
from runner.trade.settings import RailSettings
from runner.why.read import read_why
from runner.why.words import why_lines
from tests.builders import at
from tests.runner.why.made import ASKED, decide, executed, log_events, market, trade_events, us, why

REQUEST = {
    "model": "claude-sonnet-5-5",
    "max_tokens": 700,
    "system": [{"type": "text", "text": "The rules."}, {"type": "text", "text": "The lessons."}],
    "messages": [{"role": "user", "content": [{"type": "text", "text": "TICK"}]}],
}


def keep(folder, text: str) -> str:
    keeper = RequestKeeper(folder, pytest.fail)
    keeper.keep(us(ASKED), text)
    keeper.close()
    return request_sha(text)


# What it made


def test_a_trade_beside_the_standard_exits(tmp_path):
    """Filled at 100; 100.35 three minutes later is above the standard target of 100.3 and below its own of 100.4."""
    market(tmp_path, {ASKED + 4: 100.35, ASKED + 8: 100.2})
    decide(tmp_path, **executed())
    traded, standard = why(tmp_path).record.outcomes
    assert (traded.of, traded.exit_reason, traded.net_pct, traded.hold_minutes) == (
        "traded", "CLAUDE_EXIT", 0.11, 10.0
    )  # fmt: skip
    assert (standard.of, standard.entry_price, standard.exit_reason, standard.exit_price) == (
        "standard exits", 100.0, "TP_HIT", pytest.approx(100.3)
    )  # fmt: skip
    assert standard.net_pct == pytest.approx(0.3 - 0.09)
    assert (standard.stop_price, standard.target_price) == (pytest.approx(99.85), pytest.approx(100.3))
    assert standard.exit_time == iso(at(ASKED + 4))  # by the sample: the entry lies inside its candle


def test_an_answer_that_a_rail_stopped_would_have_made_this(tmp_path):
    """Entered at the next sample, 100 with 0.01 % of slippage; at 99.82 its own stop (0.3 %) holds and the standard one does not."""
    market(tmp_path, {ASKED + 4: 99.82, ASKED + 60: 99.9})
    decide(tmp_path, confidence=0.5, reason_code="rail_confidence", stop_pct=0.3)
    own, standard = why(tmp_path).record.outcomes
    assert (own.of, own.exit_reason, own.entry_time) == ("own exits", "TIME_EXIT", iso(at(ASKED + 1)))
    assert own.entry_price == pytest.approx(100.01)
    assert own.net_pct == pytest.approx((99.82 * 0.9999 / 100.01 - 1) * 100 - 0.09)
    assert (standard.of, standard.exit_reason) == ("standard exits", "SL_HIT")
    assert standard.net_pct == pytest.approx(-0.15 - 0.09)


def test_an_answer_with_the_standard_exits_is_told_once(tmp_path):
    market(tmp_path)
    decide(tmp_path, reason_code="rail_cooldown")
    (only,) = why(tmp_path).record.outcomes
    assert (only.of, only.exit_reason) == ("standard exits", "TIME_EXIT")


def test_a_trade_by_the_standard_exits_says_so(tmp_path):
    market(tmp_path, {ASKED + 4: 100.4})
    over = {"exit_price": 100.3, "exit_time": iso(at(ASKED + 5)), "exit_reason": "TP_HIT"}
    decide(tmp_path, **executed(**over, net_pnl_pct=0.21, stop_pct=0.15, target_pct=0.3))
    found = why(tmp_path).record
    assert found.answer == [
        "claude-sonnet-5-5 said LONG with confidence 0.80: it was entered.",
        "It ended at its target after 4 min: +0.21 % net.",
        "The standard exits would have made the same of it.",
        "One decision proves nothing.",
    ]


@pytest.mark.parametrize(
    ("changed", "asked"),
    [
        ({"direction": "HOLD", "reason_code": "hold"}, "said HOLD with confidence 0.80."),
        ({"holding": "YES", "reason_code": "held"}, "the advice was to keep it"),
        ({"entry_recommended": "NO", "reason_code": "not_recommended"}, "no entry recommended"),
    ],
)
def test_where_no_entry_was_asked_for_nothing_is_made_of_it(tmp_path, changed, asked):
    market(tmp_path)
    decide(tmp_path, **changed)
    found = why(tmp_path).record
    assert found.outcomes == [] and asked in found.answer[0] and len(found.answer) == 1


def test_a_call_without_an_answer_is_not_told_as_what_it_said(tmp_path):
    market(tmp_path)
    decide(tmp_path, direction="HOLD", confidence=0, reason_code="timeout")
    assert why(tmp_path).record.answer == [
        "No answer of claude-sonnet-5-5 could be taken, so it is HOLD: no answer came within the deadline."
    ]


def test_what_has_not_ended_yet_says_so(tmp_path):
    market(tmp_path)
    name = decide(tmp_path, timestamp=iso(at(290)), reason_code="rail_hour")
    late = decide(tmp_path, decision_id="later", timestamp=iso(at(300)), reason_code="rail_hour")
    assert [why(tmp_path, name).record.outcomes[0].note, why(tmp_path, late).record.outcomes[0].note] == [
        "not ended yet by what is known",
        "it is not known yet whether it would enter",
    ]


def test_over_a_gap_there_is_no_result(tmp_path):
    market(tmp_path, missing=(ASKED + 10,))
    decide(tmp_path, reason_code="rail_hour")
    (only,) = why(tmp_path).record.outcomes
    assert only.net_pct is None and only.note.startswith("null: a candle is missing")


def test_the_terms_are_those_of_then(tmp_path):
    """A target of 0.1 % was in force; the configured one is 0.3 %."""
    market(tmp_path, {ASKED + 4: 100.15})
    decide(tmp_path, reason_code="rail_hour")
    then = DEFAULT_TERMS.model_copy(update={"target_pct": 0.1})
    write_terms(tmp_path, then, at(0))
    write_terms(tmp_path, DEFAULT_TERMS, at(240))
    found = why(tmp_path).record
    assert found.outcomes[-1].exit_reason == "TP_HIT" and "target 0.1 %" in found.terms


# The rails

ORDER = ("kill", "halt", "cooldown", "hour", "day", "confidence", "stop", "target", "size")


def verdicts(folder, **limits) -> dict[str, str]:
    return {rail.name: rail.verdict for rail in why(folder, **limits).record.rails}


@pytest.mark.parametrize("failed", ["confidence", "stop", "target"])
def test_a_rail_that_looks_at_the_answer_failed(tmp_path, failed):
    market(tmp_path)
    decide(tmp_path, reason_code=f"rail_{failed}")
    place = ORDER.index(failed)
    assert "the limit that is set today is" in why(tmp_path).record.answer[1]
    assert verdicts(tmp_path) == dict.fromkeys(ORDER[:place], "passed") | {failed: "failed"} | dict.fromkeys(
        ORDER[place + 1 :], "not asked"
    )


@pytest.mark.parametrize(
    ("code", "failed"),
    [
        ("rail_kill", "kill"),
        ("rail_halt_daily_loss", "halt"),
        ("rail_cooldown", "cooldown"),
        ("rail_hour", "hour"),
        ("rail_day", "day"),
    ],
)
def test_a_rail_that_needs_no_answer_failed_while_it_was_thought(tmp_path, code, failed):
    """All of these passed before it was asked, or nobody would have been."""
    market(tmp_path)
    decide(tmp_path, reason_code=code)
    found = verdicts(tmp_path)
    assert [name for name, verdict in found.items() if verdict == "failed"] == [failed]
    assert {found[name] for name in ORDER[:5] if name != failed} == {"passed"}
    assert {found[name] for name in ORDER[5:]} == {"not asked"}


def test_an_order_passed_all_of_them_and_says_what_they_looked_at(tmp_path):
    market(tmp_path)
    earlier = [*trade_events("one", 10, 20), *trade_events("two", 140, 150), *trade_events("three", 155, 168)]
    log_events(tmp_path, *earlier, *trade_events("claude-one", ASKED, ASKED + 11))
    decide(tmp_path, **executed())
    found = why(tmp_path, min_confidence=0.7)
    assert {rail.verdict for rail in found.record.rails} == {"passed"}
    stood = {rail.name: (rail.stood, rail.limit) for rail in found.record.rails}
    assert stood["cooldown"] == ("12.0 min since the last exit", "at least 5 min")
    assert (stood["hour"][0], stood["day"][0]) == ("0 entered", "3 entered")
    assert stood["confidence"] == ("0.80", "at least 0.70")
    assert stood["stop"] == ("0.20 %", "0.05 to 1 %") and stood["size"][0] == "$1,000.00 ordered"
    assert [event.kind for event in found.record.events] == ["order", "fill", "exit"]


def test_while_a_position_was_held_no_rail_was_asked_and_whose_it_was_is_said(tmp_path):
    market(tmp_path)
    log_events(tmp_path, *trade_events("opener", 170))
    decide(tmp_path, holding="YES", reason_code="held")
    found = why(tmp_path).record
    assert set(verdicts(tmp_path).values()) == {"not asked"} and found.decision.position == "opener"


def test_of_a_hold_only_those_that_need_no_answer_were_asked(tmp_path):
    market(tmp_path)
    decide(tmp_path, direction="HOLD", reason_code="timeout")
    found = verdicts(tmp_path)
    assert {found[name] for name in ORDER[:5]} == {"passed"}
    assert {found[name] for name in ORDER[5:]} == {"not asked"}


@pytest.mark.parametrize(
    ("changed", "summary", "said"),
    [
        ({"model": "rules"}, "", "a fixed rule decided over history"),
        ({"model": "simulated"}, "", "a simulated trader made the trade"),
        ({"reason_code": "imported"}, "", "another bot made the trade"),
        ({}, '{"rails": false}', "the folder is a replay without rails"),
    ],
)
def test_where_no_rails_stood_none_are_shown(tmp_path, changed, summary, said):
    market(tmp_path)
    decide(tmp_path, **executed(), **changed)
    if summary:
        (tmp_path / "summary.json").write_text(summary)
    found = why(tmp_path).record
    assert found.rails == [] and said in found.rails_note


@pytest.mark.parametrize("summary", ['{"rails": true}', "[]", "{", ""])
def test_rails_stood_unless_a_summary_says_that_they_did_not(tmp_path, summary):
    market(tmp_path)
    decide(tmp_path, reason_code="rail_hour")
    (tmp_path / "summary.json").write_text(summary)
    assert why(tmp_path).record.rails


# What was asked and told


def test_why_it_was_asked_and_both_ribbons(tmp_path):
    market(tmp_path)
    decide(tmp_path, direction="HOLD", reason_code="hold", state_15min="mixed")
    found = why(tmp_path).record
    assert (found.asked_because, found.asked_words) == ("flip", "a ribbon had become all green or all red")
    five, fifteen = found.ribbons
    assert (five.timeframe, five.logged, five.state, five.at) == (
        "5min", "all_green", "all_green", iso(at(ASKED))
    )  # fmt: skip
    assert (five.price, five.green, five.red, five.gray) == (100.0, 2, 0, 0)
    assert five.nearest_pct == pytest.approx((100 / 99.9 - 1) * 100)
    assert five.furthest_pct == pytest.approx((100 / 99.5 - 1) * 100)
    assert (fifteen.logged, fifteen.state) == ("mixed", "all_green")


def test_the_prompt_is_proven_by_its_hash(tmp_path):
    market(tmp_path)
    decide(tmp_path, request_sha=keep(tmp_path, request_text(REQUEST)))
    prompt = why(tmp_path).record.prompt
    assert prompt.status == "verified"
    titles = ["rules", "lessons", "this tick", "settings and the form of the answer"]
    assert [part.title for part in prompt.parts] == titles
    assert [part.text for part in prompt.parts[:3]] == ["The rules.", "The lessons.", "TICK"]


def test_a_prompt_of_another_hash_is_never_shown(tmp_path):
    market(tmp_path)
    sha256 = keep(tmp_path, request_text(REQUEST))
    path = request_file(tmp_path, us(ASKED))
    head, row = path.read_text().splitlines()
    path.write_text(f"{head}\n{','.join([*row.split(',')[:2], pack('Buy everything.')])}\n")
    decide(tmp_path, request_sha=sha256)
    prompt = why(tmp_path).record.prompt
    assert (prompt.status, prompt.parts) == ("another", []) and "not what was sent" in prompt.note


@pytest.mark.parametrize(
    ("sha256", "status"), [("ab" * 32, "not kept"), ("", "nothing"), ("../../etc", "not kept")]
)
def test_a_prompt_that_is_not_kept_is_said(tmp_path, sha256, status):
    market(tmp_path)
    decide(tmp_path, request_sha=sha256)
    prompt = why(tmp_path).record.prompt
    assert (prompt.status, prompt.parts) == (status, [])


def test_a_request_of_a_shape_that_nobody_knows_is_shown_whole(tmp_path):
    market(tmp_path)
    decide(tmp_path, request_sha=keep(tmp_path, '{"system": "all"}'))
    (part,) = why(tmp_path).record.prompt.parts
    assert (part.title, part.text) == ("all of it", '{"system": "all"}')


def test_lessons_in_force(tmp_path):
    market(tmp_path)
    text = "# LESSONS\n- FAVOUR: LONG after a wick\n- AVOID: SHORT at night\n- Nearest: something\n"
    decide(tmp_path, prompt_sha=archive_text(tmp_path, text))
    lessons = why(tmp_path).record.lessons
    assert lessons.to_act_on == ["FAVOUR: LONG after a wick", "AVOID: SHORT at night"]
    assert lessons.text == text


@pytest.mark.parametrize(
    ("sha256", "said"), [("ab" * 32, "is not kept"), ("", "No lessons were told"), ("../x", "is no hash")]
)
def test_lessons_that_are_not_there_are_said(tmp_path, sha256, said):
    market(tmp_path)
    decide(tmp_path, prompt_sha=sha256)
    lessons = why(tmp_path).record.lessons
    assert said in lessons.note and (lessons.to_act_on, lessons.text) == ([], "")


@pytest.mark.parametrize(
    ("changed", "cost", "said"),
    [
        ({}, 0.0031, "$0.0031 billed"),
        ({"model_cost_usd": 0, "request_sha": "ab" * 32}, 0.0, "Not known when it was made"),
        ({"model_cost_usd": "", "model": "rules"}, None, "no model was paid"),
    ],
)
def test_what_it_cost(tmp_path, changed, cost, said):
    market(tmp_path)
    decide(tmp_path, **changed)
    found = why(tmp_path).record
    assert found.cost_usd == cost and said in found.cost_words


# Two models

FIRST = {
    "first_model": "claude-haiku-5-5",
    "first_answer": "LONG",
    "first_confidence": 0.85,
    "first_cost_usd": 0.0004,
}


def test_of_two_models_both_and_what_was_sent_to_each(tmp_path):
    market(tmp_path)
    one, other = (keep(tmp_path, request_text({**REQUEST, "model": name})) for name in ("haiku", "sonnet"))
    decide(tmp_path, **FIRST, first_request_sha=one, request_sha=other)
    found = why(tmp_path)
    first = found.record.first
    assert first is not None
    assert (first.model, first.advised, first.confidence, first.cost_usd) == (
        "claude-haiku-5-5",
        "LONG",
        0.85,
        0.0004,
    )
    assert (
        first.words == "claude-haiku-5-5 advised LONG with confidence 0.85, so claude-sonnet-5-5 had the say."
    )
    for sent, sha256, name in ((first.prompt, one, "haiku"), (found.record.prompt, other, "sonnet")):
        assert (sent.status, sent.sha256) == ("verified", sha256)
        assert f'"model": "{name}"' in sent.parts[-1].text
    assert found.record.cost_words == "$0.0031 billed for both answers, $0.0004 of it for the first."
    told = [line.strip() for line in why_lines(found)]
    assert f"asked first       {first.words}" in told
    assert any(
        line.startswith("its prompt        This is what was sent") and one[:12] in line for line in told
    )
    assert any(
        line.startswith("prompt            This is what was sent") and other[:12] in line for line in told
    )


def test_a_second_that_was_not_asked_any_more_is_said_to_be_none(tmp_path):
    market(tmp_path)
    sha256 = keep(tmp_path, request_text(REQUEST))
    decide(
        tmp_path,
        **FIRST,
        first_request_sha=sha256,
        direction="HOLD",
        reason_code="timeout",
        model_cost_usd=0.0004,
    )
    found = why(tmp_path).record
    assert found.first is not None and found.first.prompt.status == "verified"
    assert (found.prompt.status, found.prompt.note) == (
        "nothing",
        "Nothing was sent to claude-sonnet-5-5 any more.",
    )
    assert found.cost_usd == 0.0004 and found.cost_words == "$0.0004 billed for the first answer."


def test_a_second_of_unknown_cost_is_said(tmp_path):
    market(tmp_path)
    sha256 = keep(tmp_path, request_text(REQUEST))
    decide(
        tmp_path, **FIRST, request_sha=sha256, direction="HOLD", reason_code="timeout", model_cost_usd=0.0004
    )
    assert why(tmp_path).record.cost_words.startswith(
        "$0.0004 billed for the first answer. Of the second: not known when it was made"
    )


def test_the_request_of_the_first_is_shown_only_if_it_is_proven(tmp_path):
    market(tmp_path)
    decide(tmp_path, **FIRST, first_request_sha="cd" * 32, request_sha=keep(tmp_path, request_text(REQUEST)))
    found = why(tmp_path).record
    assert found.first is not None and (found.first.prompt.status, found.first.prompt.parts) == (
        "not kept",
        [],
    )
    assert found.prompt.status == "verified"


def test_one_model_alone_has_no_first(tmp_path):
    market(tmp_path)
    decide(tmp_path)
    found = why(tmp_path)
    assert found.record.first is None
    assert not any("asked first" in line or "its prompt" in line for line in why_lines(found))


# Which one


def several(folder) -> None:
    market(folder)
    for minute in (100, 110, 120, 130, 140, 150):
        name = f"claude-{at(minute):%Y%m%dT%H%M%S}Z"
        decide(folder, decision_id=name, timestamp=iso(at(minute)), direction="HOLD", reason_code="hold")


def test_by_its_id_by_its_time_and_the_last(tmp_path):
    several(tmp_path)
    for wanted in ("claude-20260105T015000Z", "2026-01-05T01:50:00Z", " claude-20260105T015000Z "):
        assert why(tmp_path, wanted).record.decision.at == iso(at(110))
    assert why(tmp_path, "last").record.decision.at == iso(at(150))


def test_an_older_row_without_an_id_is_asked_for_by_its_time(tmp_path):
    market(tmp_path)
    decide(tmp_path, decision_id="", asked_because="", holding="", request_sha="")
    found = why(tmp_path, iso(at(ASKED))).record
    assert found.decision.decision_id == "" and found.asked_words.startswith("not logged")


def test_an_unknown_one_lists_the_nearest(tmp_path):
    several(tmp_path)
    with pytest.raises(ParameterError, match="no decision 'claude-20260105T015500Z'") as caught:
        why(tmp_path, "claude-20260105T015500Z")
    listed = str(caught.value).partition("The nearest: ")[2].partition(";")[0].split(", ")
    assert len(listed) == 5 and set(listed[:2]) == {"claude-20260105T015000Z", "claude-20260105T020000Z"}
    with pytest.raises(ParameterError, match="The nearest: claude-20260105T023000Z"):
        why(tmp_path, "nothing like it")
    with pytest.raises(ParameterError, match="The nearest: claude-20260105T02"):
        why(tmp_path, "claude-20269999T999999Z")


def test_what_is_asked_for_is_shown_visibly(tmp_path):
    several(tmp_path)
    with pytest.raises(ParameterError) as caught:
        why(tmp_path, "\x1b[2Jgone")
    assert "\x1b" not in str(caught.value)


def test_several_at_one_time_are_listed(tmp_path):
    market(tmp_path)
    decide(tmp_path)
    decide(tmp_path, decision_id="claude-two")
    with pytest.raises(
        ParameterError, match=r"2 decisions at that time\. The nearest: claude-one, claude-two"
    ):
        why(tmp_path, iso(at(ASKED)))
    assert why(tmp_path, "claude-two").record.decision.decision_id == "claude-two"


def test_a_folder_without_decisions_says_so(tmp_path):
    market(tmp_path)
    with pytest.raises(MissingDataError, match="nobody has decided anything yet"):
        why(tmp_path)


# Damage


def test_a_log_that_cannot_be_read_is_said_and_all_else_stands(tmp_path):
    market(tmp_path)
    decide(tmp_path, **executed())
    (tmp_path / EVENTS_FILE).write_bytes(b"\xff\xfe\x00rubbish\n")
    found = why(tmp_path).record
    (fault,) = found.faults
    assert fault.startswith("events: ") and found.outcomes[0].net_pct == 0.11


def test_of_rails_that_an_unreadable_log_would_tell_of_nothing_is_said(tmp_path):
    market(tmp_path)
    decide(tmp_path, **executed())
    (tmp_path / EVENTS_FILE).mkdir()
    found = why(tmp_path).record
    assert found.faults == [
        f"events: {tmp_path / EVENTS_FILE}: cannot be used: Is a directory. A folder stands where a file belongs: move it away"
    ]
    assert (
        found.rails == [] and found.rails_note == "It could not be read; the reason stands among the faults."
    )


def test_without_a_market_the_decision_is_told_all_the_same(tmp_path):
    decide(tmp_path, **executed())
    found = why(tmp_path)
    assert found.record.outcomes[0].net_pct == 0.11 and "as it was traded" not in found.record.answer[1]
    assert [ribbon.at for ribbon in found.record.ribbons] == ["", ""]


def test_an_imported_trade_without_a_market_has_its_own_outcome_alone(tmp_path):
    decide(tmp_path, **executed(exit_reason=""), reason_code="imported")
    found = why(tmp_path)
    assert found.record.answer == [
        "Another bot said LONG with confidence 0.80: it was entered.",
        "It ended after 10 min: +0.11 % net.",
        "One decision proves nothing.",
    ]
    assert [outcome.of for outcome in found.record.outcomes] == ["traded"]
    assert f"out 100.2 at {iso(at(ASKED + 11))}, net +0.11 %" in "\n".join(why_lines(found))


def test_a_folder_of_an_earlier_version(tmp_path):
    folder = tmp_path / "data"
    shutil.copytree(repository_root() / "tests" / "yesterday", folder)
    for kind in ("ema_data", "candlesticks"):  # it has none of 15 minutes
        (folder / f"{kind}_15min.csv").write_bytes((folder / f"{kind}_5min.csv").read_bytes())
    found = read_why(folder, RailSettings(), DEFAULT_TERMS, "last")
    assert found.record.faults == [] and found.record.prompt.status == "nothing"
    assert found.record.asked_words.startswith("not logged")


def test_no_mark_of_any_text_is_unseen(tmp_path):
    market(tmp_path)
    nasty = "\x1b]0;title\x07\u202egnol\u200b"
    decide(tmp_path, **executed(exit_reason=nasty), reasoning=nasty, model=f"m{nasty}", regime=nasty, wick=nasty,
           asked_because=nasty, prompt_sha=nasty, request_sha=nasty, state_5min=nasty, reason_code=f"rail_{nasty}")  # fmt: skip
    found = why(tmp_path)
    told = "\n".join(why_lines(found)) + found.record.model_dump_json()
    assert not {"\x1b", "\x07", "\u202e", "\u200b"} & set(told)
    assert "\\u202egnol" in told
