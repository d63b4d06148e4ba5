from __future__ import annotations

import pytest

from lib.errors import ParameterError
from lib.lessons.episodes import cells_of, episodes_of
from lib.lessons.hypotheses import FAMILIES
from tests.lib.lessons.made_tables import table_of, trade

DIRECTION = list(FAMILIES["trades"]).index("direction")


def table(**more):
    rows = [
        trade(0, 0.19, 0, direction="LONG", best_pct=0.4),
        trade(3, -0.26, 0, minutes=4, direction="LONG", worst_pct=0.5),
        trade(5, 0.0, 0, direction="SHORT"),
        trade(6, 0.1, 0),
        trade(60, 0.1, 1),
    ]
    return table_of("trades", rows).assign(**more)


def test_an_episode_reaches_from_its_first_entry_to_its_last_exit():
    first, second = episodes_of("trades", table())
    assert first.ended - first.begun == 16 * 60_000_000 and len(first.trades) == 4
    assert second.begun - first.begun == 60 * 60_000_000 and len(second.trades) == 1
    assert list(episodes_of("trades", table()[:0])) == []


def test_the_trades_of_a_value_are_counted_together_and_those_without_one_not():
    cells = cells_of(next(episodes_of("trades", table())), DIRECTION)
    assert set(cells) == {"LONG", "SHORT"}
    found = cells["LONG"]
    assert (found.n, found.wins, found.worst, found.best) == (2, 1, 0.5, 0.4)
    assert (found.mean, found.gains) == (pytest.approx(-0.035), 0.19)
    assert (cells["SHORT"].n, cells["SHORT"].wins) == (1, 0)  # a win is above zero


def test_a_table_that_is_none_is_refused():
    with pytest.raises(ParameterError, match="lack wick"):
        list(episodes_of("trades", table().drop(columns="wick")))
    for name, value in (("worst_pct", 0.0), ("best_pct", float("nan"))):
        with pytest.raises(ParameterError, match="worst loss or best gain"):
            list(episodes_of("trades", table(**{name: value})))
    for value in (float("nan"), float("inf")):
        with pytest.raises(ParameterError, match="net returns"):
            list(episodes_of("trades", table(net_pct=value)))
