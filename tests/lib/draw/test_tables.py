from __future__ import annotations

from lib.contract.dollars import Coin
from lib.contract.envelope import ResultEnvelope
from lib.contract.optimal_vs_actual import PatternStats, StandardExits
from lib.contract.results import GroupStats, NamedGroup
from lib.draw import tables
from tests.lib.contract import made
from tests.lib.draw.made import group

WHOLE = GroupStats(
    total=45,
    wins=20,
    win_rate=44.4,
    win_rate_low=30.9,
    win_rate_high=58.8,
    total_pnl=-12.5,
    total_pnl_pct=-0.5,
    avg_pnl=-0.28,
    episodes=12,
    net_mean_pct=-0.031,
    net_low_pct=-0.11,
    net_high_pct=0.048,
)


def test_a_percentage_has_its_n_and_interval():
    assert tables.rate_text(WHOLE) == "44.4 % (n 45, 31–59)"
    assert tables.net_text(WHOLE) == "−0.031 % (n 12, −0.110 to +0.048)"
    assert tables.rate_text(group("a", 4, 4)) == "too few (n 4)"
    assert tables.rate_text(GroupStats(total=0, wins=0, win_rate=None)) == "– (n 0)"


def test_groups_in_rows():
    table = tables.show_groups({"all": WHOLE}, caption="Everything", heading="which")
    assert table.frame.iloc[0].tolist() == [
        "all",
        "44.4 % (n 45, 31–59)",
        "−$12.50",
        "−0.031 % (n 12, −0.110 to +0.048)",
    ]
    assert list(table.frame.columns[:2]) == ["which", "won, net (95 %)"]
    assert repr(table).startswith("Everything\n")


def test_the_accounts_money_stands_in_groups_where_it_is_another():
    own = WHOLE.model_copy(update={"account_trades": 40, "account_pnl": -990.0})
    frame = tables.show_groups({"all": own, "none": group("b", 0, 0)}).frame
    assert frame["net P&L of the account"].tolist() == ["−$990.00 (40 of 45)", "–"]
    one_unit = WHOLE.model_copy(update={"account_trades": 45, "account_pnl": -12.5})
    assert "net P&L of the account" not in tables.show_groups({"all": one_unit}).frame


def test_empty_groups_stay_unless_left_out():
    groups = [group("a", 2, 1), group("b", 0, 0)]
    assert tables.show_groups(groups).frame["group"].tolist() == ["a", "b"]
    assert tables.show_groups(groups, keep_empty=False).frame["group"].tolist() == ["a"]


def test_html_is_escaped_everywhere():
    evil = "<script>alert('x')</script>"
    html = tables.show_groups([group(evil, 2, 1)], caption=evil, heading=evil)._repr_html_()
    assert "<script" not in html and html.count("&lt;script&gt;") == 3
    assert 'data-label="net P&amp;L per 1 coin"' in html
    assert "<script" not in tables.show_rows([], caption=evil)._repr_html_()


def test_the_same_table_is_the_same_bytes_and_hides_its_index():
    first, second = (tables.show_groups({"all": WHOLE}) for _ in range(2))
    assert first._repr_html_() == second._repr_html_()
    assert first._repr_html_() != tables.show_groups({"some": WHOLE})._repr_html_()


def test_nothing_to_show_is_said():
    for none in (None, [], {}):
        table = tables.show_groups(none, caption="By hour")
        assert (
            repr(table) == "By hour: nothing to show"
            and ">By hour: nothing to show</p>" in table._repr_html_()
        )


