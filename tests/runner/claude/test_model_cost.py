"""The one figure of what the model cost."""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, datetime

import pytest

from lib.errors import DataError
from runner.claude.ledger import SPEND_FILE, SpendLedger
from runner.claude.model_cost import ModelCost, cost_of_day, cost_of_folder
from runner.claude.settings import ClaudeSettings
from runner.trade.models import Usage

SETTINGS = ClaudeSettings(daily_cap_usd=2.0, max_calls_per_day=2)
DAYS = [datetime(2026, 1, day, 12, tzinfo=UTC) for day in (5, 6)]


@pytest.fixture
def spent(tmp_path):
    """On the first day a call that was billed and one that nobody knows of, on the second one that cost nothing."""
    today = [DAYS[0]]
    with closing(SpendLedger(tmp_path / SPEND_FILE, 2.0, 2, lambda: today[0]).open()) as ledger:
        ledger.settle(ledger.reserve(0.07, "m"), Usage(cost_usd=0.0123), "m")
        ledger.reserve(0.07, "m")
        today[0] = DAYS[1]
        ledger.settle(ledger.reserve(0.07, "m"), Usage(), "m", "overloaded")
    return tmp_path


def test_of_a_day_and_of_all(spent):
    first, second = (cost_of_day(spent, SETTINGS, day) for day in DAYS)
    assert first == ModelCost(2, 0.0123, 0.07, 1, 2.0, 2)
    assert second == ModelCost(1, 0.0, 0.0, 0, 2.0, 2)
    assert cost_of_folder(spent, SETTINGS) == ModelCost(3, 0.0123, 0.07, 1, 2.0, 2)
    assert (first.counted_usd, first.used_up, second.used_up) == (0.0823, True, False)


def test_its_words(spent):
    assert cost_of_day(spent, SETTINGS, DAYS[1]).words() == (
        "1 call: $0.0000 billed, $0.0000 reserved for 0 of unknown cost, of at most $2.00 and 2 calls a UTC day"
    )
    assert (
        cost_of_folder(spent, SETTINGS)
        .words()
        .startswith("3 calls: $0.0123 billed, $0.0700 reserved for 1 of")
    )


def test_without_a_file_it_is_nothing_and_a_damaged_one_is_no_figure(tmp_path):
    assert (
        cost_of_day(tmp_path, SETTINGS)
        == cost_of_folder(tmp_path, SETTINGS)
        == ModelCost(cap_usd=2.0, max_calls=2)
    )
    (tmp_path / SPEND_FILE).write_text("damaged\nx\n")
    with pytest.raises(DataError, match="what was spent"):
        cost_of_folder(tmp_path, SETTINGS)
