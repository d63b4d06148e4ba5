"""The pages of a cycle in a real browser: pictures load, links lead somewhere, nothing runs, nothing is fetched from elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from lib.market.terms import DEFAULT_TERMS
from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
from tests.browser.axe import LOOKS, faults, look_as
from tests.browser.pages import every_link_leads_to_a_file, every_page_stands_alone, pages_of, sideways
from tests.runner.cycle.conftest import TABLE, write_market, write_plan

pytestmark = [pytest.mark.browser, pytest.mark.slow]

#: An analyzer that shows what an attacker would like shown, and a table wider than the page.
HOSTILE = """import json, pathlib
from IPython.display import HTML, Markdown, display
_ = (pathlib.Path(run_dir) / "results" / "optimal_vs_actual.json").write_text(json.dumps({"result": {}}))
attack = "<script>document.title = 'ran'</script><img src='http://127.0.0.1:9/x.png' onerror=\\"document.title = 'ran'\\">"
display(HTML(attack + "<table><tr>" + "<td>wide&nbsp;cell&nbsp;here</td>" * 40 + "</tr></table>"), Markdown(attack))
print(attack)"""
CHART = """
import matplotlib.pyplot as plt
_ = plt.plot([1, 2], [3, 4])"""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory, module_forked_if_possible) -> Path:
    """Two cycles, the newer with a failed notebook."""
    folder = tmp_path_factory.mktemp("pages")
    market = write_market(folder / "market")
    options = {"as_of": "newest", "jobs": 2, "limit_s": 60.0}
    fine = write_plan(folder / "fine", n02=HOSTILE + CHART)
    run_cycle(Settings(market, folder / "out", DEFAULT_TERMS, notebooks=fine, **options))
    failing = write_plan(
        folder / "failing", n02=HOSTILE + CHART, n03=TABLE + "\nraise ValueError('<b>broken</b>')"
    )
    run_cycle(Settings(market, folder / "out", DEFAULT_TERMS, notebooks=failing, **options))
    return folder / "out"


def test_every_page_stands_alone(browser, outputs):
    found = pages_of(outputs)
    assert len(found) == 1 + 2 * (1 + 7)
    every_page_stands_alone(browser, found)
    every_link_leads_to_a_file(browser, found)


def test_a_reader_gets_from_the_list_to_a_chart_and_back(browser, outputs):
    browser.get((outputs / "index.html").as_uri())
    browser.find_element("css selector", "tbody tr:last-child th a").click()
    assert browser.find_element("tag name", "h1").text.startswith("Learning cycle")
    browser.find_element("link text", "Optimal vs actual").click()
    assert browser.execute_script("return document.images.length") == 1
    browser.find_element("link text", "All cycles").click()
    assert browser.current_url == (outputs / "index.html").as_uri()


def test_a_failed_notebook_says_so_at_the_top(browser, outputs):
    newest = outputs / (outputs / "latest").readlink()
    browser.get((newest / "reports" / "03_smart_backtest.html").as_uri())
    note = browser.find_element("css selector", "[role=alert]")
    assert "This notebook failed" in note.text
    assert "ValueError: <b>broken</b>" in note.text
    assert "Traceback" in note.text
    first = browser.find_element("css selector", "nav a.gone")
    assert first.text == "Entry-rule backtest (failed)"


def test_the_pages_fit_a_narrow_screen(browser, outputs):
    browser.set_window_size(500, 900)
    for page in pages_of(outputs):
        browser.get(page.as_uri())
        assert sideways(browser) <= 0, page


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_anybody_can_read_the_pages(browser, outputs, width, scheme):
    look_as(browser, width, scheme)
    for page in pages_of(outputs):
        assert faults(browser, page) == []


def test_the_checker_sees_what_it_is_there_to_see(browser, tmp_path):
    page = tmp_path / "page.html"
    page.write_text(
        '<!doctype html><html><title>t</title><main><h1>t</h1><p style="color: #ccc">pale</p><img src="data:,">'
    )
    assert {fault.split()[1] for fault in faults(browser, page)} == {
        "color-contrast",
        "html-has-lang",
        "image-alt",
    }
