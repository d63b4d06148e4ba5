"""The line of the whole log on the pages of a cycle: drawn where the notebook shows it, and nowhere without what it is of."""

from __future__ import annotations

import pytest

from lib.draw.equity import Equity
from lib.history.whole_log import publish_whole_log
from runner.cycle.body import tidy
from runner.cycle.equity import small_equity, whole_log_of, with_equity
from tests.lib.draw.test_equity import SUMS, log, mark


def cell(inner: str) -> str:
    return f'<div class="cell">{inner}</div>'


def test_what_the_cleaning_of_a_report_takes_from_it_is_drawn_anew_in_its_place():
    found = log(*SUMS, marks=(mark(2, "proven", "A <gains>"),))
    cleaned = tidy(f"{cell('<p>before</p>')}{cell(Equity(found)._repr_html_())}{cell('<p>after</p>')}")
    assert "<svg" not in cleaned and "A &lt;gains&gt;" in cleaned
    page = with_equity(cleaned, found)
    drawn = Equity(found)._repr_html_()
    assert (
        page.count(drawn) == 1
        and page.replace(drawn, "")
        == cleaned[: cleaned.index("<figure")] + cleaned[cleaned.index("</figure>") + len("</figure>") :]
    )
    assert page.index("before") < page.index(drawn) < page.index("after")


def test_a_page_without_the_figure_or_the_log_stays_as_it_was():
    body = cell("<p>nothing</p>")
    assert with_equity(body, log(*SUMS)) == body
    shown = cell('<figure class="equity">words</figure>')
    assert with_equity(shown, None) == shown


@pytest.mark.parametrize("text", ["", "{", "[]", '{"result": 3}', '{"result": {"trades": 3}}', "{}"])
def test_what_is_no_log_is_none(tmp_path, text):
    assert whole_log_of(tmp_path) is None and small_equity(None) == ""
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / "whole_log.json").write_text(text)
    assert whole_log_of(tmp_path) is None


@pytest.mark.parametrize("at", ["yesterday", "2025-06-03T00:00:00", ""])
def test_a_log_with_a_time_that_is_none_is_no_log(tmp_path, at):
    publish_whole_log(log(*SUMS), tmp_path)
    assert whole_log_of(tmp_path) == log(*SUMS)
    file = tmp_path / "results" / "whole_log.json"
    file.write_text(file.read_text().replace(log(*SUMS).points[1].at, at))
    assert whole_log_of(tmp_path) is None
