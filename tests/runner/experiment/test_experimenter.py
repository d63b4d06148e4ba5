"""Arms in the loop: drawn and on the disk before anybody is asked, held through a block, gone back from once harm is proven
(docs/guarantees.md, E1)."""

from __future__ import annotations

import pytest

from lib.experiments.draw import draw
from lib.experiments.log import EXPERIMENTS_FILE
from lib.experiments.rows import Stop, VerdictFound
from lib.market.terms import DEFAULT_TERMS
from runner.errors import WriteFailedError
from runner.experiment import store as store_module
from runner.experiment.begin import release, stop
from runner.experiment.store import ExperimentStore
from tests.runner.experiment.made import Sees, begun, chosen, experiment_loop, rows_of, tick
from tests.runner.trade.made import START_US, Script, enter, hand_loop, log_rows, settings


def letters(rows) -> str:
    return "".join(row.arm for row in rows.draws)


def harmful(folder, at=START_US) -> None:
    """A verdict of harm in the log, as the judge writes it."""
    store = ExperimentStore(folder)
    rows = store.poll().newest
    known = {"at": at, "experiment": rows.definition.id}
    store.append(lambda log: VerdictFound(**known, verdict="harms", blocks=1, difference_pct=-0.2, log_e=4.0))
    store.append(lambda log: Stop(**known, why="harms"))


def test_with_no_experiment_the_decisions_are_the_same_bytes(tmp_path):
    answers = [enter(), enter("SHORT", exit_advice="exit"), enter("SHORT")]
    gate = {"every_minutes": 0.5, "least_seconds": 0}
    for folder in ("plain", "armed"):
        (tmp_path / folder).mkdir()
    with hand_loop(tmp_path / "plain", Script(*answers), settings(gate=gate)) as (loop, feed):
        for place in range(30):
            feed.give(40 + 10 * place, 100 + place % 7 * 0.05)
            loop.step()
    with experiment_loop(
        tmp_path / "armed", Script(*answers), chosen=settings(gate=gate), terms=DEFAULT_TERMS
    ) as made:
        for place in range(30):
            made.feed.give(40 + 10 * place, 100 + place % 7 * 0.05)
            made.loop.step()
    for name in ("claude_decisions.csv", "trade_events.csv", "ticks.csv"):
        plain, armed = ((tmp_path / folder / name).read_bytes() for folder in ("plain", "armed"))
        assert plain == armed
        assert plain.count(b"\n") > 2
    assert not (tmp_path / "armed" / EXPERIMENTS_FILE).exists()


