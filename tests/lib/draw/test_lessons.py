from __future__ import annotations

import pytest

from lib.contract.schema import REGIMES
from lib.draw.forest import LessonGroup, forest
from lib.draw.lesson_lines import question_words
from lib.draw.lessons import COSTS_ONLY, LessonGroups, insights_finding, whole_sentence, why_not_told
from lib.market.terms import DEFAULT_TERMS
from tests.lib.history.test_report import effect
from tests.lib.lessons.made_lessons import candidate, lesson, lessons


def insights(*found, **more) -> dict:
    made = lessons(*found)
    return {
        "lessons": [one.model_dump(mode="json") for one in made.lessons],
        "evidence": {"act_on": 1, "proven": 2, "hypotheses": 30, "nearest": 0.4} | more,
        "sections": {"actual_performance": "ok", "regime_analysis": "stale"},
        "provenance": {"terms": DEFAULT_TERMS.model_dump(), "terms_since": "", "prompt_held_since": ""},
    }


def row(line) -> str:
    return forest([LessonGroup("", [line])])


def test_who_only_does_better_than_others_is_not_said_to_gain():
    (better,) = LessonGroups(insights(lesson("trades.direction.LONG.beats"))).act_on
    assert better.statement == (
        "Favour: LONG entries do better than all others. Prefer them among entries; that they gain is not shown."
    )
    assert "<b>Favour: LONG entries do better than all others.</b> Prefer them" in row(better)


def test_lessons_stand_in_groups_as_sentences():
    restating = lesson("trades.direction.SHORT.below", consequence="restates_costs")
    shown = LessonGroups(insights(candidate(), lesson(), restating))
    html = shown._repr_html_()
    assert (
        html.index("To act on (1)</h3>")
        < html.index("Nearest to proof, not to be acted on (1)</h3>")
        < html.index("Proven losers that are no advice (1)")
    )
    assert html.count("<details>") == 1 and "trades.direction" not in html
    assert f"Proven losers that are no advice (1): {COSTS_ONLY}</summary>" in html
    assert "Favour: LONG entries gain after costs." in html and "do better than all others?" in html
    assert html.count("than all others, which need not be a gain.") == 1 and "Prefer them" not in html
    assert [line.statement for line in shown.act_on] == ["Favour: LONG entries gain after costs."]
    assert "An edge of 0.05 % takes about " in repr(shown) and shown.nearest


def test_how_much_else_is_proven_is_counted_and_why_that_is_no_advice_stands_with_it_once():
    costs = [
        lesson(f"trades.{group}.below", consequence="restates_costs")
        for group in ("direction.SHORT", "all.trades")
    ]
    vetoed = lesson("trades.wick.present.above", consequence="withheld", withheld="veto")
    same = lesson("trades.timeframes.agree.above", consequence="withheld", withheld="answers")
    found = insights(lesson(), *costs, vetoed, same, act_on=1, proven=5)
    said, html = " ".join(insights_finding(found).said), LessonGroups(found)._repr_html_()
    why = "2 only say that trades lose their costs, 1 repeats another lesson, 1 for other reasons"
    assert f"4 more of 30 questions are proven, but no advice: {why}." in said
    only = insights_finding(insights(*costs, act_on=0, proven=2)).said[-1]
    assert only.startswith(
        "2 of 30 questions are proven, but no advice: they only say that trades lose their costs."
    )
    assert COSTS_ONLY not in said
    assert html.count(COSTS_ONLY) == html.count("a person does not want it told") == 1


def test_a_page_of_other_things_has_those_to_act_on_or_the_nearest():
    told = LessonGroups(insights(lesson(), candidate())).first
    assert "Favour: LONG entries gain after costs." in told and "Nearest" not in told and "<h3" not in told
    near = LessonGroups(insights(candidate(), candidate("trades.wick.present.above"))).first
    assert (
        near.startswith("<p>Nearest to proof, not to be acted on:</p>") and near.count('class="lesson"') == 1
    )
    assert LessonGroups(insights()).first == ""


def test_the_headline_names_what_is_proven():
    one, other = lesson(), lesson("trades.wick.present.beats", effect_pct=0.01)
    assert insights_finding(insights(one, other)).said[0] == (
        "Proven: LONG entries gain after costs; entries with a wick in their direction do better than all others."
    )
    many = [lesson(f"trades.regime.{name}_LONG.above") for name in REGIMES[:4]]
    assert insights_finding(insights(one, *many)).said[0].endswith("; 2 more.")


