"""What stands in for what: results for a window, sections for those that failed, composed prompts for told ones."""

from __future__ import annotations

import pytest

from lib.errors import ParameterError
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text
from lib.published.cycle import cycle_insights, cycle_results
from lib.published.insights import compile_insights
from lib.published.listing import list_prompts, prompt_warning
from lib.published.pair import publish
from tests.lib.contract.made import AS_OF, all_published
from tests.lib.published.test_cycle import TEN, TWELVE, choose, cycle, folder

__all__ = ["folder"]
EARLIER = "2025-10-19T14:00:00Z"


def test_results_of_a_run_folder_say_their_instant(tmp_path):
    (tmp_path / "results").mkdir()
    with pytest.raises(ParameterError, match="no results there"):
        cycle_results(tmp_path)
    assert cycle_results(tmp_path, as_of=AS_OF)[1] == AS_OF
    made = all_published()
    for name, result in made.items():
        (tmp_path / "results" / f"{name}.json").write_text(result.model_dump_json())
    assert cycle_results(tmp_path) == (made, AS_OF)
    assert cycle_results(tmp_path, as_of=EARLIER) == (made, EARLIER)


def test_a_folders_own_insights_stand_in_for_analyses_that_failed(tmp_path):
    before = compile_insights(all_published(EARLIER), None, EARLIER)
    publish(tmp_path, before, compose_prompt(before))
    insights = cycle_insights(all_published() | {"actual_trades": None}, tmp_path, AS_OF)
    assert insights["sections"]["actual_performance"] == "stale"
    assert insights["last_updated"] == AS_OF


def test_a_section_that_is_marked_failed_stands_in_for_nothing():
    before = compile_insights(all_published(EARLIER), None, EARLIER)
    before["sections"]["actual_performance"] = "failed"
    insights = compile_insights(all_published() | {"actual_trades": None}, before, AS_OF)
    assert insights["sections"]["actual_performance"] == "failed"


def test_what_the_published_insights_compose_needs_no_record(tmp_path):
    insights = compile_insights(all_published(), None, AS_OF)
    publish(tmp_path, insights, compose_prompt(insights))
    assert prompt_warning(tmp_path) == ""


def test_a_prompt_that_was_composed_and_not_told_is_listed_by_when(folder):
    cycle(folder, TEN)
    choose(folder, archive_text(folder, compose_prompt(all_insights()).replace("LEARNING", "OLD LEARNING")))
    _, last = cycle(folder, TWELVE, failing=("actual_trades",))
    found = list_prompts(folder).prompts
    order = [prompt.sha256 for prompt in found]
    composed = last.prompt_change.composed_sha256
    assert next(prompt for prompt in found if prompt.sha256 == composed).composed == TWELVE
    assert found[0].told_last == TEN and order.index(composed) > 0


def all_insights() -> dict:
    return compile_insights(all_published(), None, AS_OF)