def test_the_arm_is_drawn_and_on_the_disk_before_anybody_is_asked(tmp_path):
    begun(tmp_path)
    a, b = Sees(tmp_path), Sees(tmp_path)
    with experiment_loop(tmp_path, a=a, b=b) as made:
        for _ in range(60):
            tick(made)
        assert not made.base.views
    rows = rows_of(tmp_path)
    assert len(rows.draws) >= 8
    for letter, script in (("a", a), ("b", b)):
        assert script.seen
        for seen, view in zip(script.seen, script.views, strict=True):
            assert seen.open_block is not None
            assert seen.open_block.arm == letter
            assert seen.open_block.at <= int(view.at.value // 1_000)
    expected = "".join(draw(1, "e1", row.block, 0.5) for row in rows.draws)
    assert letters(rows) == expected
    assert set(expected) == {"a", "b"}


def test_a_block_without_an_entry_holds_its_arm_for_the_standard_hold(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        for _ in range(14):
            tick(made)
    rows = rows_of(tmp_path)
    first, second = rows.draws[:2]
    assert rows.ends[1].why == "hold"
    assert rows.ends[1].at == first.at + 60_000_000
    assert second.at == first.at + 60_000_000
    assert [row.net_pct for row in rows.ends.values()] == [0.0] * len(rows.ends)
    assert len(rows.answers[1]) == 6
    assert all(answer.executed and answer.decision_id for answer in rows.answers[1])


def test_a_block_with_an_entry_lasts_until_its_position_is_closed_and_has_its_return(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path, a=Script(enter()), b=Script(enter())) as made:
        tick(made)  # drawn and ordered
        tick(made)  # filled
        tick(made, 100.1)
        assert rows_of(tmp_path).open_block.block == 1
        tick(made, 101.0)  # the target
        rows = rows_of(tmp_path)
    end = rows.ends[1]
    (row,) = [row for row in log_rows(tmp_path, "claude_decisions.csv") if row["executed"] == "True"]
    assert (end.why, end.trades) == ("closed", 1)
    assert end.net_pct == pytest.approx(float(row["net_pnl_pct"]), abs=1e-6)
    assert end.net_pct > 0.1
    assert len(rows.draws) == 2, "the next block begins at the tick on which the last one is over"


def test_a_position_from_before_the_experiment_is_in_no_block(tmp_path):
    with experiment_loop(tmp_path, Script(enter())) as made:
        tick(made)
        tick(made)
        assert made.loop.book.held is not None
        begun(tmp_path)
        tick(made, 100.1)
        assert not rows_of(tmp_path).draws
        assert not (made.a.views or made.b.views)


def test_a_restart_goes_on_with_the_arm_that_was_drawn(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        tick(made)
        first = rows_of(tmp_path).draws[0].arm
    with experiment_loop(tmp_path, since=50) as made:
        tick(made)
        asked = made.a if first == "a" else made.b
        assert len(asked.views) == 1
    assert len(rows_of(tmp_path).draws) == 1


def test_a_stop_lets_the_open_block_end_and_begins_no_other(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        tick(made)
        stop(tmp_path, made.loop.clock.now_us(), "enough\x1b[31m \udcff " + "x" * 1_000)
        tick(made)
        assert len(made.base.views) == 1
    rows = rows_of(tmp_path)
    assert rows.ends[1].why == "stopped"
    assert rows.stop.detail.startswith(r"enough\x1b[31m \udcff xxx") and len(rows.stop.detail) == 300
    assert len(rows.draws) == 1


def test_harm_that_was_proven_is_gone_back_from_at_the_next_question_until_a_person_releases_it(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        for _ in range(9):
            tick(made)
        harmful(tmp_path, made.loop.clock.now_us())
        before = len(made.b.views)
        tick(made)
        assert len(made.b.views) == before + 1
        told = made.arms.because[-1]
    assert "gone back to no lessons since" in told
    assert "experiment e1 proved that lessons harms (-0.200 % a block)" in told
    with experiment_loop(tmp_path, since=300) as made:  # also behind a restart
        tick(made)
        assert len(made.b.views) == 1
        assert not made.base.views
        release(tmp_path, made.loop.clock.now_us())
        tick(made)
        assert len(made.base.views) == 1


def test_an_arm_that_is_another_now_ends_the_experiment(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path, made=chosen(b={"effort": "low"})) as made:
        tick(made)
        assert len(made.base.views) == 1
        (told,) = [text for kind, text in made.told if kind == "experiment"]
    rows = rows_of(tmp_path)
    assert rows.stop.why == "arm_changed"
    assert rows.stop.detail == "arm b (no lessons) is given another effort"
    assert "e1 has ended" in told
    assert not rows.draws


def test_other_terms_end_the_experiment(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path, terms=DEFAULT_TERMS) as made:
        made.arms.terms = DEFAULT_TERMS
        tick(made)
    assert rows_of(tmp_path).stop.why == "terms"


def test_a_log_that_says_nothing_that_can_be_trusted_asks_nobody(tmp_path):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        tick(made)
        path = tmp_path / EXPERIMENTS_FILE
        whole = path.read_text()
        path.write_text(whole.replace('"arm":"a"', '"arm":"c"').replace('"arm":"b"', '"arm":"c"'))
        asked = len(made.a.views) + len(made.b.views)
        found = tick(made)
        assert (found.outcome, found.reason_code) == ("blocked", "experiment")
        assert len(made.a.views) + len(made.b.views) + len(made.base.views) == asked
        assert any("experiments.jsonl, line 2" in text for _, text in made.told)
        path.write_text(whole)
        assert tick(made).outcome == "asked"


def test_a_log_that_is_deleted_under_the_loop_is_put_back(tmp_path, caplog):
    begun(tmp_path)
    path = tmp_path / EXPERIMENTS_FILE
    with experiment_loop(tmp_path) as made:
        tick(made)
        whole = path.read_text()
        path.unlink()
        assert tick(made).outcome == "asked"
    assert path.read_text().startswith(whole) and len(rows_of(tmp_path).draws) == 1
    assert "was deleted" in caplog.text and not made.base.views


@pytest.mark.parametrize("kept", [0, 1])
def test_a_log_that_lacks_what_the_loop_read_asks_nobody_until_it_is_back(tmp_path, kept):
    begun(tmp_path)
    path = tmp_path / EXPERIMENTS_FILE
    with experiment_loop(tmp_path) as made:
        tick(made)
        whole = path.read_text()
        path.write_text("".join(whole.splitlines(keepends=True)[:kept]))
        for _ in range(2):
            assert tick(made).reason_code == "experiment"
        lost = f"experiments.jsonl, line {kept + 1}: this stands no more where `ribbon trade` read it: «{{"
        assert [lost in text for _, text in made.told] == [True, True]  # of the look, and of the draw
        path.write_text(whole)
        assert tick(made).outcome == "asked"
    assert path.read_text().startswith(whole) and not made.base.views


def test_a_disk_that_takes_no_draw_asks_nobody_and_goes_on_by_itself(tmp_path, monkeypatch):
    begun(tmp_path)
    with experiment_loop(tmp_path) as made:
        with monkeypatch.context() as broken:

            def full(self, line):
                raise WriteFailedError("experiments.jsonl: No space left on device")

            broken.setattr(store_module.LineJournal, "append", full)
            found = tick(made)
            assert (found.outcome, found.reason_code) == ("disk", "disk")
            assert not (made.a.views or made.b.views or made.base.views)
        assert tick(made).outcome == "asked"
        assert len(rows_of(tmp_path).draws) == 1