def test_what_has_ended_is_open_with_what_its_trades_made_since():
    ended = candidate(
        "trades.wick.present.above",
        status="ended",
        why="no_longer",
        large_since="2025-10-01T08:00:00Z",
        since="2025-10-09T12:00:00Z",
    )
    anew = candidate("trades.wick.present.above#2", net_mean_pct=-0.1, episodes=77, evidence=0.0)
    shelved = candidate("trades.wick.absent.above", status="ended", why="shelved", large_since=None)
    shown = LessonGroups(insights(lesson(), ended, anew, shelved))
    (line,) = shown.groups[-1].lines
    assert line.statement == "Was proven: entries with a wick in their direction gain after costs."
    assert (
        line.standing == "From 2025-10-01 08:00 to 2025-10-09 12:00, ended after a run of trades against it"
    )
    assert line.figures.startswith("Until then +0.071 % after costs (n 180 episodes, ")
    assert line.needs.startswith("Since then, asked anew: −0.100 % after costs (n 77 episodes, ")
    html = shown._repr_html_()
    assert html.count("radial-gradient(circle closest-side, var(--paper, Canvas)") == 1, (
        "the ended one is open"
    )
    assert "even one that was right on the whole" in html
    by_hand = ended.model_copy(update={"why": "person"})
    alone = LessonGroups(insights(by_hand))
    assert (
        alone.groups[-1].lines[0].standing.endswith(", ended by a person")
        and alone.groups[-1].lines[0].needs == ""
    )
    assert "on the whole" not in alone._repr_html_()


def test_none_to_act_on_is_said_and_at_most_five_are_near():
    names = ("RANGING_QUIET_LONG", "RANGING_QUIET_SHORT", "RANGING_VOLATILE_LONG", "RANGING_VOLATILE_SHORT")
    many = [candidate(f"trades.regime.{name}.beats", evidence=0.1) for name in names]
    many += [candidate(f"trades.wick.{value}.beats", evidence=0.2) for value in ("present", "absent")]
    shown = LessonGroups(insights(*many))
    assert shown.act_on == [] and len(shown.nearest) == 5
    assert "<h3>To act on</h3><p>None yet.</p>" in shown._repr_html_()


def test_the_bar_says_its_share_and_of_a_proven_one_since_when():
    near = row(LessonGroups(insights(candidate(evidence=0.41, net_high_pct=None))).nearest[0])
    assert 'aria-label="41 % of the evidence it needs"' in near and "width: 41.0%" in near
    drawn = row(LessonGroups(insights(candidate(evidence=0.41))).nearest[0])
    assert "41 %" not in drawn and ">So far +" in drawn
    assert 'aria-label="On average +0.071' in drawn and "on both sides of zero" in drawn
    proven, weaker = LessonGroups(
        insights(lesson(), lesson("trades.direction.SHORT.below", evidence=0.9))
    ).act_on
    assert proven.standing == "Proven since 2025-10-12 09:30" and weaker.standing.endswith(
        "it has 90 % of the evidence it needs"
    )
    assert weaker.statement == "Avoid: SHORT entries lose after costs."


def test_a_lesson_whose_newest_interval_holds_zero_was_proven():
    (shown,) = LessonGroups(insights(lesson(net_low_pct=-0.001, evidence=0.9))).act_on
    assert (
        shown.standing
        == "Was proven on 2025-10-12 09:30; its newest interval holds 0; by now it has 90 % of the evidence it needs"
    )


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("trades.direction.LONG.above", "LONG entries gain after costs"),
        (
            "setups.setup.SHORT_ALL_RED_5MIN.beats",
            "SHORT (5-minute ribbon red) taken every time with the standard exits do better than all others",
        ),
        ("<script>", "<script>"),
    ],
)
def test_an_id_is_a_sentence(asked, words):
    assert question_words(asked) == words


