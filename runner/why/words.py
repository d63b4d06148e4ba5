"""What happened, in sentences; and all of it as lines for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from lib.contract.dollars import plain_number
from lib.contract.words import age_words
from lib.draw.numbers import dollars, percent
from runner.status.why import is_answer
from runner.why.models import Decided, Outcome, Rail, Ribbon, Why, WhyRecord

#: By the gate's word (docs/reference/reason-codes.md, Why it is asked).
ASKED = {
    "flip": "a ribbon had become all green or all red",
    "wick": "a 5-minute candle with a wick had closed within ten minutes",
    "position": "a fill or an exit had happened",
    "interval": "it was time for the regular question, as nothing else had asked for so long",
    "signal": "the original entry rule gave a signal",
    "recorded": "a recorded answer was due",
}
_NOT_LOGGED = "not logged: the row is of before it was, or no loop asked"
#: By reason code, what it means for the answer (docs/reference/reason-codes.md has all).
_MEANINGS = {
    "": "an order was made",
    "hold": "the decider said HOLD",
    "not_recommended": "a direction, but no entry recommended",
    "held": "a position was open, and the advice was to keep it",
    "exit_advised": "the advice was to leave, and it was followed",
    "direction": "the answer had no direction",
    "valid_for": "the answer had no time to live",
    "disk": "the order could not be written",
    "expired": "no price to fill at came in time",
    "spacing": "it lay too near the entry before",
    "kill": "the kill file came before the fill",
    "imported": "another bot's trade",
    "timeout": "no answer came within the deadline",
    "budget": "the day's dollars or calls were used up",
}
_EXITS = {"TP_HIT": "at its target", "SL_HIT": "at its stop", "TIME_EXIT": "when its time was over"}
_OF = {
    "traded": "As it was traded",
    "own exits": "By its own exits",
    "standard exits": "By the standard exits",
}


def asked_words(word: str) -> str:
    """Why it was asked."""
    return ASKED.get(word, word) if word else _NOT_LOGGED


def meaning_of(code: str) -> str:
    """What a reason code means."""
    if code.startswith("rail_"):
        return f"the rail {code.removeprefix('rail_')} stopped it"
    return _MEANINGS.get(code, f"{code}, see the reason codes")


def price(value: float | None) -> str:
    """A price with seven digits; an en dash where there is none."""
    return (
        "–" if value is None else plain_number(value, grouped=True) if abs(value) < 1e6 else f"{value:,.0f}"
    )


def net(value: float | None) -> str:
    """A net return, signed."""
    return percent(value, 2, signed=True)


def answer_sentences(decision: Decided, rails: list[Rail], outcomes: list[Outcome]) -> list[str]:
    """What happened, first of all."""
    sure = "" if decision.confidence is None else f" with confidence {decision.confidence:.2f}"
    found = [f"{_who(decision)} said {decision.direction}{sure}: {decision.meaning}."]
    if decision.direction == "HOLD" and decision.reason_code in ("", "hold"):
        found = [f"{_who(decision)} said HOLD{sure}."]
    if not is_answer(decision):
        found = [f"No answer of {_who(decision)} could be taken, so it is HOLD: {decision.meaning}."]
    failed = next((rail for rail in rails if rail.verdict == "failed"), None)
    if failed and failed.stood and failed.limit:
        found.append(f"It was {failed.stood}; the limit that is set today is {failed.limit}.")
    told = outcomes[:1] if len(outcomes) > 1 and _same(*outcomes[:2]) else outcomes
    found += [_sentence(outcome) for outcome in told]
    found += ["The standard exits would have made the same of it."] if len(told) < len(outcomes) else []
    if any(outcome.net_pct is not None for outcome in outcomes):
        found.append("One decision proves nothing.")
    return found


def _who(decision: Decided) -> str:
    names = {"rules": "The rule decider", "simulated": "The simulated trader", "imported": "Another bot"}
    return names.get(decision.kind) or decision.model or "The decider"


def _same(one: Outcome, other: Outcome) -> bool:
    """Whether two trades ended alike."""
    if one.net_pct is None or other.net_pct is None:
        return False
    return one.exit_reason == other.exit_reason and abs(one.net_pct - other.net_pct) < 0.005


def _sentence(outcome: Outcome) -> str:
    whose = {"traded": "It", "own exits": "Unexecuted, it"}.get(outcome.of, "By the standard exits it")
    would = "" if outcome.of == "traded" else "would have "
    if outcome.net_pct is None:
        return f"{whose} has no result: {outcome.note}."
    how = f" {exit_words(outcome.exit_reason)}".rstrip()
    held = "" if outcome.hold_minutes is None else f" after {age_words(60 * outcome.hold_minutes)}"
    money = "" if outcome.net_usd is None else f" ({dollars(outcome.net_usd)} on {_value(outcome.value_usd)})"
    return f"{whose} {would}ended{how}{held}: {net(outcome.net_pct)} net{money}."


def _value(value: float | None) -> str:
    return dollars(value).lstrip("+")


def exit_words(reason: str) -> str:
    """How a trade ended."""
    return _EXITS.get(reason, f"by {reason}" if reason else "")


def titled(outcomes: list[Outcome]) -> list[tuple[str, Outcome]]:
    """Each with by whose exits it is; two that ended alike are one."""
    if len(outcomes) > 1 and _same(*outcomes[:2]):
        return [(f"{_OF[outcomes[0].of]}, and {_OF[outcomes[1].of].lower()}", outcomes[0])]
    return [(_OF[outcome.of], outcome) for outcome in outcomes]


def ribbon_words(ribbon: Ribbon) -> str:
    """A ribbon in one line."""
    state = (ribbon.logged or ribbon.state).replace("_", " ")
    if not ribbon.at:
        return f"{state or 'unknown'}; no sample of it is there"
    other = (
        f" (as it is read today {ribbon.state.replace('_', ' ')})"
        if ribbon.logged and ribbon.logged != ribbon.state
        else ""
    )
    lines = f"{ribbon.green} green, {ribbon.red} red, {ribbon.gray} gray lines"
    away = (
        ""
        if ribbon.nearest_pct is None
        else f"; price {percent(ribbon.nearest_pct, 2, signed=True)} from the shortest line, "
        f"{percent(ribbon.furthest_pct, 2, signed=True)} from the longest"
    )
    return f"{state}{other}, {ribbon.quality}, at {price(ribbon.price)}: {lines}{away}"


def why_lines(why: Why) -> list[str]:
    """For people."""
    found, decision = why.record, why.record.decision
    name = decision.decision_id or decision.at
    return [
        f"{name} at {decision.at}, {found.source}{f', {found.symbol}' if found.symbol else ''}",
        *(f"  {sentence}" for sentence in found.answer),
        "",
        f"  asked because     {found.asked_words}",
        *([f"  experiment        {found.arm_words}"] if found.arm_words else []),
        *(f"  ribbon {ribbon.timeframe:<10} {ribbon_words(ribbon)}" for ribbon in found.ribbons),
        f"  market            regime {decision.regime or 'not logged'}, wick {decision.wick or 'none'}",
        f"  reasoning         {decision.reasoning or 'none logged'}",
        *_rail_lines(found),
        *(_outcome_line(outcome) for outcome in found.outcomes),
        *(
            f"  {'event ' + event.kind:<18}{event.at}{'' if event.price is None else ' ' + price(event.price)} {event.reason}".rstrip()
            for event in found.events
        ),
        *_told_lines(found),
        *(f"  cannot be read: {fault}" for fault in found.faults),
    ]


def _rail_lines(found: WhyRecord) -> Iterator[str]:
    for rail in found.rails:
        beside = "; ".join(part for part in (rail.stood, f"limit {rail.limit}") if part)
        yield f"  rail {rail.name:<13}{rail.verdict:<11}{beside}"
    yield f"  rails             {found.rails_note}"


def _outcome_line(outcome: Outcome) -> str:
    begun = f"in {price(outcome.entry_price)} at {outcome.entry_time}" if outcome.entry_time else ""
    ended = outcome.note
    if outcome.exit_price is not None:
        how = f" {outcome.exit_reason}".rstrip()
        ended = f"out {price(outcome.exit_price)} at {outcome.exit_time or 'an unknown time'}{how}, net {net(outcome.net_pct)}"
    return f"  {outcome.of:<18}{', '.join(part for part in (begun, ended) if part)}"


def _told_lines(found: WhyRecord) -> Iterator[str]:
    lessons, prompt = found.lessons, found.prompt
    yield f"  lessons           {lessons.note}{f' ({lessons.sha256[:12]})' if lessons.sha256 else ''}"
    for lesson in lessons.to_act_on:
        yield f"    {lesson}"
    yield f"  cost              {found.cost_words}"
    if found.first:
        sent = found.first.prompt
        yield f"  asked first       {found.first.words}"
        yield f"  its prompt        {sent.note}{f' ({sent.sha256[:12]})' if sent.sha256 else ''}"
    yield f"  prompt            {prompt.note}{f' ({prompt.sha256[:12]})' if prompt.sha256 else ''}"
    yield f"  terms             {found.terms}"