def test_patterns_and_exits():
    standard = StandardExits(n=7, win_rate=42.9, net_mean_pct=-0.068)
    patterns = [
        PatternStats(
            signature="LONG_MIXED",
            seen=8,
            count=3,
            avg_pnl=2.5,
            avg_pnl_pct=0.1,
            win_rate=42.9,
            standard=standard,
        ),
        # A file of before knows neither what was seen nor what the standard exits made.
        PatternStats(signature="SHORT_MIXED", count=1, avg_pnl=1.0, avg_pnl_pct=0.1, win_rate=100.0),
    ]
    shown = tables.show_patterns(patterns).frame.to_numpy().tolist()
    assert shown == [
        ["LONG (mixed ribbons)", "8", "43 % won, mean −0.068 % (n 7)", "3, +$2.50 (+0.10 %) each"],
        ["SHORT (mixed ribbons)", "–", "–", "1, +$1.00 (+0.10 %) each"],
    ]
    # A card says nothing of what is not known.
    assert tables.show_patterns(patterns)._repr_html_().count('class="none"') == 2
    rare = patterns[0].model_copy(update={"seen": 4})
    table = tables.show_patterns([*patterns, rare])
    assert table.frame.to_numpy().tolist()[2:] == [["1 more kinds", "below 5 each", "–", "–"]]
    assert not table.caption


def test_exits_of_trades_have_their_money_and_no_rate():
    exits = [
        NamedGroup(name="SL_HIT", **made.group(22, 0, -194.07, -0.24)),
        NamedGroup(name="TIME_EXIT", **made.group(1, 1, 0.96)),
    ]
    # No rate: what a target or a stop is decides it.
    shown = tables.show_exits(exits, Coin("ETH")).frame
    assert list(shown) == ["exit", "trades", "in profit", "net P&L per 1 ETH", "net mean an episode"]
    assert shown.to_numpy().tolist() == [
        ["stop hit", "22", "0", "−$194.07", "−0.240 % (n 22, −0.340 to −0.140)"],
        ["time exit", "1", "1", "+$0.96", "too few (n 1)"],
    ]
    own = exits[0].model_copy(update={"account_trades": 22, "account_pnl": -19.4})
    assert tables.show_exits([own]).frame["net P&L of the account"].tolist() == ["−$19.40"]
    assert tables.show_exits([]).frame.empty


def published(**result) -> ResultEnvelope:
    return ResultEnvelope(
        name="actual_trades",
        as_of="2025-06-15T08:00:00Z",
        lookback_hours=24.0,
        window_start="2025-06-14T08:00:00Z",
        data_until="2025-06-15T07:59:50Z",
        source={"decisions": "rules", "label": "rule decider on a synthetic market"},
        rows={"ema_data_5min.csv": {"rows_in": 1000, "ok": 990, "set_aside": {"torn": 10}}},
        result=result,
    )


def test_result_names_source_window_and_rows():
    table = tables.show_result(published(total_trades=45))
    facts = dict(table.frame.itertuples(index=False))
    assert facts["source"] == "rule decider on a synthetic market"
    assert facts["window"] == "2025-06-14 08:00 to 2025-06-15 08:00 (24 h)"
    assert facts["rows read"] == "1,000, of which set aside: 10"
    assert facts["total_trades"] == "45"


def test_headline_percentages_carry_what_they_count():
    facts = dict(
        tables.show_result(
            published(
                total_trades=45,
                win_rate=44.4,
                overall=WHOLE.model_dump(),
                total_pnl=-12.5,
                total_pnl_pct=-0.5,
                optimal_trades=7,
                optimal_win_rate=71.4,
                max_drawdown=3.0,
                max_drawdown_pct=0.12,
                max_drawdown_marked=3.5,
                avg_hold_time=24.037,
                median_hold_minutes=22.5,
                target_pct=0.3,
                breakeven_win_rate=57.8,
                profit_factor=None,
                key_lessons=["a"],
            )
        ).frame.itertuples(index=False)
    )
    assert facts["win_rate"] == "44.4 % (n 45, 31–59)"
    assert facts["total_pnl"] == "−$12.50 per 1 coin" and facts["total_pnl_pct"] == "−0.50 % (n 45)"
    assert "optimal_win_rate" not in facts  # 100 by construction
    assert facts["optimal_trades"] == "7"
    assert facts["max_drawdown"] == "−$3.00 per 1 coin" and facts["max_drawdown_pct"] == "−0.12 % (n 45)"
    assert facts["max_drawdown_marked"] == "−$3.50 per 1 coin"
    assert facts["avg_hold_time"] == "24.0 min" and facts["median_hold_minutes"] == "22.5 min"
    assert facts["target_pct"] == "0.30 %" and facts["breakeven_win_rate"] == "57.8 %"
    assert "profit_factor" not in facts and "key_lessons" not in facts
