"""The line of the whole log on the pages of a cycle: drawn where the notebook shows it, and nowhere without what it is of."""

from __future__ import annotations

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbformat.v4 import new_code_cell, new_notebook, new_output

from lib.draw.equity import Equity
from lib.history.whole_log import publish_whole_log
from runner.cycle.body import tidy
from runner.cycle.equity import small_equity, whole_log_of, with_equity
from runner.cycle.headline import FIGURES
from runner.cycle.inputs import Inputs
from runner.cycle.manifest import Manifest, new_manifest
from runner.cycle.models import NotebookOutcome
from runner.cycle.plan import NOTEBOOKS
from runner.cycle.reports import write_cycle_page, write_reports
from tests.lib.draw.test_equity import SUMS, log, mark
from tests.runner.cycle.made_whole import WHOLE_UNPROVEN, publish_whole_proven


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


@pytest.fixture
def manifest() -> Manifest:
    source = {"label": "x", "synthetic": False, "decisions": "rules", "coin": "ETH"}
    inputs = Inputs("2025-06-11T00:00:00Z", "2025-06-10T00:00:00Z", 24.0, source, {})
    return new_manifest("20250611T000500Z", "2025-06-11T00:05:00Z", inputs, NOTEBOOKS, {})


def test_the_report_of_the_history_has_the_line_and_no_other_report_has(tmp_path, manifest):
    found = log(*SUMS)
    publish_whole_log(found, tmp_path)
    (tmp_path / "notebooks").mkdir()
    names = ("01_actual_trades", "06_training_history")
    shown = new_output("execute_result", data={"text/html": Equity(found)._repr_html_()})
    for name in names:
        executed = new_notebook(cells=[new_code_cell("Equity(log)", outputs=[shown])])
        nbformat.write(executed, tmp_path / "notebooks" / f"{name}.ipynb")
    write_reports(tmp_path, manifest, {name: NotebookOutcome(name, "ok") for name in names})
    other, history = ((tmp_path / manifest.reports[name]).read_text() for name in names)
    assert Equity(found)._repr_html_() in history and "<svg" not in other


def test_the_overview_says_what_changed_and_the_whole_log_and_leaves_the_window_to_the_trades(
    tmp_path, manifest
):
    figures = {
        "trades": 44,
        "net_pnl": -69.61,
        "gross_pnl": 25.12,
        "lessons_to_act_on": 1,
        "proven_lessons": 2,
    }
    manifest.headline = dict.fromkeys(FIGURES) | figures
    manifest.reports = {"06_training_history": "reports/06_training_history.html"}
    publish_whole_log(log(*SUMS), tmp_path)
    write_cycle_page(tmp_path, manifest)
    page = BeautifulSoup((tmp_path / "index.html").read_text(), "html.parser")
    first, costs, step = (part.get_text() for part in page.select(".finding > p"))
    assert first.startswith("The rule decider lost $69.61 per 1 ETH") and step.startswith("What to do: ")
    assert costs.startswith("Costs took $94.73")
    assert page.get_text().count("Costs took") == page.get_text().count(costs) == 1
    assert "not recorded" in page.find("dt", string="Told to Claude").find_next("dd").get_text()
    whole = page.find("dt", string="The whole log").find_next("dd")
    assert whole.get_text().startswith(
        "In all, 50 trades over 10 days lost $250.00 per 1 ETH: on average a trade made $8.00 before costs"
    )
    assert whole.a["href"] == "reports/06_training_history.html"
    assert "proven now" not in whole.get_text()
    publish_whole_proven(tmp_path)
    write_cycle_page(tmp_path, manifest)
    page = BeautifulSoup((tmp_path / "index.html").read_text(), "html.parser")
    whole = page.find("dt", string="The whole log").find_next("dd").get_text(" ")
    assert WHOLE_UNPROVEN in whole.replace("\u00a0", " ").replace("\u2060", "")
    (tmp_path / "results" / "whole_log.json").unlink()
    write_cycle_page(tmp_path, manifest)
    assert "In all" not in (tmp_path / "index.html").read_text()
