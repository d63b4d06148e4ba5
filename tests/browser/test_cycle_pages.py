"""The pages of a cycle in a real browser: pictures load, links lead somewhere, nothing runs, nothing is fetched from elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import unquote, urlparse

import pytest

from runner.cycle.cycle import run_cycle
from runner.cycle.stages import Settings
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
def outputs(tmp_path_factory) -> Path:
    """Two cycles, the newer with a failed notebook."""
    folder = tmp_path_factory.mktemp("pages")
    market = write_market(folder / "market")
    options = {"as_of": "newest", "jobs": 2, "limit_s": 60.0}
    fine = write_plan(folder / "fine", n02=HOSTILE + CHART)
    run_cycle(Settings(market, folder / "out", notebooks=fine, **options))
    failing = write_plan(
        folder / "failing", n02=HOSTILE + CHART, n03=TABLE + "\nraise ValueError('<b>broken</b>')"
    )
    run_cycle(Settings(market, folder / "out", notebooks=failing, **options))
    return folder / "out"


def pages(outputs: Path) -> list[Path]:
    real = [path for path in outputs.rglob("*.html") if "latest" not in path.relative_to(outputs).parts]
    return sorted(real)


def test_every_page_stands_alone(browser, outputs):
    found = pages(outputs)
    assert len(found) == 1 + 2 * (1 + 7)
    for page in found:
        browser.get(page.as_uri())
        assert browser.title not in ("", "ran")
        broken = browser.execute_script(
            "return [...document.images].filter(i => !i.complete || i.naturalWidth === 0).map(i => i.src)"
        )
        assert broken == [], page
        assert browser.execute_script("return document.scripts.length") == 0
        sideways = browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert sideways <= 0, page
    assert [entry for entry in browser.get_log("browser") if entry["level"] == "SEVERE"] == []
    events = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    asked = {e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"}
    assert {url.split(":")[0] for url in asked} <= {"file", "data"}
    assert {url for url in asked if url.startswith("file:")} == {page.as_uri() for page in found}


def test_every_link_leads_to_a_file(browser, outputs):
    for page in pages(outputs):
        browser.get(page.as_uri())
        links = browser.execute_script("return [...document.links].map(link => link.href)")
        assert links, page
        for link in links:
            target = urlparse(link)
            assert target.scheme == "file"
            assert Path(unquote(target.path)).is_file(), (page, link)


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
    assert first.text == "Smart backtest (failed)"


def test_the_pages_fit_a_narrow_screen(browser, outputs):
    browser.set_window_size(500, 900)
    for page in pages(outputs):
        browser.get(page.as_uri())
        over = browser.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert over <= 0, page
