"""The real six notebooks in a real cycle, twice on the same data and `as_of`: the same bytes, and pages that a browser shows."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from lib.draw.findings import lessons_finding, told_sentence
from lib.draw.style import SMALL, WIDTH_INCHES
from lib.prompt.addition import compose_prompt
from lib.prompt.layout import MAX_BYTES
from lib.published.cycle import cycle_insights, cycle_results
from lib.published.pair import get_training_prompt_addition
from tests.browser.axe import LOOKS, faults, look_as
from tests.browser.pages import every_link_leads_to_a_file, every_page_stands_alone, pages_of, sideways
from tests.runner.cycle.conftest import is_signed
from tests.runner.waiting import wait_until

pytestmark = pytest.mark.slow

RIBBON = Path(sys.executable).parent / "ribbon"
KEPT = ("training_insights.json", "prompt_addition.md", "training_history.jsonl")


def cycle(data: Path, outputs: Path, **environment: str) -> dict:
    """`ribbon cycle` as a user calls it; its JSON summary. Whatever numba compiles is printed where it does."""
    command = [str(RIBBON), "cycle", "--trading-data", str(data), "--outputs", str(outputs)]
    done = subprocess.run(
        [*command, "--as-of", "newest", "--json"],
        env=os.environ | {"NUMBA_DUMP_BYTECODE": "1"} | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def made(run_dir: Path) -> dict[str, bytes]:
    """Everything in a run folder that must not depend on the clock."""
    files = [*run_dir.glob("results/*.json"), *(run_dir / name for name in KEPT[:2])]
    return {path.name: path.read_bytes() for path in sorted(files)}


@pytest.fixture(scope="module")
def twice(sample_data, tmp_path_factory):
    """Data folder, outputs and the summaries of two cycles: the first forked from a warm process, the second in plain ones."""
    folder = tmp_path_factory.mktemp("real")
    data = folder / "data"
    shutil.copytree(sample_data, data)
    first = cycle(data, folder / "outputs")
    published = {name: (data / name).read_bytes() for name in KEPT}
    for hour in range(24):  # with the first one, one more than stay whatever their age
        old = folder / "outputs" / f"20200101T{hour:02}0000Z"
        old.mkdir()
        shutil.copy(Path(first["run_dir"]) / "manifest.json", old)
    return data, folder / "outputs", first, published, cycle(data, folder / "outputs", RIBBON_WARM="0")


def test_the_same_data_and_as_of_give_the_same_bytes(twice):
    data, _, first, published, second = twice
    assert first["run_dir"] != second["run_dir"]
    assert len(made(Path(first["run_dir"]))) == 8
    assert made(Path(first["run_dir"])) == made(Path(second["run_dir"]))
    assert {name: (data / name).read_bytes() for name in KEPT} == published


def test_the_whole_log_is_every_closed_trade_of_the_file(twice):
    data, _, first, _, _ = twice
    run_dir, as_of = Path(first["run_dir"]), first["parameters"]["as_of"]
    with (data / "claude_decisions.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["executed"] == "True" and row["exit_price"]]
    closed = [row for row in rows if row["exit_time"] <= as_of]
    gross = [
        (Decimal(row["exit_price"]) - Decimal(row["entry_price"])) * (1 if row["direction"] == "LONG" else -1)
        for row in closed
    ]
    net = [
        made - Decimal(row["fees"]) / Decimal(row["size"]) for made, row in zip(gross, closed, strict=True)
    ]
    found = json.loads((run_dir / "results" / "whole_log.json").read_text())["result"]
    assert len(closed) > 100 and found["trades"] == len(closed) and found["as_of"] == as_of
    assert found["since"] == min(row["entry_time"] for row in closed)
    assert found["net"] == pytest.approx(float(sum(net)), abs=0.02)
    assert found["gross"] == pytest.approx(float(sum(gross)), abs=0.02)
    for page in (run_dir / "reports" / "06_training_history.html", run_dir.parent / "index.html"):
        shown = BeautifulSoup(page.read_text(), "html.parser").select_one("figure.equity [role=img]")
        assert f"Running P&L of {len(closed):,} trades" in shown["aria-label"] and shown.find("path")


def test_only_the_second_was_told_to_do_without_a_warm_process(twice):
    _, _, first, _, second = twice
    assert first["warnings"] == []
    assert second["warnings"] == [
        "notebooks were started plain, not from a warm process: switched off by RIBBON_WARM=0"
    ]


def test_no_notebook_compiles_with_numba(twice):
    """tests/runner/cycle/test_execute.py shows that one that did would be seen."""
    _, _, first, _, second = twice
    for run_dir in (first["run_dir"], second["run_dir"]):
        for copy in (Path(run_dir) / "notebooks").glob("*.ipynb"):
            text = copy.read_text()
            assert "image/png" in text or copy.stem[:2] in ("05", "06"), "two cycles are no line"
            assert "LOAD_FAST" not in text and "RETURN_VALUE" not in text, copy.name


def test_copies_are_signed_and_a_cycle_of_years_ago_is_pruned(twice):
    _, outputs, first, _, second = twice
    for run_dir in (first["run_dir"], second["run_dir"]):
        copies = sorted((Path(run_dir) / "notebooks").glob("*.ipynb"))
        assert len(copies) == 6
        for copy in copies:
            assert is_signed(copy), copy.name
    assert [hour for hour in range(24) if not (outputs / f"20200101T{hour:02}0000Z").exists()] == [0]


def test_one_process_without_notebooks_tells_claude_the_same(twice):
    data, _, first, _, _ = twice
    results, as_of = cycle_results("", data)
    insights = cycle_insights(results, data, as_of)
    assert (Path(first["run_dir"]) / "prompt_addition.md").read_text() == compose_prompt(insights)
    assert json.loads((Path(first["run_dir"]) / "training_insights.json").read_text()) == insights


def test_what_is_published_is_what_the_live_loop_takes(twice):
    data, _, _, published, _ = twice
    prompt = get_training_prompt_addition(data)
    assert prompt.encode() == published["prompt_addition.md"] and 0 < len(prompt.encode()) <= MAX_BYTES
    assert "your" not in prompt.lower().replace("not yours", "")  # the rule decider's, on a synthetic market
    assert "SYNTHETIC" in prompt
    history = [json.loads(line) for line in published["training_history.jsonl"].splitlines()]
    assert [record["cycle_number"] for record in history] == [1]


@pytest.mark.browser
def test_its_pages_stand_alone(twice, browser):
    _, outputs, _, _, _ = twice
    pages = pages_of(outputs)
    assert len(pages) == 1 + 2 * (1 + 7)
    every_page_stands_alone(browser, pages)
    every_link_leads_to_a_file(browser, pages)
    browser.get((outputs / "latest" / "reports" / "01_actual_trades.html").as_uri())
    assert browser.execute_script("return document.images.length") >= 4
    wait_until(lambda: browser.find_elements("css selector", ".zoomable.drawn .zoom"))
    assert len(list((outputs / "assets").glob("bokeh-*.js"))) == 2  # once for all cycles
    assert "rule decider on a synthetic market" in browser.find_element("tag name", "body").text


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_anybody_can_read_its_pages(twice, browser, width, scheme):
    """By the checker axe-core, at a desk and on a phone, in both schemes; nothing is wider than the screen, no small text in pictures."""
    _, outputs, first, _, _ = twice
    look_as(browser, width, scheme)
    for page in [outputs / "index.html", *pages_of(Path(first["run_dir"]))]:
        assert faults(browser, page) == []
        assert sideways(browser) <= 0, page
        # The figures' smallest letters are SMALL - 1 points of a width of WIDTH_INCHES.
        shown = browser.execute_script(
            # A still picture is hidden while its chart is drawn.
            "document.querySelectorAll('.drawn').forEach(place => place.classList.remove('drawn'));"
            "return [...document.images].map(image => image.getBoundingClientRect().width)"
        )
        assert all(across * (SMALL - 1) / 72 / WIDTH_INCHES >= 8.5 for across in shown), page


@pytest.mark.browser
def test_each_report_begins_with_its_finding(twice, browser):
    _, _, first, _, _ = twice
    for page in sorted((Path(first["run_dir"]) / "reports").glob("*.html")):
        browser.get(page.as_uri())
        found = browser.find_element("css selector", ".finding p")
        assert found.rect["y"] < 300 and found.text.endswith("."), page
        told = [each.text for each in browser.find_elements("css selector", ".finding p")]
        # What stands where a page was not given what is proven and told.
        assert not {*lessons_finding(None, None), told_sentence(None)} & set(told), page
        for image in browser.find_elements("css selector", ".cell img"):
            assert len(image.get_attribute("alt")) > 20, page


@pytest.mark.browser
@pytest.mark.parametrize(("width", "top"), [(1280, 220), (390, 180)])
def test_the_first_screen_says_what_happened_and_what_to_do(twice, browser, width, top):
    _, outputs, first, _, _ = twice
    look_as(browser, width, "light")
    for page in [outputs / "index.html", *pages_of(Path(first["run_dir"]))]:
        browser.get(page.as_uri())
        assert browser.find_element("css selector", ".finding p").rect["y"] < top, page
        (step,) = browser.find_elements("css selector", ".finding .step")
        assert step.text.startswith("What to do: ") and step.rect["y"] + step.rect["height"] < 844, page
        shown = browser.find_elements("css selector", ".opening img, .sheet > .pair:first-child img")
        if width == 1280 and page.parent.name == "reports" and page.stem[:2] in ("01", "02", "03", "04"):
            assert shown[0].rect["x"] > width / 2 and shown[0].rect["y"] < 300, page


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 900])
def test_where_columns_do_not_fit_what_is_proven_stands_right_under_what_happened_and_the_picture_below(
    twice, browser, width
):
    _, _, first, _, _ = twice
    look_as(browser, width, "light")
    browser.get((Path(first["run_dir"]) / "index.html").as_uri())
    places = (".opening > .finding", ".opening > .shown img", ".opening > .message")
    finding, picture, message = (browser.find_element("css selector", place).rect for place in places)
    assert finding["y"] + finding["height"] <= message["y"]
    assert message["y"] + message["height"] <= picture["y"]


@pytest.mark.browser
def test_on_a_phone_the_other_reports_are_behind_the_menu(twice, browser):
    _, _, first, _, _ = twice
    look_as(browser, 390, "light")
    browser.get((Path(first["run_dir"]) / "reports" / "01_actual_trades.html").as_uri())
    menu = browser.find_element("css selector", ".menu")
    assert menu.find_elements("link text", "History") == []  # there, and not shown
    menu.find_element("css selector", "summary").click()
    menu.find_element("link text", "History").click()
    assert browser.find_element("tag name", "h1").text == "History"
