from __future__ import annotations

import pytest

from lib.draw import questions as draw
from lib.draw.style import new_axes
from lib.market.terms import DEFAULT_TERMS
from lib.questions.answering import ask, compiled
from lib.questions.exploring import explore
from tests.lib.questions.made import WICKS, history, question


def explored(folder, text: str):
    shown, asked = history(), question(folder, text)
    return explore(asked, shown, ask(asked, compiled(asked), shown.frames), DEFAULT_TERMS, shown.newest)


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    return explored(tmp_path_factory.mktemp("question"), WICKS)


@pytest.fixture(scope="module")
def silent(tmp_path_factory):
    return explored(tmp_path_factory.mktemp("question"), WICKS.replace("0.2", "50"))


def test_the_running_sum_ends_at_the_total(found):
    ax = draw.draw_running_sum(new_axes(), found.trades, found.record)
    gross, net = (line.get_ydata() for line in ax.lines[:2])
    assert net[-1] == pytest.approx(found.record.trades.total_pnl_pct, abs=1e-3)
    assert gross[-1] == pytest.approx(found.record.gross_total_pct, abs=1e-3)
    assert f"n {len(found.trades):,}" in ax.get_title(loc="left")


def test_each_part_of_enough_trades_is_a_dot_with_its_interval_and_n(found):
    ax = draw.draw_means(new_axes(), found.record.by_direction, heading="By direction")
    assert [text.get_text() for text in ax.get_yticklabels()] == [
        f"{group.name}  n {group.total:,}" for group in found.record.by_direction[::-1]
    ]
    assert ax.lines[0].get_xdata()[0] == found.record.by_direction[-1].net_low_pct


def test_the_question_stands_beside_random_entries(found):
    ax = draw.draw_against_random(new_axes(), found.record)
    assert list(ax.lines[0].get_xdata()) == [
        found.record.random_entries.p5_pct,
        found.record.random_entries.p95_pct,
    ]
    assert "random times made" in ax.figure.alt


def test_without_a_trade_every_figure_says_so(silent):
    for ax in (
        draw.draw_running_sum(new_axes(), silent.trades, silent.record),
        draw.draw_means(new_axes(), silent.record.by_hour, heading="By hour"),
        draw.draw_against_random(new_axes(), silent.record),
    ):
        assert not ax.lines and any("no " in text.get_text() for text in ax.texts)


def test_the_answer_and_what_was_asked_are_shown(found):
    assert "Exploratory: falls" in draw.show_answer(found.record)._repr_html_()
    assert "sealed from" in draw.show_question(found.record)._repr_html_()
