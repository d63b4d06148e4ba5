"""Small words of what was told: by whom a prompt was composed, in which order, into which folder, since when terms hold."""

from __future__ import annotations

import pytest

from lib.data.window import load_window
from lib.history.log import load_history, store_record
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text
from lib.published.cycle import publish_cycle, publish_record, records_with
from lib.published.insights import compile_insights
from lib.published.listing import list_prompts
from tests.lib.contract.made import AS_OF, all_published
from tests.lib.history.test_log import cycle
from tests.lib.lessons.made_lessons import lessons
from tests.lib.published.test_cycle import ELEVEN, TEN, TWELVE, folder
from tests.lib.published.test_cycle import cycle as cycle_of

__all__ = ["folder"]
HOURS = [f"2025-10-19T{hour}:00:00Z" for hour in range(10, 18)]


def test_prompts_are_listed_by_when_they_were_told_last(tmp_path):
    shas = [archive_text(tmp_path, f"text {place}") for place in range(len(HOURS))]
    for as_of, sha in zip(HOURS, shas, strict=True):
        store_record(tmp_path, cycle(as_of, [0.1], [], []).model_copy(update={"prompt_sha256": sha}))
    assert shas != sorted(shas)
    assert [prompt.sha256 for prompt in list_prompts(tmp_path).prompts] == shas


def test_a_cycle_that_told_what_it_composed_is_no_cycle_that_told_another(folder):
    cycle_of(folder, TEN)
    (prompt,) = list_prompts(folder).prompts
    assert (prompt.cycles, prompt.told_last, prompt.composed, prompt.in_force) == (1, TEN, None, True)


@pytest.mark.parametrize(("publish", "words"), [(True, "told"), (False, "not told: publish is False")])
def test_what_was_done_is_said(tmp_path, publish, words):
    insights = compile_insights(all_published(), None, AS_OF)
    said = publish_cycle(insights, compose_prompt(insights), trading_data=tmp_path, publish=publish)
    assert said == {"run folder": "none given", "live loop": words}


def test_without_a_folder_a_record_goes_into_the_configured_one(tmp_path, monkeypatch):
    monkeypatch.setenv("RIBBON_TRADING_DATA", str(tmp_path))
    record = cycle(AS_OF, [0.1], [], [])
    assert publish_record(record, publish=True) == "stored in training_history.jsonl"
    assert load_history(tmp_path).records == [record]


def test_insights_say_since_when_their_terms_hold():
    found = lessons().model_copy(update={"terms_since": "2025-10-01T00:00:00Z"})
    insights = compile_insights(all_published(), None, AS_OF, found)
    assert insights["provenance"]["terms_since"] == "2025-10-01T00:00:00Z"


def test_trades_alone_make_the_record_of_an_hour_that_is_over(folder):
    cycle_of(folder, ELEVEN)
    for path in [*folder.glob("ema_data_*"), *folder.glob("candlesticks_*")]:
        path.unlink()
    record, _ = records_with(load_window(folder, TWELVE, 24, trades_suffice=True))
    assert record.timestamp == ELEVEN
