"""Rows that are taken out of the decisions after the ledger took them in are named, wherever in the file they stood."""

from __future__ import annotations

import re

import pytest

from lib.contract.schema import DECISIONS_FILE
from lib.lessons.advance import ledger_at
from lib.lessons.lost_trades import lost_trades_warning
from lib.lessons.rebuilding import rebuild_ledger
from lib.lessons.trade_rows import known_trades
from tests.builders import at
from tests.lib.lessons.streams.made import lively_market, write_folder


@pytest.mark.parametrize("named", [True, False])
def test_rows_that_were_lost_from_the_middle_are_said_until_they_are_back_or_counted_out(tmp_path, named):
    folder = write_folder(tmp_path / "data", lively_market(1, 6))
    path = folder / DECISIONS_FILE
    header, *rows = path.read_text().splitlines(keepends=True)
    if not named:
        place = header.strip().split(",").index("decision_id")
        rows = [
            ",".join("" if each == place else text for each, text in enumerate(row.split(",")))
            for row in rows
        ]
        path.write_text(header + "".join(rows))
    assert lost_trades_warning(folder) == ""  # nothing was taken in yet
    with ledger_at(folder, at(6 * 60), keep=True) as store:
        counted = known_trades(store.connection)
    assert len(counted) > 8 and lost_trades_warning(folder) == ""
    kept = rows[: len(rows) // 4] + rows[-len(rows) // 4 :]
    path.write_text(header + "".join(kept))
    told = lost_trades_warning(folder)
    assert re.match(rf"\d+ trades count in lessons that {DECISIONS_FILE} holds no more \(the newest: ", told)
    assert any(f"newest: {name})" in told for name in counted) and "`ribbon lessons rebuild`" in told
    path.unlink()
    told = lost_trades_warning(folder)
    assert f"is of other data than {DECISIONS_FILE}, which holds none of its {len(counted)} trades" in told
    assert f"newest: {counted[-1]})" in told and "`ribbon lessons rebuild`" in told
    path.write_text(header + "".join(rows))
    assert lost_trades_warning(folder) == ""
    path.write_text(header + "".join(kept))
    rebuild_ledger(folder)
    assert lost_trades_warning(folder) == ""


@pytest.mark.parametrize("change", [{"entry_price": "-1"}, {"executed": '"False"'}, {"executed": "False"}])
def test_a_row_that_no_figure_counts_any_more_is_lost_though_it_stands_there(tmp_path, change):
    folder = write_folder(tmp_path / "data", lively_market(1, 6))
    with ledger_at(folder, at(6 * 60), keep=True) as store:
        name = known_trades(store.connection)[-1]
    path = folder / DECISIONS_FILE
    header, *rows = path.read_text().splitlines()
    names = header.split(",")
    number = next(place for place, row in enumerate(rows) if f",{name}," in row)
    cells = dict(zip(names, rows[number].split(","), strict=True))
    rows[number] = ",".join((cells | change).values())
    path.write_text("\n".join([header, *rows, ""]))
    told = lost_trades_warning(folder)
    assert told.startswith("1 trade counts in lessons") and f"(the newest: {name})" in told
