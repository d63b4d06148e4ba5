"""Files that an older version wrote open today, and will when today's code has one section, field or column more (tests/yesterday)."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from pydantic import create_model

from lib.contract import schema
from lib.contract.analyzers import ANALYZERS, Analyzer
from lib.contract.results import GroupStats
from lib.data import atomic
from lib.data.decisions import load_decisions
from lib.data.loaders import load_candles, load_samples
from lib.history.log import load_history, store_record
from lib.lessons.choices import load_choices
from lib.lessons.lesson import LedgerSummary
from lib.paths import repository_root
from lib.prompt.archive import load_archive
from lib.prompt.hold import load_hold
from lib.published import insights
from lib.published import pair as publish
from lib.published.pair import load_insights, read_prompt
from runner.claude import ledger
from runner.claude.ledger import SPEND_FILE, SpendLedger, spend_of_day
from runner.cycle.manifest import read_manifests
from runner.errors import EventLogError, WriteFailedError
from runner.files.tables import append_samples, samples_journal
from runner.status.status import status
from runner.status.why import why
from runner.trade import events, tick_log
from runner.trade.book import Book
from runner.trade.decision_log import DecisionLog
from runner.trade.events import EVENTS_FILE, Event, EventLog, read_events
from runner.trade.settings import TradeSettings
from runner.trade.tick_log import TICKS_FILE, TickLog

YESTERDAY = repository_root() / "tests" / "yesterday"
LAST, CYCLE = "2025-06-15T06:00:00Z", "20250615T060000Z"
NOW_US = 1_749_967_210_000_000  # ten seconds after LAST

#: The sections that yesterday's insights had.
KEYS_OF_YESTERDAY = ("actual_performance", "optimal_comparison", "realistic_backtest", "regime_analysis")


@pytest.fixture
def folder(tmp_path) -> Path:
    return Path(shutil.copytree(YESTERDAY, tmp_path / "data"))


# As they are


def test_what_was_learned(folder):
    found = load_insights(folder)
    assert found["last_updated"] == LAST
    later = dict.fromkeys((analyzer.key for analyzer in ANALYZERS), "failed")  # analyzers that came after
    assert found["sections"] == later | dict.fromkeys(KEYS_OF_YESTERDAY, "ok")
    prompt = read_prompt(folder)
    assert prompt.text.startswith("# LEARNING NOTES") and prompt.as_of == LAST
    records = load_history(folder)
    assert (len(records.records), records.set_aside) == (2, [])
    choices = load_choices(folder)
    assert ([choice.action for choice in choices.made], choices.set_aside) == (["pin", "veto"], 0)
    assert load_hold(folder).sha256 == prompt.sha256
    assert [kept.sha256 for kept in load_archive(folder).prompts] == [prompt.sha256]


def test_what_was_traded(folder):
    book = Book.from_events(read_events(folder))
    assert (book.held.decision_id, len(book.closed)) == ("rules-20250615T055500Z", 1)
    rows, counts = load_decisions(folder, None, None)
    assert (len(rows), counts.set_aside, int(rows["executed"].sum())) == (31, {}, 2)
    day = spend_of_day(folder, datetime(2025, 6, 15, tzinfo=UTC))
    assert (day.calls, day.billed_usd, day.reserved_usd) == (2, 0.0213, 0.05)


def test_what_was_watched(folder):
    assert (
        len(load_samples(folder, "5min", None, None)[0])
        == len(load_candles(folder, "5min", None, None)[0])
        == 11
    )


def test_a_cycle(folder):
    assert [manifest.status for manifest in read_manifests(cycles(folder))] == ["running"]


def cycles(folder: Path) -> Path:
    """An outputs folder with the one cycle of yesterday."""
    (folder / "outputs" / CYCLE).mkdir(parents=True)
    shutil.move(folder / "manifest.json", folder / "outputs" / CYCLE)
    return folder / "outputs"


def test_the_status_of_it_all(folder):
    found = status(folder, TradeSettings(), NOW_US)
    assert found["faults"] == [] and found["account"]["position"] is not None
    assert (found["last_tick"]["outcome"], found["last_decision"]["direction"]) == ("gate", "LONG")
    ticks = why(folder, pd.Timestamp("2025-06-15T00:00:00Z"), pd.Timestamp(LAST))
    assert ticks["asked_nobody"] == {"gate": {"closed": 39}} and ticks["set_aside"] == 0


# With one section, field or column more


def test_a_later_section_and_field_of_the_insights(folder, monkeypatch):
    later(monkeypatch, section=(GroupStats | None, None), evidence=(summary(figure=(float, 0.5)), ...))
    found = load_insights(folder)
    assert (found["section"], found["sections"]["section"], found["evidence"]["figure"]) == (
        None,
        "failed",
        0.5,
    )
    assert found["provenance"]["sections"]["section"]["reason"] == "no_result"
    assert set(found["sections"].values()) == {"ok", "failed"}


def test_a_field_without_default_is_what_these_files_find(folder, monkeypatch):
    """What the tests above are for: insights that today's code cannot read. The loop has its lessons all the same."""
    later(monkeypatch, section=(GroupStats | None, ...))
    assert load_insights(folder) is None
    assert read_prompt(folder).text.startswith("# LEARNING NOTES")


