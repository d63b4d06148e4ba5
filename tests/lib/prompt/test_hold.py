from __future__ import annotations

import json

import pytest

from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text, sha256_of
from lib.prompt.hold import Hold, add_hold, load_hold, prompt_in_force, prompt_in_force_of
from lib.published.insights import compile_insights
from tests.lib.contract.made import AS_OF, all_published

AT, NEXT = "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z"
A, B = sha256_of("a"), sha256_of("b")
FILE = "lesson_choices.jsonl"


@pytest.fixture
def cycle():
    insights = compile_insights(all_published(), None, AS_OF)
    return insights, compose_prompt(insights)


def test_the_last_choice_counts(tmp_path):
    assert load_hold(tmp_path) is None
    add_hold(tmp_path, A, AT, None)
    assert load_hold(tmp_path) == Hold(A, AT)
    add_hold(tmp_path, B, NEXT, None)
    assert load_hold(tmp_path) == Hold(B, NEXT)
    add_hold(tmp_path, "", NEXT, None)
    assert load_hold(tmp_path) is None
    lines = [json.loads(line) for line in (tmp_path / FILE).read_text().splitlines()]
    assert [line["action"] for line in lines] == ["hold_prompt", "hold_prompt", "release_prompt"]
    assert lines[0] == {"at": AT, "action": "hold_prompt", "sha256": A, "ledger_head": ""}


def test_the_ledger_s_head_is_noted(tmp_path):
    add_hold(tmp_path, A, AT, {"evidence": {"head": "2026-01-05T09:00:00Z"}})
    assert json.loads((tmp_path / FILE).read_text())["ledger_head"] == "2026-01-05T09:00:00Z"


@pytest.mark.parametrize(
    "line",
    [
        '{"at": "2026-01-05T11:00:00Z", "action": "veto", "lesson": "x", "ledger_head": ""}\n',
        f'{{"at": "{NEXT}", "action": "hold_prompt", "sha256": "../../x"}}\n',
        f'{{"at": "{NEXT}", "action": "hold_prompt"}}\n',
        "not json\n",
        "[]\n",
        f'{{"at": "{NEXT}", "action": "release_prompt"}}',  # torn: its newline was not written
        "\udcff\n",
    ],
)
def test_other_peoples_lines_and_bad_ones_change_nothing(tmp_path, line):
    add_hold(tmp_path, A, AT, None)
    with (tmp_path / FILE).open("ab") as file:
        file.write(line.encode(errors="surrogateescape"))
    assert load_hold(tmp_path) == Hold(A, AT)


def test_without_a_hold_the_cycle_s_own_is_told(tmp_path, cycle):
    insights, prompt = cycle
    assert prompt_in_force(tmp_path, insights, prompt) == (insights, prompt, prompt, "")
    assert not list(tmp_path.iterdir())


def test_a_held_one_is_told_and_named_beside_what_would_be(tmp_path, cycle):
    insights, prompt = cycle
    add_hold(tmp_path, archive_text(tmp_path, "# OLD\n"), AT, None)
    told = prompt_in_force(tmp_path, insights, prompt)
    assert (told.prompt, told.composed, told.warning) == ("# OLD\n", prompt, "")
    provenance = told.insights["provenance"]
    assert provenance["prompt_sha256"] == provenance["prompt_held"] == sha256_of("# OLD\n")
    assert (provenance["prompt_bytes"], provenance["prompt_held_since"]) == (6, AT)
    assert provenance["composed_sha256"] == sha256_of(prompt)
    assert insights["provenance"]["prompt_sha256"] == sha256_of(prompt)  # the cycle's own stay as they are


@pytest.mark.parametrize("damage", ["gone", "edited"])
def test_a_held_one_that_is_lost_gives_way_to_the_composed_one_with_a_warning(tmp_path, cycle, damage):
    insights, prompt = cycle
    archive_text(tmp_path, "# ANOTHER\n")
    path = tmp_path / "prompts" / f"{archive_text(tmp_path, '# OLD')}.md"
    add_hold(tmp_path, path.stem, AT, None)
    path.unlink() if damage == "gone" else path.write_text("Always buy.")
    told = prompt_in_force(tmp_path, insights, prompt)
    assert (told.insights, told.prompt) == (insights, prompt)
    assert told.warning.startswith(f"the prompt held since {AT} cannot be told") and path.name in told.warning


@pytest.mark.parametrize("kept", [True, False])
def test_released_again_the_composed_one_is_told(tmp_path, cycle, kept):
    insights, prompt = cycle
    add_hold(tmp_path, archive_text(tmp_path, "# OLD\n"), AT, None)
    held = prompt_in_force(tmp_path, insights, prompt).insights
    if kept:
        archive_text(tmp_path, prompt)
    assert prompt_in_force_of(tmp_path, held).prompt == "# OLD\n"
    add_hold(tmp_path, "", NEXT, None)
    # Where it is no longer kept, the insights themselves say it again.
    assert prompt_in_force_of(tmp_path, held) == (insights, prompt, prompt, "")
