import pytest
from pydantic import ValidationError

from lib.experiments.arm import Arm
from lib.experiments.experiment import Experiment
from tests.lib.experiments.made import LESSONS, NONE, RULES, definition


def test_the_name_is_no_content_and_everything_else_is():
    assert LESSONS.sha256() == LESSONS.model_copy(update={"name": "other"}).sha256()
    changed = {
        "lessons": "none",
        "without_lesson": "trades.direction.LONG.above",
        "rules_sha256": "cd" * 32,
        "model": "claude-opus-5-5",
        "first_model": "claude-haiku-5-5",
        "effort": "low",
    }
    hashes = {LESSONS.model_copy(update={name: value}).sha256() for name, value in changed.items()}
    assert len(hashes | {LESSONS.sha256()}) == 7


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"model": ""}, "names its model"),
        ({"decider": "rules"}, "has no rules file"),
        ({"lessons": "some"}, "pattern"),
        ({"lessons": "none", "without_lesson": "trades.direction.LONG.above"}, "published ones only"),
        ({"temperature": 1}, "Extra inputs"),
    ],
)
def test_what_makes_no_arm_is_refused(wrong, said):
    given = {"name": "lessons", "rules_sha256": RULES, "model": "claude-sonnet-5-5"}
    with pytest.raises(ValidationError, match=said):
        Arm(**(given | wrong))


def test_the_rule_decider_is_an_arm_of_its_own():
    rules = Arm(name="rules", decider="rules", lessons="none")
    assert rules.sha256() not in (LESSONS.sha256(), NONE.sha256())


def test_an_experiment_reads_back_as_it_was_written():
    of = definition(paired=True, lesson="trades.direction.LONG.above", share=0.4)
    assert Experiment.model_validate_json(of.model_dump_json()) == of
    assert of.arm("a") == LESSONS and of.arm("b") == NONE


@pytest.mark.parametrize(
    "wrong", [{"id": "x1"}, {"share": 0.99}, {"share": 0.0}, {"seed": -1}, {"lesson": "no such"}]
)
def test_what_makes_no_experiment_is_refused(wrong):
    with pytest.raises(ValidationError):
        definition(**wrong)