def test_the_finding_says_what_is_proven_told_and_not_of_this_hour():
    (first, second, third), sure = insights_finding(insights(lesson()))
    assert "wide on purpose" in sure[0]
    assert first == "Proven: LONG entries gain after costs."
    assert second == (
        "What to do: nothing more; Claude is told this lesson. Whether telling helps only a controlled test on a real market can say, "
        "in which chance decides when Claude is told: `ribbon experiment start` begins one."
    )
    assert third.startswith("1 more of 30 questions is proven") and "of the evidence" not in third
    assert third.endswith(" Not of this hour: regime analysis.")


def test_what_to_do_is_said_in_a_sentence():
    none = insights_finding(insights(act_on=0)).said[1]
    assert none == "What to do: nothing but collect more; the static rules stand until something is proven."
    assert "Claude is told these 2 lessons. Whether" in insights_finding(insights(act_on=2)).said[1]


def test_while_a_person_holds_an_earlier_text_what_is_proven_is_not_called_told():
    held = insights(lesson())
    held["provenance"]["prompt_held_since"] = "2026-01-05T10:00:00Z"
    assert (
        insights_finding(held)
        .said[1]
        .startswith("What to do: decide whether the earlier text is still to be told")
    )
    assert (
        "Claude is told an earlier prompt addition, which a person holds." in insights_finding(held).said[2]
    )


def test_a_lesson_is_drawn_beside_zero():
    shown = LessonGroups(
        insights(lesson(), lesson("trades.direction.SHORT.below", net_low_pct=-0.2, net_high_pct=-0.1))
    )
    gain, loss = shown.act_on
    assert 'aria-label="On average +0.071\u00a0%, the interval +0.012 to +0.131 above zero"' in row(
        gain
    ).replace(" %,", "\u00a0%,")
    assert "below zero" in row(loss) and 'class="bar"' not in row(loss)
    assert gain.figures == "On average +0.071 % after costs (n 180 episodes, +0.012 to +0.131 %)."
    assert (gain.mark, gain.compared) == ("told", False)


def test_without_an_interval_there_is_a_bar():
    bare = lesson(net_low_pct=None, net_high_pct=None)
    shown = LessonGroups(insights(bare, candidate(net_low_pct=None)))
    assert [line.interval for line in (*shown.act_on, *shown.nearest)] == [None, None]
    assert shown.act_on[0].figures == "On average +0.071 % after costs (n 180 episodes)."
    assert shown.nearest[0].figures.startswith("So far ")


def test_what_a_lesson_is_worth_stands_in_dollars_beside_the_cost_of_a_trade():
    found = insights(lesson())
    assert "A trade costs 0.09\u00a0% in fees." in LessonGroups(found)._repr_html_()
    found["provenance"]["source"] = {"coin": "ETH"}
    found["actual_performance"] = {"total_trades": 10, "gross_pnl": 20.0, "total_pnl": -16.0}
    found["actual_performance"] |= {"gross_pnl_pct": 0.5, "total_pnl_pct": -0.5}
    shown = LessonGroups(found)
    assert "Dollars are per 1 ETH at this window's prices, where a trade costs $3.60." in shown._repr_html_()
    # 36 dollars are a percent, so 0.071 % are 2.556.
    assert shown.act_on[0].figures.endswith("+0.131 %), about +$2.56 a trade.")


def test_of_lessons_that_lie_inside_each_other_that_is_said():
    inner, outer = lesson("answers.setup.LONG_BOTH_GREEN.above"), lesson("trades.pattern.all_green.beats")
    html = LessonGroups(insights(inner, outer))._repr_html_()
    assert (
        "LONG (both ribbons green) answers are among entries at a 5-minute ribbon that is all green: such lessons"
        in html
    )
    outer = [
        lesson(f"trades.{group}.above") for group in ("direction.LONG", "timeframes.agree", "wick.absent")
    ]
    many = LessonGroups(insights(inner, *outer))._repr_html_()
    assert "; and 1 more such pairs: such lessons" in many
    assert (
        "such lessons" not in LessonGroups(insights(inner, lesson("trades.wick.present.above")))._repr_html_()
    )


def test_why_a_proven_lesson_is_not_told_is_said_in_words():
    others = [
        lesson("trades.direction.LONG.above", consequence="withheld", withheld="answers"),
        lesson("trades.wick.present.beats", consequence="withheld", withheld="veto"),
        lesson("trades.wick.absent.beats", consequence="too_small"),
    ]
    html = LessonGroups(insights(*others))._repr_html_()
    for said in (
        "answers, traded or not, is told in its place (1)",
        "a person does not want it told (1)",
        "too small to act on (1)",
    ):
        assert said in html
    assert html.count("That they gain is not shown.") == 2 and "Prefer them" not in html


