"""What is said of two sides, worked out by hand."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.stats import ttest_ind, ttest_rel

from lib.contract.times import iso
from lib.errors import DataError, MissingDataError, ParameterError
from lib.market.terms import DEFAULT_TERMS
from runner.compare.page import comparison_page
from runner.compare.words import comparison_lines
from tests.builders import at
from tests.runner.compare.made import DAY, SOURCE, Trade, compared, cycle, log, many, replay

NETS = (0.19, -0.26, 0.1, -0.05, 0.3)
CYCLES = "20260105T000000Z", "20260106T000000Z"


def differing(condition) -> list[str]:
    return [each.what for each in condition if not each.alike]


# Two replays


def test_entries_at_the_same_instants_are_paired(tmp_path):
    """B makes 0.02 or 0.04 % more of each entry: unpaired that would be lost among the trades' own spread."""
    a = many(40, NETS)
    b = [Trade(trade.minute, trade.net + (0.02, 0.04)[at % 2]) for at, trade in enumerate(a)]
    record = compared(replay(tmp_path / "a", a), replay(tmp_path / "b", b)).record
    net, pair = record.found.net, ttest_rel([t.net for t in b], [t.net for t in a]).confidence_interval()
    assert (net.pairs, net.episodes_a, net.episodes_b, record.found.same_instants) == (40, 40, 40, 40)
    assert (net.difference_pct, net.low_pct, net.high_pct) == pytest.approx((0.03, *pair), abs=1e-4)
    assert net.verdict == "more" and net.inflation == 1
    assert record.answer[0] == (
        "B made 0.030 % more an episode than A (95 % +0.027 to +0.033): the interval leaves zero out."
    )
    assert record.answer[2] == "One comparison proves nothing; of twenty 95 % intervals one misses by chance."
    assert differing(record.conditions) == []
    assert any("40 times they entered at the very same instant" in note for note in record.notes)


def test_what_is_not_shown_is_not_claimed(tmp_path):
    """B trades half an hour later: no episode of both, so the interval is Welch's."""
    a, b = many(40, NETS), [Trade(t.minute + 30, t.net - 0.01) for t in many(30, NETS[:4])]
    record = compared(replay(tmp_path / "a", a), replay(tmp_path / "b", b)).record
    net = record.found.net
    welch = ttest_ind([t.net for t in b], [t.net for t in a], equal_var=False).confidence_interval()
    assert (net.pairs, record.found.same_instants) == (0, 0)
    assert (net.low_pct, net.high_pct) == pytest.approx(tuple(welch), abs=1e-4)
    assert record.answer[0].startswith("B made ") and record.answer[0].endswith("): not shown.")
    assert " less an episode than A (95 % −" in record.answer[0]


def test_trades_that_overlap_are_one_episode_and_a_pair_though_they_began_apart(tmp_path):
    a, b = many(12, NETS, held=20.0), [Trade(t.minute + 5, t.net) for t in many(12, NETS[::-1])]
    b += [Trade(t.minute + 11, 0.3) for t in b]  # a second one of B in each episode
    found = compared(replay(tmp_path / "a", a), replay(tmp_path / "b", b)).record.found
    assert (found.net.trades_b, found.net.episodes_b, found.net.pairs, found.same_instants) == (24, 12, 12, 0)
    assert found.net.mean_b_pct == pytest.approx(np.mean([(t.net + 0.3) / 2 for t in b[:12]]), abs=1e-4)


def test_of_another_market_nothing_is_paired_and_that_is_said(tmp_path):
    other = SOURCE | {"symbol": "BTCUSDT"}
    trades = many(20, NETS)
    a = replay(tmp_path / "a", trades)
    record = compared(a, replay(tmp_path / "b", trades, source=other, trading_data="others")).record
    assert (record.found.net.pairs, record.found.same_instants) == (0, 0)
    assert record.answer[2].startswith(
        "They are of different markets (ETHUSDT; BTCUSDT): what the markets did differently is part of the difference. One comparison"
    )
    assert differing(record.conditions) == ["market"]


