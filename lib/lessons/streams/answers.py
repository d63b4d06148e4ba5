"""What the decider recommended while it held nothing, executed or not: the stream `answers`, each answer an episode of its own.

An answer counts for a group if no counted answer of that group is still open: a walk per group, so a row of the table has a value only in
the families whose group it counts for. That is decided at its entry, in the hour of it; it is handed out when its outcome is known and its
whole hold is past (which dates it), and until then the carry keeps which groups it holds. What would surprise: one that cannot be scored
neither counts nor holds a group. A gap that voids it voids all that were entered before the gap, so what it lets in was entered when
that was known.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from math import inf, isnan
from typing import NamedTuple

from lib.analysis.answers import Answer, Taken, count_for
from lib.lessons.hypotheses import FAMILIES
from lib.lessons.streams.episodes import ABANDONED_AFTER
from lib.lessons.streams.models import Candidate, Carry, OpenAnswer, Track, judged_until
from lib.lessons.streams.stretch import HourWindow, answer_id
from lib.market.exits import MINUTE, ExitRule
from lib.market.terms import Terms, declared_bounds

_STREAM = "answers"


class AnswersOfHour(NamedTuple):
    """What an hour leaves: answers whose outcome became known, in the order of it; how far the walk came; what is open still."""

    finished: list[Candidate]
    track: Track
    waiting: dict[str, OpenAnswer]


def answers_of_hour(window: HourWindow, carry: Carry, settled_until: int) -> AnswersOfHour:
    """Take in the answers entered in (settled_until, hour], and what became of those that were open. Left out, by reason: `overlapping`
    (counts for no group), `abandoned`, and whatever `score_answer` could not score one for.
    """
    terms = window.terms
    known, walk = (
        _candidates(window.answers(settled_until, carry.open_answers), terms),
        _Walk(window.hour, judged_until(window.path, terms), int(terms.hold_minutes * MINUTE)),
    )
    for name, kept in carry.open_answers.items():
        walk.follow(name, kept, known.get(name))
    fresh = [answer for answer in known.values() if settled_until < answer.entry_at <= window.hour]
    entered = [answer for answer in fresh if not answer.left_out]
    walk.left_out.update(answer.left_out for answer in fresh if answer.left_out)
    for answer, words in zip(entered, window.group_words(entered), strict=True):
        walk.enter(answer, {family: words[family] for family in FAMILIES[_STREAM]} | {"all": _STREAM})
    return walk.after(carry.track(_STREAM), fresh[-1].entry_at if fresh else None)


@dataclass
class _Walk:
    """One hour of it."""

    hour: int
    judged_until: int
    hold: int
    finished: list[Candidate] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    waiting: dict[str, OpenAnswer] = field(default_factory=dict)
    taken: Taken = field(default_factory=dict)

    def enter(self, answer: Candidate, groups: Mapping[str, str]) -> None:
        """One more answer, in the order of entries."""
        end = inf if answer.end_at is None else answer.end_at
        if counts := count_for(groups, answer.entry_at, end, self.taken):
            kept = OpenAnswer(answered_at=answer.words["answered_at"], groups=counts)
            self.follow(answer.trade, kept, answer)
        else:
            self.left_out["overlapping"] += 1

    def follow(self, name: str, kept: OpenAnswer, answer: Candidate | None) -> None:
        """Hand one that counts out, leave it out, or wait for it; `answer` is it as known now, None where it is not in the window."""
        if answer is not None and answer.left_out:
            self.left_out[answer.left_out] += 1
            return
        end_at = None if answer is None else answer.end_at
        if answer is not None and end_at is not None and answer.entry_at <= self.judged_until:
            words = dict.fromkeys(FAMILIES[_STREAM], "") | kept.groups
            known_at = max(end_at, answer.entry_at + self.hold)
            self.finished.append(replace(answer, words=words, end_at=known_at))
        elif self.hour - kept.answered_at >= ABANDONED_AFTER:
            self.left_out["abandoned"] += 1
            return
        else:
            self.waiting[name] = kept
        self.taken.update(dict.fromkeys(kept.groups.items(), inf if end_at is None else end_at))

    def after(self, track: Track, last_entry: int | None) -> AnswersOfHour:
        """What the hour leaves, `track` being how far the walk had come."""
        self.finished.sort(key=lambda answer: (answer.end_at, answer.entry_at, answer.trade))
        return AnswersOfHour(
            self.finished,
            Track(
                settled_until=self.hour,
                last_entry=track.last_entry if last_entry is None else last_entry,
                handed_out=track.handed_out + len(self.finished),
                left_out=dict(sorted((Counter(track.left_out) + self.left_out).items())),
            ),
            self.waiting,
        )


def _candidates(answers: Iterable[Answer], terms: Terms) -> dict[str, Candidate]:
    """Those that were entered or could not be, by id, in the order of entries; the latter dated by their answer."""
    found = [
        _candidate(answer, terms) for answer in answers if answer.entry_time is not None or answer.unscored
    ]
    return {answer.trade: answer for answer in sorted(found, key=lambda answer: answer.entry_at)}


def _candidate(answer: Answer, terms: Terms) -> Candidate:
    is_open = isnan(answer.net_pct)
    bounds = declared_bounds(ExitRule(answer.target_pct, answer.stop_pct, terms.hold_minutes), terms.costs)
    return Candidate(
        answer.answered_at if answer.entry_time is None else answer.entry_time,
        None if is_open else answer.exit_time,
        answer.direction,
        answer_id(answer),
        0.0 if is_open else answer.net_pct,
        *bounds,
        left_out=answer.unscored,
        words={
            name: getattr(answer, name) for name in ("confidence", "state_5min", "state_15min", "answered_at")
        },
    )