def test_the_loop_asks_of_the_insights_what_it_needs_and_no_more(folder):
    path = folder / schema.INSIGHTS_FILE
    told = json.loads(path.read_text())
    named = {"prompt_sha256": told["provenance"]["prompt_sha256"]}
    path.write_text(json.dumps({"last_updated": told["last_updated"], "provenance": named}))
    assert load_insights(folder) is None
    assert read_prompt(folder).text.startswith("# LEARNING NOTES")


def later(monkeypatch, **changed) -> None:
    """Insights with further fields; `section` is the key of one more analyzer."""
    model = create_model("LaterInsights", __base__=insights.TrainingInsights, **changed)
    monkeypatch.setattr(publish, "TrainingInsights", model)
    one_more = Analyzer(7, "one_more", "One more", GroupStats, "section", "ONE MORE")
    monkeypatch.setattr(insights, "ANALYZERS", (*ANALYZERS, one_more))


def summary(**added):
    return create_model("LaterSummary", __base__=LedgerSummary, **added)


@dataclass(frozen=True)
class LaterEvent(Event):
    """An event with two fields more; the default of one is no zero."""

    leverage: float = 1.0
    venue: str = ""


def know_later_events(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(events, "Event", LaterEvent)
    patch.setattr(events, "COLUMNS", (*events.COLUMNS, "leverage", "venue"))


@pytest.fixture
def later_events(monkeypatch):
    know_later_events(monkeypatch)


def halt(**fields: object) -> Event:
    return LaterEvent("halt", NOW_US, reason="daily_loss", **fields)


def test_later_event_fields(folder, later_events):
    path, before = folder / EVENTS_FILE, (folder / EVENTS_FILE).read_bytes()
    old = read_events(folder)
    assert {(event.leverage, event.venue) for event in old} == {(1.0, "")} and path.read_bytes() == before
    with EventLog(folder) as log:
        assert log.events == old
        log.append(halt(leverage=0.0, venue="x, y"))
    assert read_events(folder) == [*old, halt(leverage=0.0, venue="x, y")]
    (copy,) = folder.glob(f"{EVENTS_FILE}.before-*")
    assert copy.read_bytes() == before
    with EventLog(folder) as log:  # nothing is old any more
        assert len(log.events) == len(old) + 1
    assert list(folder.glob(f"{EVENTS_FILE}.before-*")) == [copy]


@pytest.mark.parametrize("replaces", [0, 1])
def test_a_crash_while_an_event_log_gets_its_columns_loses_nothing(
    folder, later_events, monkeypatch, replaces
):
    """Before the copy, and between the copy and the log."""
    path, before, old = folder / EVENTS_FILE, (folder / EVENTS_FILE).read_bytes(), read_events(folder)
    done, really = [], atomic._replace

    def dying(contents: list[tuple[Path, bytes, int]]) -> None:
        if len(done) == replaces:
            raise OSError(28, "No space left on device")
        done.append(contents)
        really(contents)

    with monkeypatch.context() as broken:
        broken.setattr(atomic, "_replace", dying)
        with pytest.raises(WriteFailedError, match="stays as it was"), EventLog(folder):
            pass
    assert path.read_bytes() == before
    with EventLog(folder) as log:
        assert log.events == old
    (copy,) = folder.glob(f"{EVENTS_FILE}.before-*")
    assert copy.read_bytes() == before and read_events(folder) == old


def test_an_event_log_without_a_column_that_all_have_is_refused(folder):
    path = folder / EVENTS_FILE
    path.write_text(path.read_text().replace("decision_id,direction,size", "decision_id,direction,length"))
    for reading in (lambda: EventLog(folder).__enter__(), lambda: read_events(folder)):
        with pytest.raises(EventLogError, match=r"line 1: .*the column size stands there 0 times"):
            reading()


def test_later_decision_columns_and_a_row_that_waits_in_an_older_event(folder):
    path = folder / schema.DECISIONS_FILE
    *rows, last = path.read_text().splitlines(keepends=True)
    path.write_text("".join(rows))  # the program died between the order and its row
    with DecisionLog(folder, "rules") as log:
        log.catch_up(read_events(folder))
    head, *rows = path.read_text().splitlines()
    later = ["stop_pct", "target_pct", "holding", "asked_because", "request_sha"]
    later += ["first_model", "first_answer", "first_confidence", "first_cost_usd", "first_request_sha"]
    assert head.split(",")[-10:] == list(schema.LATER_DECISION_COLUMNS) == later
    assert rows[-1] == f"{last.rstrip()},,,,,,,,,,"
    found, counts = load_decisions(folder, None, None)
    assert (len(found), counts.set_aside, set(found["holding"])) == (31, {}, {""})
    assert found[["stop_pct", "target_pct"]].isna().all(axis=None)
    assert len(list(folder.glob(f"{schema.DECISIONS_FILE}.before-*"))) == 1


def test_later_columns_of_ticks_and_of_what_was_spent(folder, monkeypatch):
    day = spend_of_day(folder, datetime(2025, 6, 15, tzinfo=UTC))
    monkeypatch.setattr(tick_log, "COLUMNS", (*tick_log.COLUMNS, "detail"))
    monkeypatch.setattr(ledger, "COLUMNS", (*ledger.COLUMNS, "tier"))
    test_the_status_of_it_all(folder)
    SpendLedger(folder / SPEND_FILE, 2.0, 250).open().close()
    with TickLog(folder):
        pass
    heads = [(folder / name).read_text().partition("\n")[0] for name in (SPEND_FILE, TICKS_FILE)]
    assert [head.rpartition(",")[2] for head in heads] == ["tier", "detail"]
    assert spend_of_day(folder, datetime(2025, 6, 15, tzinfo=UTC)) == day
    test_the_status_of_it_all(folder)


def test_samples_go_on_in_the_columns_they_have(folder, monkeypatch):
    path, before = folder / schema.SAMPLE_FILES["5min"], (folder / schema.SAMPLE_FILES["5min"]).read_bytes()
    monkeypatch.setattr(schema, "SAMPLE_EXTRA_COLUMNS", (*schema.SAMPLE_EXTRA_COLUMNS, "spread"))
    monkeypatch.setattr(schema, "LATER_SAMPLE_COLUMNS", (*schema.LATER_SAMPLE_COLUMNS, "spread"))
    frame, _ = load_samples(folder, "5min", None, None)
    frame = frame.set_axis(frame.index + pd.Timedelta(hours=1))
    with samples_journal(folder, "5min", frame) as journal:
        assert append_samples(journal, frame, "", 2).rows == 11
    assert path.read_bytes().startswith(before)
    assert load_samples(folder, "5min", None, None)[1].as_dict() == {"rows_in": 22, "ok": 22, "set_aside": {}}


# Files of a later version


def test_keys_that_only_a_later_version_knows(folder):
    for name in ("training_insights.json", "manifest.json"):
        (folder / name).write_text(json.dumps(grown(json.loads((folder / name).read_text()))))
    for name in ("training_history.jsonl", "lesson_choices.jsonl"):
        lines = (folder / name).read_text().splitlines()
        (folder / name).write_text("".join(f"{json.dumps(grown(json.loads(line)))}\n" for line in lines))
    kept = (folder / "training_history.jsonl").read_bytes()
    test_what_was_learned(folder)
    newest = load_history(folder).records[-1]
    store_record(folder, newest.model_copy(update={"timestamp": LAST, "cycle_number": 9}))
    assert (folder / "training_history.jsonl").read_bytes().startswith(kept)
    test_a_cycle(folder)


#: Keys whose value is a table from names to something, where one more name is one more thing.
TABLES = {"sections", "thresholds", "exit_reasons", "wick_performance", "ribbon_dips", "rows"}


def grown(value: object, key: str = "") -> object:
    """One more key in every object."""
    if isinstance(value, list):
        return [grown(part) for part in value]
    if not isinstance(value, dict):
        return value
    inside = {name: grown(part, name) for name, part in value.items()}
    return inside if key in TABLES or key == "decisions" else inside | {"a_later_key": 1}


def test_an_event_log_of_a_later_version_is_read_and_not_gone_on_with(folder, monkeypatch):
    old = read_events(folder)
    with monkeypatch.context() as patch:
        know_later_events(patch)
        with EventLog(folder) as log:
            log.append(halt(leverage=5.0))
    before = (folder / EVENTS_FILE).read_bytes()
    assert read_events(folder)[:-1] == old
    with (
        pytest.raises(EventLogError, match="later version wrote this log, whose column leverage"),
        EventLog(folder),
    ):
        pass
    assert (folder / EVENTS_FILE).read_bytes() == before


def test_columns_that_only_a_later_version_knows_stay(folder):
    path = folder / TICKS_FILE
    path.write_text("".join(f"{line},x\n" for line in path.read_text().splitlines()))
    with TickLog(folder) as log:
        log.write(NOW_US, "quiet", "beat")
    assert path.read_text().splitlines()[-1] == "2025-06-15T06:00:10Z,quiet,beat,"
    assert status(folder, TradeSettings(), NOW_US)["last_tick"]["reason_code"] == "beat"
