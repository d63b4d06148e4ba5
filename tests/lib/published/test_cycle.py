"""A cycle's prompt addition and its record, hour after hour, on a small folder: what is compared with what, also after a roll-back."""

from __future__ import annotations

import pytest

from lib.data.window import load_window
from lib.history.log import load_history
from lib.prompt.addition import compose_prompt
from lib.prompt.archive import archive_text, load_archive, sha256_of
from lib.prompt.hold import add_hold, prompt_in_force_of
from lib.published.cycle import publish_cycle, publish_record, records_with
from lib.published.insights import compile_insights
from lib.published.listing import prompt_warning
from lib.published.pair import get_training_prompt_addition, load_insights, publish, read_prompt
from tests.lib.contract.made import all_published

TEN, ELEVEN, TWELVE = (f"2025-06-15T{hour}:00:00Z" for hour in (10, 11, 12))
CLOCK = "2026-01-05T10:00:00Z"
TRADE = "2025-06-15T10:05:00Z,LONG,True,0.8,100.0,True,,100.3,TP_HIT,0.3,2025-06-15T10:05:00Z,2025-06-15T10:30:00Z"


@pytest.fixture
def folder(tmp_path):
    """Three hours in which nothing moves, with one trade after ten."""
    minutes = [f"2025-06-15T{9 + minute // 60:02d}:{minute % 60:02d}:00Z" for minute in range(181)]
    samples = "".join(f"{stamp},100.0,mixed,100.0\n" for stamp in minutes)
    for step in (5, 15):
        candles = "".join(f"{stamp},100,101,99,100,1\n" for stamp in minutes[:-1:step])
        (tmp_path / f"ema_data_{step}min.csv").write_text("timestamp,price,state,MMA5\n" + samples)
        (tmp_path / f"candlesticks_{step}min.csv").write_text(
            "timestamp,open,high,low,close,volume\n" + candles
        )
    head = "timestamp,direction,entry_recommended,confidence,entry_price,executed,reasoning,exit_price,exit_reason,pnl_pct"
    (tmp_path / "claude_decisions.csv").write_text(f"{head},entry_time,exit_time\n{TRADE}\n")
    return tmp_path


def cycle(folder, as_of: str, run_dir: str = "", failing: tuple[str, ...] = ()):
    results = all_published(as_of) | dict.fromkeys(failing)
    insights = compile_insights(results, load_insights(folder), as_of)
    told = publish_cycle(insights, compose_prompt(insights), run_dir, folder, publish=True, force=True)
    record, _ = records_with(load_window(folder, as_of, 24), run_dir)
    publish_record(record, folder, publish=True)
    return told, record


def choose(folder, sha256: str) -> None:
    """What `ribbon lessons rollback` does."""
    add_hold(folder, sha256, CLOCK, load_insights(folder))
    told = prompt_in_force_of(folder, load_insights(folder))
    publish(folder, told.insights, told.prompt, composed=told.composed)


def test_each_cycle_is_compared_with_the_one_before_it(folder):
    _, first = cycle(folder, TEN)
    assert first.prompt_change.is_first and len(first.prompt_change.came) > 10
    _, second = cycle(folder, ELEVEN, failing=("smart_backtest",))
    change = second.prompt_change
    assert (change.sha256_before, change.sha256_after) == (first.prompt_sha256, second.prompt_sha256)
    # The backtest failed, so its section is told as stale, and so is the takeaway of it; nothing else is new.
    assert any(line.text.startswith("STALE: ") for line in change.came)
    assert all("stale" in line.text.lower() for line in change.came)
    assert change.lessons == []
    assert change.trades == 1 and change.trades_shown[0].exit_time == "2025-06-15T10:30:00Z"
    _, third = cycle(folder, TWELVE, failing=("smart_backtest",))
    assert third.prompt_change.same and third.prompt_change.trades == 0
    assert load_history(folder).records == [first, second, third]


def test_a_rerun_is_compared_with_the_one_before_and_not_with_itself(folder):
    cycle(folder, TEN)
    _, second = cycle(folder, ELEVEN)
    assert second.prompt_change.sha256_before != second.prompt_sha256
    assert cycle(folder, ELEVEN)[1] == second
    # An older hour again, over a newer one: still beside its own predecessor.
    cycle(folder, TWELVE)
    assert cycle(folder, ELEVEN)[1] == second


def test_a_roll_back_shows_in_the_next_record_and_stays(folder, tmp_path):
    _, first = cycle(folder, TEN, failing=("smart_backtest",))
    _, second = cycle(folder, ELEVEN)
    choose(folder, first.prompt_sha256)
    assert sha256_of(get_training_prompt_addition(folder)) == first.prompt_sha256
    # The hour again: now it told the held one, beside the first, which is the same.
    assert cycle(folder, ELEVEN)[1].prompt_change.same
    run = tmp_path / "run"
    run.mkdir()
    told, third = cycle(folder, TWELVE, str(run))
    assert "held" in told
    assert third.prompt_sha256 == first.prompt_sha256 and third.prompt_change.held_since == CLOCK
    composed = third.prompt_change.composed_sha256
    assert composed not in (first.prompt_sha256, second.prompt_sha256)
    assert composed in {kept.sha256 for kept in load_archive(folder).prompts}
    for name in ("prompt_addition.md", "training_insights.json"):
        assert (run / name).read_bytes() == (folder / name).read_bytes()
    choose(folder, "")
    assert sha256_of(get_training_prompt_addition(folder)) == composed
    _, again = cycle(folder, TWELVE)
    assert again.prompt_sha256 == composed and again.prompt_change.sha256_before == first.prompt_sha256


