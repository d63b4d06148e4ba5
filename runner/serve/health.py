"""Whether collector, loop, cycle and Claude are at work, told from what they left in the folder (runner.status.status)."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

from lib.contract.times import parse_instant
from runner.serve.words import clock, owner

#: A loop or a collector that left nothing for so long is silent; at a slower beat so many beats, seconds.
_SILENT_S, _BEATS, _BEAT_S = 60.0, 6, 10.0
#: The cycle runs once an hour: one that is older, and so much older than the samples that it should know, was missed, seconds.
_CYCLE_S = 2 * 3_600.0
_AT_WORK = ("collector", "loop")


class Part(NamedTuple):
    """One part of the whole. `state`: ok, wrong (it should be at work and is not), off (it did not run here). `at`: its newest sign."""

    name: str
    state: Literal["ok", "wrong", "off"]
    words: str
    at: str | None = None


def health(status: dict[str, Any]) -> list[Part]:
    """Collector, loop, cycle and, where it was asked, Claude."""
    found = [_collector(status), _loop(status), _cycle(status)]
    if status["claude"] is not None:
        found.append(_claude(status))
    return found


def overall(status: dict[str, Any], parts: list[Part]) -> Literal["ok", "wrong", "off"]:
    """All together: wrong where a part needs a look, an account is halted, no order leaves or a file cannot be read; off where neither
    collector nor loop runs here.
    """
    stopped = status["kill_file"] or status["faults"] or (status["account"] or {}).get("halt")
    if stopped or any(part.state == "wrong" for part in parts):
        return "wrong"
    return "ok" if any(part.state == "ok" for part in parts if part.name in _AT_WORK) else "off"


def _collector(status: dict[str, Any]) -> Part:
    wrong = _finding(status, "collector")
    state, newest = status["collector"], _newest_sample(status)
    at = state["written"] if state else newest and newest["at"]
    if wrong:
        return Part("collector", "wrong", wrong, at)
    if state is not None:
        of = "" if state.get("source", "chart") == "chart" else f" of {state['source']}"
        return Part("collector", "ok", f"reads {state['symbol'] or 'the charts'}{of}", at)
    if newest and newest["age_s"] <= _silent_s(status):
        return Part("collector", "ok", "samples come in", at)
    return Part("collector", "off", "not running here", at)


def _loop(status: dict[str, Any]) -> Part:
    signs = [sign for sign in (status["last_tick"], status["last_decision"]) if sign]
    newest = max(signs, key=lambda sign: parse_instant(sign["at"]), default=None)
    if newest is None or (status["account"] is None and status["last_tick"] is None):
        return Part("loop", "off", "not running here")
    if newest["age_s"] > _silent_s(status):
        return Part("loop", "wrong", f"silent since {clock(newest['at'], status['at'])}", newest["at"])
    return Part("loop", "ok", "at work", newest["at"])


def _cycle(status: dict[str, Any]) -> Part:
    newest = status["last_cycle"]
    if newest is None:
        return Part("cycle", "off", "none yet")
    if wrong := _finding(status, "cycle"):
        return Part("cycle", "wrong", wrong, newest["at"])
    sample, known = _newest_sample(status), clock(newest["at"], status["at"])
    if newest["age_s"] > _CYCLE_S and sample and newest["age_s"] - sample["age_s"] < _CYCLE_S:
        return Part("cycle", "off", f"knows all there is, up to {known}", newest["at"])
    if newest["age_s"] > _CYCLE_S:
        return Part("cycle", "wrong", f"the newest is of {known}", newest["at"])
    return Part("cycle", "ok", f"known up to {known}", newest["at"])


def _claude(status: dict[str, Any]) -> Part:
    wrong, last = _finding(status, "claude"), status["last_decision"]
    answered = last and owner(last) == "Claude" and last["answered"]
    at = last["at"] if answered else None
    return Part("Claude", "wrong", wrong, at) if wrong else Part("Claude", "ok", "answers", at)


def _finding(status: dict[str, Any], part: str) -> str:
    return "; ".join(found["what"] for found in status["findings"] if found["part"] == part)


def _newest_sample(status: dict[str, Any]) -> dict[str, Any] | None:
    known = [age for name, age in (status["data"] or {}).items() if age and name.startswith("ema_data_")]
    return min(known, key=lambda age: age["age_s"], default=None)


def _silent_s(status: dict[str, Any]) -> float:
    beat = (status["collector"] or {}).get("beat_s") or _BEAT_S
    return max(_SILENT_S, _BEATS * beat)
