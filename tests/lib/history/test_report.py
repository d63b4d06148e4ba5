from __future__ import annotations

from lib.history.lesson_effects import CAVEAT, LessonEffect
from lib.history.report import MOST_EFFECTS, text_report
from tests.lib.history.test_log import FIRST, SECOND, cycle

SMALL = {"window": 0.0012, "since_last": -0.000034}


def test_nothing_recorded():
    assert text_report([], set_aside=2) == (
        "No cycle is recorded yet: `ribbon cycle` records one.\n"
        "2 lines of the history file are no records and were set aside.\n"
    )


def test_the_report():
    one = cycle(FIRST, [0.2, -0.1, -0.1, -0.1, -0.1], [0.1], [])
    two = cycle(SECOND, [0.2, 0.2, 0.2, -0.1, -0.1], [0.2], [one])
    report = text_report([one, two])
    assert report.isascii()
    lines = report.splitlines()
    assert lines[0] == "Training history: 2 cycles, 2025-10-19 14:00Z to 2025-10-19 15:00Z"
    rows = [line.split() for line in lines if line.strip().startswith(("1 ", "2 "))]
    told = "2 2025-10-19 15:00Z 5 60.0 % [23.1 to 88.2] +$4.00 100.0 A+ 1 +$2.00 0 of 0 - RANGING_QUIET"
    assert rows[1] == told.split()
    week = "2025-W42 2 2 2 100.0 % [34.2 to 100.0] +$3.00 79.5 0 of 0 -"
    assert week.split() in [line.split() for line in lines]
    assert "  cycle 2, 2025-10-19 15:00Z" in lines and "    - Scalper score: 100.0 A+ after 59.0 D." in lines
    assert lines.count("    - What changed in the text for Claude was not recorded.") == 2
    assert len({len(line) for line in lines if line.startswith("  ---")}) >= 1


def test_only_the_last_cycles_are_listed_but_all_weeks_count():
    one = cycle(FIRST, [0.1], [0.1], [])
    report = text_report([one, cycle(SECOND, [0.1], [0.2], [one])], last=1)
    assert "The newest cycle" in report and "  cycle 1," not in report
    assert "2025-W42       2       2" in report


def test_dollars_of_a_small_coin_have_the_decimals_that_they_were_published_with():
    record = cycle(FIRST, [0.1], [], [])
    small = {name: record.window.model_copy(update={"total_pnl": money}) for name, money in SMALL.items()}
    told = text_report([record.model_copy(update=small | {"backtest": None, "optimum": None})])
    assert told.count("+$0.001200") == 1 and told.count("-$0.000034") == 2


def test_a_cycle_without_figures_says_so():
    bare = cycle(FIRST, [0.1], [], []).model_copy(update={"window": None, "since_last": None, "regime": None})
    assert "no figures" in text_report([bare])


def test_evidence_by_cycle_and_week():
    one = cycle(FIRST, [0.1], [0.1], []).model_copy(update={"evidence": None})
    two = cycle(SECOND, [0.1], [0.2], [one])
    two = two.model_copy(
        update={"evidence": two.evidence.model_copy(update={"act_on": 2, "proven": 5, "nearest": 0.416})}
    )
    lines = [line.split() for line in text_report([one, two]).splitlines()]
    rows = {line[0]: line for line in lines if line and line[0] in ("1", "2", "2025-W42")}
    assert rows["1"][-3:] == ["-", "-", "RANGING_QUIET"] and rows["2"][-5:] == [
        "2",
        "of",
        "5",
        "0.42",
        "RANGING_QUIET",
    ]
    assert rows["2025-W42"][-4:] == ["2", "of", "5", "0.42"]


def effect(**changes) -> LessonEffect:
    """A lesson of ten days that went on as it said."""
    fields = {
        "id": "trades.direction.SHORT.below",
        "statement": "SHORT entries lose after costs",
        "large_since": "2025-10-09T12:00:00Z",
        "until": None,
        "ended": "",
        "verdict": "held",
        "episodes": 52,
        "mean_pct": -0.0714,
        "low_pct": -0.1317,
        "high_pct": -0.0111,
    }
    return LessonEffect(**(fields | changes))


def test_what_became_of_each_lesson_names_no_cause():
    one = cycle(FIRST, [0.1], [0.1], [])
    none = {"episodes": 0, "mean_pct": None, "low_pct": None, "high_pct": None}
    ended = effect(verdict="too few", until="2025-10-10T00:00:00Z", ended="expired", **none)
    report = text_report([one], effects=[effect(), ended])
    assert report.isascii() and report.count(CAVEAT) == 1
    assert (
        "  went on as it said: SHORT entries lose after costs (2025-10-09 12:00Z to now)\n"
        "    since: -0.071 % (52 episodes) [-0.132 to -0.011]\n"
        "  too few yet (under 10): SHORT entries lose after costs (2025-10-09 12:00Z to 2025-10-10 00:00Z, expired)\n"
        "    since: none (0 episodes)\n"
    ) in report
    assert not {"because", "thanks", "led to", "improved"} & set(report.split())
    assert "No lesson was proven and large enough yet." in text_report([one], effects=[])
    assert "large enough" not in text_report([one])


def test_many_lessons_are_counted_beyond_the_first():
    one = cycle(FIRST, [0.1], [0.1], [])
    report = text_report([one], effects=[effect()] * (MOST_EFFECTS + 2))
    assert (
        report.count("  went on as it said: ") == MOST_EFFECTS
        and "and 2 more: `ribbon history --json` has all." in report
    )
    assert "more: `ribbon" not in text_report([one], effects=[effect()] * MOST_EFFECTS)