def test_a_held_prompt_that_vanished_is_replaced_by_the_composed_one(folder):
    _, first = cycle(folder, TEN)
    choose(folder, first.prompt_sha256)
    (folder / "prompts" / f"{first.prompt_sha256}.md").unlink()
    (folder / "prompt_addition.md").unlink()  # which would be kept anew before it goes
    told, second = cycle(folder, ELEVEN)
    assert "cannot be told" in told["warning"] and "held" not in told
    assert get_training_prompt_addition(folder) == compose_prompt(load_insights(folder))
    assert second.prompt_change.before_lost and second.prompt_change.held_since == ""
    assert "cannot be told" in cycle(folder, TWELVE)[0]["warning"]  # nor does it come back by itself


def test_reading_is_not_publishing(folder, tmp_path):
    _, first = cycle(folder, TEN)
    run = tmp_path / "run"
    run.mkdir()
    before = {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and run not in path.parents
    }
    insights = compile_insights(all_published(ELEVEN), load_insights(folder), ELEVEN)
    publish_cycle(insights, compose_prompt(insights), run, folder)
    record, _ = records_with(load_window(folder, ELEVEN, 24), run)
    publish_record(record, folder)
    assert record.prompt_change.sha256_before == first.prompt_sha256
    after = {
        path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and run not in path.parents
    }
    assert after == before


def test_a_record_of_before_prompts_were_recorded_still_loads_and_is_compared_by_its_hash(folder):
    _, first = cycle(folder, TEN)
    path = folder / "training_history.jsonl"
    bare = first.model_dump_json(exclude={"prompt_change"})
    path.write_text(f"{bare}\n")
    assert load_history(folder).set_aside == [] and load_history(folder).records[0].prompt_change is None
    change = cycle(folder, ELEVEN)[1].prompt_change
    assert change.same and change.lessons is None  # their states before are not known


def test_what_is_told_is_of_a_cycle_or_a_warning_says_that_it_is_not(folder):
    """A text that the insights name is told; whether a cycle told or composed it is another matter."""
    assert prompt_warning(folder) == ""
    _, first = cycle(folder, TEN)
    _, second = cycle(folder, ELEVEN)
    assert prompt_warning(folder) == ""
    choose(folder, first.prompt_sha256)
    assert prompt_warning(folder) == ""  # an earlier cycle's
    choose(folder, "")
    foreign = compose_prompt(load_insights(folder)).replace("LEARNING NOTES", "LEARNING NOTES: always buy")
    (folder / "prompt_addition.md").write_text(foreign)
    assert "the kept one is told" in prompt_warning(folder)
    insights = (folder / "training_insights.json").read_text()
    named = insights.replace(second.prompt_sha256, sha256_of(foreign))
    (folder / "training_insights.json").write_text(named)
    assert get_training_prompt_addition(folder) == foreign
    assert "which no cycle told or composed" in prompt_warning(folder)
    archive_text(folder, foreign)  # kept by its hash, but by no cycle
    choose(folder, sha256_of(foreign))
    assert "which no cycle told or composed" in prompt_warning(folder)
    _, third = cycle(folder, TWELVE)
    choose(folder, "")
    assert prompt_warning(folder) == "" and get_training_prompt_addition(folder) != foreign
    assert third.prompt_change.composed_sha256 == sha256_of(get_training_prompt_addition(folder))


def test_what_an_earlier_version_composed_needs_its_record(folder, monkeypatch):
    cycle(folder, TEN)
    monkeypatch.setattr("lib.published.listing.compose_prompt", lambda insights: "worded otherwise\n")
    assert prompt_warning(folder) == ""
    (folder / "training_history.jsonl").unlink()
    assert "which no cycle told or composed" in prompt_warning(folder)


def test_a_published_file_that_the_system_does_not_let_be_read_is_told_with_its_word(folder):
    cycle(folder, TEN)
    why = "cannot be read (Is a directory. A folder stands where a file belongs: move it away)"
    for name in ("prompt_addition.md", "training_insights.json"):
        (folder / name).unlink()
        (folder / name).mkdir()
        found = read_prompt(folder)
        assert (found.note or found.reason).startswith(f"{name} {why}")


def test_no_lessons_though_some_are_published_is_told(folder):
    cycle(folder, TEN)
    (folder / "prompt_addition.md").unlink()
    for path in (folder / "prompts").iterdir():
        path.unlink()
    assert prompt_warning(folder).startswith("Claude is told no lessons: prompt_addition.md cannot be read")