@pytest.mark.parametrize("source", [SOURCE | {"symbol": ""}, SOURCE | {"synthetic": True}])
def test_without_a_symbol_or_simulated_a_market_is_that_of_its_folder(tmp_path, source):
    trades = many(20, NETS)
    names = [
        replay(tmp_path / name, trades, source=source, trading_data=data)
        for name, data in (("a", "one"), ("b", "one"), ("c", "two"))
    ]
    assert compared(names[0], names[1]).record.found.net.pairs == 20
    record = compared(names[0], names[2]).record
    assert record.found.net.pairs == 0 and differing(record.conditions) == ["market"]


def test_settings_terms_and_windows_that_differ_are_named(tmp_path):
    a = replay(tmp_path / "a", many(20, NETS))
    b = replay(
        tmp_path / "b",
        many(20, NETS),
        rails=False,
        settings={"beat_s": 10.0, "rails": {"min_confidence": 0.6}},
        terms=DEFAULT_TERMS.model_dump() | {"max_stop_pct": 0.9},
        to=iso(at(5 * DAY)),
    )
    conditions = compared(a, b).record.conditions
    assert differing(conditions) == ["window", "terms", "rails", "trade.rails.min_confidence"]
    by_name = {each.what: each for each in conditions}
    assert by_name["terms"].b.endswith("stop from 0.05 to 0.9 %, target from 0.05 to 5 %")
    assert (by_name["trade.rails.min_confidence"].a, by_name["trade.rails.min_confidence"].b) == (
        "0.75",
        "0.6",
    )
    assert "5 d in common" in by_name["window"].meaning


NEW = {"versions": {"ribbon-lab": "0.9.0", "pandas": "2.3.1"}, "commit": "3033431200aa55"}


@pytest.mark.parametrize(
    ("other", "told", "differ"),
    [
        (NEW, "", []),
        ({"versions": {"ribbon-lab": "0.8.0", "pandas": "2.3.1"}}, "version 0.8.0", ["program"]),
        (
            NEW | {"commit": "fff0001200aa55+changes"},
            "version 0.9.0, commit fff00012 with changes",
            ["program"],
        ),
        ({}, "it does not say", ["program"]),
        (NEW | {"versions": {"ribbon-lab": "0.9.0", "pandas": "2.2.0"}}, "", ["Python and packages"]),
    ],
)
@pytest.mark.parametrize("kind", ["replay", "cycle"])
def test_other_versions_of_the_program_are_told(tmp_path, kind, other, told, differ):
    if kind == "replay":
        names = [
            replay(tmp_path / side, many(20, NETS), "m", **of) for side, of in (("a", NEW), ("b", other))
        ]
    else:
        data = log(tmp_path / "data", many(20, NETS))
        names = [
            cycle(tmp_path, side, data, -1, 10 * DAY, **of)
            for side, of in (("a", NEW), ("b", {"versions": {}, "commit": None} | other))
        ]
    found = compared(*names, tmp_path)
    assert differing(found.record.conditions) == differ
    assert found.record.a.program == "version 0.9.0, commit 30334312"
    lines, page = "\n".join(comparison_lines(found)), comparison_page(found)
    if differ == ["program"]:
        assert f"not the same: program: version 0.9.0, commit 30334312 | {told}" in lines
        assert "the versions decide and learn differently" in lines and "the versions decide" in page
    elif differ:
        assert "Python and packages: pandas 2.3.1 | pandas 2.2.0" in lines and "pandas" in page


def test_where_neither_side_says_its_program_nothing_is_told(tmp_path):
    found = compared(replay(tmp_path / "a", many(20, NETS)), replay(tmp_path / "b", many(20, NETS)))
    assert "program" not in {each.what for each in found.record.conditions}


def test_the_same_trades_at_other_fees_differ_by_the_fees(tmp_path):
    a = replay(tmp_path / "a", many(20, NETS))
    dear = DEFAULT_TERMS.model_dump() | {"fee_pct": 0.055}
    record = compared(a, replay(tmp_path / "b", many(20, NETS), terms=dear)).record
    net, gross, *_ = record.found.differences
    assert (net.difference_pct, net.low_pct, net.verdict) == (-0.02, None, "constant")
    assert record.answer[0] == "B made 0.020 % less than A, the same in each of 20 episodes."
    assert gross.verdict == "the same"
    assert any(
        line.startswith("    all trades, before costs")
        for line in comparison_lines(compared(a, str(tmp_path / "b")))
    )


