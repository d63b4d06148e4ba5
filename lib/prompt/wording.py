"""The change of a prompt addition in words and lines, for reports and a terminal; ASCII, as the prompt itself is."""

from __future__ import annotations

from typing import Literal, NamedTuple

from lib.contract.words import number, time_word
from lib.prompt.difference import PromptChange, new_words

SHORT = 12


class ChangeLine(NamedTuple):
    """One line of a change: a heading, a line that came or went (`moved`: only its figures did), or a note."""

    kind: Literal["heading", "came", "went", "note"]
    text: str
    moved: bool = False


def change_sentence(change: PromptChange | None) -> str:
    """What changed in the text for Claude, in one sentence with its sizes."""
    if change is None:
        return "What changed in the text for Claude was not recorded."
    if change.is_first:
        return _held("The text for Claude is the first of this history", change)
    told = _changed(change)
    if lessons := _lessons(change):
        told += f"; {_plural(lessons, 'lesson')} with another status"
    if change.trades is not None:
        told += f"; {_plural(change.trades, 'trade')} closed since"
    return _held(told, change)


def _changed(change: PromptChange) -> str:
    """What came and went, as the beginning of a sentence."""
    if change.before_lost:
        return "The text for Claude is not compared, as the one before is not kept"
    came, went = _came_and_went(change)
    if came or went:
        return f"The text for Claude changed: {_counts(change)}"
    if change.same or not change.figures_only:
        return "The text for Claude did not change"
    return f"The text for Claude did not change, but for figures in {_plural(change.figures_only, 'line')}"


def _held(told: str, change: PromptChange) -> str:
    return f"{told}; HELD since {time_word(change.held_since)}." if change.held_since else f"{told}."


def change_lines(change: PromptChange) -> list[ChangeLine]:
    """All that is recorded of a change, section by section, what came before what went."""
    found = [
        ChangeLine(
            "heading",
            f"{short_hash(change.sha256_before)} -> {short_hash(change.sha256_after)}: {_tokens(change)}",
        )
    ]
    if change.held_since:
        composed = short_hash(change.composed_sha256)
        text = f"held since {time_word(change.held_since)}; the cycle itself composed {composed}"
        found.append(ChangeLine("note", text))
    if change.is_first:
        return [
            *found,
            ChangeLine("note", "the first of this history: all of it is new"),
            *_trade_lines(change),
        ]
    found.append(ChangeLine("note", _counts(change)))
    for section in dict.fromkeys(line.section for line in [*change.came, *change.went]):
        found.append(ChangeLine("heading", section or "(before the first heading)"))
        found += [
            ChangeLine("went", line.text, line.figures) for line in change.went if line.section == section
        ]
        found += [
            ChangeLine("came", line.text, line.figures) for line in change.came if line.section == section
        ]
    for more, what in ((change.came_more, "came"), (change.went_more, "went")):
        found += [ChangeLine("note", f"{_plural(more, 'more line')} {what}")] if more else []
    return found + _lesson_lines(change) + _trade_lines(change)


def short_hash(sha256: str) -> str:
    """The beginning of a hash, as a person names it; "nothing" for none."""
    return sha256[:SHORT] or "nothing"


def _tokens(change: PromptChange) -> str:
    before = "unknown" if change.before_lost else number(change.tokens_before or 0)
    return f"about {before} -> {number(change.tokens_after)} tokens"


def _counts(change: PromptChange) -> str:
    if change.before_lost:
        return "not compared: the one before is not kept"
    if change.same:
        return "nothing but times changed"
    came, went = _came_and_went(change)
    return (
        f"{_plural(came, 'new line')}, {number(went)} gone, {number(change.figures_only)} with other figures"
    )


def _came_and_went(change: PromptChange) -> tuple[int, int]:
    """Lines that are new and lines that are gone, those with other figures alone not counted."""
    return (
        len(new_words(change.came)) + change.came_more,
        len(new_words(change.went)) + change.went_more,
    )


def _lessons(change: PromptChange) -> int:
    return len(change.lessons or []) + change.lessons_more


def _lesson_lines(change: PromptChange) -> list[ChangeLine]:
    if not change.lessons:
        return []
    found = [ChangeLine("heading", "Lessons")]
    for lesson in change.lessons:
        before, after = lesson.before or "not there", lesson.after or "gone"
        how = f"{after}, worded otherwise" if lesson.before == lesson.after else f"{before} -> {after}"
        found.append(ChangeLine("note", f"{lesson.id}: {how}"))
    return found + (
        [ChangeLine("note", f"{number(change.lessons_more)} more")] if change.lessons_more else []
    )


def _trade_lines(change: PromptChange) -> list[ChangeLine]:
    if not change.trades:
        return []
    since = "in the window" if change.is_first else "since the cycle before"
    found = [ChangeLine("heading", f"Trades closed {since}: n={number(change.trades)}")]
    for trade in change.trades_shown:
        span = f"{time_word(trade.entry_time)} to {time_word(trade.exit_time)}"
        found.append(
            ChangeLine("note", f"{span} {trade.direction} {trade.signature}: net {trade.net_pct:+.4f} %")
        )
    older = change.trades - len(change.trades_shown)
    return found + ([ChangeLine("note", f"{number(older)} older ones not listed")] if older else [])


def _plural(count: int, noun: str) -> str:
    return f"{number(count)} {noun}{'' if count == 1 else 's'}"