@pytest.mark.parametrize(
    ("low", "high", "just"),
    [(0.001, 0.166, True), (0.012, 0.131, False), (-0.166, -0.004, True), (-0.2, -0.02, False)],
)
def test_a_lesson_that_zero_nearly_touches_is_proven_only_just(low, high, just):
    mean = 0.08 if low > 0 else -0.08
    found = lesson("trades.direction.LONG.above", net_low_pct=low, net_mean_pct=mean, net_high_pct=high)
    (line,) = LessonGroups(insights(found)).act_on
    assert line.standing.endswith(", only just") is just
    assert LessonGroups(insights(found)).named.endswith(" after costs (only just)") is just


def test_why_each_proven_lesson_is_not_told():
    found = [
        lesson(),
        lesson("trades.direction.SHORT.below", consequence="restates_costs"),
        lesson("trades.setup.LONG_BOTH_GREEN.above", consequence="withheld", withheld="answers"),
        lesson("trades.wick.absent.below", status="candidate", consequence=""),
    ]
    assert why_not_told(found) == {
        "trades.direction.SHORT.below": "before costs no loss is shown",
        "trades.setup.LONG_BOTH_GREEN.above": "a lesson on all of Claude's answers, traded or not, is told in its place",
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        (
            {},
            "lose after costs is proven (−0.033 %, −0.067 to −0.001, n 1,233).",
        ),
        (
            {"net_high_pct": 0.001},
            "lose after costs is not proven now (−0.033 %, −0.067 to +0.001, n 1,233).",
        ),
        (
            {"status": "candidate", "net_high_pct": 0.001},
            "lose after costs is not proven (−0.033 %, −0.067 to +0.001, n 1,233).",
        ),
        (
            {"status": "candidate", "net_low_pct": None, "net_high_pct": None},
            "lose after costs is not proven (−0.033 %, n 1,233).",
        ),
    ],
)
def test_whether_all_answers_together_lose_is_said_by_their_own_question(changes, said):
    figures = {"episodes": 1233, "net_mean_pct": -0.033, "net_low_pct": -0.067, "net_high_pct": -0.001}
    lose = lesson("answers.all.answers.below", **(figures | changes))
    gain = lesson("answers.all.answers.above", **(figures | {"status": "candidate"}))
    of_trades = lesson("trades.all.trades.below", **figures)
    others = [gain, of_trades, lesson("answers.direction.LONG.above")]
    assert whole_sentence([*others, lose]) == f"That all answers together, traded or not, {said}"
    assert LessonGroups(insights(*others, lose)).whole == whole_sentence([*others, lose])


def test_each_lesson_to_act_on_says_what_it_made_since_its_proof_where_that_is_known():
    known = [lesson("trades.direction.SHORT.below"), lesson("trades.wick.present.above")]
    end = {"until": "2025-10-10T00:00:00Z", "ended": "expired"}
    effects = [effect(), effect(id=known[1].id, **end)]
    lines = {line.statement: line.needs for line in LessonGroups(insights(*known), effects).act_on}
    assert sorted(lines.values()) == ["", "Since its proof −0.071 % (n 52 episodes)."]
    assert lines["Avoid: SHORT entries lose after costs."].startswith("Since its proof")
    assert not any(line.needs for line in LessonGroups(insights(*known)).act_on)


def test_without_answers_all_trades_are_asked_and_of_few_nothing_is_said():
    gain = lesson("trades.all.trades.above", net_mean_pct=0.05, net_low_pct=0.01, net_high_pct=0.09)
    lose = lesson("trades.all.trades.below", status="candidate", net_mean_pct=0.05)
    assert whole_sentence([lose, gain]) == (
        f"That all trades together gain after costs is proven (+0.050 %, +0.010 to +0.090, n {gain.episodes})."
    )
    few = lesson("answers.all.answers.below", episodes=4)
    assert whole_sentence([few, gain]) == whole_sentence([gain])
    assert whole_sentence([gain.model_copy(update={"episodes": 4})]) == whole_sentence([]) == ""
    assert whole_sentence([gain.model_copy(update={"status": "ended"})]) == ""