def test_the_same_trades_are_the_same(tmp_path):
    a, b = (replay(tmp_path / name, many(20, NETS)) for name in "ab")
    assert compared(a, b).record.answer[0] == "B made the same as A in each of 20 episodes."


def test_too_few_get_no_difference(tmp_path):
    a, b = replay(tmp_path / "a", many(20, NETS)), replay(tmp_path / "b", many(9, NETS))
    record = compared(a, b).record
    assert record.answer[0].startswith("Too few to compare: A has 20 episodes and B 9")
    assert "%" not in record.answer[0]
    assert any(
        line.strip().startswith("all trades, after costs   too few")
        for line in comparison_lines(compared(a, b))
    )


def test_few_pairs_that_differ_by_the_same_are_too_few(tmp_path):
    a, b = (replay(tmp_path / name, [Trade(0, net)]) for name, net in (("a", 0.1), ("b", 0.2)))
    assert compared(a, b).record.found.net.verdict == "too few"


def test_no_trade_is_nothing_to_compare(tmp_path):
    a, b = replay(tmp_path / "a", many(20, NETS)), replay(tmp_path / "b", [])
    record = compared(a, b).record
    assert record.answer[0] == "There is nothing to compare: B closed no trade."
    assert any("no closed trade" in line for line in comparison_lines(compared(a, b)))


