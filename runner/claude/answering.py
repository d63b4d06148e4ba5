"""What was said becomes an Answer: a model's judgement, or HOLD with the reason why there is none.

Of two models the second's answer stands, whatever the first advised; what the first advised is logged beside it.
"""

from __future__ import annotations

from runner.claude.asking import Asked
from runner.claude.faults import Fault
from runner.claude.judgement import tidy
from runner.trade.models import Answer, FirstAdvice, FirstAnswer, Usage


def first_answer(asked: Asked) -> FirstAnswer | None:
    """What the first model advises to do; None where it advises nothing, or gave no answer: then nobody else is asked."""
    found = asked.found
    if isinstance(found, Fault) or found.judgement is None:
        return None
    judged = found.judgement
    if not judged.entry_recommended and judged.exit_advice != "exit":
        return None
    # An entry is never recommended with HOLD (judgement.py).
    advice: FirstAdvice = judged.direction if judged.entry_recommended else "EXIT"  # type: ignore[assignment]
    return FirstAnswer(asked.model, advice, judged.confidence, asked.request_sha, found.usage or Usage())


def answer_of(asked: Asked, prompt_sha: str, first: FirstAnswer | None = None) -> Answer:
    """The Answer of what was asked last; its usage is what is known of it. `first` is what was advised before."""
    found = asked.found
    usage = Usage() if isinstance(found, Fault) else found.usage or Usage()
    known = {
        "model": asked.model,
        "prompt_sha": prompt_sha,
        "request_sha": asked.request_sha,
        "usage": usage,
        "first": first,
    }
    if isinstance(found, Fault) or found.judgement is None:
        return Answer.hold(found.reason_code, **known)
    judged = found.judgement
    return Answer(
        direction=judged.direction,
        entry_recommended=judged.entry_recommended,
        confidence=judged.confidence,
        stop_pct=judged.stop_pct,
        target_pct=judged.target_pct,
        valid_for_s=judged.valid_for_s,
        reasoning=tidy(judged.reasoning),
        exit_advice=judged.exit_advice,
        **known,  # type: ignore[arg-type]
    )