def test_days_that_hang_together_widen_the_interval(tmp_path):
    """B's days are good or bad as a whole."""
    noise = np.random.default_rng(3).normal(0, 0.05, 120)
    a = [Trade(120 * number, float(noise[number])) for number in range(120)]
    b = [Trade(t.minute + 60, t.net + (0.3 if t.minute // DAY % 2 else -0.3)) for t in a]
    record = compared(replay(tmp_path / "a", a), replay(tmp_path / "b", b)).record
    assert record.found.net.inflation > 4 and record.found.days == 10
    assert any(note.startswith("Trades of one day hang together") for note in record.notes)


def test_a_model_that_may_know_the_market_is_told(tmp_path):
    claude = {
        "decider": "claude",
        "may_know_market": "a model may know",
        "training_warning": "it may remember",
    }
    a, b = (replay(tmp_path / name, many(20, NETS), **claude) for name in "ab")
    assert compared(a, b).record.notes[-2:] == ["It may remember.", "A model may know."]


# Two cycles


def test_trades_that_two_cycles_share_are_left_out(tmp_path):
    """One log of 60 trades, an hour apart; windows of 40 hours, 20 of them in common."""
    data = log(tmp_path / "data", many(60, NETS))
    cycle(tmp_path, CYCLES[0], data, -1, 2400 - 1)
    cycle(tmp_path, CYCLES[1], data, 1200 - 1, 3600 - 1)
    record = compared(*CYCLES, tmp_path).record
    assert record.found.shared == 20
    assert (record.a.trades.total, record.b.trades.total) == (40, 40)
    assert (record.found.net.trades_a, record.found.net.trades_b, record.found.net.pairs) == (20, 20, 0)
    assert record.notes[0].startswith("20 trades are of both, out of one log")
    assert record.answer[1].endswith("20 episodes of A and 20 of B, without the 20 trades that both have.")
    (window,) = (each for each in record.conditions if not each.alike)
    assert window.what == "window" and record.answer[2].startswith(
        "They have 20 h in common, and the trades of that are left out: how the market differed in the rest"
    )


def test_a_trade_that_was_open_at_the_first_is_the_seconds(tmp_path):
    data = log(tmp_path / "data", [*many(10, NETS), Trade(595, 0.1, held=10)])
    cycle(tmp_path, CYCLES[0], data, -1, 600)
    cycle(tmp_path, CYCLES[1], data, -1, 610)
    record = compared(*CYCLES, tmp_path).record
    assert (record.a.open_trades, record.b.open_trades) == (1, 0)
    assert (record.found.shared, record.found.net.trades_a, record.found.net.trades_b) == (10, 0, 1)


def test_cycles_that_share_all_have_nothing_to_compare(tmp_path):
    data = log(tmp_path / "data", many(10, NETS))
    for name in CYCLES:
        cycle(tmp_path, name, data, -1, DAY)
    record = compared(CYCLES[0], str(tmp_path / CYCLES[1]), tmp_path).record
    assert record.answer[0] == (
        "There is nothing to compare: beside the 10 trades that both have, A and B closed none."
    )


def test_equal_rows_of_two_logs_are_no_shared_trades(tmp_path):
    for name in CYCLES:
        cycle(tmp_path, name, log(tmp_path / f"data-{name}", many(20, NETS)), -1, 2 * DAY)
    found = compared(*CYCLES, tmp_path).record.found
    assert (found.shared, found.net.pairs) == (0, 20)


def test_a_log_that_changed_since_is_told(tmp_path):
    data = log(tmp_path / "data", many(20, NETS))
    cycle(tmp_path, CYCLES[0], data, -1, DAY / 2, headline={"trades": 13, "net_pnl": -4.5})
    cycle(tmp_path, CYCLES[1], data, DAY / 2, DAY, headline={"trades": 7, "net_pnl": 0.53})
    record = compared(*CYCLES, tmp_path).record
    assert record.a.told == "13 trades and −$4.50" and record.b.told == ""
    assert any(note.startswith("The report of A said 13 trades") for note in record.notes)


def test_terms_of_before_they_were_kept_are_those_of_the_folder(tmp_path):
    data = log(tmp_path / "data", many(20, NETS))
    for name, until in zip(CYCLES, (DAY, DAY + 1), strict=True):
        cycle(
            tmp_path, name, data, -1, until, parameters={"as_of": iso(at(until)), "trading_data": str(data)}
        )
    assert compared(*CYCLES, tmp_path).record.a.terms == DEFAULT_TERMS.words()


# What cannot be compared


def test_what_is_named_is_found_or_the_nearest_is_told(tmp_path):
    cycle(tmp_path, CYCLES[0], log(tmp_path / "data", []), -1, DAY)
    with pytest.raises(ParameterError, match=rf"neither a cycle nor .* are {CYCLES[0]}"):
        compared("20260105T000001Z", CYCLES[0], tmp_path)
    with pytest.raises(ParameterError, match="holds no cycle"):
        compared("", CYCLES[0], tmp_path / "none")


def test_one_thing_twice_and_one_of_each_are_refused(tmp_path):
    cycle(tmp_path, CYCLES[0], log(tmp_path / "data", []), -1, DAY)
    with pytest.raises(ParameterError, match="one and the same"):
        compared(CYCLES[0], str(tmp_path / CYCLES[0]), tmp_path)
    with pytest.raises(ParameterError, match="ribbon cycle --trading-data FOLDER"):
        compared(CYCLES[0], replay(tmp_path / "a", []), tmp_path)


def test_a_log_that_is_gone_and_damaged_files_are_told(tmp_path):
    good = replay(tmp_path / "good", [])
    cycle(tmp_path, CYCLES[0], tmp_path / "gone", -1, DAY)
    with pytest.raises(MissingDataError, match="a cycle keeps no trades of its own"):
        compared(CYCLES[0], good, tmp_path)
    cycle(tmp_path, CYCLES[1], tmp_path, -1, DAY, parameters=[1])
    with pytest.raises(DataError, match="no manifest of a cycle"):
        compared(CYCLES[1], good, tmp_path)


@pytest.mark.parametrize(
    "damage",
    [
        {"trades": 3},
        {"source": None},
        {"from": "yesterday"},
        {"terms": {"fee_pct": -1}},
        {"terms": "dear"},
    ],
)
def test_a_damaged_summary_is_told(tmp_path, damage):
    bad = replay(tmp_path / "bad", [], **damage)
    with pytest.raises(DataError, match=r"summary\.json"):
        compared(bad, replay(tmp_path / "good", []))


def test_json_has_all_of_it_and_outside_texts_are_visible(tmp_path):
    hostile = SOURCE | {"symbol": "\x1b[31mETH", "label": "your\u202e trades", "decisions": "live"}
    a = replay(tmp_path / "a", many(12, NETS), "claude\x07", source=hostile)
    found = compared(a, replay(tmp_path / "b", many(12, NETS), source=hostile)).summary()
    text = json.dumps(found, ensure_ascii=False)
    assert not {"\x1b", "\u202e", "\x07"} & set(text)
    assert found["a"]["decider"] == "your\\u202e trades by claude\\x07"
    assert found["found"]["differences"][0]["of"] == "net"
